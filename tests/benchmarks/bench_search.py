"""What a search costs beyond its two unavoidable parts: embedding the question and one query of the store.

    python -m tests.benchmarks.bench_search [1000 10000 100000] [--questions 60] [--out FILE] [--reranker FOLDER]

The store is filled with invented passages: words from a Zipf vocabulary, random unit vectors, payloads as `ingest`
writes them; half of the documents lie outside the asker's scope. `search` and `below` alternate question by question;
`below` is the embedding, and then the very request of the search's own first query, sent by qdrant-client to the same
store process. The rows after them are the rest of the search's work. Each row is one line of JSON in FILE, appended.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx
import numpy as np
from qdrant_client import QdrantClient

from appliance.models import manifest
from appliance.records import Access, Box, Document, Level, Page, Passage, Principal
from appliance.retrieval import sparse
from appliance.retrieval.embedding import Embedder, SentenceTransformerEmbedder
from appliance.retrieval.folding import folded, spread
from appliance.retrieval.index import COLLECTION, Index, request
from appliance.retrieval.joining import joined, lacking
from appliance.retrieval.points import content
from appliance.retrieval.reranking import CrossEncoderReranker, Reranker, reranked
from appliance.retrieval.search import Search
from appliance.settings import load
from appliance.store.database import open_database
from appliance.store.registry import Registry
from tests.retrieval.conftest import Store, running
from tests.rules import rules, scope_of

PRINCIPAL = Principal("bench", "Bench", "aldermoor", frozenset({"staff"}), Level.INTERNAL, "bench")
SCOPE = scope_of(PRINCIPAL)
A_DOCUMENT = 25
"""Passages of a document."""
VOCABULARY = 30_000
WORDS = 110
SENTENCE = 18
LIMIT = 6
BATCH = 1_000


@dataclass(frozen=True)
class Row:
    """One line of the report: a median in milliseconds and, where it has one, its ratio to `below`."""

    chunks: int
    what: str
    ms: float
    ratio: float | None = None


class Library:
    """Invented documents, the same for the same seed."""

    def __init__(self, dimension: int, seed: int = 7) -> None:
        self._random = np.random.default_rng(seed)
        self._dimension = dimension
        self._made = 0

    def words(self, number: int) -> str:
        """Words as rare and as frequent as those of a language."""
        ranks = self._random.zipf(1.15, number * 3)
        said = [f"wort{rank}" for rank in ranks[ranks < VOCABULARY][:number]]
        sentences = (" ".join(said[start : start + SENTENCE]).capitalize() for start in range(0, len(said), SENTENCE))
        return "".join(f"{one}. " for one in sentences).strip()

    def question(self) -> str:
        """Six words, none of the most frequent."""
        return " ".join(f"wort{rank}" for rank in self._random.integers(20, 2_000, 6))

    def passages(self) -> Iterator[Passage]:
        """Passages without end, document by document."""
        while True:
            number, position = divmod(self._made, A_DOCUMENT)
            group = "staff" if number % 2 else "others"
            text, name = self.words(WORDS), f"d{number:06}"
            yield Passage(
                f"{name}-{position}", name, "1", position, f"Guide number {number}", f"guides/{name}.pdf",
                f"Chapter {position // 5} > Section {position}", text, 1 + position // 3, 0, len(text),
                tuple(Box(1 + position // 3, 0.1, 0.02 * line, 0.9, 0.02 * line + 0.02) for line in range(10)), "en",
                access(group),
            )  # fmt: skip
            self._made += 1

    def vectors(self, number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """Random directions."""
        rows = self._random.standard_normal((number, self._dimension)).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def access(group: str) -> Access:
    """Read by one group."""
    return Access("aldermoor", Level.INTERNAL, frozenset({group}), "library", frozenset({"guide"}), ("guides",))


def grow(index: Index, registry: Registry, library: Library, source: Iterator[Passage], more: int) -> None:
    """Store and register `more` passages (whole documents)."""
    while more > 0:
        taken = list(islice(source, min(more, BATCH)))
        index.put(taken, library.vectors(len(taken)))
        for first in taken:
            if first.position == 0:
                document = Document(
                    first.document, first.uri, "1", first.title, "application/pdf", "en", 9, first.access
                )
                registry.register(document, [Page(1, first.text)])
        more -= len(taken)


def timed(call: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    start = perf_counter()
    call()
    return (perf_counter() - start) * 1e3


def compare(parts: "Parts", questions: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of each search and of what lies below it, in turns."""
    ours: list[float] = []
    below: list[float] = []
    ways: list[tuple[list[float], Callable[[str], object]]] = [
        (ours, lambda question: parts.search.find(question, SCOPE, limit=LIMIT)),
        (below, parts.below),
    ]
    for number, question in enumerate(questions):
        for taken, way in ways if number % 2 else reversed(ways):
            taken.append(timed(lambda w=way, q=question: w(q)))  # type: ignore[misc]  # bound, not free
    return ours, below


