"""The store in its own process, spoken to as any program would."""

import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from qdrant_client import QdrantClient
from qdrant_client.http import models

from appliance.errors import AlreadyRunning, SettingsRefused
from appliance.models.engines import Endpoint
from appliance.retrieval.edge_socket import listen
from appliance.retrieval.launch import endpoint, launch, ready
from appliance.settings import load
from tests.retrieval.conftest import ROOT, Store, command, running

NAME = "things"
Sockets = Callable[[str], Path]


def client(store: Store) -> QdrantClient:
    transport = httpx.HTTPTransport(uds=str(store.endpoint.socket))
    return QdrantClient(url="http://store", transport=transport, check_compatibility=False, trust_env=False, timeout=10)


def create(speaking: QdrantClient) -> None:
    speaking.create_collection(
        NAME,
        vectors_config={"dense": models.VectorParams(size=2, distance=models.Distance.COSINE)},
        sparse_vectors_config={"bm25": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        metadata={"embedder": "x"},
    )


def point(number: int, **payload: object) -> models.PointStruct:
    words = models.SparseVector(indices=[1, 4_294_967_295], values=[1.0, float(number)])
    return models.PointStruct(id=number, vector={"dense": [1.0, float(number)], "bm25": words}, payload=payload)


@pytest.fixture
def things(store: Store) -> Iterator[QdrantClient]:
    """A client over the shared store, with five points in a collection of their own."""
    speaking = client(store)
    if not speaking.collection_exists(NAME):
        create(speaking)
    speaking.delete(NAME, models.FilterSelector(filter=models.Filter()), wait=True)
    speaking.upsert(
        NAME, [point(number, level=number, kind="even" if number % 2 == 0 else "odd") for number in range(5)]
    )
    yield speaking
    speaking.close()


def odd() -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key="kind", match=models.MatchValue(value="odd"))])


def test_nothing_acknowledged_is_lost_when_the_store_is_killed(tmp_path: Path, runner: Sockets) -> None:
    """Guards `self._shard.flush()` in `Collection._written`, as far as a killed process shows it."""
    with running(tmp_path / "folder", runner("killed")) as first:
        with closing(client(first)) as speaking:
            create(speaking)
            for number in range(20):
                speaking.upsert(NAME, [point(number)], wait=True)
        first.kill()
    with running(tmp_path / "folder", runner("killed")) as second, closing(client(second)) as speaking:
        assert speaking.count(NAME).count == 20
        assert speaking.get_collection(NAME).config.metadata == {"embedder": "x"}


def test_a_write_is_flushed_before_it_is_acknowledged(tmp_path: Path) -> None:
    """Guards `self._shard.flush()` in `Collection._written`."""
    source = (ROOT / "appliance" / "retrieval" / "edge_folder.py").read_text(encoding="utf-8")
    written = source.partition("def _written")[2]
    assert written.index("self._shard.update(") < written.index("self._shard.flush()") < written.index("return ")


