"""From which side a number is a limit: "<" for at most, until, within; ">" for at least, from, after; else ""."""

import re
from collections.abc import Sequence
from typing import Final, Protocol

_BELOW: Final = (
    r"before|below|under|beneath|at most|no more than|up to|until|till|within|inside of|less than|fewer than"
    r"|capped at|limited to"
    r"|maximum(?: of)?|max\.?|(?:ceiling|cap|limit) (?:is|of)|at the latest(?: after| by| on)?|(?:latest|last)"
    r" (?:by|at)"
    r"|vor|unter|unterhalb(?: von)?|höchstens|maximal|bis zu|bis"
    r"|innerhalb(?: von)?|binnen|spätestens(?: nach| am| bis)?|weniger als|längstens"
)
_ABOVE: Final = (
    r"after|above|over|beyond|at least|from|since|exceed(?:s|ed|ing)?|top(?:s|ping)|past|minimum(?: of)?|min\."
    r"|at the earliest(?: after| on)?|earliest at|starting at"
    r"|nach|über|oberhalb(?: von)?|mindestens|wenigstens|ab|seit|frühestens"
)
_MORE: Final = (
    r"(?:more|longer|farther|further|wider|taller|heavier|thicker|deeper|breiter|weiter|schwerer|dicker|tiefer|higher|greater|later|larger|faster|older|mehr|länger|höher|größer|später|schneller|älter)"
    r" (?:than|als)"
)
_LESS: Final = (
    r"(?:less|fewer|closer|nearer|narrower|lighter|thinner|näher|schmaler|leichter|shorter|lower|earlier|smaller|slower|younger|weniger|kürzer|niedriger|kleiner|früher|langsamer|jünger)"
    r" (?:than|als)"
)
_ENDS: Final = r"(?:ends?|ended|closes?|finish(?:es)?|expires?|endet|endete|schließt|verfällt)(?: at| on| um| am)?"
_STARTS: Final = r"(?:starts?|begins?|opens?|beginnt|startet|öffnet)(?: at| on| um| am)?"
_NOT: Final = r"(?P<not>\b(?:not?|never|nicht|nie|kein\w*)\s+(?:\w+\s+)?)?"
_SMALL: Final = (
    r"(?:the|of|aber|jedoch|however|but|about|around|an?|age|alter"
    r"|etwa|rund|ca\.|zum|zu|de[nmr]|von|at|on|um|am|[a-z]+day,?|\w+tag,?)\s+"
)
_BETWEEN: Final = rf":?\s+(?:{_SMALL}){{0,3}}(?:[^\d|;:.]{{1,30}}\s(?:of|von)\s+)?(?:[€$£]|EUR\s)?$"
_SIGNS: Final = (
    ("<", re.compile(rf"{_NOT}\b(?:{_BELOW}|{_LESS}){_BETWEEN}", re.IGNORECASE)),
    (">", re.compile(rf"{_NOT}\b(?:{_ABOVE}|{_MORE}){_BETWEEN}", re.IGNORECASE)),
)
_EVENTS: Final = (
    ("<", re.compile(rf"\b(?:{_ENDS}|by)\s+$", re.IGNORECASE)),
    (">", re.compile(rf"\b{_STARTS}\s+$", re.IGNORECASE)),
)
_FOLLOWING: Final = (
    (
        "<",
        re.compile(
            r"\s*(?:or (?:less|fewer|earlier|under|below)|at (?:the )?(?:most|latest)|oder (?:weniger|früher)"
            r"|(?:[^\W\d_]+ )?(?:unterschreite\w*|(?:be)?grenzt))\b",
            re.I,
        ),
    ),
    (
        ">",
        re.compile(
            r"\s*(?:or (?:more|above|later)|and (?:over|above)|at (?:the )?(?:least|earliest)|oder mehr"
            r"|(?:[^\W\d_]+ )?(?:überschreite\w*|übersteig\w*))\b",
            re.I,
        ),
    ),
)
_ASKED: Final = tuple(
    (sign, re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE))
    for sign, words in (
        ("<", (r"(?:until|by) (?:when|what|which)", "how late", "latest", "at most", "maximum",
               r"bis (?:wann|zu welch\w+)", "spätestens", "maximal",
               r"\w*höchst\w*", r"when .*\b(?:end|close|finish)")),
        (">", (r"(?:from|since) (?:when|what|which)",
               "earliest", "at least", "minimum", r"ab (?:wann|welch\w+)",
               "seit wann", "frühestens", "mindestens", r"when .*\b(?:start|begin|open)")),
    )
)  # fmt: skip
_RANGE: Final = re.compile(r"\s?(?:[-–]|to|bis)\s?[€$£]?", re.IGNORECASE)
_SPAN: Final = re.compile(r"\b(?:between|zwischen)\s+$", re.IGNORECASE)
OPPOSITE: Final = {"<": ">", ">": "<", "": ""}


_AHEAD: Final = re.compile(r"\s+(?:before|ahead|in advance|vor|vorher|im Voraus)\b", re.IGNORECASE)
_DEADLINE: Final = re.compile(r"\b(?:at the latest|latest|spätestens|frühestens|at the earliest)\b", re.IGNORECASE)
_DIRECTIONS: Final = tuple(
    (sign, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for sign, words in (("<", f"{_BELOW}|{_LESS}"), (">", f"{_ABOVE}|{_MORE}"))
)


class Spot(Protocol):
    """A number, a time or a date at characters `start` to `end` of a text."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102


def signs(text: str, spots: Sequence[Spot]) -> list[str]:
    """For each of `spots`, which stand in `text` in order, the side from which it is a limit."""
    return [
        ("<" if index and _joined(text, spots[index - 1], spot) else "")
        or (">" if index + 1 < len(spots) and _joined(text, spot, spots[index + 1]) else "")
        or _sign(text, spot)
        for index, spot in enumerate(spots)
    ]


def directions(text: str) -> frozenset[str]:
    """The sides that `text` speaks of anywhere: "above that" is ">"."""
    return frozenset(sign for sign, pattern in _DIRECTIONS if pattern.search(text))


def asked(question: str) -> str:
    """The side from which a question asks for a limit: "until when" is "<"."""
    return next((sign for sign, pattern in _ASKED if pattern.search(question)), "")


def _sign(text: str, spot: Spot) -> str:
    before = re.split(r"[|;]|\d", text[max(0, spot.start - 60) : spot.start])[-1]
    for sign, pattern in _FOLLOWING:
        if pattern.match(text, spot.end):
            return sign
    for sign, pattern in _SIGNS:
        match = pattern.search(before)
        if match:
            ahead = _DEADLINE.search(match.group()) and _AHEAD.match(text, spot.end)  # "at the latest a week before"
            return OPPOSITE[sign] if bool(match["not"]) != bool(ahead) else sign
    if spot.kind in ("clock", "date"):
        return next((sign for sign, pattern in _EVENTS if pattern.search(before)), "")
    return ""


def _joined(text: str, one: Spot, two: Spot) -> bool:
    """Whether the two are the ends of one range."""
    if one.kind != two.kind:
        return False
    between = text[one.end : two.start]
    spanned = _SPAN.search(text[: one.start]) and re.fullmatch(r"\s(?:and|und)\s", between)
    return bool(_RANGE.fullmatch(between) or spanned)
