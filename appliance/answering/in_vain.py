"""Openings in vain: on record, so that who tries many ids is seen, and bounded, so that he cannot fill the ledger."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from appliance.records import Event, Journal, Principal, by

EACH: Final = 5
"""Openings in vain of one person in a minute that are recorded one by one; then every doubling is."""
MINUTE: Final = 60.0
PEOPLE: Final = 10_000
"""People whose minutes are remembered at once; those that are over are forgotten first."""


@dataclass(slots=True)
class _Minute:
    """When a person's minute began, how many openings in vain it has seen, and how many of them are recorded."""

    began: float
    seen: int = 0
    told: int = 0


class InVain:
    """Counts for each person. An entry's `withheld` says for how many openings it stands. `clock` gives seconds.

    It is asked for what is hidden as for what is missing, and never told which of the two it was, or of what.
    """

    def __init__(self, journal: Journal, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._journal = journal
        self._clock = clock
        self._lock = threading.Lock()
        self._minutes: dict[tuple[str, str], _Minute] = {}

    def record(self, principal: Principal) -> None:
        """One more of `principal`. What the minute before left untold is told with the first of the next.

        Raises LedgerUnavailable.
        """
        with self._lock:
            stands_for = self._counted((principal.tenant, principal.id))
        if stands_for:
            self._journal.append(replace(by(principal, Event.PAGE_REFUSED), reason="not-found", withheld=stands_for))

    def _counted(self, person: tuple[str, str]) -> int:
        """For how many openings an entry is due now; 0 for none."""
        now = self._clock()
        minute = self._minutes.get(person)
        if minute is None or now - minute.began >= MINUTE:
            left = 0 if minute is None else minute.seen - minute.told
            self._make_room(now)
            minute = self._minutes[person] = _Minute(now, told=-left)
        minute.seen += 1
        if minute.seen > EACH and minute.seen & (minute.seen - 1):  # no power of two
            return 0
        due, minute.told = minute.seen - minute.told, minute.seen
        return due

    def _make_room(self, now: float) -> None:
        if len(self._minutes) >= PEOPLE:
            self._minutes = {who: one for who, one in self._minutes.items() if now - one.began < MINUTE}
