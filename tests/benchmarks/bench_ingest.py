"""Ingest measured: the whole story against the embedder alone, and PDF parsing against unstructured's own.

    python -m tests.benchmarks.bench_ingest [--out LINES.jsonl] [--again] [--documents 12] [--unstructured PYTHON]

The corpus is generated. Each row is a ratio within one run and is appended to `--out` as it is there; a row that stands
there is measured only with `--again`. `--unstructured` names the interpreter of an environment that holds
`unstructured[pdf]`.
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
from appliance.retrieval.index import Index
from appliance.retrieval.points import content
from appliance.settings import load
from appliance.store.archive import Archive
from appliance.store.database import open_database
from appliance.store.registry import Registry
from ingest import chunking, entries, sources
from ingest.pipeline import PASSAGES_AT_ONCE, Pipeline, gather
from ingest.records import Parsed, Stored
from ingest.worker import Limits, Parsers
from tests.retrieval.conftest import Store, running
from tests.rules import marking

WORDS = (
    "ward nurse dose heparin the of a in patient before after bell rings at night with form signed by doctor room "
    "clean hands every hour kept cold until used again report fall bed rail"
).split()
THEIRS = (
    "import sys, time; from unstructured.partition.pdf import partition_pdf\n"
    "partition_pdf(sys.argv[1], strategy='fast', languages=[''])\n"  # once for the imports
    "start = time.perf_counter(); found = partition_pdf(sys.argv[1], strategy='fast', languages=[''])\n"
    "print(time.perf_counter() - start if found else sys.exit('it found no text: the environment is not sound'))"
)

PAGES = 60
WHOLE = {kind: f"whole ingest of {kind} / embedder alone" for kind in ("md", "pdf")}
AGAINST = "born-digital PDF, pictures included / unstructured fast"


@dataclass(frozen=True)
class Row:
    """A line of the table: `ours` and `theirs` in seconds for the same work, and which ratio is asked for."""

    name: str
    size: str
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
    """The whole ingest of a folder against embedding the same chunks in batches of the same size.

    The embedder runs alone before and after; its mean counts, since a shared machine is not as fast all the time.
    """
    settings = load(data=folder.parent / f"data-{kind}", demo_corpus=folder)
    registry = Registry(open_database(settings.database))
    with closing(Index(store.endpoint, seconds=60)) as index:
        pipeline = Pipeline(registry, Archive(settings.data / "archive"), index, embedder, settings, marking=marking())
        limits = Limits(settings.worker_memory_mib, settings.worker_seconds, settings.pages)
        with Parsers(limits, hidden=(settings.data, folder)) as parsers:
            parsers.parse("warm.md", b"# Up\n\nThe libraries are imported once.")
            texts = list(chunks(folder, parsers))
            index.ensure(embedder)
            embedder.embed(texts[:PASSAGES_AT_ONCE])
            before = alone(embedder, texts)
            start = perf_counter()
            run = gather(pipeline.ingest(pipeline.source(folder), parsers=parsers))
            ours = perf_counter() - start
            after = alone(embedder, texts)
    stored = sum(outcome.passages for outcome in run.outcomes if isinstance(outcome, Stored))
    if stored != len(texts):
        sys.exit(f"{stored} passages stored of {len(texts)}: the two sides did not do the same work")
    return Row(WHOLE[kind], f"{stored} chunks", ours, (before + after) / 2, ">= 0.80")


def alone(embedder: SentenceTransformerEmbedder, texts: list[str]) -> float:
    """Seconds to embed `texts`, as many at once as the pipeline takes."""
    start = perf_counter()
    for first in range(0, len(texts), PASSAGES_AT_ONCE):
        embedder.embed(texts[first : first + PASSAGES_AT_ONCE])
    return perf_counter() - start


def chunks(folder: Path, parsers: Parsers) -> Iterator[str]:
    """What will be embedded of a folder."""
    found = sources.discover(sources.Folder(folder, "aldermoor", 64 << 20))
    for file in found.files:
        parsed = parsers.parse(file.path.name, file.path.read_bytes())
        if isinstance(parsed, Parsed) and file.access is not None:
            yield from map(content, chunking.passages(entries.document(file, file.access, parsed), parsed))


def against_unstructured(folder: Path, python: str) -> Row:
    """A long PDF, enclosed and with pictures, against unstructured's `fast` strategy in its process, without."""
    file = folder / "long.pdf"
    file.write_bytes(pdf(1, PAGES))
    with Parsers(Limits(2_048, 120, 2_000)) as parsers:
        parsers.parse("warm.pdf", pdf(2, 1))
        start = perf_counter()
        parsed = parsers.parse(file.name, file.read_bytes())
        ours = perf_counter() - start
    if not isinstance(parsed, Parsed):
        sys.exit(f"the PDF was not parsed: {parsed.fault}")
    done = subprocess.run([python, "-c", THEIRS, str(file)], capture_output=True, text=True, check=True, timeout=900)
    size = f"{len(parsed.pages)} pages"
    return Row(AGAINST, size, ours, float(done.stdout.split()[-1]), ">= 20")


def measured(name: str, folder: Path, options: argparse.Namespace) -> Row:
    """One row."""
    if name == AGAINST:
        return against_unstructured(folder, options.unstructured)
    kind = next(kind for kind, title in WHOLE.items() if title == name)
    embedder = SentenceTransformerEmbedder(manifest.verified(manifest.entry("embedding"), load().models_folder))
    corpus(folder / kind, options.documents, kind)
    with running(folder / f"v-{kind}", folder / f"r-{kind}" / "s") as store:
        return whole(folder / kind, store, embedder, kind)


def finished(out: Path | None) -> set[str]:
    """The names of the rows that an earlier run has written."""
    if out is None or not out.is_file():
        return set()
    return {json.loads(line)["name"] for line in out.read_text(encoding="utf-8").splitlines()}


def main() -> None:
    """Measure, print a table, and append each row to --out as it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--documents", type=int, default=12)
    parser.add_argument("--unstructured")
    options = parser.parse_args()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    names = [*WHOLE.values(), *([AGAINST] if options.unstructured else [])]
    there = set() if options.again else finished(options.out)
    sys.stdout.write("| what | size | ours, s | other, s | ratio | asked |\n|---|---|---|---|---|---|\n")
    for name in names:
        if name in there:
            continue
        with tempfile.TemporaryDirectory() as folder:
            row = measured(name, Path(folder), options)
        figures = f"{row.ours:.2f} | {row.theirs:.2f} | {row.ratio:.2f}"
        sys.stdout.write(f"| {row.name} | {row.size} | {figures} | {row.asked} |\n")
        sys.stdout.flush()
        if options.out:
            with options.out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(row) | {"ratio": row.ratio}) + "\n")


if __name__ == "__main__":
    main()
