"""Where a passage speaks about what a sentence speaks about: words near a claim point to it, words far away less."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Final

from appliance.answering.claims import Claim
from appliance.answering.lines import Fragment, Line, line, lines
from appliance.answering.polarity import statement
from appliance.answering.words import everyday, spoken, stem
from appliance.records import Passage, Question

HERE, PART, LINE, NEAR, AFAR = 1.0, 0.95, 0.8, 0.3, 0.25
"""What a shared word is worth: in the same fragment, between the same semicolons, in the same line, in a neighbouring
one, in title or heading."""

APART: Final = 0.7
"""What it is worth in the same line, but behind a semicolon or in another cell."""

LIGHT: Final = 0.5
"""How much less an everyday word is worth."""

OWN, BESIDE, ASKED, SHARED = 1.0, 0.7, 0.3, 0.3
"""What a word is worth: of the claim's own fragment, of the rest of the sentence, of the question alone; and how much
more if sentence and question share it."""

TURN: Final = 0.5
"""What it is worth that both fragments speak of a limit from the same side."""

STRANGE: Final = 0.08
"""What each word of the passage's fragment costs that neither sentence nor question has, up to five of them."""

_DENIED: Final = re.compile(r"\b(?:not|nicht|without being)\s+(?:be\s+|been\s+)?([^\W\d_]+)")
_PREFIXED: Final = re.compile(r"\b(un)([a-zäöü]{5,})\b", re.IGNORECASE)

Topic = Mapping[str, float]
Place = tuple[int, Line, Claim]
"""A line's index, -1 for the heading, the line, and a claim in it."""


