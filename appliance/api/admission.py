"""Who may be answered now, and who waits: a bounded queue that is fair between people.

Each question of a person gets the number of the next round; those of a lower round come first, and within a round the
earlier one. So a person's first question comes before anyone's second, nobody who waits is overtaken for ever, and of
two people who each ask once the first to come is the first to be served.
"""

from bisect import insort
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Final, Protocol, Self

import anyio

from appliance.errors import QueueFull
from appliance.settings import Settings

DEFAULTS: Final = {"llama.cpp": (2, 1, 16, 3), "vllm": (32, 4, 256, 8)}
"""For each engine, the bounds that hold where the operator sets none: as many running as the engine has places."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many answers run and how many questions wait, at most, in all and of one person; the rest is refused."""

    running: int
    running_per_person: int
    waiting: int
    waiting_per_person: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The operator's bounds, or those of the engine."""
        asked = (settings.running, settings.running_per_person, settings.waiting, settings.waiting_per_person)
        chosen = (
            default if value is None else value for value, default in zip(asked, DEFAULTS[settings.engine], strict=True)
        )
        return cls(*chosen)


class Turn(Protocol):
    """A place in the queue. `position` counts from 1; 0 means: now."""

    @property
    def position(self) -> int: ...  # noqa: D102 - said above

    async def moved(self, seconds: float, *, since: int) -> None:
        """Return as soon as the position is another than `since`, at the latest after `seconds`."""


class Places(Protocol):
    """Where one asks for a turn. `patience` is how long anyone may wait for it, in seconds."""

    @property
    def patience(self) -> float: ...  # noqa: D102 - said above

    def enter(self, person: str, /) -> AbstractAsyncContextManager[Turn]:
        """A turn for `person`, given up at the end of the block, however it ends. Raises QueueFull."""

    async def counts(self) -> tuple[int, int]:
        """How many run and how many wait now, of all workers together. Raises ApiUnavailable."""


class Ticket:
    """A turn in a queue of this process. Ordered by round, then by arrival."""

    def __init__(self, person: str, turn: tuple[int, int]) -> None:
        self.person = person
        self.turn = turn
        self.position = -1
        self._moved = anyio.Event()

    def __lt__(self, other: "Ticket") -> bool:
        return self.turn < other.turn

    def move(self, position: int) -> None:
        """Take `position` and wake who waits for that."""
        if position != self.position:
            self.position = position
            self._moved.set()
            self._moved = anyio.Event()

    async def moved(self, seconds: float, *, since: int) -> None:
        """See `Turn.moved`."""
        if self.position == since:  # it may have changed while the caller told somebody about the last one
            with anyio.move_on_after(seconds):
                await self._moved.wait()


class Queue:
    """The queue itself. Used from one event loop only; nothing in it waits, so no two callers ever interleave."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._waiting: list[Ticket] = []
        self._running: Counter[str] = Counter()
        self._rounds: dict[str, int] = {}
        self._round = 0
        self._arrivals = count()

    def enter(self, person: str) -> Ticket:
        """A ticket, with position 0 if it may run at once. Raises QueueFull, and then nothing has changed."""
        if not self._may_run(person):
            self._check_room(person)
        last = self._rounds.get(person, 0)
        ticket = Ticket(person, (max(last, self._round) + 1, next(self._arrivals)))
        self._rounds[person] = ticket.turn[0]
        insort(self._waiting, ticket)
        self._advance()
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Give up the place, running or waiting; the next ones move up."""
        if ticket in self._waiting:
            self._waiting.remove(ticket)
            if self._rounds[ticket.person] == ticket.turn[0]:
                self._rounds[ticket.person] -= 1
        else:
            self._running[ticket.person] -= 1
            self._running += Counter()  # drops whoever has none left
        self._advance()
        if not self._waiting and not self._running:
            self._rounds.clear()
            self._round = 0

    def counts(self) -> tuple[int, int]:
        """How many run, and how many wait."""
        return self._running.total(), len(self._waiting)

    def _may_run(self, person: str) -> bool:
        bounds = self._bounds
        return self._running.total() < bounds.running and self._running[person] < bounds.running_per_person

    def _check_room(self, person: str) -> None:
        own = sum(ticket.person == person for ticket in self._waiting)
        if own >= self._bounds.waiting_per_person:
            raise QueueFull(f"You have {own + self._running[person]} questions under way; one more may not wait.")
        if len(self._waiting) >= self._bounds.waiting:
            raise QueueFull("So many questions are waiting that no more are taken at this moment.")

    def _advance(self) -> None:
        for ticket in list(self._waiting):
            if self._may_run(ticket.person):
                self._waiting.remove(ticket)
                self._running[ticket.person] += 1
                self._round = max(self._round, ticket.turn[0])
                ticket.move(0)
        for position, ticket in enumerate(self._waiting, start=1):
            ticket.move(position)


class LocalPlaces:
    """The places of one process, which is all there is where the API has one worker."""

    def __init__(self, bounds: Bounds, patience: float) -> None:
        self.patience = patience
        self._queue = Queue(bounds)

    @asynccontextmanager
    async def enter(self, person: str, /) -> AsyncIterator[Turn]:
        """See `Places.enter`."""
        ticket = self._queue.enter(person)
        try:
            yield ticket
        finally:
            self._queue.leave(ticket)

    async def counts(self) -> tuple[int, int]:
        """See `Places.counts`."""
        return self._queue.counts()
