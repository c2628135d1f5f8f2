"""A house that takes uploads: the real app, database, queue and store, and a worker in this process or one of its own.

As a program, `uploading.py DATA SOCKET WHERE`, it is such a worker that kills itself at the step called WHERE.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from appliance.models.engines import Endpoint
from appliance.privacy.labelling.marking import Finder
from appliance.records import Document, DocumentLabels, Page
from appliance.retrieval.index import Index
from appliance.settings import Settings, load
from appliance.store.archive import Archive
from appliance.store.database import open_database
from appliance.store.registry import Registry
from appliance.store.uploads import State, Upload, Uploads
from ingest.jobs import Jobs, Tools, serve
from ingest.pipeline import Pipeline
from ingest.worker import Limits, Parsers
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.rules import marking

STEPS = ("claimed", "indexed", "registered", "finished", "erased")
"""Where a worker can be made to die: the moments after each durable step of a job."""


def nothing(_step: str) -> None:
    """A worker that lives."""


def kill_at(where: str) -> Callable[[str], None]:
    """Die, without a word, at one step."""

    def reached(step: str) -> None:
        if step == where:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


class Watched(Registry):
    """The registry, saying when it has registered and forgotten."""

    at: Callable[[str], None] = staticmethod(nothing)

    def register(self, document: Document, pages: Sequence[Page], labels: DocumentLabels | None = None) -> None:
        """Register, between two steps."""
        self.at("indexed")
        super().register(document, pages, labels)
        self.at("registered")

    def forget(self, document_id: str) -> None:
        """Forget, and say so."""
        super().forget(document_id)
        self.at("erased")


class WatchedUploads(Uploads):
    """The promises, saying when one was claimed and when it ended."""

    at: Callable[[str], None] = staticmethod(nothing)

    def claim(self, document: str, ticket: str) -> Upload | None:
        """Claim, and say so."""
        upload = super().claim(document, ticket)
        self.at("claimed")
        return upload

    def finish(self, upload: Upload, state: State, reason: str = "") -> None:
        """End, and say so."""
        super().finish(upload, state, reason)
        self.at("finished")


def jobs_of(
    settings: Settings,
    index: Index,
    parsers: Parsers,
    at: Callable[[str], None] = nothing,
    finder: Finder | None = None,
) -> Jobs:
    """The worker's jobs on a real store and real parsers."""
    engine = open_database(settings.database)
    registry, uploads, archive = Watched(engine), WatchedUploads(engine), Archive(settings.data / "archive")
    registry.at = uploads.at = at
    pipeline = Pipeline(registry, archive, index, HashingEmbedder(), settings, marking=marking(finder))
    tools = Tools(pipeline, index, parsers, marking(finder))
    return Jobs(settings, uploads=uploads, registry=registry, archive=archive, tools=lambda: tools)


if __name__ == "__main__":
    settings = load(data=Path(sys.argv[1]))
    index = Index(Endpoint("http://store", socket=Path(sys.argv[2])), seconds=60)
    with Parsers(Limits(memory_mib=1_024, seconds=60, pages=100), hidden=(settings.data,)) as parsers:
        serve(settings, jobs_of(settings, index, parsers, kill_at(sys.argv[3])))
