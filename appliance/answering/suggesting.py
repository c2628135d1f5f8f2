"""What one could ask about: topics of documents that the person may read, a few at a time.

A suggestion is a title and a heading, so it is decided like a hit: inside the Scope, then by the registry. Nobody asked
for what it shows, perhaps with somebody else before the same screen. So no emergency widens it, and no topic is of what
is confidential or labelled: a heading may be a patient's name. It searches for nothing and asks no model.
"""

import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.access.rules import Rules
from appliance.access.scope import Scope
from appliance.answering import admitting
from appliance.answering.plain import plainly
from appliance.records import Action, Document, Journal, Level, Passage, Principal

TOPICS: Final = 4
LOOKED_AT: Final = 120
"""Passages that are looked at for each request, whatever the house holds."""
LONGEST: Final = 90
"""Characters of a heading or a title that is still a topic."""
_ASKED: Final = {
    "en": "What does “{title}” say about “{heading}”?",
    "de": "Was steht in „{title}“ zu „{heading}“?",
}
_PLACES: Final = uuid.UUID("0d2f3c67-9a55-4b0e-8f0b-2f8c0f5c7a21")
_NUMBERED: Final = re.compile(r"^(?:\d+\.?)+\s+|^[§(]?\s*\d+\)?\s+")
"""What numbers a heading, before its words."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that stands under `heading` in the document called `title`, and how one could ask for it."""

    document: str
    title: str
    heading: str
    question: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """Topics to ask about, and departments among whose documents some may be read: not all there are, perhaps."""

    topics: tuple[Topic, ...]
    departments: tuple[str, ...]


class Sampled(Protocol):
    """Passages inside a Scope, wherever one begins to look (`appliance.retrieval.index.Index`)."""

    def some(self, scope: Scope, /, *, start: str, limit: int) -> list[Passage]:
        """At most `limit` current passages, in the order of the store's own ids from `start` (a UUID) on."""
        ...


class Suggestions:
    """Raises NotAllowed for who may not search, StoreUnavailable, RegistryUnavailable, PolicyUnavailable."""

    def __init__(
        self,
        *,
        passages: Sampled,
        current: Callable[[Collection[str]], Mapping[str, Document]],
        journal: Journal,
        rules: Rules,
    ) -> None:
        self._passages = passages
        self._current = current
        self._journal = journal
        self._rules = rules.plain()

    def of(self, principal: Principal, *, turn: int = 0) -> Suggested:
        """Some, in the person's language where there are such; others with another `turn`, the same with the same one.

        Where it is begun to look follows from person and turn: nobody can choose a place, and learn by the time that it
        takes what lies behind it.
        """
        scope = admitting.scope(principal, Action.SEARCH, rules=self._rules, journal=self._journal)
        start = uuid.uuid5(_PLACES, f"{principal.tenant}\x1f{principal.id}\x1f{turn}")
        found = self._passages.some(scope, start=str(start), limit=LOOKED_AT)
        documents = self._readable(principal, {one.document for one in found})
        left = [one for one in found if one.document in documents and documents[one.document].version == one.version]
        departments = sorted({documents[one.document].access.department for one in left})
        return Suggested(_topics(left, documents, principal.language), tuple(filter(None, departments)))

    def _readable(self, principal: Principal, names: Collection[str]) -> dict[str, Document]:
        current = self._current(names)
        readable = self._rules.readable(principal, {name: one.access for name, one in current.items()})
        return {name: current[name] for name in readable}


def _topics(found: Sequence[Passage], documents: Mapping[str, Document], language: str) -> tuple[Topic, ...]:
    """One of each document, those in `language` first."""
    topics: dict[str, Topic] = {}
    for one in sorted(found, key=lambda passage: passage.language != language):
        heading = _NUMBERED.sub("", plainly(one.heading.rpartition(" > ")[2]))
        title = plainly(documents[one.document].title)
        if (
            one.document in topics
            or not _harmless(documents[one.document])
            or not (_says_something(title) and _says_something(heading) and _of_words(heading))
            or heading == title
        ):
            continue
        asked = _ASKED.get(one.language, _ASKED["en"]).format(heading=heading, title=title)
        topics[one.document] = Topic(one.document, title, heading, asked)
    return tuple(topics.values())[:TOPICS]


def _harmless(document: Document) -> bool:
    """Whether its headings may stand on a screen unasked. What nobody has looked through for names is labelled, too."""
    return document.access.level <= Level.INTERNAL and not document.access.labels


def _says_something(text: str) -> bool:
    return 3 < len(text) <= LONGEST and any(one.isalpha() for one in text)


def _of_words(heading: str) -> bool:
    """Whether it is of two words or more: "Contents", "OTHER" or "Annex 3" tells nobody what to ask."""
    return sum(any(letter.isalpha() for letter in word) for word in heading.split()) > 1
