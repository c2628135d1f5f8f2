"""The queue of questions: bounded, fair, the same over one process and over several."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.api.admission import Bounds, LocalPlaces, Places, Queue, Ticket, Turn
from appliance.api.queue_socket import RemotePlaces, queue_served
from appliance.errors import ApiUnavailable, QueueFull
from appliance.settings import Settings

PATIENCE = 30.0


def positions(*tickets: Ticket) -> list[int]:
    return [ticket.position for ticket in tickets]


def test_first_come_first_served() -> None:
    queue = Queue(Bounds(1, 1, 5, 1))
    a, b, c = (queue.enter(person) for person in "abc")
    assert positions(a, b, c) == [0, 1, 2]
    queue.leave(a)
    assert positions(b, c) == [0, 1]


def test_a_person_s_second_question_waits_for_everybody_s_first() -> None:
    """Fails if a ticket's order is its arrival alone."""
    queue = Queue(Bounds(1, 1, 9, 3))
    running, *more = [queue.enter("a") for _ in range(4)]
    b, c = queue.enter("b"), queue.enter("c")
    assert positions(running, b, c, *more) == [0, 2, 3, 1, 4, 5]
    queue.leave(running)
    assert positions(more[0], b, c) == [0, 1, 2]


def test_a_person_over_his_own_bound_does_not_hold_up_others() -> None:
    queue = Queue(Bounds(2, 1, 9, 3))
    first, second = queue.enter("a"), queue.enter("a")
    other = queue.enter("b")
    assert positions(first, second, other) == [0, 1, 0]


@pytest.mark.parametrize(
    ("bounds", "people", "words"), [(Bounds(1, 1, 2, 2), "abc", "So many"), (Bounds(1, 1, 9, 2), "aaa", "You have 3")]
)
def test_a_full_queue_refuses_and_stays_as_it_was(bounds: Bounds, people: str, words: str) -> None:
    """Fails without either check of `_check_room`."""
    queue = Queue(bounds)
    for person in people:
        queue.enter(person)
    with pytest.raises(QueueFull, match=words):
        queue.enter(people[-1])
    assert queue.counts() == (1, 2)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans(), st.integers(0, 9)), max_size=60))
def test_no_bound_is_ever_passed_and_no_place_left_empty(steps: list[tuple[str, bool, int]]) -> None:
    bounds = Bounds(3, 2, 4, 2)
    queue, inside = Queue(bounds), list[Ticket]()
    for person, comes, which in steps:
        if comes:
            with suppress(QueueFull):
                inside.append(queue.enter(person))
        elif inside:
            queue.leave(inside.pop(which % len(inside)))
        running = [ticket for ticket in inside if not ticket.position]
        waiting = [ticket for ticket in inside if ticket.position]
        assert queue.counts() == (len(running), len(waiting))
        assert len(running) <= bounds.running
        assert len(waiting) <= bounds.waiting
        assert sorted(ticket.position for ticket in waiting) == list(range(1, len(waiting) + 1))
        for one in "abcd":
            own = [ticket for ticket in running if ticket.person == one]
            assert len(own) <= bounds.running_per_person
            if len(running) < bounds.running and len(own) < bounds.running_per_person:
                assert not [ticket for ticket in waiting if ticket.person == one]


def test_nobody_who_waits_is_overtaken_for_ever() -> None:
    queue = Queue(Bounds(1, 1, 9, 3))
    running, patient = queue.enter("a"), queue.enter("a")
    served = 0
    while patient.position:
        newcomer = queue.enter(f"new-{served}")
        queue.leave(running)
        running = next(ticket for ticket in (patient, newcomer) if not ticket.position)
        served += 1
        assert served < 5


def test_bounds_come_from_the_operator_or_from_the_engine() -> None:
    assert Bounds.of(Settings()) == Bounds(2, 1, 16, 3)
    assert Bounds.of(Settings(engine="vllm", waiting=0, running=7)) == Bounds(7, 4, 0, 8)


