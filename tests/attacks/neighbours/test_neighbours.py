"""Store, model, worker, queue and files beside another user of the machine: he gets nothing.

The parts are processes of their own, started as `muniment up` starts them; the data folder lies where everybody may
look, so that what keeps him out is what the appliance made itself.
"""

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import httpx
import psutil
import pytest

from appliance import wiring
from appliance.models import engines
from appliance.operations import workers
from appliance.operations.parts import checks, parts, worker_lock
from appliance.operations.stack import Part, Stack, held
from appliance.settings import ROOT, Settings, load
from tests.contracts.fake_engine import fake_launch
from tests.left_out import left_out

NOBODY = 65534
SECRET = "PAPAVER-SOMNIFERUM-4711"
TEXT = f"# Night shift\n\nThe drug cupboard is counted at ten in the evening by two nurses, says {SECRET}.\n"

FILES = {
    ".": "where all of it lies",
    "archive": "the originals of all documents",
    "archive/??": "",
    "archive/??/*": "",
    "archive/incoming": "uploads that wait for the worker",
    "archive/incoming/*": "",
    "demo-officers": "the keys of the demonstration's two officers",
    "demo-officers/*": "",
    "ingest.lock": "held by whoever brings documents in",
    "ledger-keys": "the keys of the people in the ledger, and the one that signs checkpoints",
    "ledger-keys/*": "",
    "ledger-reserve": "room for the ledger's last entries",
    "ledger-witness": "checkpoints of the ledger",
    "ledger-witness/checkpoints": "",
    "policies": "the sets in force, now and before",
    "policies/*": "",
    "registry.sqlite": "documents, ledger, conversations, queue",
    "registry.sqlite-shm": "",
    "registry.sqlite-wal": "",
    "run": "sockets, locks, logs",
    "run/identity.key": "signs the demonstration's tokens while several workers share it",
    "run/logs": "",
    "run/logs/*.log": "",
    "run/metrics": "counts for the operator, one file for each process",
    "run/metrics/*": "",
    "run/model.sock": "",
    "run/questions.sock": "",
    "run/stack.json": "which processes run",
    "run/store.sock": "",
    "run/up.lock": "",
    "run/worker.lock": "",
    "vectors": "passages and their vectors",
    "vectors/*": "",
}
"""What may lie in the data folder, by pattern; `x/*` is whatever is below x too. A new file asks for a row here."""

SOCKETS = ("run/model.sock", "run/questions.sock", "run/store.sock")


