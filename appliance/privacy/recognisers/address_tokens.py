"""A text as tokens of which each has a class, one letter: addresses are then patterns over a short string.

Words: S kind of street (Street), s the same in small letters, E end of a street's name (Hauptstraße), e the same alone
and small (terrasse), W an end that other words have too (Feldweg), B beginning (Rue), b the same small, U flat,
F floor, X post box, x `Box` or `Unit`, A army post, V ship, K country, T state, R short capitals, C any other capital
word, p particle, k `corner`, & `and`, y two or three small letters, w any other small word, D what never stands in an
address, q a measure. Others: N number of up to three digits, M of four to six, Z certainly a postcode, O any other
number, L line break or what parts cells, `,` `.` `#` `(` `)` themselves, o what is left.
"""

import re
from dataclasses import dataclass
from typing import Final

from appliance.privacy.recognisers import places

_TOKEN: Final = re.compile(
    r"(?P<Z>(?<![\w-])(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|\d{5}-\d{3,4}|\d{4}-\d{3}"
    r"|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}-\d{4,6})(?![\w-]))"
    r"|(?P<O>\d{1,12}(?:[.,:]\d{1,12}){1,8}|\d{7,40})"
    r"|(?P<C>\d{1,3}(?:st|nd|rd|th)(?!\w))"
    r"|(?P<N>(?<!\w)\d{1,6}(?: ?[-/] ?\d{1,4})?(?: [a-hA-H](?=[ \t]*(?:[,\n·|]|$))|[A-Za-z])?(?!\w))"
    rf"|(?P<X>(?:{places.BOXES})(?!\w))"
    r"|(?P<B>[Cc]/(?= ?[A-Z]))"
    r"|(?P<W>[^\W\d_]{1,40}(?:['.-][^\W\d_]{1,40}){0,3})"
    r"|(?P<L>[ \t]*\n[\s>|?*•]{0,40})"
    r"|(?P<P>[,.#()·•|])"
    r"|(?P<o>[^\s])"
)
_NEVER: Final = frozenset(
    (
        places.MONTHS
        + "|"
        + places.WEEKDAYS
        + "|dear|phone|tel|telephone|fax|email|e-mail|mail|regards|sincerely|patient"
        "|patientin|mit|sehr|liebe|lieber|kind|best|name|date|datum|re|mr|mrs|ms|dr|prof"
        "|herr|frau|we|he|she|it|you|they|this"
        "|that|thank|thanks|please|bitte|your|my|our|his|her|ihr|ihre|sie|er|wir|ich"
        "|telefon|mobil|dob|mrn|if|when|what|where"
        "|who|is|are|was|ist|sind|war|grade|stage|type|class|level|phase|version|chapter"
        "|section|table|figure|page|version"
        "|typ|grad|stufe|kapitel|abschnitt|tabelle|seite|form|ward|bed|station|bett"
        "|zimmer|call|vitamin|covid|u.s.c|usc|cfr|c.f.r|stat|fed|reg|fig|tab|ref|sec|art"
        "|act|para|no|nr|vol|item|line|lines|part"
    ).split("|")
)
_SMALL: Final = re.compile(r"[^\W\d_]{1,40}")
_FUNCTION: Final = places.PARTICLES | frozenset(
    "and or at to with for on by as from than per is are was were not no if so but into out up down off"
    " over under about after before between during since until then there here very more most least all"
    " any some each every this that these those my your his her its our their he she it we they you who"
    " which what when where how why has have had will would can could may might must shall should do does"
    " did be been being a an may times other corner mg ml".split()
)
"""What is no part of a name in a text without capitals."""
_WORDS: Final[dict[str, str]] = {
    **dict.fromkeys(places.COUNTRIES, "K"),
    **dict.fromkeys(places.UNITS, "U"),
    **dict.fromkeys(places.FLOORS, "F"),
    **dict.fromkeys(("box", "unit"), "x"),
    **dict.fromkeys(places.SHIPS, "V"),
    **dict.fromkeys(("apo", "fpo", "dpo"), "A"),
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The classes of a text's tokens as one string, and where each begins and ends."""

    classes: str
    starts: list[int]
    ends: list[int]


def tokens_of(plain: str) -> Tokens:
    """Read a text's tokens. Where a text has no capitals at all, its words are read as if they had."""
    if plain == plain.lower():
        capitals = _SMALL.sub(lambda word: word[0] if word[0] in _FUNCTION else word[0].capitalize(), plain)
        plain = capitals if len(capitals) == len(plain) else plain
    classes: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    before = ""
    for match in _TOKEN.finditer(plain):
        kind = match.lastgroup or "o"
        word = match[0]
        if kind == "W":
            low = word.lower()
            kind = _word(word, low)
            if kind == "C" and before and f"{before} {low}" in places.COUNTRIES:
                kind = classes[-1] = "K"
            before = low
        else:
            before = ""
            if kind == "N":
                kind = "M" if word.isdigit() and len(word) > 3 else "N"
            elif kind == "P":
                kind = "L" if word in "·•|" else word
        classes.append(kind)
        starts.append(match.start())
        ends.append(match.end())
    return Tokens("".join(classes), starts, ends)


def _word(word: str, low: str) -> str:
    capital = word[0].isupper()
    if low in _NEVER and not (len(word) == 2 and word.isupper()):
        return "w" if low == "may" and not capital else "D"
    if low in places.MEASURES and (not capital or len(word) > 1):
        return "q"
    if (kind := _WORDS.get(low)) and (capital or kind in "UXxAK"):
        return kind
    if low in places.STREET_BEGINS and (capital or low in places.STREET_BEGINS_SMALL):
        return "B" if capital else "b"
    if low in places.STREETS:
        return "S" if capital else "s"
    if len(word) > 2 and low.endswith(places.STREET_ENDS):
        return "E" if capital else "e" if low in places.STREET_ENDS else "w"
    if low.endswith(places.WEAK_ENDS) and (capital or low in places.WEAK_ENDS) and low != "ring":
        return "W" if capital else "e"
    if capital:
        return "T" if word in places.STATES else "R" if len(word) <= 3 and word.isupper() else "C"
    if low in places.PARTICLES:
        return "p"
    return "k" if low == "corner" else "&" if low == "and" else "y" if len(word) <= 3 else "w"