@contextmanager
def local(_folder: Path, bounds: Bounds) -> Iterator[Callable[[], Places]]:
    places = LocalPlaces(bounds, 60)
    yield lambda: places


@contextmanager
def remote(folder: Path, bounds: Bounds) -> Iterator[Callable[[], Places]]:
    """Each caller is a worker of its own."""
    with queue_served(folder / "q.sock", bounds):
        assert (folder / "q.sock").stat().st_mode & 0o777 == 0o600
        yield lambda: RemotePlaces(folder / "q.sock", 60)


def played(story: Callable[[Callable[[], Places]], Awaitable[None]], kept: object, folder: Path) -> None:
    with kept(folder, Bounds(1, 1, 2, 1)) as worker:  # type: ignore[operator]  # one of the two above

        async def timed() -> None:
            async with asyncio.timeout(PATIENCE):
                await story(worker)

        asyncio.run(timed())


async def reached(turn: Turn, position: int) -> None:
    while turn.position != position:
        await turn.moved(PATIENCE, since=turn.position)


both = pytest.mark.parametrize("kept", [local, remote])


@both
def test_a_turn_comes_when_the_one_before_is_given_up(kept: object, tmp_path: Path) -> None:
    async def story(worker: Callable[[], Places]) -> None:
        async with worker().enter("a") as a:
            assert a.position == 0
            async with worker().enter("b") as b:
                assert b.position == 1
                async with left_early(worker(), "c") as c:
                    assert c.position == 2
                async with worker().enter("d") as d:
                    await reached(d, 2)
                    with pytest.raises(QueueFull, match="So many"):
                        async with worker().enter("e"):
                            pass
        async with worker().enter("d") as d:
            await reached(d, 0)

    @asynccontextmanager
    async def left_early(places: Places, person: str) -> AsyncIterator[Turn]:
        async with places.enter(person) as turn:
            yield turn

    played(story, kept, tmp_path)


@both
def test_who_is_cancelled_while_waiting_gives_up_the_place(kept: object, tmp_path: Path) -> None:
    """Fails if `enter` gives the place up only after a normal end."""

    async def story(worker: Callable[[], Places]) -> None:
        async with worker().enter("a"):
            inside = asyncio.Event()

            async def waits() -> None:
                async with worker().enter("b") as turn:
                    inside.set()
                    await reached(turn, 0)

            waiting = asyncio.create_task(waits())
            await inside.wait()
            waiting.cancel()
            await asyncio.wait({waiting})
            async with worker().enter("c") as c:
                await reached(c, 1)

    played(story, kept, tmp_path)


@both
def test_it_is_told_how_many_run_and_wait(kept: object, tmp_path: Path) -> None:
    async def story(worker: Callable[[], Places]) -> None:
        assert await worker().counts() == (0, 0)
        async with worker().enter("a"), worker().enter("b"):
            assert await worker().counts() == (1, 1)

    played(story, kept, tmp_path)


def test_a_queue_that_is_gone_is_an_error_and_no_free_place(tmp_path: Path) -> None:
    """Fails if `RemotePlaces` takes silence for a place."""

    async def story() -> None:
        with pytest.raises(ApiUnavailable):
            async with RemotePlaces(tmp_path / "none.sock", 1).enter("a"):
                pass
        with pytest.raises(ApiUnavailable):
            await RemotePlaces(tmp_path / "none.sock", 1).counts()
        with queue_served(tmp_path / "q.sock", Bounds(1, 1, 1, 1)):
            keeping = RemotePlaces(tmp_path / "q.sock", 1)
            a = keeping.enter("a")
            await a.__aenter__()
            waiting = keeping.enter("b")
            turn = await waiting.__aenter__()
        with pytest.raises(ApiUnavailable):
            await turn.moved(PATIENCE, since=1)
        await waiting.__aexit__(None, None, None)
        await a.__aexit__(None, None, None)

    asyncio.run(story())