class House:
    """A running stack with a document in it, in a folder that everybody may enter but for what it keeps itself."""

    def __init__(self, settings: Settings, stack: Stack) -> None:
        self.settings = settings
        self.data = settings.data
        self._stack = stack

    def paths(self) -> list[Path]:
        """Everything in the data folder, itself included."""
        return [self.data, *sorted(self.data.rglob("*"))]

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Each part's process and its children."""
        found = {part.name: part.process() for part in self._stack.running()}
        return {name: [one, *one.children(recursive=True)] for name, one in found.items() if one}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _parts(settings: Settings) -> list[Part]:
    """The product's own store; a worker and an API that need no weights; a model that needs none either."""
    passed = {"DATA": settings.data, "API_PORT": settings.api_port}
    inherited = {**os.environ, **{f"MUNIMENT_{n}": str(v) for n, v in passed.items()}, "PYTHONPATH": str(ROOT)}
    model = fake_launch(settings)

    def ours(name: str) -> tuple[str, ...]:
        return sys.executable, "-m", "tests.faults.parts", name

    def answers() -> bool:
        try:
            return httpx.get(f"{settings.api_url}/healthz", trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    return [
        parts(settings)[0](),
        Part("model", model.arguments, model.environment, lambda: engines.ready(model.endpoint)),
        Part("worker", ours("worker"), inherited, lambda: held(worker_lock(settings))),
        Part("api", ours("api"), inherited, answers, port=settings.api_port),
    ]


def _upload(settings: Settings) -> None:
    with httpx.Client(base_url=settings.api_url, trust_env=False, timeout=60) as api:
        token = api.post("/v1/demo/token", json={"persona": "mara"}).json()["access_token"]
        api.headers["Authorization"] = f"Bearer {token}"
        asked = {"name": "night.md", "level": "internal", "readers": "icu"}
        made = api.post("/v1/documents", params=asked, content=TEXT.encode())
        assert made.status_code == 202, made.text
        until = time.monotonic() + 60
        while SECRET not in api.post("/v1/search", json={"question": "drug cupboard"}).text:
            assert time.monotonic() < until
            time.sleep(0.2)


@contextmanager
def _running(folder: Path) -> Iterator[House]:
    settings = load(data=folder / "data", api_port=_free_port())
    stack = Stack(settings.run_folder)
    settings.data.mkdir(mode=0o700)
    before = os.umask(0o077)  # as `muniment` sets it first of all
    os.environ["SOME_SECRET"] = SECRET
    try:
        for _ in stack.up([lambda part=part: part for part in _parts(settings)]):  # type: ignore[misc]  # bound at once
            pass
        with workers.shared(settings):  # the queue and the key of several workers, kept by this process
            _upload(settings)
            wiring.ledger_of(settings).notary.round()  # a checkpoint, which the API's own clock would write later
            yield House(settings, stack)
    finally:
        os.umask(before)
        del os.environ["SOME_SECRET"]
        stack.down()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    if os.geteuid() != 0:
        left_out("ANOTHER USER OF THE MACHINE", "only root may become one.")
    with tempfile.TemporaryDirectory(prefix="house-") as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "stranger.py").write_bytes(Path(__file__).with_name("stranger.py").read_bytes())
        (Path(folder) / "stranger.py").chmod(0o644)
        with _running(Path(folder)) as running:
            yield running


def got(house: House, **asked: Iterable[object]) -> list[str]:
    """What another user, without a group of ours, got of what he tried."""
    tried = {"read": [], "write": [], "connect": []} | {
        name: [str(one) for one in all_] for name, all_ in asked.items()
    }
    script = house.data.parent / "stranger.py"
    ran = subprocess.run(
        ["/usr/bin/python3", "-I", str(script)],
        input=json.dumps(tried), user=NOBODY, group=NOBODY, extra_groups=[], text=True, capture_output=True, check=True,
    )  # fmt: skip
    return ran.stdout.splitlines()


def _row(path: Path, data: Path) -> str:
    name = path.relative_to(data).as_posix()
    return next((pattern for pattern in FILES if fnmatchcase(name, pattern)), "")


def test_the_stranger_gets_what_is_open_to_all(house: House) -> None:
    """The control: without it, a stranger who could try nothing would pass every other test here."""
    open_to_all = house.data.parent / "notice"
    open_to_all.write_text("for everybody")
    open_to_all.chmod(0o644)
    with socket.socket(socket.AF_UNIX) as listening:
        door = house.data.parent / "open.sock"
        listening.bind(str(door))
        listening.listen()
        door.chmod(0o666)
        assert got(house, read=[open_to_all], connect=[door]) == [f"read {open_to_all}", f"connect {door}"]


def test_everything_in_the_data_folder_is_its_own_users_alone(house: House) -> None:
    """Guards `os.umask(part.umask)` in `Stack._start` and each `mode=0o700`: nothing leans on the folder above it."""
    unlisted = [path for path in house.paths() if not _row(path, house.data)]
    assert unlisted == []
    told = {path: path.lstat() for path in house.paths()}
    assert {path: stat.filemode(one.st_mode) for path, one in told.items() if one.st_mode & 0o077} == {}
    assert {path for path, one in told.items() if (one.st_uid, one.st_gid) != (os.getuid(), os.getgid())} == set()
    assert not [path for path in told if path.is_symlink()]
    sockets = {path.relative_to(house.data).as_posix() for path in told if path.is_socket()}
    assert sockets == set(SOCKETS)


