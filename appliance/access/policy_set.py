"""A policy set: rules, schema, tables and clients as one thing with one digest. What is signed is the digest.

Nothing here decides or trusts; `signing.py` says who vouches for a digest, `active.py` which set is in force.
"""

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from appliance.errors import PolicyRefused

SCHEMA: Final = "schema.cedarschema"
CLIENTS: Final = "clients.toml"
REDACTION: Final = "redaction.toml"
SIGNATURES: Final = "signatures"
"""The folder beside the files that holds their signatures; it is no part of what is signed."""
_IGNORED: Final = frozenset({"README.md"})
_KINDS: Final = frozenset({".cedar", ".cedarschema", ".toml", ".yaml"})
_FILES: Final = 200
_BYTES: Final = 1 << 20
_HEADING: Final = b"muniment policy set, form 1\n"


@dataclass(frozen=True)
class PolicySet:
    """The files of a set, by their path inside it. Two sets with one digest are the same, byte for byte."""

    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) over a heading and a line for each file, by path: its own SHA-256, its path."""
        return hashlib.sha256(_HEADING + self.listing.encode()).hexdigest()

    @cached_property
    def listing(self) -> str:
        """The canonical list of the files. A path holds no line break, so that no two sets have one listing."""
        return "".join(f"{hashlib.sha256(self.files[path]).hexdigest()}  {path}\n" for path in sorted(self.files))

    @property
    def version(self) -> str:
        """The digest's beginning: what answers and ledger entries carry."""
        return self.digest[:12]

    @property
    def policies(self) -> str:
        """All rules as one text, file after file."""
        return "\n".join(self.text(path) for path in sorted(self.files) if path.endswith(".cedar"))

    @property
    def schema(self) -> str:
        """What the rules may speak about."""
        return self.text(SCHEMA)

    def text(self, path: str) -> str:
        """One file as text. Raises PolicyRefused if it is missing or not UTF-8."""
        if path not in self.files:
            raise PolicyRefused(f"The policy set has no {path}.")
        try:
            return self.files[path].decode()
        except UnicodeDecodeError as error:
            raise PolicyRefused(f"{path} is not UTF-8.") from error


def read(folder: Path) -> PolicySet:
    """The set that lies in `folder`. Raises PolicyRefused for anything in it that is not understood.

    A README.md and the signatures are no part of it. A link, a device, a file of another kind or one too large is
    refused rather than passed over: what an officer sees in the folder is what he signs.
    """
    files: dict[str, bytes] = {}
    try:
        for path in sorted(folder.rglob("*")):
            inside = PurePosixPath(path.relative_to(folder))
            if inside.parts[0] == SIGNATURES or str(inside) in _IGNORED or _is_folder(path):
                continue
            files[str(inside)] = _content(path, str(inside))
            if len(files) > _FILES:
                raise PolicyRefused(f"The policy set has more than {_FILES} files.")
    except OSError as error:
        raise PolicyRefused(f"The policy set cannot be read ({type(error).__name__}).") from error
    return _whole(files)


def gathered(files: Mapping[str, bytes]) -> PolicySet:
    """The set that these files make, held to what `read` asks of a folder. Raises PolicyRefused."""
    kept = {name: content for name, content in files.items() if name not in _IGNORED}
    for name, content in kept.items():
        if PurePosixPath(name).suffix not in _KINDS or not name.isprintable():
            raise PolicyRefused(f"{name!a} is no file of a policy set.")
        if len(content) > _BYTES:
            raise PolicyRefused(f"{name} is larger than {_BYTES:,} bytes.")
    if len(kept) > _FILES:
        raise PolicyRefused(f"The policy set has more than {_FILES} files.")
    return _whole(kept)


def _whole(files: Mapping[str, bytes]) -> PolicySet:
    if not any(path.endswith(".cedar") for path in files) or SCHEMA not in files:
        raise PolicyRefused("That is no policy set: rules (*.cedar) and schema.cedarschema are needed.")
    return PolicySet(files)


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _content(path: Path, name: str) -> bytes:
    if not stat.S_ISREG(path.lstat().st_mode) or path.suffix not in _KINDS or not name.isprintable():
        raise PolicyRefused(f"{name!a} is no file of a policy set.")
    with path.open("rb") as stream:
        content = stream.read(_BYTES + 1)
    if len(content) > _BYTES:
        raise PolicyRefused(f"{name} is larger than {_BYTES:,} bytes.")
    return content
