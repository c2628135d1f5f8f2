"""Does a claim of a sentence stand in a passage, in the place that the sentence's other words point to?"""

import re
from typing import Final

from appliance.answering.alignment import Alignment, Place, Topic
from appliance.answering.claims import NUMERIC, Claim
from appliance.answering.limits import OPPOSITE
from appliance.answering.lines import Line
from appliance.answering.polarity import denies
from appliance.answering.quantities import mentioned, paced
from appliance.answering.words import everybody, everyday, stem
from appliance.records import Doubt

ALSO: Final = 0.6
"""The same, if the sentence names that other value too: of "A and B" in a passage, B has the words further away."""

CLOSE: Final = 0.25
"""Places that fit nearly as well as the best one may speak for it too."""

OPPOSED: Final = 0.5
"""What it costs a place that it speaks of the left hand where the sentence speaks of the right."""

MARGIN: Final = 0.05
"""How much better another value must fit before it is believed to be the one that the sentence is about."""

UNSURE: Final = 0.08
"""How much more, if the sentence has words of its own: what they point to is not known."""

_REST: Final = {
    ">": re.compile(r"\b(?:(?:above|over|beyond|more than) (?:that|this|it)|darüber|höhere\w*)\b", re.IGNORECASE),
    "<": re.compile(r"\b(?:(?:below|under|less than) (?:that|this|it)|darunter|niedrigere\w*)\b", re.IGNORECASE),
}
"""A line that has a number goes on with it from its other side."""

_BEFORE: Final = re.compile(r"([^\W\d_]{3,})\s+$")
_NEXT: Final = re.compile(r"\s+([^\W\d_]{3,})")
_BY_CONTENT: Final = frozenset({"kg", "g", "mg", "l", "ml"})
"""Units that a dose is counted for and that cannot be left out: mg/kg is not mg."""


def doubt(alignment: Alignment, claim: Claim, asked: str) -> Doubt | None:
    """What speaks against `claim`; `asked` is the side from which the question asks for a limit."""
    if claim.kind == "party":
        return None
    if claim.kind == "name":
        return _name(alignment, claim)
    if claim.kind in ("person", "substance") or claim.kind.startswith(("opposite", "class")):
        return Doubt.NEGATION if _elsewhere(alignment, claim) else None
    ordered = claim.kind == "ordinal" and [found.value for _, _, found in alignment.places(claim)]
    if claim.kind == "ordinal" and claim.value not in (ordered or [claim.value]) and _spelled(alignment, claim):
        return Doubt.NUMBER if _other_count(alignment, claim) else None  # the second day is day two
    if claim.kind == "ordinal" and not ordered:
        return None  # "a second sample": nothing in the passage is counted so
    if claim.kind == "month" and _within_month(alignment, claim):
        return None
    code = claim.kind.startswith("code")
    if claim.kind == "count" and _other_count(alignment, claim):
        return Doubt.NUMBER
    if not any(_same(claim, found, each) for _, each, found in alignment.places(claim)):
        found = _spelled(alignment, claim) if code or claim.kind in ("count", "year") else _bare(alignment, claim)
        return None if found else Doubt.NAME if code else Doubt.NUMBER
    if _all_opposed(alignment, claim, asked):
        return Doubt.NEGATION
    return Doubt.NUMBER if _elsewhere(alignment, claim) else None


def _within_month(alignment: Alignment, claim: Claim) -> bool:
    """Whether the passage has no month by itself, but a date in this one."""
    dates = [found.value for each in alignment.lines for found in each.claims if found.kind == "date"]
    return not any(True for _ in alignment.places(claim)) and any(claim.value in date for date in dates)


def _other_count(alignment: Alignment, claim: Claim) -> bool:
    """Whether the passage counts the same thing, "eight nights", but never with this number."""
    counted = _counted_thing(alignment.said, claim, alignment)
    if not counted:
        return False
    there = {
        found.value
        for each in alignment.lines
        for found in each.claims
        if found.kind in ("count", "ordinal") and counted & _counted_thing(each, found, alignment)
    }
    return bool(there) and claim.value not in there


