"""An ingest killed between storing its second document and registering it: `killed.py DOCUMENTS DATA SOCKET`."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from appliance.models.engines import Endpoint
from appliance.records import Document, DocumentLabels, Page
from appliance.retrieval.index import Index
from appliance.settings import load
from appliance.store.archive import Archive
from appliance.store.database import open_database
from appliance.store.registry import Registry
from ingest.pipeline import Pipeline, gather
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.rules import marking


class Dying(Registry):
    """A registry whose process dies before the second document is registered."""

    registered = 0

    def register(self, document: Document, pages: Sequence[Page], labels: DocumentLabels | None = None) -> None:
        """Register one; die at the next."""
        self.registered += 1
        if self.registered == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        super().register(document, pages, labels)


if __name__ == "__main__":
    documents, data, socket = map(Path, sys.argv[1:])
    settings = load(data=data, demo_corpus=documents)
    index = Index(Endpoint("http://store", socket=socket), seconds=60)
    registry = Dying(open_database(settings.database))
    pipeline = Pipeline(registry, Archive(data / "archive"), index, HashingEmbedder(), settings, marking=marking())
    gather(pipeline.ingest(pipeline.source(documents)))
