"""Access lists: the `.access.yaml` of a folder, parsed strictly. Anything that is not understood is a refusal.

Keys: readers, level, department, labels, owner, wall, patient, purpose, hold, valid_from, superseded_by, and `files`
with the same keys by file name. A key given lower replaces the inherited one.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from appliance.records import Access, Level
from ingest.records import Fault

ACCESS_FILE = ".access.yaml"
_LARGEST = 256 * 1024
_ALMOST = re.compile(r"\.?access\.ya?ml(\.\w{1,4}|~)?", re.IGNORECASE)
_GROUP = re.compile(r"[A-Za-z0-9][\w.:/@-]{0,127}")
_LEVELS = {level.name.lower() for level in Level}


@dataclass(frozen=True, slots=True)
class ListRefused:
    """No access can be derived, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What the lists on the way down have said so far. None: not said. Readable only once nothing needed is None."""

    readers: frozenset[str] | None = None
    level: Level | None = None
    department: str | None = None
    labels: frozenset[str] = frozenset()
    owner: str = ""
    wall: str = ""
    patient: str = ""
    purpose: str = ""
    hold: bool = False
    valid_from: date | None = None
    superseded_by: str | None = None
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def below(self) -> "Grant":
        """What a folder below inherits: everything but what was said about single files."""
        return replace(self, files={}, superseded_by=None)

    def of(self, name: str) -> "Grant":
        """What applies to the file called `name`."""
        return replace(self, files={}, **self.files.get(name, {}))

    def access(self, tenant: str, ancestors: tuple[str, ...]) -> Access | ListRefused:
        """The whole of the attributes, or a refusal where one of them was never given."""
        if self == Grant():
            return ListRefused(Fault.NO_ACCESS)
        if not self.readers:
            return ListRefused(f"{Fault.NO_ACCESS}: no readers")
        if self.level is None:
            return ListRefused(f"{Fault.NO_ACCESS}: no level")
        if not self.department:
            return ListRefused(f"{Fault.NO_ACCESS}: no department")
        return Access(
            tenant,
            self.level,
            self.readers,
            self.department,
            self.labels,
            ancestors,
            owner=self.owner,
            wall=self.wall,
            patient=self.patient,
            purpose=self.purpose,
            hold=self.hold,
        )


Given = Grant | ListRefused


def looks_like_a_list(name: str) -> bool:
    """Whether `name` is that of an access list, or so near to it that somebody must have meant one."""
    return _ALMOST.fullmatch(name) is not None


def read_list(path: Path, inherited: Grant, where: str) -> Given:
    """The list at `path` laid over what is `inherited`. `where` names it in a refusal."""
    try:
        if path.is_symlink() or not path.is_file():
            return ListRefused(f"{where}: it is not an ordinary file")
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except OSError:
        return ListRefused(f"{where}: it cannot be read")
    if len(content) > _LARGEST:
        return ListRefused(f"{where}: it is larger than {_LARGEST:,} bytes")
    try:
        return _laid_over(inherited, _plain(content))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        # A YAML library's own message quotes the file, so only our words are passed on.
        words = str(error) if isinstance(error, _Fault) else "it is not valid YAML"
        return ListRefused(f"{where}: {words}")


class _Fault(ValueError):
    """What is wrong with a list, in words for the operator."""


class _Strict(yaml.SafeLoader):
    """YAML without duplicate keys, where the later would win in silence, and without aliases, which can explode."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _Fault("aliases are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - the signature of the class above
    ) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if any(not isinstance(key, str) or key == "<<" for key in keys) or len(set(keys)) < len(keys):
            raise _Fault("a key is given twice or is not a word")
        return super().construct_mapping(node, deep=deep)


def _plain(content: bytes) -> dict[str, Any]:
    loader = _Strict(content)
    try:
        plain = loader.get_single_data()
    finally:
        loader.dispose()
    if plain is None:
        raise _Fault("it is empty")
    if not isinstance(plain, dict):
        raise _Fault("it is not a mapping of keys")
    return plain


def _laid_over(inherited: Grant, plain: dict[str, Any]) -> Grant:
    files = plain.pop("files", {})
    if not isinstance(files, dict):
        raise _Fault("files: must map file names to keys")
    if "superseded_by" in plain:
        raise _Fault("superseded_by belongs to a single file, below files:")
    own: dict[str, dict[str, Any]] = {}
    for name, keys in files.items():
        if not isinstance(name, str) or not name or "/" in name or not isinstance(keys, dict):
            raise _Fault("files: must map file names of this folder to keys")
        own[unicodedata.normalize("NFC", name)] = _checked(keys)
    if len(own) < len(files):
        raise _Fault("files: a name is given twice")
    return replace(inherited, files=own, **_checked(plain))


def _checked(keys: dict[Any, Any]) -> dict[str, Any]:
    """The keys of a folder or of one file as values of our own."""
    unknown = keys.keys() - _READ.keys()
    if unknown:
        raise _Fault("an unknown key")
    return {key: _READ[key](value) for key, value in keys.items()}


def _readers(value: object) -> frozenset[str]:
    readers = _names("readers", value)
    if not readers:
        raise _Fault("readers: is empty, so nobody could read")
    return readers


def _labels(value: object) -> frozenset[str]:
    return _names("labels", value)


def _level(value: object) -> Level:
    if not isinstance(value, str) or value not in _LEVELS:
        raise _Fault("level: must be public, internal, confidential or restricted")
    return Level.named(value)


def _word(key: str, value: object) -> str:
    if not isinstance(value, str) or not _GROUP.fullmatch(value):
        raise _Fault(f"{key}: must be one word")
    return value


def _hold(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Fault("hold: must be true or false")
    return value


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _Fault("valid_from: must be a date such as 2026-03-01")
    return value


def _path(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _Fault("superseded_by: must be a path seen from this folder")
    return value


def _names(key: str, value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) and _GROUP.fullmatch(name) for name in value):
        raise _Fault(f"{key}: must be a list of words")
    return frozenset(value)


_READ: Mapping[str, Callable[[object], Any]] = {
    "readers": _readers,
    "labels": _labels,
    "level": _level,
    **{key: partial(_word, key) for key in ("department", "owner", "wall", "patient", "purpose")},
    "hold": _hold,
    "valid_from": _day,
    "superseded_by": _path,
}