class Alignment:
    """One sentence beside one passage, both read as lines, fragments and claims."""

    def __init__(self, text: str, passage: Passage, question: Question) -> None:
        language = question.language
        self.language = language
        written = spoken(passage.text, passage.language)
        self.said: Line = line(_parted(statement(text), passage.text), language)
        self.asked = line(question.text, language)
        self.lines = lines(_parted(passage.text, text), language, written)
        self.origin = line(f"{passage.title}. {passage.heading}", language, written)
        self._words = self.said.stems | self.asked.stems
        self._kin: dict[str, frozenset[str]] = {}

    @cached_property
    def unknown(self) -> frozenset[str]:
        """Words of the sentence that neither passage nor question has, everyday words aside."""
        return self.said.stems - self.everywhere - self.matched(self.asked.stems) - everyday(self.language)

    def topic(self, claim: Claim | None = None, fragment: Fragment | None = None) -> dict[str, float]:
        """The words that the sentence has about `claim`, or in `fragment`, with what each is worth."""
        here = fragment or (self.said.fragment(claim) if claim else None)
        worth = dict.fromkeys(self.asked.stems, ASKED)
        worth |= dict.fromkeys(self.said.stems, BESIDE if here else OWN)
        worth |= dict.fromkeys(here.stems if here else (), OWN)
        for word in self.said.stems & self.asked.stems:
            worth[word] += SHARED
        for word in everyday(self.language) & worth.keys():
            worth[word] *= LIGHT
        worth |= {other.key: OWN for other in self.said.claims if other is not claim and _points(other)}
        worth |= dict.fromkeys(here.directions if here else (), TURN)
        return {word: weight for word, weight in worth.items() if claim is None or word != claim.value}

    def places(self, claim: Claim) -> Iterator[Place]:
        """Where the passage, its heading or its title has a claim of the same kind."""
        for index, each in enumerate((self.origin, *self.lines), start=-1):
            yield from ((index, each, found) for found in each.claims if found.kind == claim.kind)

    def score(self, topic: Topic, index: int, fragment: Fragment | None, value: str = "") -> float:
        """How much of `topic` stands around `fragment` of line `index`; of the whole line, if there is no fragment.

        The words of `value`, which stands there, are no strangers.
        """
        if index < 0:
            return sum(weight for word, weight in topic.items() if word in self.heading) * LINE
        each = self.lines[index]
        inside = (
            self.matched(fragment.stems) | frozenset(claim.key for claim in each.inside(fragment)) | fragment.directions
            if fragment
            else frozenset()
        )
        within, near = self.held(index), self.near(index)
        part = self.matched(each.part(fragment)) if fragment and ";" in each.text else frozenset()
        part |= self.matched(each.subject(fragment)) if fragment else frozenset()
        total = 0.0
        for word, weight in topic.items():
            away = APART if fragment and (";" in each.text or each.row) else LINE
            place = HERE if word in inside or not fragment else PART if word in part else away
            place = place if word in within or word in inside else 0.0
            total += weight * (place or (NEAR if word in near else AFAR if word in self.heading else 0.0))
        own = {stem(word, self.language) for word in value.split()}
        strange = sum(not self.kin(word) and word not in own for word in fragment.stems) if fragment else 0
        turned = bool(fragment and _turned(topic, fragment.directions))
        return total - STRANGE * min(5, strange) - TURN * turned

    def best(self, topic: Topic) -> int:
        """The line that holds most of `topic`."""
        return max(range(len(self.lines)), key=lambda index: self.score(topic, index, None), default=-1)

    def held(self, index: int) -> frozenset[str]:
        """Words of sentence and question, and keys of claims, that line `index` holds."""
        return self._held[index]

    def near(self, index: int) -> frozenset[str]:
        """What the neighbouring lines hold; the rows of a table have no neighbours."""
        around = (i for i in (index - 1, index + 1) if 0 <= i < len(self.lines))
        apart = self.lines[index].row
        return frozenset().union(*(self.held(i) for i in around if not (apart or self.lines[i].row)))

    @cached_property
    def heading(self) -> frozenset[str]:
        """Words of sentence and question, and keys of claims, that title and heading hold."""
        return self.matched(self.origin.stems) | self.origin.keys

    @cached_property
    def everywhere(self) -> frozenset[str]:
        """Words of sentence and question that stand anywhere in the passage, its heading or its title."""
        return self.heading.union(*self._held)

    @cached_property
    def _held(self) -> tuple[frozenset[str], ...]:
        return tuple(self.matched(each.stems) | each.keys for each in self.lines)

    def matched(self, stems: frozenset[str]) -> frozenset[str]:
        """The words of sentence and question that are kin to one of `stems`."""
        return frozenset().union(*(self.kin(stem) for stem in stems))

    def kin(self, stem: str) -> frozenset[str]:
        """The words of sentence and question that are the same as `stem`, or one word is made of the other."""
        if stem not in self._kin:
            self._kin[stem] = frozenset(
                word for word in self._words if related(word, stem, german=self.language == "de")
            )
        return self._kin[stem]


@lru_cache(maxsize=200_000)
def related(one: str, two: str, *, german: bool) -> bool:
    """Whether two stems are the same, grow from one root, or one is a part of the other: Sturzrisiko and Risiko."""
    if one == two:
        return True
    short, long = sorted((one, two), key=len)
    if (len(short) >= 5 and long.endswith(short)) or (len(short) >= 4 and german and short in long):
        return True
    return len(short) >= 5 and long.startswith(short[: max(5, len(short) - 2)])


def _parted(text: str, other: str) -> str:
    """`text` with "not opened" for "unopened" where `other` says "not opened"."""
    words = frozenset(_DENIED.findall(other.casefold()))

    def parted(match: re.Match[str]) -> str:
        return f"not {match[2]}" if match[2].casefold() in words else match[0]

    return _PREFIXED.sub(parted, text)


def _turned(topic: Topic, directions: frozenset[str]) -> bool:
    """Whether the fragment limits from the other side only."""
    wanted = {"<", ">"} & topic.keys()
    return bool(wanted and directions) and not wanted & directions


def _points(claim: Claim) -> bool:
    """Whether a claim tells what the sentence is about, beyond its words."""
    return not claim.kind.startswith(("opposite", "class", "substance"))
