"""Ingest measured: the whole story against the embedder alone, and PDF parsing against unstructured's own.

    python -m tests.benchmarks.bench_ingest [--out LINES.jsonl] [--documents 120] [--unstructured PYTHON]

The corpus is generated.
`--unstructured` names the interpreter of an environment that holds `unstructured[pdf]`. Rows are ratios within one run.
"""

import argparse
import io
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from appliance.models import manifest
from appliance.retrieval.embedding import SentenceTransformerEmbedder
from appliance.retrieval.index import Index, content
from appliance.settings import load
from appliance.store.archive import Archive
from appliance.store.database import open_database
from appliance.store.registry import Registry
from ingest import chunking, entries, sources
from ingest.pipeline import PASSAGES_AT_ONCE, Pipeline, gather
from ingest.records import Parsed, Stored
from ingest.worker import Limits, Parsers
from tests.retrieval.conftest import Store, running

WORDS = (
    "ward nurse dose heparin the of a in patient before after bell rings at night with form signed by doctor room "
    "clean hands every hour kept cold until used again report fall bed rail"
).split()
THEIRS = (
    "import sys, time; from unstructured.partition.pdf import partition_pdf\n"
    "partition_pdf(sys.argv[1], strategy='fast', languages=[''])\n"  # once for the imports
    "start = time.perf_counter(); partition_pdf(sys.argv[1], strategy='fast', languages=['']); "
    "print(time.perf_counter() - start)"
)


@dataclass(frozen=True)
class Row:
    """A line of the table: `ours` and `theirs` in seconds for the same work, and which ratio is asked for."""

    name: str
    ours: float
    theirs: float
    asked: str

    @property
    def ratio(self) -> float:
        """How many times as fast as the other."""
        return self.theirs / self.ours


def prose(seed: int, words: int) -> list[str]:
    """Paragraphs of some 90 invented words."""
    dice = random.Random(seed)  # noqa: S311 - text for a benchmark
    return [" ".join(dice.choices(WORDS, k=90)).capitalize() + "." for _ in range(max(1, words // 90))]


def pdf(seed: int, pages: int) -> bytes:
    """A born-digital PDF."""
    stream, styles = io.BytesIO(), getSampleStyleSheet()
    story = [Paragraph(text, styles["Normal"]) for text in prose(seed, pages * 700)]
    SimpleDocTemplate(stream, pagesize=A4, invariant=True).build(story)
    return stream.getvalue()


def corpus(folder: Path, documents: int, kind: str) -> None:
    """Write `documents` files of one kind below `folder`."""
    folder.mkdir(parents=True)
    (folder / ".access.yaml").write_text("readers: [staff]\nlevel: internal\ndepartment: nursing\n", encoding="utf-8")
    for number in range(documents):
        body = pdf(number, 2) if kind == "pdf" else "\n\n".join([f"# Rule {number}", *prose(number, 900)]).encode()
        (folder / f"rule-{number}.{kind}").write_bytes(body)


def whole(folder: Path, store: Store, embedder: SentenceTransformerEmbedder, kind: str) -> Row:
    """The whole ingest of a folder against embedding the same chunks in batches of the same size."""
    settings = load(data=folder.parent / f"data-{kind}", demo_corpus=folder)
    registry = Registry(open_database(settings.database))
    with closing(Index(store.endpoint, seconds=60)) as index:
        pipeline = Pipeline(registry, Archive(settings.data / "archive"), index, embedder, settings)
        limits = Limits(settings.worker_memory_mib, settings.worker_seconds, settings.pages)
        with Parsers(limits, hidden=(settings.data, folder)) as parsers:
            parsers.parse("warm.md", b"# Up\n\nThe libraries are imported once.")
            texts = list(chunks(folder, parsers))
            embedder.embed(texts[:64])
            start = perf_counter()
            run = gather(pipeline.ingest(pipeline.source(folder), parsers=parsers))
            ours = perf_counter() - start
    stored = sum(outcome.passages for outcome in run.outcomes if isinstance(outcome, Stored))
    if stored != len(texts):
        sys.exit(f"{stored} passages stored of {len(texts)}: the two sides did not do the same work")
    start = perf_counter()
    for first in range(0, len(texts), PASSAGES_AT_ONCE):
        embedder.embed(texts[first : first + PASSAGES_AT_ONCE])
    return Row(f"whole ingest of {kind}, {stored} chunks / embedder alone", ours, perf_counter() - start, ">= 0.80")


def chunks(folder: Path, parsers: Parsers) -> Iterator[str]:
    """What will be embedded of a folder."""
    found = sources.discover(sources.Folder(folder, "aldermoor", 64 << 20))
    for file in found.files:
        parsed = parsers.parse(file.path.name, file.path.read_bytes())
        if isinstance(parsed, Parsed) and file.access is not None:
            yield from map(content, chunking.passages(entries.document(file, file.access, parsed), parsed))


def against_unstructured(folder: Path, python: str) -> Row:
    """A PDF of some sixty pages, enclosed and with pictures, against unstructured's `fast` strategy in its process."""
    file = folder / "long.pdf"
    file.write_bytes(pdf(1, 60))
    done = subprocess.run([python, "-c", THEIRS, str(file)], capture_output=True, text=True, check=True, timeout=900)
    with Parsers(Limits(2_048, 120, 2_000)) as parsers:
        parsers.parse("warm.pdf", pdf(2, 1))
        start = perf_counter()
        parsers.parse(file.name, file.read_bytes())
        ours = perf_counter() - start
    return Row("born-digital PDF, pictures included / unstructured fast", ours, float(done.stdout.split()[-1]), ">= 20")


def rows(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """The rows, one after the other, so that an interrupted run keeps what it has."""
    model = manifest.verified(manifest.entry("embedding"), load().models_folder)
    embedder = SentenceTransformerEmbedder(model)
    for kind in ("md", "pdf"):
        corpus(folder / kind, options.documents, kind)
        with running(folder / f"v-{kind}", folder / f"r-{kind}" / "s") as store:
            yield whole(folder / kind, store, embedder, kind)
    if options.unstructured:
        yield against_unstructured(folder, options.unstructured)


def main() -> None:
    """Measure, print a table, and append each row to --out as it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--documents", type=int, default=120)
    parser.add_argument("--unstructured")
    options = parser.parse_args()
    sys.stdout.write("| what | ours, s | other, s | ratio | asked |\n|---|---|---|---|---|\n")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(options, Path(folder)):
            told = f"| {row.name} | {row.ours:.2f} | {row.theirs:.2f} | {row.ratio:.2f} | {row.asked} |\n"
            sys.stdout.write(told)
            sys.stdout.flush()
            if options.out:
                with options.out.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(asdict(row) | {"ratio": row.ratio}) + "\n")


if __name__ == "__main__":
    main()
