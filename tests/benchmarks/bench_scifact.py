"""Retrieval measured: quality of each fusion on SciFact, and what search costs beyond the store and the model.

    MUNIMENT_EVALUATION_DATA=FOLDER python -m tests.benchmarks.bench_scifact

The folder holds `retrieval/scifact/` with `corpus.jsonl`, `queries_train.jsonl` and `qrels_train.tsv`.
"""

import json
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient
from qdrant_client.http import models

from appliance.models import manifest
from appliance.records import Access, Document, Level, Passage, Principal
from appliance.retrieval import sparse
from appliance.retrieval.embedding import SentenceTransformerEmbedder
from appliance.retrieval.index import CANDIDATES, COLLECTION, FUSION, SPARE, Index
from appliance.retrieval.points import BM25, DENSE, content
from appliance.retrieval.search import Search
from appliance.settings import load
from tests.retrieval.conftest import Store, running
from tests.rules import rules, scope_of

ACCESS = Access("aldermoor", Level.PUBLIC, frozenset({"staff"}), "library", frozenset(), ("library",))
SCOPE = scope_of(Principal("bench", "Bench", "aldermoor", frozenset({"staff"}), Level.PUBLIC, "bench"))
Query = tuple[str, list[float], models.SparseVector]
FUSIONS = {
    "DBSF": models.FusionQuery(fusion=models.Fusion.DBSF),
    **{f"RRF k={k}": models.RrfQuery(rrf=models.Rrf(k=k)) for k in (2, 5, 10, 60)},
    "RRF k=5, words x1.5": models.RrfQuery(rrf=models.Rrf(k=5, weights=[1.0, 1.5])),
}


@dataclass(frozen=True)
class Corpus:
    """Passages, questions, and which documents answer which question."""

    passages: list[Passage]
    questions: dict[str, str]
    relevant: dict[str, set[str]]


def read(folder: Path) -> Corpus:
    """SciFact with its training questions."""
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    relevant: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "qrels_train.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        question, document, score = line.split("\t")
        if int(score) > 0:
            relevant[question].add(document)
    asked = [json.loads(line) for line in (folder / "queries_train.jsonl").read_text(encoding="utf-8").splitlines()]
    passages = [
        Passage(row["id"], row["id"], "1", 0, row["title"], row["id"], "", row["text"], 1, 0, 0, (), "en", ACCESS)
        for row in rows
    ]
    return Corpus(passages, {row["id"]: row["text"] for row in asked if row["id"] in relevant}, relevant)


def ndcg(found: dict[str, list[str]], relevant: dict[str, set[str]]) -> float:
    """nDCG at 10, binary gains, averaged over the questions."""
    gains = 1 / np.log2(np.arange(2, 12))
    shares = [
        sum(gain for gain, name in zip(gains, names, strict=False) if name in relevant[question])
        / gains[: len(relevant[question])].sum()
        for question, names in found.items()
    ]
    return float(np.mean(shares))


def ranked(client: QdrantClient, **asked: object) -> list[str]:
    """Documents in the order of their scores."""
    hits = client.query_points(COLLECTION, limit=20, with_payload=["document"], **asked).points  # type: ignore[arg-type]  # any option
    ordered = sorted(hits, key=lambda hit: (-hit.score, str(hit.id)))
    return [str((hit.payload or {})["document"]) for hit in ordered]


def quality(client: QdrantClient, corpus: Corpus, queries: Sequence[Query]) -> None:
    """Print nDCG@10 of each way."""

    def told(name: str, way: Callable[[list[float], models.SparseVector], list[str]]) -> None:
        score = ndcg({question: way(row, words) for question, row, words in queries}, corpus.relevant)
        sys.stdout.write(f"| {name} | {score:.4f} |\n")

    sys.stdout.write(f"| {len(queries)} questions, {len(corpus.passages)} passages | nDCG@10 |\n|---|---|\n")
    told("meaning alone", lambda row, _: ranked(client, query=row, using=DENSE))
    told("words alone", lambda _, words: ranked(client, query=words, using=BM25))
    for depth in (50, CANDIDATES, 200):
        for name, fusion in FUSIONS.items():
            told(f"{name}, {depth} of each", lambda row, words, f=fusion, d=depth: ranked(
                client, query=f, prefetch=[
                    models.Prefetch(query=row, using=DENSE, limit=d), models.Prefetch(query=words, using=BM25, limit=d)
                ],
            ))  # fmt: skip


