"""Answers that are cut: what they are drawn from is taken away while they are written. Order is tested, not seconds."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import pytest

from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset
from appliance.answering.ask import Desk, Outcome
from appliance.answering.vigil import Change, Vigil
from appliance.errors import NotAuthenticated, RegistryUnavailable
from appliance.models.local import Waiting
from appliance.records import Answer, Event, Passage, Reason, Refusal, Sentence
from appliance.settings import load
from tests.answering.test_ask import BEGUN, MARA, QUESTION, VISITS, Shelf, events
from tests.answering.test_prompts import passage
from tests.contracts.chat_models import ScriptedModel
from tests.contracts.journals import ListJournal
from tests.rules import rules, ruleset

REPLY = "Visits end at 20:00 [1]. Only two visitors may stay."
TWO = "Until when can family visit a general ward, and where does a visitor leave the bicycle?"
BICYCLE = passage("A visitor leaves the bicycle at the gate.", number=2)


class SlowModel(ScriptedModel):
    """Waits before each piece, so long that the last decision has grown old; `stopped` once it was closed or ended."""

    stopped = False

    def __init__(self, clock: "Clock", **said: object) -> None:
        super().__init__(**said)  # type: ignore[arg-type]
        self.clock = clock

    def stream(self, *arguments, **options):  # type: ignore[no-untyped-def]
        try:
            for piece in super().stream(*arguments, **options):
                self.clock.now += 1
                yield Waiting()
                yield piece
        finally:
            self.stopped = True


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class House:
    """A desk over a shelf and rules that a test changes while it answers."""

    def __init__(self, *passages: Passage, reply: str = REPLY, **replies: str) -> None:
        self.clock = Clock()
        self.shelf = Shelf(*(passages or (VISITS,)))
        self.model = SlowModel(self.clock, reply=reply, replies=replies)
        self.journal = ListJournal()
        self.in_force: Callable[[], Ruleset] = ruleset
        self.revoked: list[tuple[str, float]] = []
        self.desk = Desk(
            search=self.shelf,
            model=self.model,
            journal=self.journal,
            settings=load(),
            rules=Rules(self.current),
            revoked=lambda kind, seconds: self.revoked.append((kind, seconds)),
            clock=self.clock,
        )

    def current(self) -> Ruleset:
        return self.in_force()

    def told(self, question: str = QUESTION, *, at: int, change: Callable[[], None]) -> tuple[list[str], Outcome]:
        """The sentences and the last of the story of a question, where `change` happens after so many sentences.

        Not before the model writes: while it reads line by line, nothing is stopped in the middle.
        """
        said: list[str] = []
        last: Outcome = Waiting()
        done = False
        for last in self.desk.answer(MARA, question):
            said += [last.text] if isinstance(last, Sentence) else []
            if len(said) == at and self.model.asked and not done:
                change()
                done = True
        return said, last


def withdrawn(last: Outcome) -> bool:
    return isinstance(last, Refusal) and last.reason is Reason.WITHDRAWN


@pytest.mark.parametrize("after", [0, 1])
def test_what_is_taken_away_while_the_model_writes_is_not_said(after: int) -> None:
    """Guards `if not vigil.held()` in `Desk._sentences`: the engine is stopped, and nothing follows but the end."""
    house = House()

    def take() -> None:
        house.shelf.passages = ()

    said, last = house.told(at=after, change=take)
    assert len(said) == after
    assert withdrawn(last)
    assert house.model.stopped
    assert events(house.journal) == [*BEGUN, Event.OPENED, Event.WITHDRAWN]
    assert (house.journal.entries[-1].released, house.journal.entries[-1].reason) == (after, Change.DOCUMENTS)
    assert house.revoked == [(Change.DOCUMENTS, 1.0)]


def test_a_question_that_waits_for_its_turn_is_decided_after_the_waiting() -> None:
    """Fails if `Desk.answer` decides anything before its first step is asked for: the queue may be long."""
    house = House()
    steps = house.desk.answer(MARA, QUESTION)
    house.shelf.passages = ()
    (last,) = steps
    assert isinstance(last, Refusal)
    assert last.reason is Reason.NO_EVIDENCE
    assert house.model.asked == []


def test_a_silent_model_is_not_waited_for() -> None:
    """The same line: after the change no piece of the model is awaited but the one that was under way."""
    house = House(reply=" ".join(["word"] * 150))
    steps = house.desk.answer(MARA, QUESTION)
    while not house.model.asked:
        assert next(steps) == Waiting()
    house.shelf.passages = ()
    (last,) = steps
    assert withdrawn(last)


def test_what_is_taken_away_while_a_sentence_is_weighed_does_not_leave() -> None:
    """Guards `if not vigil.holds()` in `Desk._weighed`: it is decided after the weighing, not before it."""

    class Leaving(Shelf):
        """Gives and takes: gone from the third look on, which is the one after the first sentence was weighed.

        The first is before the model reads line by line, the second before it writes.
        """

        looks = 0

        def standing(self, passages: Sequence[Passage], _scope: object) -> list[Passage]:
            self.looks += 1
            return list(passages) if self.looks < 3 else []

    journal = ListJournal()
    found = Desk(
        search=Leaving(VISITS), model=ScriptedModel(reply=REPLY), journal=journal, settings=load(), rules=rules()
    )
    *before, last = found.answer(MARA, QUESTION)
    assert set(before) <= {Waiting()}
    assert withdrawn(last)
    assert journal.entries[-1].released == 0


def test_the_first_part_of_an_answer_falls_with_the_second() -> None:
    """Guards `self.drawn += passages` in `Release.shown`: what the first part was drawn from is not forgotten."""
    house = House(
        VISITS, BICYCLE, reply="NOT STATED",
        **{"Question: Until": "Visits end at 20:00 [1].", "Question: Where": "At the gate [1]."},
    )  # fmt: skip

    def take() -> None:
        house.shelf.passages = (BICYCLE,)

    said, last = house.told(TWO, at=1, change=take)
    assert said == ["Visits end at 20:00."]
    assert withdrawn(last)


def test_what_is_taken_away_while_the_ledger_is_written_is_not_repeated_in_the_whole_answer() -> None:
    """Guards `vigil.holds()` in `Desk._last`: the whole answer leaves once more, after CLOSED."""
    house = House()

    class Slow(ListJournal):
        def append(self, entry):  # type: ignore[no-untyped-def]
            if entry.event is Event.CLOSED:
                house.shelf.passages = ()
            return super().append(entry)

    journal = Slow()
    found = Desk(search=house.shelf, model=ScriptedModel(reply=REPLY), journal=journal, settings=load(), rules=rules())
    *said, last = found.answer(MARA, QUESTION)
    assert len([step for step in said if step != Waiting()]) == 2
    assert withdrawn(last)
    assert events(journal)[-2:] == [Event.CLOSED, Event.WITHDRAWN]


def test_another_policy_set_cuts_what_it_forbids() -> None:
    """Guards the last line of `Desk._change`: the ledger says that it was the rules that changed."""
    house = House()
    forbidding = dataclasses.replace(ruleset(), version="stricter")

    class Forbidding(Shelf):
        def standing(self, passages: Sequence[Passage], _scope: object) -> list[Passage]:
            return [] if house.in_force() is forbidding else list(passages)

    house.desk._search = Forbidding(VISITS)

    def activate() -> None:
        house.in_force = lambda: forbidding

    said, last = house.told(at=1, change=activate)
    assert (len(said), withdrawn(last)) == (1, True)
    assert house.journal.entries[-1].reason == Change.POLICIES


def test_who_is_nobody_any_more_is_cut() -> None:
    """Guards `self._rules.demand` and the `except` in `Desk._change`: asking itself is decided again."""
    house = House()

    def gone() -> Ruleset:
        raise NotAuthenticated("You are not signed in, or your sign-in has ended.")

    said, last = house.told(at=1, change=lambda: setattr(house, "in_force", gone))
    assert (len(said), withdrawn(last)) == (1, True)
    assert house.journal.entries[-1].reason == Change.PEOPLE


def test_a_registry_that_cannot_be_asked_ends_the_answer_in_an_error() -> None:
    """Fail closed: who cannot be told whether it may go on does not go on."""
    house = House()

    class Dead(Shelf):
        def standing(self, _passages: Sequence[Passage], _scope: object) -> list[Passage]:
            raise RegistryUnavailable("The registry does not answer.")

    house.desk._search = Dead(VISITS)
    with pytest.raises(RegistryUnavailable):
        list(house.desk.answer(MARA, QUESTION))
    assert events(house.journal)[-1] == Event.BROKEN


def test_what_the_caller_asks_for_besides_is_decided_too() -> None:
    """Guards `so_long_as()` in `Desk._change`."""
    house = House()
    held = [True]
    steps = house.desk.answer(MARA, QUESTION, so_long_as=lambda: held[0])
    assert any(isinstance(step, Sentence) for step in _until_sentence(steps))
    held[0] = False
    *_, last = steps
    assert withdrawn(last)


def test_a_search_shows_nothing_that_was_taken_away_while_it_was_recorded() -> None:
    """Guards `self._search.standing` in `Desk.search`."""
    shelf = Shelf(VISITS, BICYCLE)

    class Slow(ListJournal):
        def append(self, entry):  # type: ignore[no-untyped-def]
            shelf.passages = (BICYCLE,)
            return super().append(entry)

    found = Desk(search=shelf, model=ScriptedModel(), journal=Slow(), settings=load(), rules=rules())
    assert found.search(MARA, QUESTION, limit=3) == [BICYCLE]


def test_an_answer_that_nothing_disturbs_is_whole() -> None:
    said, last = House().told(at=9, change=lambda: None)
    assert len(said) == 2
    assert isinstance(last, Answer)


def test_a_vigil_that_is_broken_stays_broken() -> None:
    """Guards `if not self.broken_by` in `Vigil.holds`: what comes back does not come back into this answer."""
    clock, decisions = Clock(), iter([Change.NOTHING, Change.DOCUMENTS, Change.NOTHING])
    vigil = Vigil(lambda: next(decisions), clock=clock)
    assert vigil.holds()
    clock.now = 0.2
    assert vigil.held()  # decided a moment ago
    clock.now = 0.6
    assert not vigil.held()
    assert not vigil.holds()
    assert (vigil.broken_by, vigil.open_s) == (Change.DOCUMENTS, 0.6)


def _until_sentence(steps: Iterator[Outcome]) -> Iterator[Outcome]:
    for step in steps:
        yield step
        if isinstance(step, Sentence):
            return
