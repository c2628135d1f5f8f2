"""The detector of known persons and identifiers: exact search, whatever the spelling, without anybody's name in clear.

The words of a text are hashed one by one, then with those that follow them as long as something known begins so (or
could, where a word is broken); every hash is looked up among the digests of all lists (`book.py`). What is there is
weighed (`counting.py`). The same is done with what pieces of the text say in other writings (`encodings.py`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.errors import DetectorUnavailable, RegistryUnavailable
from appliance.privacy.known import encodings
from appliance.privacy.known.book import RELOAD, Book, Digests
from appliance.privacy.known.counting import SCORES, Window, counts
from appliance.privacy.known.dates import dates
from appliance.privacy.known.key import KnownKey
from appliance.privacy.known.naming import LONGEST, Kind, birth
from appliance.privacy.known.spelling import Word, extended, has_shapes, joined, words
from appliance.records.privacy import Entity, Finding
from appliance.store.known import KnownList

NAME: Final = "known"
_GAP: Final = 8
"""Characters between two words of one form, at most."""
_PATIENCE: Final = 1
_STRICT_PATIENCE: Final = 3
_SILENT: Final = 24
"""Letters that may follow one another, word by word, without anything known that begins so."""
_GENITIVE: Final = 4
_ABROAD: Final = re.compile(r"(?:\+|00)\d{1,3}[\s(0).-]{0,4}$")
_SHORTEST_ABROAD: Final = 9
_BIRTHS: Final = 20_000
"""Pairs of a name and a date that are hashed; in a text with more of them, every date beside a name counts."""

_LOOKED_UP: Final = 5_000_000
"""Forms of one text that are looked up. Prose of 2,000,000 characters has fewer; letters in a row have more."""


class Lists(Protocol):
    """Where the lists are kept (`appliance.store.known.KnownLists`). Both raise RegistryUnavailable."""

    def lists(self) -> list[KnownList]:
        """All lists, without their digests."""

    def everything(self) -> list[tuple[KnownList, bytes]]:
        """All lists with their digests, of one moment."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """The lists of one version, and what they are searched with."""

    version: str
    book: Book
    digests: Digests


class Known:
    """Finds who and what the house's lists name. For many threads. A list that changed is read before the next text.

    Every method raises DetectorUnavailable if the lists, or the key that they were hashed with, cannot be had: nothing
    is clean then. So it does for a text with more than `most` forms to look up. No list at all needs no key, and finds
    nothing.
    """

    def __init__(self, lists: Lists, key: KnownKey, *, most: int = _LOOKED_UP) -> None:
        self._lists = lists
        self._key = key
        self._most = most
        self._seen: _Opened | None = None

    @property
    def name(self) -> str:
        """Which detector this is."""
        return NAME

    @property
    def version(self) -> str:
        """Another one after every change of a list: what was found before may be too little."""
        return self._opened().version

    def detect(self, texts: Sequence[str], language: str, /) -> Sequence[Sequence[Finding]]:  # noqa: ARG002 - any
        """For each text, who and what of the lists is mentioned in it."""
        opened = self._opened()
        return [_Search(opened, strict=False, most=self._most).findings(text) for text in texts]

    def residual(self, text: str) -> list[Finding]:
        """What may still be a mention in a text that is about to leave. Finds all that `detect` does, and more.

        More: surnames that are everyday words wherever they begin with a capital, words broken in several places,
        numbers within longer numbers. A person who is mentioned by a surname alone is found even if his list says
        `never` only where a title or a given name stands beside it: of such a list no surname alone was kept.
        """
        return _Search(self._opened(), strict=True, most=self._most).findings(text)

    def _opened(self) -> _Opened:
        try:
            version = _version(self._lists.lists())
            seen = self._seen
            if seen is None or seen.version != version:
                seen = self._seen = self._read()
        except RegistryUnavailable as error:
            raise DetectorUnavailable("The lists of known persons cannot be read.") from error
        return seen

    def _read(self) -> _Opened:
        kept = self._lists.everything()
        digests = Digests(self._key.read() if kept else b"")
        if any(told.proof != digests.proof for told, _ in kept):
            raise DetectorUnavailable(
                "The key of the known persons is not the one that their lists were hashed with.", advice=RELOAD
            )
        book = Book([(packed, told.entities) for told, packed in kept])
        return _Opened(_version([told for told, _ in kept]), book, digests)


def _version(lists: Sequence[KnownList]) -> str:
    return " ".join(sorted(f"{one.name}:{one.stamp}" for one in lists))


@dataclass(frozen=True, slots=True)
class _State:
    """The words from `first` to `last` joined, and for how many words and letters nothing known began so."""

    first: int
    last: int
    form: str
    missed: int = 0
    silent: int = 0


class _Search:
    """The search of one text."""

    def __init__(self, opened: _Opened, *, strict: bool, most: int = _LOOKED_UP) -> None:
        self._left = most
        self._book = opened.book
        self._digests = opened.digests
        self._strict = strict
        self._patience = _STRICT_PATIENCE if strict else _PATIENCE

    def findings(self, text: str) -> list[Finding]:
        """Everything that is found, in order; what lies within something else of its kind is left out."""
        if not len(self._book):
            return []
        found = set(self._plain(text))
        for reading in encodings.readings(text):
            for one in self._plain(reading.text):
                start, end = reading.span(one.start, one.end)
                found.add(Finding(start, end, one.entity, one.score, one.source))
        return _outermost(found)

    def _plain(self, text: str) -> Iterator[Finding]:
        yield from self._looked(text, words(text))
        if has_shapes(text):
            yield from self._looked(text, words(text, shapes=True))

    def _looked(self, text: str, said: Sequence[Word]) -> Iterator[Finding]:
        states = [_State(place, place, word.form) for place, word in enumerate(said)]
        named: list[Window] = []
        while states:
            started, windows = self._known(text, said, states)
            for window, kind, entity in windows:
                if entity == Entity.PERSON:
                    named.append(window)
                yield _finding(window, kind, entity)
            states = [
                longer
                for place, state in enumerate(states)
                if (longer := self._longer(text, said, state, known=place in started)) is not None
            ]
        if named:
            yield from self._births(text, named)

    def _known(
        self, text: str, said: Sequence[Word], states: Sequence[_State]
    ) -> tuple[set[int], list[tuple[Window, Kind, str]]]:
        """Which of the states something known begins with, and the windows that count."""
        places = list(range(len(states)))
        written = [state.form for state in states]
        for place, state in enumerate(states):
            for other in _otherwise(text, said, state):
                places.append(place)
                written.append(other)
        self._left -= len(written)
        if self._left < 0:
            raise DetectorUnavailable("A text has more to look up among the known persons than can be done in time.")
        started: set[int] = set()
        counted: list[tuple[Window, Kind, str]] = []
        for at, entry in self._book.look_up([self._digests.of(one) for one in written]):
            state = states[places[at]]
            if entry.kind is Kind.START:
                started.add(places[at])
                continue
            dialled = at >= len(states) and written[at].isdigit()
            window = Window(text, said, state.first, state.last, written[at], dialled)
            if counts(window, entry, strict=self._strict):
                counted.append((window, entry.kind, entry.entity))
        return started, counted

    def _longer(self, text: str, said: Sequence[Word], state: _State, *, known: bool) -> _State | None:
        """The state with the next word; None where nothing known can go on so."""
        after = state.last + 1
        if after == len(said) or len(state.form) >= LONGEST:
            return None
        gap = text[said[state.last].end : said[after].start]
        last = said[state.last].form
        if len(gap) > _GAP:
            return None
        free = len(last) == 1 or last.isdigit() or (len(gap) == 1 and not gap.isspace())
        missed = 0 if known else state.missed + (0 if free else 1)
        silent = 0 if known else state.silent + len(last)
        if missed > self._patience or silent > _SILENT:
            return None
        return _State(state.first, after, extended(state.form, said[after].form), missed, silent)

    def _births(self, text: str, named: Sequence[Window]) -> Iterator[Finding]:
        """Dates that are the birthday of somebody who is mentioned: each part of his name may be the surname."""
        there = list(dates(text))
        if not there:
            return
        surnames = {name for window in named for name in _parts(window)}
        pairs = [(name, day) for name in sorted(surnames) for day in {day for *_, days in there for day in days}]
        if len(pairs) > _BIRTHS:
            born = {day for _, day in pairs}
        else:
            hashed = [self._digests.of(birth(name, day)) for name, day in pairs]
            born = {pairs[at][1] for at, entry in self._book.look_up(hashed) if entry.kind is Kind.BIRTH}
        for start, end, days in there:
            if not born.isdisjoint(days):
                yield Finding(start, end, Entity.DATE_OF_BIRTH, SCORES[Kind.BIRTH], NAME)


def _otherwise(text: str, said: Sequence[Word], state: _State) -> Iterator[str]:
    """How else the words can be read: without the s of a genitive, without the code of a country."""
    last = said[state.last].form
    if last[-1] == "s" and len(last) > _GENITIVE:
        yield state.form[:-1]
    if len(state.form) >= _SHORTEST_ABROAD and state.form.isdigit():
        start = said[state.first].start
        if text[start - 1 : start] == "+" or state.form.startswith("00"):
            skipped = 2 if state.form.startswith("00") else 0
            yield from (state.form[skipped + code :] for code in (1, 2, 3))


def _parts(window: Window) -> set[str]:
    forms = [word.form for word in window.pieces]
    whole = {joined(forms[i:j]) for i in range(len(forms)) for j in range(i + 1, len(forms) + 1)}
    return whole | {window.form}


def _finding(window: Window, kind: Kind, entity: str) -> Finding:
    start, end = window.span
    if entity == Entity.PHONE:
        abroad = _ABROAD.search(window.text, max(0, start - 2 * _GAP), start)
        start = abroad.start() if abroad else start
    return Finding(start, end, entity, SCORES[kind], NAME)


def _outermost(found: set[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    ends: dict[str, int] = {}
    for one in sorted(found, key=lambda each: (each.start, -each.end, each.entity, -each.score)):
        if one.end > ends.get(one.entity, -1):
            kept.append(one)
            ends[one.entity] = one.end
    return kept