def test_one_folder_has_one_process(store: Store, runner: Sockets) -> None:
    again = subprocess.run(
        command(store.folder, runner("second")), capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert again.returncode == 1
    assert "Another process has the store's folder open" in again.stderr
    assert "Traceback" not in again.stderr
    assert ready(store.endpoint)


def test_only_the_owner_reaches_the_socket(store: Store) -> None:
    """Guards the umask in `edge_socket.listen`."""
    path = store.endpoint.socket
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_no_port_is_opened(store: Store) -> None:
    table = Path(f"/proc/{store.process.pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    listening = {line.split()[9] for line in table if line.split()[3] == "0A"}
    held = {str(handle.readlink()) for handle in Path(f"/proc/{store.process.pid}/fd").iterdir()}
    assert not {f"socket:[{inode}]" for inode in listening} & held


def test_a_terminated_store_leaves_no_socket(tmp_path: Path, runner: Sockets) -> None:
    with running(tmp_path / "folder", runner("ended")) as store:
        pass
    assert store.process.returncode == 0
    assert not runner("ended").exists()
    assert not ready(store.endpoint)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/collections/things/points", b"{", 400),
        ("PUT", "/collections/things/points", b"\xff\xfe", 400),
        ("PUT", "/collections/things/points", b'{"points": [{"id": 1}]}', 400),
        ("PUT", "/collections/things/points", b'{"points": [{"id": 1, "vector": {"dense": [1.0]}}]}', 400),
        ("PUT", "/collections/things/points", b'{"points": [{"id": 1, "vector": {"nope": [1.0, 2.0]}}]}', 400),
        ("PUT", "/collections/things/points", b'{"points": [{"id": -1, "vector": {"dense": [1.0, 2.0]}}]}', 400),
        ("PUT", "/collections/things/points", b'{"points": [{"id": "x", "vector": {"dense": [1.0, 2.0]}}]}', 400),
        ("PUT", "/collections/things/points", b'{"points": [{"id": 1, "vector": {"dense": [1e400, 2.0]}}]}', 400),
        (
            "PUT", "/collections/things/points",
            b'{"points": [{"id": 1, "vector": {"bm25": {"indices": [1, 1], "values": [1.0, 2.0]}}}]}', 400,
        ),
        (
            "PUT", "/collections/things/points",
            b'{"points": [{"id": 1, "vector": {"bm25": {"indices": [4294967296], "values": [1.0]}}}]}', 400,
        ),
        (
            "PUT", "/collections/things/points",
            b'{"points": [{"id": 1, "vector": {"bm25": {"indices": [1], "values": [1.0, 2.0]}}}]}', 400,
        ),
        ("PUT", "/collections/things/points", b'{"points": [], "update_filter": {}}', 501),
        ("PUT", "/collections/things", b'{"vectors": {"dense": {"size": 2, "distance": "Cosine"}}}', 409),
        ("PUT", "/collections/a%2Fb", b'{"vectors": {"dense": {"size": 2, "distance": "Cosine"}}}', 404),
        ("PUT", "/collections/a.b", b'{"vectors": {"dense": {"size": 2, "distance": "Cosine"}}}', 400),
        ("PUT", "/collections/other", b'{"vectors": {"size": 2, "distance": "Cosine"}}', 501),
        ("POST", "/collections/things/points/query", b'{"query": [1.0], "using": "dense"}', 400),
        ("POST", "/collections/things/points/query", b'{"query": [1.0, 2.0], "using": "nope"}', 400),
        ("POST", "/collections/things/points/query", b'{"query": [1.0, 2.0], "using": "dense", "limit": -1}', 400),
        ("POST", "/collections/things/points/query", b'{"query": "5", "using": "dense"}', 501),
        ("POST", "/collections/things/points/query", b'{"query": {"sample": "random"}}', 501),
        ("POST", "/collections/things/points/count", b'{"filter": {"must": [{"key": "a["}]}}', 400),
        (
            "POST", "/collections/things/points/count",
            b'{"filter": {"must_not": [{"key": "a", "match": {"value": true}}]}}', 501,
        ),
        (
            "POST", "/collections/things/points/count",
            b'{"filter": {"min_should": {"conditions": [], "min_count": 1}}}', 501,
        ),
        (
            "POST", "/collections/things/points/count",
            b'{"filter": {"must": [{"key": "a", "match": {"text": "b"}}]}}', 501,
        ),
        ("POST", "/collections/things/points/payload", b'{"payload": {"a": 1}}', 400),
        ("POST", "/collections/things/points/scroll", b'{"offset": "zzz"}', 400),
        ("POST", "/collections/absent/points/count", b"{}", 404),
        ("GET", "/collections/absent", b"", 404),
        ("GET", "/telemetry", b"", 404),
        ("DELETE", "/collections/things", b"", 405),
    ],
)  # fmt: skip
def test_what_is_wrong_or_unknown_is_refused_in_qdrants_words(
    things: QdrantClient, store: Store, method: str, path: str, body: bytes, status: int
) -> None:
    with store.endpoint.client(10) as speaking:
        answer = speaking.request(method, path, content=body)
    assert answer.status_code == status
    refusal = models.ErrorResponse.model_validate(answer.json())
    assert refusal.status is not None
    assert refusal.status.error
    assert things.count(NAME).count == 5


def test_a_refusal_repeats_nothing_that_was_sent(things: QdrantClient, store: Store) -> None:
    """Guards `include_input=False` in `edge_store._body`: the message may be logged."""
    with store.endpoint.client(10) as speaking:
        answer = speaking.put(f"/collections/{NAME}/points", json={"points": [{"id": 1, "vector": "Jane Roe"}]})
    assert answer.status_code == 400
    assert "Jane" not in answer.text


def test_a_body_over_the_limit_is_refused_before_it_is_read(things: QdrantClient, store: Store) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(10)
        raw.connect(str(store.endpoint.socket))
        raw.sendall(f"PUT /collections/{NAME}/points HTTP/1.1\r\nHost: s\r\nContent-Length: {2**40}\r\n\r\n".encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")


def test_payload_is_merged_or_replaced(things: QdrantClient) -> None:
    things.set_payload(NAME, {"seen": 1}, points=odd(), wait=True)
    assert things.retrieve(NAME, [1])[0].payload == {"level": 1, "kind": "odd", "seen": 1}
    assert things.retrieve(NAME, [2])[0].payload == {"level": 2, "kind": "even"}
    things.overwrite_payload(NAME, {"new": 1}, points=[1], wait=True)
    assert things.retrieve(NAME, [1])[0].payload == {"new": 1}


def test_points_are_deleted_by_filter_and_by_id(things: QdrantClient) -> None:
    things.delete(NAME, models.FilterSelector(filter=odd()), wait=True)
    assert things.count(NAME).count == 3
    things.delete(NAME, [0], wait=True)
    assert things.count(NAME).count == 2


def test_points_are_scrolled_page_by_page(things: QdrantClient) -> None:
    first, after = things.scroll(NAME, limit=3, with_vectors=["bm25"])
    rest, end = things.scroll(NAME, limit=3, offset=after)
    assert [record.id for record in [*first, *rest]] == [0, 1, 2, 3, 4]
    assert end is None
    assert first[1].vector == {"bm25": models.SparseVector(indices=[1, 4_294_967_295], values=[1.0, 1.0])}


@pytest.mark.parametrize(
    "fusion",
    [
        models.FusionQuery(fusion=models.Fusion.DBSF),
        models.FusionQuery(fusion=models.Fusion.RRF),
        models.RrfQuery(rrf=models.Rrf(k=60, weights=[1.0, 2.0])),
    ],
    ids=["dbsf", "rrf", "weighted"],
)
def test_two_prefetches_are_fused_under_a_filter(things: QdrantClient, fusion: models.FusionQuery) -> None:
    words = models.SparseVector(indices=[1], values=[1.0])
    hits = things.query_points(
        NAME,
        prefetch=[
            models.Prefetch(query=[1.0, 0.0], using="dense", filter=odd(), limit=9),
            models.Prefetch(query=words, using="bm25", filter=odd(), limit=9),
        ],
        query=fusion,
        query_filter=odd(),
        limit=9,
    ).points
    assert {hit.id for hit in hits} == {1, 3}


def test_the_values_of_an_indexed_field_are_counted(things: QdrantClient) -> None:
    things.create_payload_index(NAME, "level", models.PayloadSchemaType.INTEGER, wait=True)
    things.upsert(NAME, [point(9, level=2, kind="odd")], wait=True)
    assert {hit.value: hit.count for hit in things.facet(NAME, "level").hits} == {0: 1, 1: 1, 2: 2, 3: 1, 4: 1}
    assert len(things.facet(NAME, "level", limit=2).hits) == 2
    told = things.facet(NAME, "level", facet_filter=odd(), exact=True)
    assert {hit.value: hit.count for hit in told.hits} == {1: 1, 2: 1, 3: 1}


def test_a_torn_creation_is_cleared_away(tmp_path: Path, runner: Sockets) -> None:
    torn = tmp_path / "folder" / "things.partial"
    torn.mkdir(parents=True)
    (torn / "shard").write_bytes(b"half")
    with running(tmp_path / "folder", runner("torn")) as store, closing(client(store)) as speaking:
        assert not speaking.collection_exists(NAME)
    assert not torn.exists()


def test_a_socket_left_by_a_killed_process_is_replaced(runner: Sockets) -> None:
    path = runner("stale")
    path.parent.mkdir(mode=0o700, parents=True)
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with listen(path):
        assert path.is_socket()
    assert not path.exists()


def test_the_socket_of_a_living_process_is_left_alone(runner: Sockets) -> None:
    path = runner("living")
    with listen(path):
        with pytest.raises(AlreadyRunning), listen(path):
            pass
        assert path.is_socket()


def test_a_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    """Guards the check of 0o077 in `edge_socket.listen`."""
    tmp_path.chmod(0o755)
    with pytest.raises(SettingsRefused, match="open to others"), listen(tmp_path / "s"):
        pass


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match="107"), listen(tmp_path / ("x" * 120)):
        pass


def test_the_launch_names_its_module_and_passes_no_secret_on(tmp_path: Path) -> None:
    chosen = load(data=tmp_path)
    started = launch(chosen)
    assert started.arguments[:3] == (sys.executable, "-m", "appliance.retrieval.edge_store")
    assert started.endpoint == endpoint(chosen)
    assert not {name for name in started.environment if name.startswith("MUNIMENT_")}


def test_nobody_there_is_not_ready(tmp_path: Path) -> None:
    assert not ready(Endpoint("http://store", socket=tmp_path / "nobody"))
