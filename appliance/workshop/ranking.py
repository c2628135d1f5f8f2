"""How well a search ranks what answers a question: recall and nDCG of gold documents and of the evidence. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any, Final

ENOUGH: Final = 0.9
"""The share of an evidence sentence's words that a passage must hold. Not all: scans misread a word, and a row of a
table stands between the names of its columns."""

_WORD: Final = re.compile(r"\w+(?:[.,:]\d+)*")


@dataclass(frozen=True, slots=True)
class Hit:
    """A found passage: the document it is from, and which evidence sentences (counted from 0) stand in it."""

    uri: str
    evidence: tuple[int, ...]


def hits(passages: Iterable[dict[str, Any]], *, documents: Collection[str], evidence: Sequence[str]) -> tuple[Hit, ...]:
    """What `passages` (as the API shows them) hold. Evidence counts in a gold document only."""
    wanted = [_words(sentence) for sentence in evidence]
    found = []
    for passage in passages:
        held = _words(passage["text"]) if passage["uri"] in documents else Counter()
        inside = [
            number for number, words in enumerate(wanted) if words and (words & held).total() >= ENOUGH * words.total()
        ]
        found.append(Hit(passage["uri"], tuple(inside)))
    return tuple(found)


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def document_recall(found: Sequence[Hit], gold: Collection[str], k: int) -> float:
    """The share of the gold documents that have a passage among the first `k`. `gold` is not empty."""
    return len({hit.uri for hit in found[:k]} & set(gold)) / len(gold)


def document_ndcg(found: Sequence[Hit], gold: Collection[str], k: int) -> float:
    """Binary gains over the distinct documents of the first `k` passages, by the best possible. `gold` is not empty."""
    ranked = dict.fromkeys(hit.uri for hit in found[:k])
    return _discounted(int(uri in gold) for uri in ranked) / _discounted([1] * min(k, len(gold)))


def evidence_recall(found: Sequence[Hit], wanted: int, k: int) -> float:
    """The share of the `wanted` evidence sentences (more than 0) that stand in one of the first `k` passages."""
    return len({number for hit in found[:k] for number in hit.evidence}) / wanted


def evidence_ndcg(found: Sequence[Hit], wanted: int, k: int) -> float:
    """Each evidence sentence gains once, where it first stands; one passage that holds several counts as the best."""
    seen: set[int] = set()
    gains = []
    for hit in found[:k]:
        gains.append(len(set(hit.evidence) - seen))
        seen |= set(hit.evidence)
    return min(1.0, _discounted(gains) / _discounted([1] * min(k, wanted)))


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / log2(rank) for rank, gain in enumerate(gains, start=2))