def _counted_thing(each: Line, claim: Claim, alignment: Alignment) -> frozenset[str]:
    """The word right after a number, as the sentence has it: what is counted."""
    after = _NEXT.match(each.text, claim.end)
    before = None if after else _BEFORE.search(each.text[: claim.start])
    word = after or before
    return frozenset((stem(word[1], alignment.language),)) if word else frozenset()


def _same(said: Claim, found: Claim, where: Line) -> bool:
    """Whether two claims of one kind are the same value."""
    if said.kind in ("date", "month"):
        short, long = sorted((said.value, found.value), key=len)
        return long.endswith(short) if short.startswith("-") else short == long
    if said.amounts:
        alike = said.amounts & found.amounts or (said.value == found.value and said.unit == found.unit)
        return bool(alike) and _counted_for(said, found, where)
    return said.value == found.value


def _counted_for(said: Claim, found: Claim, where: Line) -> bool:
    """Whether two quantities are counted for the same: per day, per kilogram."""
    if said.per == found.per:
        return True
    if said.per and found.per:
        return said.per < found.per and not (found.per - said.per) & _BY_CONTENT
    if said.per:
        return said.per <= mentioned(where.text)
    return not found.per & _BY_CONTENT


def _bare(alignment: Alignment, claim: Claim) -> bool:
    """Whether the number stands without a unit in a line that names the unit elsewhere, as in the head of a column."""
    if claim.value == "1" and not any(map(str.isdigit, alignment.said.text[claim.start : claim.end])):
        return any(claim.unit in paced(each.text) for each in alignment.lines)  # "every hour" and "hourly"
    return any(
        found.kind == "count" and found.value == claim.value and claim.unit in mentioned(each.text)
        for each in (alignment.origin, *alignment.lines)
        for found in each.claims
    )


def _spelled(alignment: Alignment, claim: Claim) -> bool:
    """Whether a bare number or code stands in the passage with whatever unit, or inside another code."""
    thing = _counted_thing(alignment.said, claim, alignment) - alignment.everywhere - everyday(alignment.language)
    return any(
        found.value == claim.value
        and not (thing and found.unit)  # "three nights" are no three days
        and (found.amounts or found.kind == claim.kind)
        for each in (alignment.origin, *alignment.lines)
        for found in each.claims
    )


def _all_opposed(alignment: Alignment, claim: Claim, asked: str) -> bool:
    """Whether the number is a limit from one side in the sentence and from the other wherever it stands."""
    alone = sum(other.kind == claim.kind for other in alignment.said.claims) == 1
    sign = claim.sign or (asked if alone and claim.kind in ("clock", "date") else "")
    if not sign:
        return False
    topic = alignment.topic(claim)
    places = [place for place in alignment.places(claim) if _same(claim, place[2], place[1])]
    after = [alignment.lines[index + 1].text for index, _, _ in places if 0 <= index < len(alignment.lines) - 1]
    if any(_REST[sign].search(text) for text in [*(each.text for _, each, _ in places), *after]):
        return False
    found = [(_fit(alignment, topic, place), place) for place in places]
    best = max(score for score, _ in found)
    closest = [place for score, place in found if score > best - CLOSE]
    return all(each[2].sign == OPPOSITE[sign] and not _turned(alignment, claim, each) for each in closest)


def _turned(alignment: Alignment, claim: Claim, place: Place) -> bool:
    """Whether one of the two says no and the other does not: "more than five are not" and "at most five are"."""
    _, each, found = place
    parts = denies(alignment.said.fragment(claim).text) != denies(each.fragment(found).text)
    return parts and denies(alignment.said.text) != denies(each.text)


