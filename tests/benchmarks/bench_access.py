"""What permissions cost: the scope, the decision of every hit, and a search inside a scope against one without.

    python -m tests.benchmarks.bench_access [100000] [--questions 40] [--owners 37] [--out FILE]

The policies are the shipped ones. In the store lie invented passages of documents that a thousandth, a hundredth, a
tenth, a half or all are read by a group of that name; the same questions are asked of each group's scope and, in
turns, without any filter, which no code of the appliance can do. Ratios are of medians within one run.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Any, Final

import httpx
from qdrant_client import QdrantClient
from qdrant_client.http import models

from appliance.access import scope
from appliance.access.cedar import Circumstances, Client, Engine
from appliance.access.scope import Scope
from appliance.records import Access, Action, Level, Passage, Principal
from appliance.retrieval import sparse
from appliance.retrieval.index import COLLECTION, Index, request
from appliance.retrieval.rendering import NOTHING
from appliance.settings import ROOT
from tests.benchmarks.bench_search import A_DOCUMENT, BATCH, LIMIT, Library
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.retrieval.conftest import running

POLICIES: Final = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "policies").glob("*.cedar")))
ENGINE: Final = Engine(POLICIES, (ROOT / "policies" / "schema.cedarschema").read_text("utf-8"))
HERE: Final = Circumstances(Client("bench", known=True, location="house"))
SHARES: Final = {"thousandth": 1_000, "hundredth": 100, "tenth": 10, "half": 2, "all": 1}
NOWHERE: Final = models.Filter(must=[NOTHING])
GROUPS: Final = 500
HITS: Final = 50
TEXTS: Final = 2_000
SCOPE_MS: Final = 4
HITS_MS: Final = 8
RATIO: Final = 1.3


def person(*groups: str) -> Principal:
    """Somebody who belongs to `groups`."""
    return Principal("bench", "Bench", "aldermoor", frozenset(groups), Level.INTERNAL, "bench", "library")


def drawn(who: Principal) -> Scope:
    """The scope that the shipped policies leave to him."""
    return scope.within(who, ENGINE.residuals(who, Action.READ, circumstances=HERE))


def access(number: int, owners: int = 1) -> Access:
    """A document is read by every group whose share its number is in. More owners make more audiences."""
    readers = frozenset(group for group, share in SHARES.items() if number % share == 0)
    return Access(
        "aldermoor",
        Level.INTERNAL,
        readers,
        "library",
        frozenset({"guide"}),
        ("guides",),
        owner=f"owner-{number % owners}",
    )


def timed(call: Any, times: int) -> float:
    """The median of so many calls, in milliseconds of the processor: what else runs on the machine is left out."""
    taken = []
    for _ in range(times):
        started = thread_time()
        call()
        taken.append((thread_time() - started) * 1e3)
    return median(taken)


def deciding() -> Iterator[dict[str, Any]]:
    """What is done by Cedar alone."""
    many = person(*(f"group-{number}" for number in range(GROUPS)))
    yield row(f"scope, {GROUPS} groups", timed(lambda: drawn(many), 50), "ms", f"<= {SCOPE_MS}")
    for groups in (40, GROUPS):
        who = person(*(f"group-{number}" for number in range(groups)))
        hits = {f"d{number}": replace(access(0), readers=frozenset({f"group-{number}"})) for number in range(HITS)}
        ms = timed(lambda w=who, h=hits: ENGINE.decide_many(w, Action.READ, h, circumstances=HERE), 50)
        yield row(f"{HITS} documents decided, {groups} groups", ms, "ms", f"<= {HITS_MS}")


def row(name: str, value: float, unit: str = "", asked: str = "") -> dict[str, Any]:
    """One row of the table."""
    return {"benchmark": "access", "name": name, "value": value, "unit": unit, "asked": asked}


def passages(library: Library, owners: int) -> Iterator[Passage]:
    """Passages without end; their texts come again, their places do not."""
    texts = [library.words(110) for _ in range(TEXTS)]
    number = 0
    while True:
        document, position = divmod(number, A_DOCUMENT)
        name, text = f"d{document:06}", texts[number * 7919 % TEXTS]
        yield Passage(
            f"{name}-{position}", name, "1", position, f"Guide {document}", f"guides/{name}.pdf", f"Section {position}",
            text, 1, 0, len(text), (), "en", access(document, owners),
        )  # fmt: skip
        number += 1


def grow(index: Index, library: Library, chunks: int, owners: int) -> None:
    """Store so many passages."""
    source = passages(library, owners)
    for start in range(0, chunks, BATCH):
        taken = [next(source) for _ in range(min(BATCH, chunks - start))]
        index.put(taken, library.vectors(len(taken)))


def searching(
    client: QdrantClient, index: Index, library: Library, questions: int, chunks: int
) -> Iterator[dict[str, Any]]:
    """The store's answer inside each scope, the filter drawn anew each time, against its answer without any."""
    scopes = {group: drawn(person(group)) for group in SHARES}
    taken: dict[str, list[float]] = {name: [] for name in (*SHARES, "unfiltered")}
    for number in range(questions + 5):
        vector, words = library.vectors(1)[0], sparse.question_words(library.question())
        for name in (list(taken), list(reversed(taken)))[number % 2]:
            started = perf_counter()
            if name == "unfiltered":
                asked = open_to_all(request(vector, words, NOWHERE, limit=2 * LIMIT))
            else:
                asked = request(vector, words, index.inside(scopes[name]), limit=2 * LIMIT)
            client.query_points(COLLECTION, **asked)
            if number >= 5:
                taken[name].append((perf_counter() - started) * 1e3)
    yield row(f"unfiltered search, {chunks} chunks", median(taken["unfiltered"]), "ms")
    for group, share in SHARES.items():
        ratio = median(taken[group]) / median(taken["unfiltered"])
        yield row(f"search where {100 / share:g} % is visible, {chunks} chunks", ratio, "", f"<= {RATIO}")


def open_to_all(asked: dict[str, Any]) -> dict[str, Any]:
    """The same request without a filter."""
    prefetch = [one.model_copy(update={"filter": None}) for one in asked["prefetch"]]
    return asked | {"prefetch": prefetch, "query_filter": None}


def picture(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The ratios as bars: `|` is where the target lies."""
    for one in rows:
        if one["name"].startswith("search where"):
            bar = "#" * round(one["value"] * 20)
            told = f"{bar:<26}"[:26] + "|" + bar[26:]
            yield f"{one['name'].split(',')[0]:40} {told:32} {one['value']:.2f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="What permissions cost.")
    parser.add_argument("chunks", nargs="?", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--owners", type=int, default=37, help="of the documents: so many times more audiences")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    rows = list(deciding())
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "v", Path(folder) / "run" / "s") as store:
        transport = httpx.HTTPTransport(uds=str(store.endpoint.socket))
        client = QdrantClient(
            url="http://store", transport=transport, check_compatibility=False, trust_env=False, timeout=60
        )
        embedder = HashingEmbedder(384)
        library = Library(embedder.dimension)
        with closing(Index(store.endpoint, seconds=60)) as index, closing(client):
            index.ensure(embedder)
            grow(index, library, chosen.chunks, chosen.owners)
            rows += searching(client, index, library, chosen.questions, chosen.chunks)
    for one in rows:
        sys.stdout.write(f"{one['name']:50} {one['value']:8.2f} {one['unit']:3} {one['asked']}\n")
    sys.stdout.write("\n".join(picture(rows)) + "\n")
    if chosen.out is not None:
        with chosen.out.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows)


if __name__ == "__main__":
    main()
