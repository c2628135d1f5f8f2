"""How far hidden texts shift what others find: how rare a word is, is counted over the whole store.

    python -m tests.benchmarks.bench_hidden_terms [--shown 2000] [--out FILE]

To an invented library others are added that the asker may not read, full of the words that are asked for: a hundredth
and a tenth as many as are shown, and just as many. Told is how far the first score moves at most, in how many of the
searches another passage comes first, and how many of the first ten are others.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from appliance.records import Passage
from appliance.retrieval import sparse
from appliance.retrieval.index import Index
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.retrieval.conftest import access, passage, reader, running

QUESTIONS: Final = 100
FIRST: Final = 10
SHARES: Final = (0.01, 0.1, 1.0)
WORDS: Final = 3_000


def text(chance: random.Random, words: Sequence[str], weights: Sequence[float]) -> str:
    """Eighty words, common ones more often than rare ones."""
    return " ".join(chance.choices(words, weights, k=80))


def found(index: Index, embedder: HashingEmbedder, questions: Sequence[str]) -> list[list[Passage]]:
    """The first ten of each question."""
    vectors = embedder.embed_questions(questions)
    return [
        index.query(vector, sparse.question_words(question), reader(), limit=FIRST)
        for vector, question in zip(vectors, questions, strict=True)
    ]


def compared(share: float, before: Sequence[list[Passage]], after: Sequence[list[Passage]]) -> list[dict[str, Any]]:
    """What moved."""
    pairs = [(one, other) for one, other in zip(before, after, strict=True) if one and other]
    moved = [abs(other[0].score - one[0].score) / one[0].score for one, other in pairs]
    flipped = sum(one[0].id != other[0].id for one, other in pairs)
    others = [len({hit.id for hit in one} - {hit.id for hit in other}) for one, other in pairs]
    name = f"hidden texts, {share:.0%} of those shown"
    return [
        {"name": f"{name}: first score moved at most", "value": 100 * max(moved), "unit": "%"},
        {"name": f"{name}: another passage first", "value": 100 * flipped / len(pairs), "unit": "% of searches"},
        {"name": f"{name}: others among the first ten", "value": sum(others) / len(pairs)},
    ]


def measured(index: Index, shown: int) -> list[dict[str, Any]]:
    """All shares, one after the other in one growing store."""
    chance, embedder, told = random.Random(7), HashingEmbedder(), []  # noqa: S311  # the same library each time
    words = [f"word{number}" for number in range(WORDS)]
    weights = [1 / (1 + number) for number in range(WORDS)]
    index.ensure(embedder)
    _put(index, embedder, [passage(f"d{n}#0", text(chance, words, weights)) for n in range(shown)])
    asked = [chance.sample(words[50:1_000], 4) for _ in range(QUESTIONS)]
    questions = [" ".join(one) for one in asked]
    before, there = found(index, embedder, questions), 0
    for share in SHARES:
        hidden = [
            # about what is asked for: two of the words of a question, and the rest as everywhere
            f"{' '.join(chance.choice(asked)[:2])} {text(chance, words, weights)}"
            for _ in range(there, round(share * shown))
        ]
        secret = access(readers=("board",))
        _put(
            index,
            embedder,
            [replace(passage(f"h{there + n}#0", one), access=secret) for n, one in enumerate(hidden)],
        )
        there += len(hidden)
        told += compared(share, before, found(index, embedder, questions))
    return told


def _put(index: Index, embedder: HashingEmbedder, passages: Sequence[Passage]) -> None:
    index.put(passages, embedder.embed([one.text for one in passages]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, tell, and keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shown", type=int, default=2_000)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="terms-") as folder,
        running(Path(folder) / "vectors", Path(folder) / "store.sock") as store,
    ):
        rows = measured(Index(store.endpoint, seconds=30), chosen.shown)
    for row in rows:
        sys.stdout.write(f"{row['name']:70} {row['value']:8.3f} {row.get('unit', '')}\n")
    if chosen.out is not None:
        chosen.out.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