def test_each_row_is_of_something(house: House) -> None:
    names = {path.relative_to(house.data).as_posix() for path in house.paths()}
    passing = {
        "run/metrics/*",
        "archive/incoming/*",
        "archive/incoming",
        "ingest.lock",
    }  # there only while something is on its way
    missing = {pattern for pattern in FILES if not any(fnmatchcase(name, pattern) for name in names)}
    assert missing <= passing


def test_another_user_reads_writes_and_reaches_nothing_of_it(house: House) -> None:
    """Guards `path.parent.mkdir(mode=0o700` in `edge_socket.listen` and the modes of the rest."""
    paths = house.paths()
    assert got(house, read=paths, write=paths, connect=[house.data / one for one in SOCKETS]) == []


def test_nor_does_he_where_the_folders_above_are_open(house: House) -> None:
    """Guards `self._socket.chmod(0o600)` in the queue, `os.umask(0o177)` in `edge_socket.listen`, and the files' modes.

    An operator opens the data folder by mistake: each file and socket still has a lock of its own.
    """
    opened = [house.data, house.settings.run_folder, house.settings.run_folder / "logs", house.data / "ledger-keys"]
    files = [path for path in house.paths() if path.parent in opened and not path.is_dir()]
    assert len(files) > 8
    for folder in opened:
        folder.chmod(0o755)
    try:
        assert got(house, read=files, write=files, connect=[house.data / one for one in SOCKETS]) == []
    finally:
        for folder in opened:
            folder.chmod(0o700)


def test_no_process_tells_its_secrets_to_another_user(house: House) -> None:
    """Guards that secrets are never arguments; the rest is its own user's, which is the kernel's."""
    every = [process for family in house.processes().values() for process in family]
    assert len(every) >= 4
    said = [" ".join(process.cmdline()) for process in every]
    assert not [line for line in said if SECRET in line or "key" in line.lower().replace(str(house.data), "")]
    inside = [f"/proc/{one.pid}/{name}" for one in every for name in ("environ", "maps", "mem", "fd", "cwd/", "root/")]
    assert got(house, read=inside) == []


def test_store_and_model_are_told_no_secret_of_the_house(house: House) -> None:
    """Guards `_PASSED_ON` in `retrieval.launch` and `engines`: the control is the API, which did get it."""
    told = {name: family[0].environ() for name, family in house.processes().items()}
    assert SECRET in told["api"].values()
    for name in ("store", "model"):
        assert SECRET not in told[name].values()
        assert not [key for key in told[name] if key.startswith("MUNIMENT_")]


def test_nothing_but_the_api_listens_on_a_port_and_that_on_loopback(house: House) -> None:
    """Guards that store, model, worker and queue have sockets of files only: no port, no key to guess."""
    listening = {
        (name, one.laddr.ip, one.laddr.port)
        for name, family in house.processes().items()
        for process in family
        for one in process.net_connections("inet")
        if one.status == psutil.CONN_LISTEN or one.type == socket.SOCK_DGRAM
    }
    assert listening == {("api", "127.0.0.1", house.settings.api_port)}


@pytest.mark.parametrize(
    "host", ["store", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "model"]
)
def test_a_forged_host_opens_nothing(house: House, host: str) -> None:
    """Guards the Host's line in `gate._check_local`: a page of another site, rebound to this machine, gets no token."""
    with httpx.Client(base_url=house.settings.api_url, trust_env=False, headers={"Host": host}) as rebound:
        answers = [
            rebound.post("/v1/demo/token", json={"persona": "mara"}),
            rebound.get("/v1/documents"),
            rebound.post("/v1/search", json={"question": "drug cupboard"}),
        ]
    assert all(answer.status_code in (400, 401, 403) for answer in answers), [one.status_code for one in answers]
    assert not [answer for answer in answers if SECRET in answer.text or "access_token" in answer.text]


def test_there_is_no_door(house: House) -> None:
    """Where none was set up there is no part, no socket, no book, and the product's own list of parts has none."""
    assert load().egress == "absent"
    assert set(house.processes()) == {"store", "model", "worker", "api"}
    assert not [path for path in house.paths() if "door" in path.name]
    assert "door" not in checks(house.settings)
