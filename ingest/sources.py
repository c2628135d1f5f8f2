"""A folder as a source: its files, their digests, and who may read each, from the `.access.yaml` files on the way down.

Nothing is readable by default. A list that is missing, malformed or ambiguous quarantines every file below it.
"""

import hashlib
import os
import stat
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from appliance.errors import OperatorError
from ingest.lists import ACCESS_FILE, Given, Grant, ListRefused, looks_like_a_list, read_list
from ingest.records import Fault, SourceFile

_CHUNK = 1 << 20
_ROOT = PurePosixPath()
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f")
"""Characters that turn the direction of what stands after them: a name with one shows as another name."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A source: everything below `root`, or only what lies below `root / under`. URIs always count from `root`.

    `limit` is the largest file in bytes; larger ones are quarantined unread.
    """

    root: Path
    tenant: str
    limit: int
    under: PurePosixPath = _ROOT

    def holds(self, uri: str) -> bool:
        """Whether the file at `uri` would lie in this source."""
        return PurePosixPath(uri).is_relative_to(self.under)


@dataclass(frozen=True, slots=True)
class Found:
    """Every file of a source, sorted by uri, and notices for the operator about its access lists."""

    files: tuple[SourceFile, ...]
    notices: tuple[str, ...]


@dataclass(slots=True)
class _Walk:
    source: Folder
    files: list[SourceFile] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def pure(path: Path) -> PurePosixPath:
    """A relative path as the beginning of a uri."""
    return PurePosixPath(path.as_posix())


def discover(source: Folder) -> Found:
    """Walk `source`. Raises OperatorError if a folder cannot be listed: an unseen file must not count as vanished."""
    walk = _Walk(source)
    given: Given = Grant()
    folder = PurePosixPath()
    for part in source.under.parts:
        given = _inherit(walk, folder, given)
        given = given.below() if isinstance(given, Grant) else given
        folder /= part
    _descend(walk, folder, given)
    return Found(tuple(sorted(walk.files, key=lambda file: file.uri)), tuple(walk.notices))


def _descend(walk: _Walk, folder: PurePosixPath, inherited: Given) -> None:
    given = _inherit(walk, folder, inherited)
    for entry in _entries(walk, folder):
        if entry.name.startswith(".") or looks_like_a_list(entry.name):
            continue
        below = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            _descend(walk, below, given.below() if isinstance(given, Grant) else given)
        else:
            walk.files.append(_file(walk.source, below, given, entry))


def _entries(walk: _Walk, folder: PurePosixPath) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(walk.source.root / folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise OperatorError(
            f"A folder of the source cannot be listed ({error.strerror}): {_shown(str(folder))}",
            advice="Nothing was changed. Make the folder readable and run the same command again.",
        ) from error


def _inherit(walk: _Walk, folder: PurePosixPath, inherited: Given) -> Given:
    """What applies in `folder`: what comes from above, with the keys of the folder's own list in place of the old."""
    names = {entry.name for entry in _entries(walk, folder)}
    strays = sorted(name for name in names if looks_like_a_list(name) and name != ACCESS_FILE)
    where = _shown(str(folder / ACCESS_FILE))
    if strays:
        # A list under a misspelt name would be ignored, and the wider list from above would apply in silence.
        return ListRefused(f"{where}: a file is named almost like an access list: {_shown(strays[0])}")
    if isinstance(inherited, ListRefused) or ACCESS_FILE not in names:
        return inherited
    given = read_list(walk.source.root / folder / ACCESS_FILE, inherited, where)
    if isinstance(given, Grant):
        known = {unicodedata.normalize("NFC", name) for name in names}
        missing = sorted(set(given.files) - known)
        walk.notices.extend(f"{where}: no such file: {_shown(name)}" for name in missing)
    return given


def _file(source: Folder, relative: PurePosixPath, given: Given, entry: os.DirEntry[str]) -> SourceFile:
    uri, path = str(relative), source.root / relative
    if _unsafe(uri):
        return SourceFile(_shown(uri), path, 0, "", None, Fault.NAME)
    if entry.is_symlink():
        return SourceFile(uri, path, 0, "", None, Fault.LINK)
    try:
        status = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            return SourceFile(uri, path, 0, "", None, Fault.NOT_A_FILE)
        if status.st_size > source.limit:
            return SourceFile(uri, path, status.st_size, "", None, Fault.TOO_LARGE)
        digest = _digest(path)
    except OSError:
        return SourceFile(uri, path, 0, "", None, Fault.UNREADABLE)
    if isinstance(given, ListRefused):
        return SourceFile(uri, path, status.st_size, digest, None, given.reason)
    final = given.of(unicodedata.normalize("NFC", relative.name))
    access = final.access(source.tenant, tuple(str(parent) for parent in reversed(relative.parents) if parent.name))
    if isinstance(access, ListRefused):
        return SourceFile(uri, path, status.st_size, digest, None, access.reason)
    successor = _joined(relative.parent, final.superseded_by) if final.superseded_by else None
    if final.superseded_by and (successor is None or successor == uri):
        return SourceFile(uri, path, status.st_size, digest, None, "superseded_by names no other file of the source")
    return SourceFile(uri, path, status.st_size, digest, access, "", final.valid_from, successor)


def read(file: SourceFile, *, limit: int) -> bytes | Fault:
    """The bytes of `file`, or why there are none.

    Bytes other than those that were found were never under the list that was read with them: the next run decides.
    """
    try:
        with os.fdopen(_open(file.path), "rb") as stream:
            content = stream.read(limit + 1)
    except OSError:
        return Fault.UNREADABLE
    if len(content) > limit:
        return Fault.TOO_LARGE
    return content if hashlib.sha256(content).hexdigest() == file.digest else Fault.CHANGED


def _open(path: Path) -> int:
    """Never through a link that took the file's place, and never waiting for a pipe."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with os.fdopen(_open(path), "rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _joined(folder: PurePosixPath, relative: str) -> str | None:
    """`relative` seen from `folder`, as a uri; None where it leaves the source."""
    parts: list[str] = list(folder.parts)
    for part in PurePosixPath(relative).parts:
        if part == "/" or (part == ".." and not parts):
            return None
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts) or None


def _unsafe(text: str) -> bool:
    return any(unicodedata.category(char) in {"Cc", "Cs"} or char in _BIDI for char in text)


def _shown(text: str) -> str:
    """`text` with what could disturb a terminal or a database written as escapes."""
    return "".join(char.encode("unicode_escape").decode("ascii") if _unsafe(char) else char for char in text)
