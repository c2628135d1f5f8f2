"""What a text says that can be wrong by itself: numbers, dates, codes, names, persons, and one of two opposites."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

from appliance.answering import calendar, classes, limits, offices, quantities
from appliance.answering.substances import substance
from appliance.answering.words import stem
from appliance.retrieval.sparse import carries_meaning

_CODE: Final = re.compile(
    r"\b[A-ZÄÖÜ]{1,4}-?\d[\w.]*(?<!\.)(?:[-/]\w+)*\b|\b[A-ZÄÖÜ]{2,4}(?:-\d+)+\b|(?<=[a-zäöü] )[A-ZÄÖÜ]\b(?![.&])"
    r"|(?:^|(?<=[.!?] ))[B-HJ-ZÄÖÜ]\b(?= [a-z])"
)
_RUN: Final = re.compile(r"\b[A-ZÄÖÜ][\w’'-]*[^\W\d_](?:\.?\s+[A-ZÄÖÜ][\w’'-]*[^\W\d_])+")
_TITLED: Final = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|Prof|Frau|Herrn?|Sister)\b\.?\s+([A-ZÄÖÜ][\w’'-]+)")
_TITLES: Final = frozenset("dr mr mrs ms prof frau herr herrn sister".split())
_TOKEN: Final = re.compile(r"[^\W\d_]+")
_NO_SIDE: Final = re.compile(r"right (?:before|after|away|now|at|from)\b|left (?:over|behind|in|out|by|at|the)\b")
"""Not the right hand, and not the left one."""
NUMERIC: Final = frozenset({"date", "month", "weekday", "ordinal", "year", *(
    "count mass weight volume time term share money dollars pounds heat dose matter pressure"
    " length area speed energy times clock"
).split()})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """One `value` of a `kind` ("mass", "date", "name", "opposite 3") at characters `start` to `end`.

    `amounts`, `unit`, `per` and `sign` are those of a quantity; `sign` also says on which side of a date.
    """

    kind: str
    value: str
    start: int
    end: int
    sign: str = ""
    unit: str = ""
    per: frozenset[str] = frozenset()
    amounts: frozenset[Fraction] = frozenset()

    @property
    def key(self) -> str:
        """The claim as a word among the words around another claim."""
        return f"{self.kind}={min(self.amounts)}" if self.amounts else f"{self.kind}={self.value}"


def claims(text: str, language: str, written: str) -> tuple[Claim, ...]:
    """Every claim of `text`: stems of `language`, numbers as the language `written` has them.

    A date, a code or an ordinal is not read a second time as a number.
    """
    found = [Claim(day.kind, day.value, day.start, day.end) for day in calendar.days(text)]
    rest = _without(text, found)
    found += [Claim(_shape(m.group()), m.group().casefold(), *m.span()) for m in _CODE.finditer(rest)]
    rest = uncoded = _without(text, found)
    found += [Claim("ordinal", value, start, end) for start, end, value in quantities.ordinals(rest)]
    rest = _without(rest, found)
    found += [_counted(quantity) for quantity in quantities.read(rest, written)]
    found = _signed(text, found)
    return (
        *found,
        *_names(uncoded),
        *_persons(text, language),
        *_opposites(text),
        *_classed(text),
        *_substances(text, language),
    )


def _without(text: str, found: list[Claim]) -> str:
    """`text` with blanks where something was `found`, so that nothing else moves."""
    for claim in found:
        text = text[: claim.start] + "\0" * (claim.end - claim.start) + text[claim.end :]
    return text


def _shape(code: str) -> str:
    """P2 and P1 could stand for each other, B2.14 and P1 could not."""
    return "code " + re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "A", code))


def _counted(quantity: quantities.Quantity) -> Claim:
    kind = "year" if quantity.kind == "count" and re.fullmatch(r"(?:19|20)\d\d", quantity.number) else quantity.kind
    return Claim(
        kind,
        quantity.number,
        quantity.start,
        quantity.end,
        unit=quantity.unit,
        per=quantity.per,
        amounts=quantity.amounts,
    )


def _signed(text: str, found: list[Claim]) -> list[Claim]:
    """`found` in order, each with the side from which it is a limit."""
    ordered = sorted((claim for claim in found if claim.kind in NUMERIC), key=lambda claim: claim.start)
    signed = [
        Claim(c.kind, c.value, c.start, c.end, sign, c.unit, c.per, c.amounts)
        for c, sign in zip(ordered, limits.signs(text, ordered), strict=True)
    ]
    return signed + [claim for claim in found if claim.kind not in NUMERIC]


def _names(text: str) -> Iterator[Claim]:
    """Runs of two capitalised words and more, and what follows a title; as the set of their words."""
    for pattern in (_RUN, _TITLED):
        for match in pattern.finditer(text):
            parts = [re.sub(r"['’]s$", "", part) for part in re.split(r"\.?\s+", match.group())]
            while parts and not carries_meaning(parts[0].lower()):
                parts.pop(0)
            kept = [part.casefold() for part in parts if part.casefold() not in _TITLES]
            if kept and (len(kept) > 1 or pattern is _TITLED):
                yield Claim("name", " ".join(kept[-3:]), *match.span())


def _persons(text: str, language: str) -> Iterator[Claim]:
    """A "person" has duties in the house, a "party" is whom the house serves."""
    for kind, words in (("person", offices.PERSONS), ("party", offices.PARTIES)):
        known = _known(words[language], language)
        for match in _TOKEN.finditer(text):
            word = stem(match.group(), language)
            if language == "en" and word in known and not _listed(match.group(), words[language]):
                continue  # an application is no applicant, management no manager
            named = kind == "person" and offices.office(match.group(), language)
            if named or word in known or any(len(end) > 5 and word.endswith(end) for end in known):
                yield Claim(kind, word, *match.span())


def _listed(word: str, words: str) -> bool:
    low = word.casefold()
    return bool({low, low.removesuffix("s"), low.removesuffix("es")} & set(words.split()))


@cache
def _known(words: str, language: str) -> frozenset[str]:
    return frozenset(stem(word, language) for word in words.split())


def _opposites(text: str) -> Iterator[Claim]:
    """A word of one side of a pair: its kind is the pair's, its value the side's."""
    sides, folded = _sides(), text.casefold()
    for match in re.finditer(r"[^\W\d_]+", folded):
        if _NO_SIDE.match(folded, match.start()):
            continue
        for pair, side in sides.get(match.group(), ()):
            yield Claim(f"opposite {pair}", side, *match.span())
    for phrase, pairs in sides.items():
        if "·" in phrase:
            for match in re.finditer(rf"\b{phrase.replace('·', ' ')}\b", folded):
                for pair, side in pairs:
                    yield Claim(f"opposite {pair}", side, *match.span())


def _substances(text: str, language: str) -> Iterator[Claim]:
    for match in _TOKEN.finditer(text):
        if substance(match.group()):
            yield Claim("substance", stem(match.group(), language), *match.span())


def _classed(text: str) -> Iterator[Claim]:
    """A word of a class whose members exclude one another: its kind is the class's, its value the member."""
    known = classes.members()
    for match in _TOKEN.finditer(text):
        if match.group().casefold() in known:
            number, member = known[match.group().casefold()]
            yield Claim(f"class {number}", member, *match.span())


@cache
def _sides() -> dict[str, tuple[tuple[int, str], ...]]:
    """For each word of the pairs, the pairs that it is in and its side in each."""
    sides: dict[str, list[tuple[int, str]]] = {}
    for pair, line in enumerate(classes.OPPOSITE.strip().splitlines()):
        for side, words in zip("ab", line.split(" / "), strict=True):
            for word in words.split():
                sides.setdefault(word, []).append((pair, side))
    return {word: tuple(pairs) for word, pairs in sides.items()}
