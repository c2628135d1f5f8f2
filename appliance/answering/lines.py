"""A text as lines (sentences, rows of tables), each cut into fragments, with what stands around every claim."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from appliance.answering.claims import Claim, claims
from appliance.answering.limits import directions
from appliance.answering.vocabulary import PAST, REPLACED
from appliance.answering.words import content_words

_END: Final = re.compile(
    r"(?:(?<=[.!?])(?<!\b[A-Za-z]\.)(?<!\b(?:Dr|Mr|Ms|Nr|St|ca)\.)|(?<=°[CF]\.)|(?<=\d [a-z]\.)|(?<=/[a-z]\.))\s+"
    r"(?![a-zäöü]|Jan|Feb|M[aä]r|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz])|\n+"
)
_CUT: Final = re.compile(
    r"\s\|\s|[;,]\s|\s[-–]\s|\s(?:(?<!\d\s)(?:and|und)|(?:and|und)(?!\s[€$£]?\d)|but|aber|sondern|while|whereas|während|then"
    r"|dann|so that|if|when|because|unless|wenn|falls|weil|sofern)\s",
    re.IGNORECASE,
)
_PAST: Final = re.compile(PAST.replace("\n", ""), re.IGNORECASE)
_REPLACED: Final = re.compile(REPLACED.replace("\n", "") + r"[€$£]?$", re.IGNORECASE)
_REPLACING: Final = re.compile(
    r"(?<=\w)\s+(?:instead of|rather than|in place of|anstatt|anstelle|statt)\b.*", re.IGNORECASE | re.DOTALL
)
_ENDED: Final = re.compile(
    r"\b(?:used to|formerly|previously|no longer|until (?:then|now)|bisher\w*|früher|vorher|zuvor|ehemals)\b",
    re.IGNORECASE,
)
_ELIDED: Final = re.compile(
    r"(?:is|are|was|were|must|may|can|has|have|not|never|wird|werden|ist|sind|muss|darf|kann)\b"
    r"|[a-z]{3,}ed(?=[.,;]|$| (?:at|in|on|by|after|to|with|within|for|from|before|until|every|once|twice|\d))"
)
"""A fragment that begins so has the subject of the one before."""
_UNTIL: Final = re.compile(r"\b(?:until|till|bis) (?:\w+ ){0,2}(?:19|20)\d\d\b", re.IGNORECASE)
_CHANGED: Final = re.compile(r"\b(?:from|von)\s+[€$£]?$", re.IGNORECASE)
_TO: Final = re.compile(r"[^.;|]{0,12}?\s(?:to|auf)\s", re.IGNORECASE)
_CHANGES: Final = re.compile(
    r"\b(?:raised|lowered|reduced|increased|changed|cut|fell|fallen|rose|risen|dropped|grew|grown|sank|shrank|went|climbed|stieg|gestiegen|fiel|gefallen|sank|gesunken|moved|extended|shortened|erhöht|gesenkt|geändert|verlängert"
    r"|verkürzt|angehoben|reduziert)\b", re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a line up to the next comma, "and" or border of a cell, with the stems of its content words."""

    text: str
    start: int
    end: int
    stems: frozenset[str]
    directions: frozenset[str]


@dataclass(frozen=True)
class Line:
    """One sentence, or one row of a table (whose neighbours are about something else)."""

    text: str
    fragments: tuple[Fragment, ...]
    claims: tuple[Claim, ...]

    @property
    def row(self) -> bool:
        """Whether the line is a row of a table."""
        return " | " in self.text

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all its fragments."""
        return frozenset().union(*(fragment.stems for fragment in self.fragments))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of all its claims."""
        return frozenset(claim.key for claim in self.claims)

    def fragment(self, claim: Claim) -> Fragment:
        """The fragment that `claim`, one of the line's, stands in."""
        return next((part for part in self.fragments if part.start <= claim.start < part.end), self.fragments[-1])

    def part(self, fragment: Fragment) -> frozenset[str]:
        """The stems between the semicolons, or the borders of the cell, around `fragment`."""
        start = max((self.text.rfind(border, 0, fragment.start) for border in (";", " | ")), default=-1)
        ends = [end for border in (";", " | ") if (end := self.text.find(border, fragment.end)) >= 0]
        end = min(ends, default=len(self.text))
        return frozenset().union(*(part.stems for part in self.fragments if start < part.start and part.end <= end))

    def subject(self, fragment: Fragment) -> frozenset[str]:
        """The stems of the fragment before, if `fragment` goes on with its subject: "is cooled and discarded"."""
        if not _ELIDED.match(fragment.text):
            return frozenset()
        return next((part.stems for part in reversed(self.fragments) if part.end <= fragment.start), frozenset())

    def inside(self, fragment: Fragment) -> tuple[Claim, ...]:
        """The claims that stand in `fragment`, one of the line's."""
        return tuple(claim for claim in self.claims if fragment.start <= claim.start < fragment.end)

    def replaced(self, claim: Claim) -> bool:
        """Whether the line says that another value has taken the place of `claim`."""
        before = self.text[: claim.start]
        if _REPLACED.search(before) or (_CHANGED.search(before) and _TO.match(self.text, claim.end)):
            return True
        return bool(_ENDED.search(self.fragment(claim).text))

    def outdated(self, claim: Claim) -> bool:
        """Whether the line says of `claim` that it held once, or that another value has taken its place."""
        part, before = self.fragment(claim), self.text[: claim.start]
        if _REPLACED.search(before):
            return True
        if _CHANGED.search(before) and _TO.match(self.text, claim.end):
            return bool(_CHANGES.search(self.text))
        if claim.kind in ("person", "name"):
            return bool(_ENDED.search(part.text) or _UNTIL.search(part.text))
        return bool(_PAST.search(_REPLACING.sub("", part.text)))


def cut(text: str) -> list[str]:
    """The sentences and rows of `text`, as they stand there; the points of "31. März" and "Dr. Ruiz" end none."""
    return [part for part in _END.split(text) if any(map(str.isalpha, part))]


@lru_cache(maxsize=2048)
def lines(text: str, language: str, written: str = "") -> tuple[Line, ...]:
    """The lines of `text`: stems as `language` forms them, numbers as they are `written`, if in another language."""
    return tuple(line(part, language, written) for part in cut(text))


@lru_cache(maxsize=4096)
def line(text: str, language: str, written: str = "") -> Line:
    """`text` as one line, whatever it is."""
    parts = tuple(
        Fragment(part, start, end, content_words(part, language), directions(part))
        for start, end in _cuts(text)
        for part in (text[start:end],)
    )
    return Line(text, parts, claims(text, language, written or language))


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for cut in _CUT.finditer(text):
        yield start, cut.start()
        start = cut.end()
    yield start, len(text)
