"""Of two things that a line sets side by side, does the sentence tell of one what the line tells of the other? Pure.

"The registrar writes the report, the conservator approves the crate": who approves the crate is not the registrar. No
list of persons or things is needed: the fragment that holds what was asked about has another word in that place.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.answering.alignment import LIGHT, Alignment
from appliance.answering.lines import Fragment, Line
from appliance.answering.words import everyday

_BOUND: Final = re.compile(
    r"\b(?:if|when|because|unless|until|once|after|before|where|which|who|that|whose|except|wenn|falls|weil|sofern|bis"
    r"|sobald|nachdem|bevor|wo|der|die|das|dass)\s*$|^(?:which|who|that|whose|where|until|unless|once|after|before|except"
    r"|dass|sodass|bis|sobald|nachdem|bevor|wobei|als|then|dann|so|anything|alles)\b",
    re.IGNORECASE,
)
"""A fragment behind or before one of these goes with its neighbour and is not set against it."""

_OTHERWISE: Final = re.compile(
    r"(?:may|can|must|should|is|are|do|does|did|will|has|have|need|darf|dürfen|kann|können|muss|müssen|soll|sollen|ist"
    r"|sind|gibt|wird|werden|hat|haben)\b"
    r"|(?:by |until |from )?when\b|how (?:long|often|soon|quickly|many|much|early|late|far|high|old)\b"
    r"|(?:bis |ab |seit )?wann\b|wie (?:lange|oft|viele?|schnell|früh|spät|weit|hoch|alt|schwer)\b",
    re.IGNORECASE,
)
"""A question of yes or no, or for a number, asks for no other word; `polarity` and `values` look after these."""

_BORDER: Final = re.compile(r"^(?:;|,|,? (?:and|but|while|whereas|und|aber|während)) ?$", re.IGNORECASE)


LESS: Final = 1.0
"""How much less of the topic the answer's fragment must hold, in words."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A fragment of a line: its words of sentence and question, and whether it has others of its own."""

    fragment: Fragment
    held: frozenset[str]
    own: bool


def crossed(alignment: Alignment) -> bool:
    """Whether the answer's words stand beside, and not in, the fragment that holds what the sentence is about."""
    common = everyday(alignment.language)
    asked, said = alignment.asked.stems - common, alignment.said.stems - common
    there = frozenset().union(*(alignment.held(index) for index in range(len(alignment.lines))))
    answer = {word for word in (said - asked) & there if not alignment.kin(word) & asked}
    topic = ((alignment.asked.stems | alignment.said.stems) & there) - answer
    if not answer or not topic or _OTHERWISE.match(alignment.asked.text):
        return False
    parted = [tuple(_parts(alignment, each)) for each in alignment.lines]
    worth = {word: (LIGHT if word in common else 1) * (2 if word in asked & said else 1) for word in topic}
    most = max(_weight(part, worth) for parts in parted for part in parts)
    tops = [
        (index, number)
        for index, parts in enumerate(parted)
        for number, part in enumerate(parts)
        if _weight(part, worth) == most
    ]
    if any(parted[i][n].held & answer or not parted[i][n].held & alignment.said.stems for i, n in tops):
        return False
    return all(
        _beside(alignment.lines[index], parted[index], number, frozenset(answer), worth) for index, number in tops
    )


def _weight(part: _Part, worth: Mapping[str, float]) -> float:
    return sum(worth[word] for word in part.held & worth.keys())


def _parts(alignment: Alignment, each: Line) -> Iterator[_Part]:
    for fragment in each.fragments:
        strange = any(not alignment.kin(word) for word in fragment.stems)
        other = any(claim.key not in alignment.said.keys for claim in each.inside(fragment))
        yield _Part(fragment, alignment.matched(fragment.stems), strange or other)


def _beside(each: Line, parts: tuple[_Part, ...], top: int, answer: frozenset[str], worth: Mapping[str, float]) -> bool:
    """Whether the answer stands in a neighbour of fragment `top` that is about something else, as `top` is."""
    holding = [number for number, part in enumerate(parts) if part.held & answer]
    return (
        bool(holding)
        and parts[top].own
        and all(
            parts[number].own
            and _weight(parts[number], worth) <= _weight(parts[top], worth) - LESS
            and abs(number - top) == 1
            and _set_apart(each, parts[min(number, top)].fragment, parts[max(number, top)].fragment)
            for number in holding
        )
    )


def _set_apart(each: Line, first: Fragment, second: Fragment) -> bool:
    """Whether neither of two neighbours depends on the other."""
    between = each.text[first.end : second.start]
    return (
        bool(_BORDER.match(between))
        and not (_BOUND.search(first.text) or _BOUND.search(second.text))
        and (not re.match(r"(?:if|when|wenn|falls|bei)\b", first.text, re.IGNORECASE))
    )
