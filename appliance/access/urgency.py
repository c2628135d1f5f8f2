"""Whether an emergency of a person runs at this moment, and what is opened in it. Decisions ask each time.

The server's clock ends it, exactly. A clock that is set back prolongs nothing: each process also counts the seconds
since it first saw an emergency, and one that was seen to be over is ended in the database, for all of them.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

from appliance.records import Emergency, Event, Journal, Principal, by
from appliance.store.emergencies import DOCUMENT, QUESTION, EmergencyTable

Box = Emergency
_REMEMBERED: Final = 10_000
"""Emergencies whose seconds one process counts; far more than run at one time."""


class Urgency(Protocol):
    """What decisions ask (`Running`, or `Calm` where there are no emergencies)."""

    def running(self, principal: Principal, /) -> Box | None:
        """The emergency of `principal` that runs now. Raises RegistryUnavailable, never "none" for a failure."""

    def used(self, principal: Principal, box: Box, documents: Collection[str], question: str, /) -> None:
        """Record durably what is about to be shown. Raises LedgerUnavailable, RegistryUnavailable."""


class Calm:
    """There are no emergencies: what everything decides by that does not only read."""

    def running(self, _principal: Principal, /) -> Box | None:
        """None."""
        return None

    def used(self, _principal: Principal, _box: Box, _documents: Collection[str], _question: str, /) -> None:
        """Nothing is ever used."""


class Running:
    """The emergencies of the database. `clock` tells the time, `counter` seconds that only grow."""

    def __init__(
        self,
        kept: EmergencyTable,
        journal: Journal,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        counter: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept = kept
        self._journal = journal
        self._clock = clock
        self._counter = counter
        self._ends: dict[str, float] = {}

    def running(self, principal: Principal, /) -> Box | None:
        """His, through the program in which he opened it, while it lasts. Each line is a tested security property."""
        box = self._kept.unended(principal.tenant, principal.id)
        if box is None or principal.kind != "person":
            return None
        if self._over(box):
            self._kept.end(box.tenant, box.id, box.until)  # for all processes, whatever their clocks say later
            return None
        his = box.client == principal.client and not principal.narrowed
        return box if his and box.running(self._clock()) else None

    def used(self, principal: Principal, box: Box, documents: Collection[str], question: str, /) -> None:
        """The ledger first, then the count that the reviewer sees."""
        entry = replace(by(principal, Event.BROKE_GLASS, box.id), documents=tuple(sorted(documents)))
        self._journal.append(entry)
        self._kept.used(box.id, DOCUMENT, documents)
        if question:
            self._kept.used(box.id, QUESTION, (question,))

    def _over(self, box: Box) -> bool:
        """By the clock, and by the seconds that were counted since this process first saw it."""
        now, counted = self._clock(), self._counter()
        if len(self._ends) > _REMEMBERED:
            self._ends.clear()
        ends = self._ends.setdefault(box.id, counted + (box.until - now).total_seconds())
        return now >= box.until or counted >= ends
