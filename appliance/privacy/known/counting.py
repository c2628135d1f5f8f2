"""When words that have a known form are a mention of somebody known: the same letters can stand there by chance.

What is rare counts always. What is an everyday word too, or very short, counts only as people write a name: with a
capital, beside a title, an initial or a given name. Whatever was disguised counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from appliance.privacy.known.book import Entry
from appliance.privacy.known.naming import TITLES, Kind
from appliance.privacy.known.spelling import Word, form, is_disguised, is_spaced
from appliance.records.privacy import Entity

SCORES: Final = {
    Kind.NAME: 0.99,
    Kind.COMMON_NAME: 0.95,
    Kind.SURNAME: 0.95,
    Kind.COMMON_SURNAME: 0.9,
    Kind.INITIAL: 0.93,
    Kind.COMMON_INITIAL: 0.9,
    Kind.IDENTIFIER: 0.99,
    Kind.BIRTH: 0.99,
}
_BESIDE: Final = TITLES | frozenset(
    form(word)
    for word in """
    patient patientin patienten patients pat schwester pfleger bruder nurse sister kunde kundin kunden customer client
    klient klientin mandant mandantin versicherter versicherte member name nachname surname familienname lastname geb
    geborene geborener née nee witwe widow heirs erben eheleute ehepaar
    """.split()
)
_WHOLE_GLUED: Final = 8
_SURNAME_GLUED: Final = 5
_BROKEN: Final = 6
_THOUSANDS: Final = 3


@dataclass(frozen=True)
class Window:
    """The words `first` to `last` (inclusive) of a text, whose form is known; `form` is that form."""

    text: str
    words: Sequence[Word]
    first: int
    last: int
    form: str
    dialled: bool = False
    """Whether digits at the beginning were left off, as the code of a country."""

    @property
    def span(self) -> tuple[int, int]:
        """Characters of the text."""
        return self.words[self.first].start, self.words[self.last].end

    @property
    def pieces(self) -> Sequence[Word]:
        """The words themselves."""
        return self.words[self.first : self.last + 1]

    @property
    def gaps(self) -> list[str]:
        """What stands between the words."""
        return [self.text[one.end : other.start] for one, other in zip(self.pieces, self.pieces[1:], strict=False)]

    @cached_property
    def is_hidden(self) -> bool:
        """Whether it was written so as not to be seen at once: nobody does that with an everyday word."""
        start, end = self.span
        return is_spaced([one.form for one in self.pieces]) or is_disguised(self.text[start:end])

    @property
    def is_capital(self) -> bool:
        """Whether every word begins with a capital; letters without case do."""
        return not any(self.text[one.start].islower() for one in self.pieces)

    @property
    def begins_sentence(self) -> bool:
        """Whether a capital means nothing here."""
        before = self.text[: self.words[self.first].start].rstrip(" \t\"'([„“«»")[-1:]
        return before in {"", ".", "!", "?", ":", "\n"}

    @property
    def has_title(self) -> bool:
        """Whether a title or what he is here (patient, customer) stands right before it."""
        if self.first == 0:
            return False
        before = self.words[self.first - 1]
        return before.form in _BESIDE and self.words[self.first].start - before.end <= _THOUSANDS


def counts(window: Window, entry: Entry, *, strict: bool) -> bool:
    """Whether `window` is a mention of what `entry` stands for. `strict`: of two doubts, the one that finds more."""
    match entry.kind:
        case Kind.NAME:
            return _whole(window, entry)
        case Kind.COMMON_NAME:
            return window.is_hidden or (window.is_capital and len(window.pieces) == entry.words)
        case Kind.SURNAME:
            return _surname(window, entry, strict=strict)
        case Kind.COMMON_SURNAME:
            return _common_surname(window, entry, strict=strict)
        case Kind.INITIAL | Kind.COMMON_INITIAL:
            return _initial(window, entry)
        case Kind.IDENTIFIER:
            return _identifier(window, entry, strict=strict)
        case _:
            return False


def _whole(window: Window, entry: Entry) -> bool:
    written = len(window.pieces)
    return written == entry.words or window.is_hidden or len(window.form) >= _WHOLE_GLUED


def _surname(window: Window, entry: Entry, *, strict: bool) -> bool:
    written = len(window.pieces)
    if window.is_hidden or written == entry.words:
        return True
    if written < entry.words:
        return len(window.form) >= _SURNAME_GLUED
    if any(gap.strip() for gap in window.gaps):  # Kel-ler: a sign, not only a space, is in between
        return len(window.form) >= _SURNAME_GLUED
    if len(window.form) < _BROKEN:  # so to, be an
        return False
    return strict or (not window.text[window.span[0]].islower() and not window.begins_sentence)


def _common_surname(window: Window, entry: Entry, *, strict: bool) -> bool:
    if window.is_hidden:
        return True
    if not window.is_capital or len(window.pieces) > entry.words:
        return False
    if window.has_title:
        return True
    return strict and (len(window.form) > 3 or (len(window.form) == 3 and not window.begins_sentence))


def _initial(window: Window, entry: Entry) -> bool:
    """A. Keller; Keller, A.; a.keller@… — and of everyday words, only the first two."""
    written = len(window.pieces)
    if written < entry.words:
        return window.text[window.span[1] : window.span[1] + 1] == "@"
    if written > entry.words:
        return window.is_hidden and entry.kind is Kind.INITIAL
    _, end = window.span
    signs = "".join(window.gaps) + window.text[end : end + 1]
    if entry.kind is Kind.COMMON_INITIAL:
        return window.is_capital and ("." in signs or "," in window.gaps[0])
    return window.is_capital or (not any(one.isspace() for one in "".join(window.gaps)) and bool(signs.strip()))


def _identifier(window: Window, entry: Entry, *, strict: bool) -> bool:
    """A number that is written in groups may be part of a longer one: its neighbours are groups of the same kind."""
    if window.dialled and entry.entity != Entity.PHONE:
        return False
    if strict or not window.form.isdigit():
        return True
    before = window.words[window.first - 1 : window.first]
    after = window.words[window.last + 1 : window.last + 2]
    start, end = window.span
    around = [(one, window.text[one.end : start]) for one in before if entry.entity != Entity.PHONE]
    around += [(one, window.text[end : one.start]) for one in after]
    return not any(one.form.isdigit() and _continues(window, one, gap) for one, gap in around)


def _continues(window: Window, neighbour: Word, gap: str) -> bool:
    if window.gaps:
        return gap in window.gaps
    return gap in {".", ","} and len(neighbour.form) <= _THOUSANDS
