"""Hits that say the same are shown once, the newest; and one document does not crowd out the others. Pure.

Works only on hits that were decided already: what a person may not read folds nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from appliance.records import Passage
from appliance.retrieval import sparse

SAME: Final = 0.8
"""Share of common three-word runs (Jaccard) from which two texts are one; their figures must agree too."""
FAMILY: Final = 0.4
"""The same share for two documents of one name and two dates, where what changed is the point."""
NEARLY: Final = 0.8
"""A hit of another document that scores so much of what it displaces is nearly as good."""
UPLOADED: Final = "/uploads/"
"""Where the uris of what people added themselves begin (`appliance.access.uploading`)."""
_SHARED_WORDS: Final = 0.4
_FIGURES: Final = re.compile(r"\d+(?:[.,:]\d+)*")


def folded(hits: Sequence[Passage]) -> list[Passage]:
    """`hits`, best first, without repetitions: of texts that say the same, the one valid from the latest date.

    It takes the place and the score of the best of them. A current one comes before a replaced one.
    """
    kept: list[_Read] = []
    for hit in map(_Read, hits):
        twin = next((number for number, one in enumerate(kept) if _repeats(one, hit)), None)
        if twin is None:
            kept.append(hit)
        elif _age(hit.passage) > _age(kept[twin].passage):
            hit.passage = replace(hit.passage, score=kept[twin].passage.score)
            kept[twin] = hit
    return [one.passage for one in kept]


def spread(hits: Sequence[Passage], limit: int) -> list[Passage]:
    """The first `limit` of `hits`, at most half of them from one document where others are nearly as good."""
    most = max(1, -(-limit // 2))
    chosen = list(hits[:limit])
    for other in hits[limit:]:
        crowded = [one for one in chosen if _held(chosen, one.document) > most]
        if not crowded:
            break
        weakest = crowded[-1]
        if _held(chosen, other.document) < most and other.score >= NEARLY * weakest.score:
            chosen.remove(weakest)
            chosen.append(other)
    return chosen


def _held(chosen: Iterable[Passage], document: str) -> int:
    return sum(one.document == document for one in chosen)


def _age(passage: Passage) -> tuple[bool, bool, date]:
    """In force before replaced, the house's own before what a person uploaded, the newer before the older."""
    return not passage.superseded, not passage.uri.startswith(UPLOADED), passage.valid_from or date.min


class _Read:
    """A passage and its words; its runs of three only if somebody asks."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.words = frozenset(passage.text.split())

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        """Three words in a row, wherever they stand."""
        words = sparse.words(self.passage.text)
        return frozenset(zip(words, words[1:], words[2:], strict=False))


def _repeats(left: _Read, right: _Read) -> bool:
    """Whether two passages say the same. Two parts of one document only if they are the same letter for letter."""
    one, other = left.passage, right.passage
    if one.document == other.document or one.text == other.text:
        return one.text == other.text
    if _share(left.words, right.words) < _SHARED_WORDS:  # cheap, and nearly always the end of it
        return False
    alike = _share(left.runs, right.runs)
    if alike >= SAME and _FIGURES.findall(one.text) == _FIGURES.findall(other.text):
        return True
    return alike >= FAMILY and _dated_apart(one, other) and _name(one) == _name(other)


def _dated_apart(one: Passage, other: Passage) -> bool:
    return one.valid_from is not None and other.valid_from is not None and one.valid_from != other.valid_from


def _name(passage: Passage) -> str:
    """The title without its figures: "Visiting rules 2024" and "Visiting rules 2026" are one document in time."""
    return " ".join(word for word in sparse.words(passage.title) if not any(letter.isdigit() for letter in word))


def _share(one: frozenset[Any], other: frozenset[Any]) -> float:
    common = len(one & other)
    everything = len(one) + len(other) - common
    return common / everything if everything else 0.0
