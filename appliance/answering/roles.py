"""Who does what to whom, and with what force: the sentence's fragments beside the passage's nearest ones."""

import re
from itertools import pairwise, permutations
from typing import Final

from appliance.answering import polarity
from appliance.answering.alignment import Alignment, Topic
from appliance.answering.limits import OPPOSITE
from appliance.answering.lines import Fragment, line
from appliance.answering.words import stem

CLOSE: Final = 0.1
"""Lines that fit a fragment nearly as well as the best one may speak for it too."""

_PASSIVE: Final = re.compile(r"\b(?:by|von|vom|durch)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+")


def force_differs(alignment: Alignment, fragment: Fragment) -> bool:
    """Whether `fragment` of the sentence says yes, must or only where the nearest fragment says no, may or anybody."""
    if not fragment.stems and len(alignment.said.fragments) > 1:
        return False
    topic = alignment.topic(fragment=fragment)
    scores = {index: alignment.score(topic, index, None) for index in range(len(alignment.lines))}
    closest = (index for index, score in scores.items() if score > max(scores.values()) - CLOSE)
    return all(_conflict(alignment, fragment, topic, index) for index in closest)


def _conflict(alignment: Alignment, fragment: Fragment, topic: Topic, index: int) -> bool:
    """Whether `fragment` and line `index` say the same thing with another force."""
    each = alignment.lines[index]
    near = max(each.fragments, key=lambda part: alignment.score(topic, index, part))
    said, there = fragment.text, near.text
    if _denies(alignment, fragment, each.fragments, each.text):
        return True
    if polarity.lacking(said) and not (
        polarity.lacking(each.text)
        or polarity.negated(each.text)
        or (polarity.exclusive(each.text) and polarity.negated(said))
    ):
        return True
    only = (
        polarity.exclusive(each.text) or polarity.negated(each.text) or any("<" in p.directions for p in each.fragments)
    )
    if polarity.exclusive(said) and not only:
        return True
    if (
        polarity.exclusive(each.text)
        and polarity.universal(said)
        and not (polarity.exclusive(said) or polarity.denies(said))
    ):
        return True
    asked, meant = polarity.force(said), polarity.force(there) or _forced(alignment, fragment, each.fragments)
    if polarity.negated(said) or polarity.negated(there):
        return {asked, meant} > {"exempt"} and polarity.forbidden(said) != polarity.forbidden(there)
    return bool(asked and meant and asked != meant)


def _forced(alignment: Alignment, fragment: Fragment, parts: tuple[Fragment, ...]) -> str:
    """The force of the first of `parts` that has one and a word of `fragment`."""
    forces = (polarity.force(part.text) for part in parts if alignment.matched(part.stems) & fragment.stems)
    return next(filter(None, forces), "")


def _denies(alignment: Alignment, fragment: Fragment, parts: tuple[Fragment, ...], text: str) -> bool:
    """Whether the sentence affirms what only a no speaks of, or denies what no no speaks of."""
    no = [part for part in parts if polarity.negated(part.text)]
    denies, turns = polarity.negated(fragment.text), polarity.implicit(fragment.text)
    if polarity.exempt(fragment.text) and polarity.optional(text):
        return False
    if polarity.implicit(text) and denies and not turns:  # "costs nothing" and "is free"
        return False
    if no and turns and not denies:  # "is refused" and "is not accepted"
        return False
    sides = frozenset().union(*(part.directions for part in parts))
    if denies and not no and any(OPPOSITE[side] in sides for side in fragment.directions):
        return False  # "more than five are not" and "at most five are"
    yes = [part for part in parts if part not in no]
    over = bool(no) and all(polarity.past(part.text) for part in no)
    in_no = alignment.matched(frozenset().union(*(part.stems for part in no)))
    in_yes = alignment.matched(frozenset().union(*(part.stems for part in yes)))
    if polarity.negated(fragment.text):
        only = polarity.lacking(text) or polarity.exclusive(text) or _turned(alignment, fragment, text)
        return not no and not only
    excepted = polarity.conditional(text) and not polarity.lacking(fragment.text)
    if not no or excepted or polarity.negated(alignment.said.text) or _turned(alignment, fragment, text):
        return False
    denied, affirmed = fragment.stems & (in_no - in_yes), fragment.stems & (in_yes - in_no)
    return bool(denied - alignment.asked.stems if over and affirmed else denied)


def _turned(alignment: Alignment, fragment: Fragment, text: str) -> bool:
    """Whether the two say the opposite of an opposite: "must not be opened" and "stays closed"."""
    sides = {(c.kind, c.value) for c in line(text, alignment.language).claims if c.kind.startswith("opposite")}
    said = (c for c in alignment.said.inside(fragment) if c.kind.startswith("opposite"))
    return any(
        kind == c.kind and side != c.value and (kind, c.value) not in sides for c in said for kind, side in sides
    )


def mixed(alignment: Alignment, index: int) -> bool:
    """Whether a fragment of the sentence takes one word from one of two like fragments and one from the other.

    "Glass goes into the green bin, paper into the blue bin": like, for both have a bin; glass does not go with blue.
    """
    parts = alignment.lines[index].fragments if index >= 0 else ()
    held = [alignment.matched(part.stems) for part in parts]
    asked = alignment.asked.stems
    for said in alignment.said.fragments:
        alone = {word for word in said.stems if sum(word in there for there in held) == 1}
        for (here, _), (there, part) in permutations(zip(held, parts, strict=True), 2):
            like = said.stems & here & there
            foreign = (alone & there) - asked
            if alone & here & asked and not (alone & here) - asked and _described(part, like, foreign, alignment):
                return True
    return False


def _described(part: Fragment, nouns: frozenset[str], words: set[str] | frozenset[str], alignment: Alignment) -> bool:
    """Whether one of `words` stands right before one of `nouns` in a fragment: "blue bin"."""
    order = [alignment.kin(stem(match.group(), alignment.language)) for match in _WORD.finditer(part.text)]
    return any(one & words and two & nouns for one, two in pairwise(order))


def swapped(alignment: Alignment) -> bool:
    """Whether two persons have changed places around the same word, with no passive to explain it."""
    said = _order(alignment.said.text, alignment)
    persons = {claim.value for claim in alignment.said.claims if claim.kind in ("person", "party")}
    for each in alignment.lines:
        for part in each.fragments:
            there = _order(part.text, alignment)
            common = [word for word in there if word in said]
            firsts = [word for word in common if word in persons]
            if len(firsts) < 2 or bool(_PASSIVE.search(part.text)) != bool(_PASSIVE.search(alignment.said.text)):
                continue
            one, two = firsts[0], firsts[-1]
            between = [word for word in common if there[one] < there[word] < there[two]]
            if said[one] > said[two] and any(said[two] < said[word] < said[one] for word in between):
                return True
    return False


def _order(text: str, alignment: Alignment) -> dict[str, int]:
    """Where each stem stands first in `text`."""
    order: dict[str, int] = {}
    for position, match in enumerate(_WORD.finditer(text)):
        order.setdefault(stem(match.group(), alignment.language), position)
    return order