def cost(search: Search, client: QdrantClient, embedder: SentenceTransformerEmbedder, texts: Sequence[str]) -> None:
    """Print the median time of a search against its two unavoidable parts: embedding and one such query."""
    inside = models.Filter(must=[models.FieldCondition(key="tenant", match=models.MatchValue(value="aldermoor"))])
    whole, bare = [], []
    for text in texts:
        start = perf_counter()
        search.find(text, SCOPE, limit=5)
        middle = perf_counter()
        row = embedder.embed_questions([text])[0].astype(float).tolist()
        words = sparse.question_words(text)
        named = models.SparseVector(indices=list(words.ids), values=list(words.weights))
        prefetch = [
            models.Prefetch(query=row, using=DENSE, filter=inside, limit=CANDIDATES),
            models.Prefetch(query=named, using=BM25, filter=inside, limit=CANDIDATES),
        ]
        client.query_points(
            COLLECTION, prefetch=prefetch, query=FUSION, query_filter=inside, limit=10 + SPARE, with_payload=True
        )
        whole.append(middle - start)
        bare.append(perf_counter() - middle)
    ratio = median(whole) / median(bare)
    sys.stdout.write(f"| {median(whole) * 1e3:.1f} ms | {median(bare) * 1e3:.1f} ms | {ratio:.2f} |\n")


def fill(index: Index, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
    """Store passages, and say how fast."""
    start = perf_counter()
    index.put(passages, vectors)
    sys.stdout.write(f"\n{len(passages) / (perf_counter() - start):.0f} passages/s stored and flushed\n\n")


def measure(store: Store, corpus: Corpus, embedder: SentenceTransformerEmbedder) -> None:
    """Both tables, over one store."""
    import httpx

    transport = httpx.HTTPTransport(uds=str(store.endpoint.socket))
    client = QdrantClient(
        url="http://store", transport=transport, check_compatibility=False, trust_env=False, timeout=60
    )
    with closing(Index(store.endpoint, seconds=60)) as index, closing(client):
        search = Search(index, embedder, registered, rules=rules())
        index.ensure(embedder)
        kept = Path(tempfile.gettempdir()) / f"scifact-{embedder.name.rpartition('@')[2]}.npy"
        vectors = np.load(kept) if kept.exists() else embedder.embed([content(one) for one in corpus.passages])
        np.save(kept, vectors)
        texts = list(corpus.questions.values())
        queries: list[Query] = []
        for (name, text), row in zip(corpus.questions.items(), embedder.embed_questions(texts), strict=True):
            words = sparse.question_words(text)
            named = models.SparseVector(indices=list(words.ids), values=list(words.weights))
            queries.append((name, row.astype(float).tolist(), named))
        fill(index, corpus.passages[:1_000], vectors[:1_000])
        sys.stdout.write("| search | embedding + the same query | ratio |\n|---|---|---|\n")
        cost(search, client, embedder, texts[:100])
        fill(index, corpus.passages[1_000:], vectors[1_000:])
        quality(client, corpus, queries)
        doubled = [Passage(**{**fields(one), "id": f"{one.id}-2"}) for one in corpus.passages[:4_817]]
        fill(index, doubled, vectors[: len(doubled)])
        sys.stdout.write(f"{index.count()} passages\n")
        cost(search, client, embedder, texts[:100])


def registered(documents: Collection[str]) -> dict[str, Document]:
    """The registry's part: every document is there, and everybody may read it."""
    return {name: Document(name, name, "1", name, "text/plain", "en", 1, ACCESS) for name in documents}


def fields(passage: Passage) -> dict[str, object]:
    """The fields of a passage by name."""
    return {name: getattr(passage, name) for name in Passage.__slots__}


def main() -> None:
    """Measure and print."""
    if "MUNIMENT_EVALUATION_DATA" not in os.environ:
        sys.exit("Set MUNIMENT_EVALUATION_DATA to the folder that holds retrieval/scifact/.")
    data = Path(os.environ["MUNIMENT_EVALUATION_DATA"])
    model = manifest.verified(manifest.entry("embedding"), load().models_folder)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "v", Path(folder) / "run" / "s") as store:
        measure(store, read(data / "retrieval" / "scifact"), SentenceTransformerEmbedder(model))


if __name__ == "__main__":
    main()
