"""Retrieval alone over the ingested sample institution: recall and nDCG of the golden questions, for each language.

    python -m tests.benchmarks.bench_retrieval [--k 6] [--out FILE]

Needs a running store with the sample institution in it (`muniment up`, `muniment ingest deploy/demo/documents`). Each
question is asked as its persona. A gold document counts once, where the first passage of it stands.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from math import log2
from pathlib import Path
from statistics import fmean

from appliance import wiring
from appliance.errors import NotRunning
from appliance.records import Passage
from appliance.retrieval.search import Search
from appliance.settings import ROOT, load
from appliance.workshop.evaluation import Golden, read

GOLDEN = ROOT / "tests" / "journeys" / "golden.jsonl"


@dataclass(frozen=True)
class Row:
    """Means over the questions of one language: shares in [0, 1]."""

    language: str
    questions: int
    k: int
    recall: float
    ndcg: float
    best_first: float
    """How often a gold document stands first."""


@dataclass(frozen=True)
class Found:
    """One question: its gold documents and the documents found, by uri, each once, best first."""

    language: str
    gold: frozenset[str]
    uris: tuple[str, ...]


def recall(found: Found) -> float:
    """The share of the gold documents that were found."""
    return len(found.gold & set(found.uris)) / len(found.gold)


def ndcg(found: Found, k: int) -> float:
    """Binary gains over distinct documents, divided by the best possible."""
    gains = sum(1 / log2(rank + 2) for rank, uri in enumerate(found.uris[:k]) if uri in found.gold)
    return gains / sum(1 / log2(rank + 2) for rank in range(min(k, len(found.gold))))


def rows(everything: Iterable[Found], k: int) -> Iterator[Row]:
    """One row for each language, and one for all."""
    groups: dict[str, list[Found]] = defaultdict(list)
    for one in everything:
        groups[one.language].append(one)
        groups["all"].append(one)
    for language, held in sorted(groups.items()):
        first = fmean(bool(one.uris) and one.uris[0] in one.gold for one in held)
        yield Row(language, len(held), k, fmean(map(recall, held)), fmean(ndcg(one, k) for one in held), first)


def uris(passages: Sequence[Passage]) -> tuple[str, ...]:
    """The documents of passages, each once, in order."""
    return tuple(dict.fromkeys(one.uri for one in passages))


def asked(questions: Iterable[Golden], k: int) -> Iterator[Found]:
    """Search for each question that has an answer, as its persona. Raises NotRunning."""
    settings = load()
    parts = wiring.ingest_parts(settings)
    people = wiring.personas(settings)
    rules = wiring.rules(settings)
    with closing(parts.index):
        reranker = wiring.reranker(settings)
        search = Search(parts.index, parts.embedder, parts.registry.current, rules=rules, reranker=reranker)
        for one in questions:
            if one.expect != "refuse" and one.documents:
                inside = rules.scope(people.principal(f"Bearer {people.token(one.persona)}"))
                passages = search.find(one.question, inside, limit=k)
                yield Found(one.language, frozenset(one.documents), uris(passages))


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask, count and tell."""
    parser = argparse.ArgumentParser(description="Recall and nDCG of the golden questions.")
    parser.add_argument("--k", type=int, default=6)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        told = list(rows(asked(read(GOLDEN), chosen.k), chosen.k))
    except NotRunning as error:
        sys.stdout.write(f"bench_retrieval left out: {error}\n")
        return
    sys.stdout.write(
        f"| language | questions | recall@{chosen.k} | nDCG@{chosen.k} | gold first |\n|---|---|---|---|---|\n"
    )
    for row in told:
        sys.stdout.write(
            f"| {row.language} | {row.questions} | {row.recall:.3f} | {row.ndcg:.3f} | {row.best_first:.3f} |\n"
        )
        if chosen.out is not None:
            with chosen.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"benchmark": "retrieval", **asdict(row)}) + "\n")


if __name__ == "__main__":
    main()