@dataclass(frozen=True)
class Parts:
    """What is measured."""

    search: Search
    index: Index
    registry: Registry
    embedder: Embedder
    client: QdrantClient
    reranker: Reranker | None = None

    def below(self, question: str) -> object:
        """Embedding, and the store's part."""
        return self.client.query_points(COLLECTION, **self.asked(question))

    def asked(self, question: str) -> dict[str, Any]:
        """The request of the search's first query."""
        row = self.embedder.embed_questions([question])[0]
        return request(row, sparse.question_words(question), self.index.inside(SCOPE), limit=2 * LIMIT)


def rows(parts: Parts, chunks: int, questions: Sequence[str]) -> Iterator[Row]:
    """All rows of one size; the first questions only warm up."""
    compare(parts, questions[:5])
    ours, below = compare(parts, questions[5:])
    yield Row(chunks, "search", median(ours), median(ours) / median(below))
    yield Row(chunks, "below: embedding and the identical query", median(below))
    taken: dict[str, list[float]] = {}
    for question in questions[5:]:
        for what, ms in steps(parts, question):
            taken.setdefault(what, []).append(ms)
    for what, each in taken.items():
        yield Row(chunks, f"  {what}", median(each), median(each) / median(below))


def steps(parts: Parts, question: str) -> Iterator[tuple[str, float]]:
    """Each step of one search on its own, in milliseconds."""
    start = perf_counter()
    row = parts.embedder.embed_questions([question])[0]
    embedded = perf_counter()
    yield "embedding", (embedded - start) * 1e3
    start = perf_counter()
    hits = parts.index.query(row, sparse.question_words(question), SCOPE, limit=2 * LIMIT)
    yield "first query, parsed", (perf_counter() - start) * 1e3
    start = perf_counter()
    held = parts.registry.current({hit.document for hit in hits})
    assert rules().readable(PRINCIPAL, {one: held[one].access for one in held}) == set(held)
    yield "registry decision", (perf_counter() - start) * 1e3
    start = perf_counter()
    if parts.reranker is not None:
        hits = reranked(hits, parts.reranker.scores(question, [content(hit) for hit in hits]))
        yield "rerank", (perf_counter() - start) * 1e3
        start = perf_counter()
    chosen = spread(folded(hits), LIMIT)
    yield "folding and spreading", (perf_counter() - start) * 1e3
    start = perf_counter()
    beside = parts.index.at(lacking(chosen), SCOPE)
    yield "neighbours", (perf_counter() - start) * 1e3
    start = perf_counter()
    joined(chosen, beside)
    yield "joining", (perf_counter() - start) * 1e3


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="What a search costs.")
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--reranker", type=Path, help="a cross-encoder's folder: then searches are reranked")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "v", Path(folder) / "run" / "s") as store:
        for row in measured(store, Path(folder), chosen):
            ratio = "" if row.ratio is None else f" {row.ratio:5.2f}"
            sys.stdout.write(f"{row.chunks:7} {row.what:45} {row.ms:8.2f} ms{ratio}\n")
            sys.stdout.flush()
            if chosen.out is not None:
                with chosen.out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"benchmark": "search", **row.__dict__}) + "\n")


def measured(store: Store, folder: Path, chosen: argparse.Namespace) -> Iterator[Row]:
    """The rows of all sizes, over one store that grows."""
    embedder = SentenceTransformerEmbedder(
        manifest.verified(manifest.entry("embedding"), load().models_folder), threads=load().threads
    )
    transport = httpx.HTTPTransport(uds=str(store.endpoint.socket))
    client = QdrantClient(
        url="http://store", transport=transport, check_compatibility=False, trust_env=False, timeout=60
    )
    registry = Registry(open_database(f"sqlite:///{folder / 'registry.sqlite'}"))
    library = Library(embedder.dimension)
    source, held = library.passages(), 0
    with closing(Index(store.endpoint, seconds=60)) as index, closing(client):
        index.ensure(embedder)
        reranker = None if chosen.reranker is None else CrossEncoderReranker(chosen.reranker)
        search = Search(index, embedder, registry.current, rules=rules(), reranker=reranker)
        parts = Parts(search, index, registry, embedder, client, reranker)
        for size in sorted(chosen.sizes):
            grow(index, registry, library, source, size - held)
            held = size
            yield from rows(parts, size, [library.question() for _ in range(chosen.questions + 5)])


if __name__ == "__main__":
    main()
