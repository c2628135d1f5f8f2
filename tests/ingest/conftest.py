"""A house for the tests of this room: a real store, a real database, real parsers, and a folder to ingest."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.models.engines import Endpoint
from appliance.retrieval.index import COLLECTION, Index
from appliance.retrieval.launch import ready
from appliance.settings import ROOT, Settings, load
from appliance.store.archive import Archive
from appliance.store.database import open_database
from appliance.store.registry import Registry
from ingest.pipeline import Pipeline, gather
from ingest.records import Parsed, Refused, Run
from ingest.worker import Limits, Parsers
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.rules import marking

LIST = "readers: [staff]\nlevel: internal\ndepartment: nursing\n"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The store that the tests of this room share."""
    vectors = tmp_path_factory.mktemp("vectors") / "folder"
    with tempfile.TemporaryDirectory(prefix="store-") as folder:  # short: the kernel takes 107 bytes of a socket's path
        path = Path(folder) / "store.sock"
        arguments = [sys.executable, "-m", "appliance.retrieval.edge_store"]
        with subprocess.Popen([*arguments, "--folder", str(vectors), "--socket", str(path)], cwd=ROOT) as process:
            deadline = time.monotonic() + 60
            while not path.exists() or not ready(Endpoint("http://store", socket=path)):
                assert process.poll() is None, "the store ended while it started"
                assert time.monotonic() < deadline, "the store did not start in time"
                time.sleep(0.05)
            yield Endpoint("http://store", socket=path)
            process.terminate()


@pytest.fixture
def index(store: Endpoint) -> Iterator[Index]:
    """An empty index over the shared store."""
    opened = Index(store, seconds=60)
    opened.ensure(HashingEmbedder())
    with store.client(60) as client:
        assert client.post(f"/collections/{COLLECTION}/points/delete", json={"filter": {}}).status_code == 200
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def parsers() -> Iterator[Parsers]:
    """The enclosed parsers that the tests of this room share: starting them takes seconds."""
    with Parsers(Limits(memory_mib=1_024, seconds=60, pages=2_000)) as started:
        yield started


@pytest.fixture(scope="session")
def parse(parsers: Parsers) -> Callable[[str, bytes], Parsed | Refused]:
    """Parse bytes in an enclosed process, as the pipeline does."""
    return parsers.parse


class CountingEmbedder(HashingEmbedder):
    """The fake of the contract, which also counts what it embeds."""

    texts = 0

    def embed(self, texts):  # type: ignore[no-untyped-def]  # the contract's own signature
        """Embed and count."""
        self.texts += len(texts)
        return super().embed(texts)


class House:
    """A folder of documents and the pipeline that brings it in."""

    def __init__(self, folder: Path, index: Index, parsers: Parsers) -> None:
        self.documents = folder / "documents"
        self.settings: Settings = load(data=folder / "data", demo_corpus=self.documents)
        self.registry = Registry(open_database(self.settings.database))
        self.archive = Archive(self.settings.data / "archive")
        self.index = index
        self.parsers = parsers
        self.embedder = CountingEmbedder()
        self.write(".access.yaml", LIST)

    def write(self, name: str, content: str | bytes) -> Path:
        """Put a file into the folder."""
        path = self.documents / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, index: Index | None = None) -> Run:
        """Ingest the folder once."""
        pipeline = Pipeline(
            self.registry, self.archive, index or self.index, self.embedder, self.settings, marking=marking()
        )
        return gather(pipeline.ingest(pipeline.source(self.documents), parsers=self.parsers))


@pytest.fixture
def house(tmp_path: Path, index: Index, parsers: Parsers) -> House:
    """A house whose folder holds an access list and nothing else."""
    return House(tmp_path, index, parsers)
