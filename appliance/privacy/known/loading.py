"""A list of known persons, made from persons and kept in the place of the one before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from appliance.errors import Conflict
from appliance.privacy.known.book import KEPT_BYTES, Digests, packed
from appliance.privacy.known.key import KnownKey
from appliance.privacy.known.naming import Form, Person, Surnames, forms
from appliance.store.known import KnownList, KnownLists

OTHER_KEY: Final = "The key at hand is not the one that the other lists were hashed with."


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many persons a list now holds, in how many digests."""

    persons: int
    digests: int


def load(
    name: str, persons: Iterable[Person], lists: KnownLists, key: KnownKey, *, surnames: Surnames = "distinctive"
) -> Loaded:
    """Keep `persons` as the list `name`, whole or not at all; whatever `persons` raises leaves everything as it was.

    Raises Conflict if other lists were hashed with another key, RegistryUnavailable, DetectorUnavailable.
    """
    others = [one for one in lists.lists() if one.name != name]
    digests = Digests(key.read() if others else key.made())
    if any(one.proof != digests.proof for one in others):
        raise Conflict(OTHER_KEY, advice="Nothing was changed. Bring back their key, or remove those lists first.")
    count = 0
    known: set[Form] = set()
    for person in persons:
        known |= forms(person, surnames=surnames)
        count += 1
    kept, entities = packed(known, digests)
    told = KnownList(name, uuid4().hex, digests.proof, entities, count, len(kept), datetime.now(UTC))
    lists.replace(told, kept)
    return Loaded(count, len(kept) // KEPT_BYTES)