def _elsewhere(alignment: Alignment, claim: Claim) -> bool:
    """Whether the sentence's words point to another value of the same kind, or only to one that no longer holds."""
    past = alignment.said.outdated(claim)
    everywhere = list(alignment.places(claim))
    places = [place for place in everywhere if past or not place[1].outdated(place[2])]
    places = places or [place for place in everywhere if not place[1].replaced(place[2])] or everywhere
    mine = [place for place in places if _same(claim, place[2], place[1])]
    others = [place for place in places if place not in mine]
    if claim.kind.startswith("opposite"):  # "not opened" is no denial of "closed"
        no = _denied(alignment.said, claim)
        others = [place for place in others if _denied(place[1], place[2]) == no]
    if any(place[2].per == claim.per for place in mine):  # what is counted for something else is no rival
        others = [place for place in others if place[2].per == claim.per]
    if claim.kind == "substance" and _carried_over(alignment, claim):
        return False
    if not mine and claim.value in everybody(alignment.language):
        return False
    if not mine and claim.kind.startswith("class"):
        return bool(others)
    if not mine:
        closest = alignment.best(alignment.topic())
        return claim.kind in NUMERIC or claim.kind.startswith("code") or any(closest == index for index, _, _ in others)
    return any(_fits_better(alignment, claim, other, mine) for other in others)


def _carried_over(alignment: Alignment, claim: Claim) -> bool:
    """Whether the line that the sentence is about names no substance, and the last one named before it is this."""
    best = alignment.best(alignment.topic(claim))
    named = [(index, found.value) for index, _, found in alignment.places(claim) if index <= best]
    last = max((index for index, _ in named), default=best)
    return last < best and (last, claim.value) in named


def _denied(each: Line, claim: Claim) -> bool:
    """Whether a line says no about `claim`, besides the no that the claim's own word may be."""
    return denies(each.text[: claim.start] + each.text[claim.end :])


def _fits_better(alignment: Alignment, claim: Claim, other: Place, mine: list[Place]) -> bool:
    """Whether `other` fits better than the best of `mine`, by the words that are neither value themselves."""
    rival = other[2]
    named = {stem(word, alignment.language) for word in f"{claim.value} {rival.value}".split()}
    ignored = {claim.key, claim.value, rival.key, rival.value} | named
    topic = {word: worth for word, worth in alignment.topic(claim).items() if word not in ignored}
    also = any(_same(said, rival, other[1]) for said in alignment.said.claims if said.kind == claim.kind)
    best = max(_fit(alignment, topic, place) for place in mine)
    unsure = UNSURE * bool(alignment.unknown and claim.kind in NUMERIC)
    return _fit(alignment, topic, other) > best + (ALSO if also else MARGIN) + unsure


def _fit(alignment: Alignment, topic: Topic, place: Place) -> float:
    """How well the words around a claim of the passage fit `topic`."""
    index, each, found = place
    denied = sum(_opposed(said, each, found) for said in alignment.said.claims if said.kind != found.kind)
    return alignment.score(topic, index, each.fragment(found), found.value) - OPPOSED * denied


def _opposed(said: Claim, each: Line, found: Claim) -> bool:
    """Whether the fragment around `found` has the opposite of what is `said`."""
    if not said.kind.startswith("opposite"):
        return False
    part = each.fragment(found)
    sides = {c.value for c in each.inside(part) if c.kind == said.kind}
    return bool(sides) and said.value not in sides


def _name(alignment: Alignment, claim: Claim) -> Doubt | None:
    """A name's words stand together in the passage, and no other name fits better."""
    words = claim.value.split()
    runs = list(alignment.places(claim))
    mine = [run for run in runs if words[-1] in run[2].value.split()]
    if not mine:
        return None  # no run of names: the words themselves were looked up one by one
    given = [run for run in runs if words[-2:-1] and words[-2] in run[2].value.split()]
    if given and not any(run in mine for run in given):  # the given name of one, the surname of another
        return Doubt.NAME
    rivals = [run for run in runs if run not in mine]
    return Doubt.NAME if any(_fits_better(alignment, claim, rival, mine) for rival in rivals) else None
