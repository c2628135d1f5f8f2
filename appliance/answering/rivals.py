"""Does another passage speak about the same thing more fully, and give another value? Then the value is doubtful."""

import re
from collections.abc import Sequence
from itertools import pairwise, product
from typing import Final

from appliance.answering.alignment import Alignment
from appliance.answering.claims import NUMERIC
from appliance.answering.words import stem
from appliance.records import Passage, Question

_WORD: Final = re.compile(r"[^\W\d_]+")


def contradicted(text: str, carrier: Passage, passages: Sequence[Passage], question: Question) -> bool:
    """Whether a passage other than `carrier` holds all that this one shares with the sentence and more, and differs.

    Superseded passages contradict nothing.
    """
    own = Alignment(text, carrier, question)
    if not any(claim.kind in NUMERIC for claim in own.said.claims):
        return False
    held = _shared(own, carrier)
    for passage in passages:
        if passage.id == carrier.id or passage.superseded:
            continue
        other = Alignment(text, passage, question)
        fuller = _shared(other, passage)
        more = fuller > held if own.said.stems else len(fuller) > len(held)
        if more and _differs(other):
            return True
    return False


def _shared(alignment: Alignment, passage: Passage) -> frozenset[object]:
    """The sentence's words that stand in the passage, and which of them stand side by side there as in the sentence.

    A sentence without words, "Until 20:00.", has those of the question.
    """
    asked = alignment.said if alignment.said.stems else alignment.asked
    order = [stem(word, alignment.language) for word in _WORD.findall(asked.text)]
    sides = {pair for pair in pairwise(order) if set(pair) <= asked.stems}
    text = f"{passage.title}\n{passage.heading}\n{passage.text}"
    there = [alignment.kin(stem(word, alignment.language)) for word in _WORD.findall(text)]
    together = {pair for one, two in pairwise(there) if one and two for pair in product(one, two)} if sides else set()
    return frozenset((asked.stems & alignment.everywhere) | (sides & together))


def _differs(alignment: Alignment) -> bool:
    """Whether a number of the sentence is nowhere in the passage, but another of its kind, from the same side, is."""
    for claim in (claim for claim in alignment.said.claims if claim.kind in NUMERIC):
        there = [found for _, _, found in alignment.places(claim)]
        if claim.key not in {found.key for found in there} and any(found.sign in ("", claim.sign) for found in there):
            return True
    return False
