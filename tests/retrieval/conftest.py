"""A real store in a process of its own, started once for this room's tests."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.access.scope import Scope
from appliance.models.engines import Endpoint
from appliance.records import Access, Level, Passage, Principal
from appliance.retrieval.index import COLLECTION, Index
from appliance.retrieval.launch import ready
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.rules import scope_of

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass(frozen=True)
class Store:
    """A running store, its folder and where it listens."""

    process: subprocess.Popen[str]
    folder: Path
    endpoint: Endpoint

    def kill(self) -> None:
        """End it as a power cut would: nothing is closed, nothing is flushed."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def command(folder: Path, socket: Path) -> list[str]:
    """The arguments of a store."""
    module = "appliance.retrieval.edge_store"
    return [sys.executable, "-m", module, "--folder", str(folder), "--socket", str(socket)]


@contextmanager
def running(folder: Path, socket: Path) -> Iterator[Store]:
    """A store over `folder`, stopped at the end."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command(folder, socket), env=environment, stderr=subprocess.DEVNULL, text=True) as process:
        store = Store(process, folder, Endpoint("http://store", socket=socket))
        deadline = time.monotonic() + START_SECONDS
        while not ready(store.endpoint):
            assert process.poll() is None, "the store ended while it started"
            assert time.monotonic() < deadline, "the store did not start in time"
            time.sleep(0.05)
        try:
            yield store
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def runner() -> Iterator[Callable[[Path], Path]]:
    """Short paths for sockets: the kernel takes 107 bytes only."""
    with tempfile.TemporaryDirectory(prefix="store-") as folder:
        yield lambda name: Path(folder) / name / "store.sock"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, runner: Callable[[str], Path]) -> Iterator[Store]:
    """The store that the tests of this room share; each empties it before it starts."""
    with running(tmp_path_factory.mktemp("vectors") / "folder", runner("shared")) as started:
        yield started


@pytest.fixture
def index(store: Store) -> Iterator[Index]:
    """An empty index over the shared store."""
    opened = Index(store.endpoint, seconds=10)
    opened.ensure(HashingEmbedder())
    with store.endpoint.client(10) as client:
        emptied = client.post(f"/collections/{COLLECTION}/points/delete", json={"filter": {}})
        assert emptied.status_code == 200
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def embedder() -> HashingEmbedder:
    """The fake that passes the contract of embedders."""
    return HashingEmbedder()


def access(
    *,
    tenant: str = "aldermoor",
    level: Level = Level.INTERNAL,
    readers: tuple[str, ...] = ("nursing",),
    department: str = "nursing",
    labels: tuple[str, ...] = (),
    ancestors: tuple[str, ...] = ("nursing",),
) -> Access:
    """An access list, sound unless told otherwise."""
    return Access(tenant, level, frozenset(readers), department, frozenset(labels), ancestors)


def passage(identifier: str, text: str = "Wash your hands.", **changes: object) -> Passage:
    """A passage of the document named before the `#` of its identifier."""
    told: dict[str, object] = {
        "id": identifier, "document": identifier.partition("#")[0], "version": "v1", "position": 0,
        "title": "Hygiene", "uri": "nursing/hygiene.md", "heading": "", "text": text, "page": 1, "start": 0,
        "end": len(text), "boxes": (), "language": "en", "access": access(),
    }  # fmt: skip
    return Passage(**{**told, **changes})  # type: ignore[arg-type]  # any field may be changed


def reader(*groups: str, clearance: Level = Level.INTERNAL, tenant: str = "aldermoor") -> Scope:
    """The scope of a person of these groups (nursing unless told otherwise)."""
    held = frozenset(groups or ("nursing",))
    return scope_of(Principal("p1", "Somebody", tenant, held, clearance, "test"))
