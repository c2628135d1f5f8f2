"""What was said before, decided again each time it is shown or used.

A sentence counts only for who may read, now, every document whose text may be in it. What was kept before answers were
made plain is made so now.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.access.rules import Rules
from appliance.answering.plain import plainly
from appliance.records import Document, Principal
from appliance.store.conversations_told import Heading, Source, Spoken, Turn


class Documents(Protocol):
    """Registered documents (`appliance.store.registry.Registry`)."""

    def current(self, document_ids: Collection[str], /) -> Mapping[str, Document]:
        """Those that are registered, as they are registered now. Raises RegistryUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A turn as its person may see it now. `turn` holds only what is left.

    `withdrawn` counts sentences that are not shown any more; `changed` says of each that is whether a document behind
    it has another version since.
    """

    turn: Turn
    withdrawn: int
    changed: tuple[bool, ...]

    def spoken(self) -> tuple[Spoken, ...]:
        """All that is left of it that may hold a document's words."""
        return _spoken(self.turn)


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as its person may see it now."""

    heading: Heading
    turns: tuple[Shown, ...]

    def documents(self) -> tuple[str, ...]:
        """The documents whose text may stand in what is shown, each once."""
        return tuple(
            sorted({source.document for turn in self.turns for one in turn.spoken() for source in one.sources})
        )

    def sentences(self) -> int:
        """How many are shown."""
        return sum(len(shown.turn.sentences) for shown in self.turns)


class Showing:
    """Decides by the registry and the rules of this moment. Raises RegistryUnavailable, PolicyUnavailable."""

    def __init__(self, documents: Documents, rules: Rules) -> None:
        self._documents = documents
        self._rules = rules

    def turns(self, principal: Principal, turns: Sequence[Turn]) -> tuple[Shown, ...]:
        """`turns` with only what `principal` may read now."""
        readable, current = self._decided(
            principal, {s for turn in turns for one in _spoken(turn) for s in one.sources}
        )
        return tuple(_shown(turn, readable, current) for turn in turns)

    def readable(self, principal: Principal, sources: Collection[Source]) -> bool:
        """Whether he may read every one of `sources` now. Where there are none, nothing is of any document."""
        if not sources:
            return True
        return {source.document for source in sources} <= self._decided(principal, sources)[0]

    def _decided(
        self, principal: Principal, sources: Collection[Source]
    ) -> tuple[frozenset[str], Mapping[str, Document]]:
        """Those of the documents behind `sources` that he may read, and all of them as they are registered."""
        current = self._documents.current({source.document for source in sources})
        return self._rules.readable(principal, {key: one.access for key, one in current.items()}), current


def _spoken(turn: Turn) -> tuple[Spoken, ...]:
    return (*turn.sentences, *filter(None, [turn.understood]))


def _shown(turn: Turn, readable: Collection[str], current: Mapping[str, Document]) -> Shown:
    """Every line that filters is a security property; `tests/answering/test_conversation.py` fails without it."""
    left = tuple(_plain(one) for one in turn.sentences if one.sources and _all_in(one, readable))  # no source: nobody's
    understood = turn.understood if turn.understood and _all_in(turn.understood, readable) else None
    changed = tuple(any(current[s.document].version != s.version for s in one.sources) for one in left)
    return Shown(replace(turn, sentences=left, understood=understood), turn.released - len(left), changed)


def _all_in(spoken: Spoken, readable: Collection[str]) -> bool:
    return all(source.document in readable for source in spoken.sources)


def _plain(spoken: Spoken) -> Spoken:
    citations = tuple(
        replace(one, title=plainly(one.title), heading=plainly(one.heading), quote=plainly(one.quote))
        for one in spoken.citations
    )
    return replace(spoken, text=plainly(spoken.text), citations=citations)
