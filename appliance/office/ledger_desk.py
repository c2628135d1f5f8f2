"""The ledger as officers look at it: search, what a person saw, how much happened, and whether it is whole.

Entries hold no names and no content; of digests nothing is told. What a person saw is found by his keys, as long as
they exist. Each look at entries is an entry itself.
"""

import json
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Final, Protocol

from appliance.access.rules import Rules
from appliance.audit import sight
from appliance.audit.chain import Row
from appliance.audit.keys import DayKey
from appliance.audit.sight import Sighting
from appliance.audit.verifying import Progress, Verifying
from appliance.errors import BadRequest
from appliance.records import Action, Document, Event, Journal, Principal, by

LOOKED: Final = 20_000
"""Entries that one search goes through; where to go on is told."""
TRIED: Final = 3_000_000
"""Documents times days that are tried while somebody waits: entries hold digests, under another key each day."""
COUNTED: Final = 200_000
"""Entries that are counted for a plot."""
SIGHTED: Final = 1_000
"""Entries of a person that are told at once, the newest."""


class Ledger(sight.Rows, Protocol):
    """The entries (`appliance.audit.ledger.Ledger`)."""

    def newest(self, *, upto: int | None = None, limit: int) -> Generator[Row, None, None]:
        """The newest first. Raises LedgerUnavailable."""
        ...


class Keys(Protocol):
    """The keys of the people in it (`appliance.audit.keys.SubjectKeys`)."""

    def held(self, tenant: str, subject: str, *, since: date) -> list[DayKey]:
        """Those of a person that were not destroyed."""
        ...


class Documents(Protocol):
    """What is registered (`appliance.store.registry.Registry`)."""

    def documents(self) -> Sequence[Document]:
        """All, by their uri. Raises RegistryUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; what is empty is anything. `about` and `policy` are matched from their beginning on."""

    events: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    about: str = ""
    policy: str = ""

    def fits(self, plain: Mapping[str, Any]) -> bool:
        """Whether an entry is one of these."""
        day = _day(plain)
        return (
            (not self.events or plain.get("event") in self.events)
            and (self.since is None or day >= self.since.isoformat())
            and (self.until is None or day <= self.until.isoformat())
            and str(plain.get("about", "")).startswith(self.about)
            and str(plain.get("policy", "")).startswith(self.policy)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the newest first. `looked` entries were gone through; `onward` is where to go on, 0: all."""

    entries: tuple[Mapping[str, Any], ...]
    looked: int
    onward: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person saw, the newest first. `days` have a key still; `more` entries are not told."""

    sightings: tuple[Sighting, ...]
    days: int
    more: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries of each event there were on each day; `whole` unless there were too many to count."""

    by_day: Mapping[tuple[str, str], int] = field(default_factory=dict)
    whole: bool = True


class LedgerDesk:
    """Every method raises NotAllowed for anyone but an officer, PolicyUnavailable, and LedgerUnavailable, also where
    the look itself cannot be recorded: then nothing is told."""

    def __init__(
        self,
        *,
        rules: Rules,
        ledger: Ledger,
        keys: Keys,
        documents: Documents,
        verifying: Verifying,
        journal: Journal,
    ) -> None:
        self._rules = rules
        self._ledger = ledger
        self._keys = keys
        self._documents = documents
        self._verifying = verifying
        self._journal = journal

    def search(self, officer: Principal, wanted: Wanted, *, upto: int | None, limit: int) -> Found:
        """At most `limit` entries, the newest first; only those numbered up to `upto`."""
        self._demand(officer)
        self._looked(officer)
        entries: list[Mapping[str, Any]] = []
        looked = number = 0
        with closing(self._ledger.newest(upto=upto, limit=LOOKED)) as rows:
            for last, plain in map(_plain, rows):
                looked, number = looked + 1, last
                if wanted.fits(plain):
                    entries.append(plain)
                if len(entries) == limit:
                    break
        return Found(tuple(entries), looked, max(0, number - 1) if looked else 0)

    def seen(self, officer: Principal, person_id: str, *, days: int) -> Seen:
        """What a person of the officer's tenant saw in the last `days` days; anybody's id may be given.

        Raises BadRequest where that is too much to wait for.
        """
        self._demand(officer)
        self._looked(officer, person=person_id)
        since = datetime.now(UTC).date() - timedelta(days=days)
        tenant = officer.tenant
        keys = self._keys.held(tenant, person_id, since=since)
        known = {one.id: one.uri for one in self._documents.documents() if one.access.tenant == tenant}
        if len(keys) * len(known) > TRIED:
            raise BadRequest("There are too many documents to try for so many days.", advice="Ask for fewer days.")
        found = list(sight.seen(self._ledger, keys, (tenant, person_id), known))
        told = tuple(reversed(found[-SIGHTED:]))
        return Seen(told, len(keys), len(found) - len(told))

    def counts(self, officer: Principal, *, days: int) -> Counts:
        """How much happened in the last `days` days, today among them."""
        self._demand(officer)  # not recorded: sums speak of nobody
        first = datetime.now(UTC).date() - timedelta(days=days - 1)
        before = (first - timedelta(days=2)).isoformat()  # a clock that was set back may have dated some before others
        counted: Counter[tuple[str, str]] = Counter()
        with closing(self._ledger.newest(limit=COUNTED + 1)) as rows:
            read = (plain for _, plain in map(_plain, rows))
            recent = takewhile(lambda plain: _day(plain) >= before, read)
            for plain in islice(recent, COUNTED):
                counted[_day(plain), str(plain.get("event", ""))] += 1
            whole = next(recent, None) is None
        since = first.isoformat()
        return Counts({key: count for key, count in sorted(counted.items()) if key[0] >= since}, whole)

    def verify(self, officer: Principal) -> Progress:
        """Begin to verify the ledger. Raises Conflict if that is being done already."""
        self._demand(officer)
        self._looked(officer)
        self._verifying.begin()
        return self._verifying.progress()

    def verification(self, officer: Principal) -> Progress:
        """How far that is, or what came of the last one."""
        self._demand(officer)
        return self._verifying.progress()

    def _demand(self, officer: Principal) -> None:
        """Raise NotAllowed for anyone but an officer. Tested: nobody else is told anything here."""
        self._rules.demand(officer, Action.VIEW_LEDGER)

    def _looked(self, officer: Principal, *, person: str = "") -> None:
        entry = by(officer, Event.LEDGER_VIEWED)
        self._journal.append(replace(entry, policy=self._rules.version, question=person))


def _plain(row: Row) -> tuple[int, Mapping[str, Any]]:
    """An entry's number and its values; the number alone where the body was damaged, which verification tells."""
    number, body, _ = row
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError):
        plain = None
    return number, {**(plain if isinstance(plain, dict) else {}), "number": number}


def _day(plain: Mapping[str, Any]) -> str:
    return str(plain.get("at", ""))[:10]
