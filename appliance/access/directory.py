"""The directory as it is now: who decides anything about a person looks him up, seldom enough not to be in the way.

Nobody's rights are older than `fresh` seconds while the directory answers. While it does not, what was last read of a
person serves for `grace` seconds; after that, and for whoever was never read, what is public is all that is served.
A small thread asks the directory for a sign of life, so that its silence is seen although nobody asks anything.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.access.presence import Known, met, narrowed
from appliance.errors import DirectoryUnavailable, LedgerUnavailable
from appliance.records import Entry, Event, Journal, Principal

log = logging.getLogger(__name__)
REMEMBERED_S: Final = 3_600.0
"""Seconds after which a person is forgotten of whom nobody decides anything."""


class Directory(Protocol):
    """Where people are looked up (`appliance.operations.keycloak_people.KeycloakPeople`).

    Both raise DirectoryUnavailable for any answer that is not whole.
    """

    def person(self, person_id: str, /) -> Known | None:
        """What it says of him now, or None if it does not know him, which it must be sure of."""

    def check(self) -> None:
        """Return only if it answers, and knows anybody at all."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of one person, and when the reading began."""

    known: Known | None
    at: float

    @property
    def is_gone(self) -> bool:
        return self.known is None or not self.known.enabled


class WatchedDirectory:
    """A `Presence` that asks `directory`. Many threads at once; `clock` gives seconds that only grow.

    `journal` is told when a silence longer than `grace` begins and when it ends.
    """

    def __init__(  # each bound by its own name
        self,
        directory: Directory,
        *,
        fresh: float,
        grace: float,
        journal: Journal,
        tenant: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._fresh = fresh
        self._grace = grace
        self._journal = journal
        self._tenant = tenant
        self._clock = clock
        self._lock = threading.Lock()
        self._read: dict[str, _Read] = {}
        self._down = False
        self._heard = clock()
        self._told_silent = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="directory", daemon=True)

    def effective(self, principal: Principal, /) -> Principal:
        """The person with no more than the directory says of him now; `narrowed` where nothing recent is known.

        Raises NotAuthenticated if the directory does not know him, or as disabled.
        """
        read = self._now(principal.id)
        return narrowed(principal) if read is None else met(principal, read.known)

    @property
    def is_silent(self) -> bool:
        """Whether nothing has been heard for longer than `grace`."""
        return self._clock() - self._heard > self._grace

    def check(self) -> None:
        """Raise DirectoryUnavailable if the directory did not answer when it was last asked."""
        if self.is_silent:
            raise DirectoryUnavailable("The directory has been silent for too long; only what is public is served.")
        if self._down:
            raise DirectoryUnavailable("The directory does not answer; what it said last still counts, for a while.")

    def start(self) -> None:
        """Look for a sign of life from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns when the thread has ended or hangs at the directory."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def look(self) -> None:
        """Ask for a sign of life once, and tell the ledger if a silence has begun or ended."""
        try:
            with self._lock:
                self._directory.check()
        except DirectoryUnavailable:
            self._lost()
        else:
            self._down, self._heard = False, self._clock()
            self._forget()
        self._tell()

    def _watch(self) -> None:
        self.look()
        while not self._stop.wait(self._fresh):
            self.look()

    def _now(self, person_id: str) -> _Read | None:
        """What is known of a person and recent enough to count; read now if it is older than `fresh`."""
        known = self._recent(person_id)
        if known is None and not self._down:
            with self._lock:  # one reading at a time: whoever waited finds it done, or the directory lost
                known = self._recent(person_id)
                if known is None and not self._down:
                    known = self._looked_up(person_id)
        return known or self._last(person_id)

    def _recent(self, person_id: str) -> _Read | None:
        read = self._read.get(person_id)
        return read if read is not None and self._clock() - read.at < self._fresh else None

    def _last(self, person_id: str) -> _Read | None:
        """What was read last, within `grace`. Whoever was gone then stays gone until the directory says otherwise."""
        read = self._read.get(person_id)
        counts = read is not None and (read.is_gone or self._clock() - read.at <= self._grace)
        return read if counts else None

    def _looked_up(self, person_id: str) -> _Read | None:
        began = self._clock()
        try:
            known = self._directory.person(person_id)
        except DirectoryUnavailable:
            self._missed()
            return None
        self._heard = self._clock()
        read = self._read[person_id] = _Read(known, began)
        return read

    def _missed(self) -> None:
        """Is it the directory that does not answer, or this one record? The second makes nobody else's older."""
        try:
            self._directory.check()
        except DirectoryUnavailable:
            self._lost()

    def _lost(self) -> None:
        if not self._down:
            log.warning("the directory does not answer, or not as it should")
        self._down = True

    def _forget(self) -> None:
        with self._lock:
            oldest = self._clock() - max(REMEMBERED_S, self._grace)
            self._read = {person: read for person, read in self._read.items() if read.at >= oldest}

    def _tell(self) -> None:
        silent = self.is_silent
        if silent == self._told_silent:
            return
        event = Event.DIRECTORY_SILENT if silent else Event.DIRECTORY_HEARD
        log.warning("the directory is silent: only what is public is served" if silent else "the directory is back")
        try:
            self._journal.append(Entry(event, "", tenant=self._tenant))
        except LedgerUnavailable:
            log.exception("the ledger could not be told of the directory; it is tried again")
        else:
            self._told_silent = silent
