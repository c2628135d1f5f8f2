"""The officers' other questions, over all who are known and every document: who reads it, what he reads, what changes.

Everything is decided by the engine, document by document; nothing is read out of the rules.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from appliance.access.cedar import Decision
from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset
from appliance.records import Access, Action, Document, Principal

Place = tuple[str, str]
"""A document's outermost folder and its level's name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What another policy set would open to a person and close, counted by place."""

    person: str
    opened: Mapping[Place, int]
    closed: Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Change:
    """The documents that another policy set would open to a person and close."""

    person: Principal
    opened: tuple[Document, ...]
    closed: tuple[Document, ...]


def readers(ruleset: Ruleset, people: Iterable[Principal], document: Document) -> list[tuple[Principal, Decision]]:
    """What is decided of `document` for each of `people`, those who read it first."""
    rules = Rules(lambda: ruleset)
    decided = [(who, rules.decided(who, Action.READ, document.access, document=document.id)) for who in people]
    return sorted(decided, key=lambda pair: (not pair[1].allowed, pair[0].id))


def readable(ruleset: Ruleset, who: Principal, documents: Sequence[Document]) -> list[Document]:
    """Those of `documents` that `who` may read, in their order."""
    alike = _alike(documents)
    allowed = Rules(lambda: ruleset).readable(who, {documents[places[0]].id: one for one, places in alike.items()})
    return [documents[place] for place in sorted(chain.from_iterable(_those(alike, documents, allowed)))]


def counted(documents: Iterable[Document]) -> Mapping[Place, int]:
    """How many of `documents` lie where, in the order of the places."""
    return dict(sorted(Counter(place(one) for one in documents).items()))


def place(document: Document) -> Place:
    """Where a document lies, roughly: its outermost folder ("" for none) and its level."""
    outermost = document.access.ancestors[0] if document.access.ancestors else ""
    return outermost, document.access.level.name.lower()


def differences(
    old: Ruleset, new: Ruleset, people: Iterable[Principal], documents: Sequence[Document]
) -> list[Difference]:
    """For each of `people` to whom something would open or close, what; nobody is listed for whom nothing changes."""
    return [
        Difference(one.person.id, counted(one.opened), counted(one.closed))
        for one in changes(old, new, people, documents)
    ]


def changes(old: Ruleset, new: Ruleset, people: Iterable[Principal], documents: Sequence[Document]) -> list[Change]:
    """The same with every document by itself. Those of the same attributes are decided once: no rule names one."""
    alike = _alike(documents)
    first = {documents[places[0]].id: access for access, places in alike.items()}
    rules_before, rules_after = Rules(lambda: old), Rules(lambda: new)
    found = []
    for who in people:
        before, after = rules_before.readable(who, first), rules_after.readable(who, first)
        opened, closed = (
            tuple(documents[place] for place in sorted(chain.from_iterable(_those(alike, documents, names))))
            for names in (after - before, before - after)
        )
        if opened or closed:
            found.append(Change(who, opened, closed))
    return found


def kinds(documents: Iterable[Document]) -> int:
    """How many documents have attributes of their own: so many decisions one person takes."""
    return len({one.access for one in documents})


def _alike(documents: Sequence[Document]) -> dict[Access, list[int]]:
    """The places in `documents` of those with the same attributes."""
    alike: dict[Access, list[int]] = {}
    for place, one in enumerate(documents):
        alike.setdefault(one.access, []).append(place)
    return alike


def _those(
    alike: Mapping[Access, list[int]], documents: Sequence[Document], first: Collection[str]
) -> Iterator[list[int]]:
    """The places of whatever has the attributes of one of the documents `first`, each the first of its kind."""
    return (places for places in alike.values() if documents[places[0]].id in first)
