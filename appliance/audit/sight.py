"""What a person saw: his entries found by his keys, and the documents in them by trying every one that is known."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.audit.chain import Row
from appliance.audit.keys import DayKey


@dataclass(frozen=True, slots=True)
class Sighting:
    """One entry of a person. `documents` are the uris behind its digests; `unknown` counts those that are gone since.

    `at` is the time as the ledger has it, `about` the answer or conversation that it belongs to.
    """

    number: int
    at: str
    event: str
    about: str
    client: str
    policy: str
    reason: str
    documents: tuple[str, ...]
    unknown: int


class Rows(Protocol):
    """The entries of a ledger whose body holds a text (`appliance.audit.ledger.Ledger`)."""

    def rows(self, *, holding: str) -> Iterable[Row]:
        """In order. Raises LedgerUnavailable."""
        ...


def seen(
    ledger: Rows, keys: Sequence[DayKey], person: tuple[str, str], documents: Mapping[str, str]
) -> Iterator[Sighting]:
    """What `person` (tenant, id) did on the days of `keys`, in order. `documents` are known ids with their uris."""
    for key in keys:
        mine = key.digest("subject", "\0".join(person))
        names = {key.digest("document", one): uri for one, uri in documents.items()}
        for number, body, _ in ledger.rows(holding=f'"key":"{key.id}"'):
            plain = json.loads(body)
            if plain.get("key") == key.id and plain.get("subject") == mine:
                yield _sighting(number, plain, names)


def _sighting(number: int, plain: Mapping[str, Any], names: Mapping[str, str]) -> Sighting:
    digests = plain.get("documents", [])
    known = tuple(names[one] for one in digests if one in names)
    told = {name: str(plain.get(name, "")) for name in ("at", "event", "about", "client", "policy", "reason")}
    return Sighting(number=number, documents=known, unknown=len(digests) - len(known), **told)
