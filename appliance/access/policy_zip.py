"""A policy set with its signatures in one zip, as an officer uploads it. Nothing is written anywhere, nothing is run.

A zip can claim anything: what counts is what is read, in bounds, and whatever is not understood is refused.
"""

import stat
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from appliance.access import plain_yaml, policy_set, signing
from appliance.access.policy_set import SCHEMA, SIGNATURES, PolicySet
from appliance.errors import PolicyRefused

LARGEST: Final = 1 << 20
"""Bytes of the zip."""
_ENTRIES: Final = 250
_BYTES: Final = 2 << 20
"""Bytes of all files together, unpacked."""
_SIGNATURE: Final = 1_024
_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def unzipped(content: bytes) -> tuple[PolicySet, dict[str, bytes]]:
    """The set in a zip, and the signatures beside it by officer's name. Raises PolicyRefused.

    The set's files may lie in one folder inside it. Each refusal is tested by a zip of its own.
    """
    files = _rooted(_files(content))
    beside = f"{SIGNATURES}/"
    given = {name.removeprefix(beside): one for name, one in files.items() if name.startswith(beside)}
    inside = next((name for name in files for above in PurePosixPath(name).parents if str(above) in files), None)
    if inside is not None:  # it could be signed, and not be written down again
        raise PolicyRefused(f"{inside!a} lies in a file as if that were a folder.")
    found = policy_set.gathered({name: one for name, one in files.items() if not name.startswith(beside)})
    for name, one in found.files.items():
        if name.endswith(".yaml") and plain_yaml.bound(one, name):
            raise PolicyRefused(f"{name} repeats parts of itself by name (&, *), which can grow without bounds.")
    return found, {_officer(name, one): one for name, one in given.items()}


def _files(content: bytes) -> dict[str, bytes]:
    if len(content) > LARGEST:
        raise PolicyRefused(f"The zip is larger than {LARGEST:,} bytes.")
    files: dict[str, bytes] = {}
    left = _BYTES
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _ENTRIES:
                raise PolicyRefused(f"The zip has more than {_ENTRIES} entries.")
            for entry in entries:
                if entry.is_dir():
                    continue
                name = _name(entry, files)
                with archive.open(entry) as stream:
                    files[name] = stream.read(left + 1)  # what an entry claims to be large is not believed
                left -= len(files[name])
                if left < 0:
                    raise PolicyRefused(f"The files in the zip are larger than {_BYTES:,} bytes together.")
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise PolicyRefused(f"That cannot be read as a zip ({type(error).__name__}).") from None
    return files


def _name(entry: zipfile.ZipInfo, before: Mapping[str, bytes]) -> str:
    name, mode = entry.filename, entry.external_attr >> 16
    kind = stat.S_IFMT(mode)
    parts = name.split("/")
    if name in before:
        raise PolicyRefused(f"{name!a} is in the zip twice.")
    if entry.compress_type not in _PACKED or kind not in (0, stat.S_IFREG):
        raise PolicyRefused(f"{name!a} is a link, a device, or packed in a way that is not read: zip plain files only.")
    if "\\" in name or not name.isprintable() or not all(part not in ("", ".", "..") for part in parts):
        raise PolicyRefused(f"{name!a} is no name of a file in a policy set.")
    return name


def _rooted(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files without the one folder that holds all of them, if there is one."""
    tops = {PurePosixPath(name).parts[0] for name in files}
    if len(tops) != 1 or SCHEMA in files:
        return dict(files)
    (top,) = tops
    return {name.removeprefix(f"{top}/"): one for name, one in files.items()}


def _officer(name: str, content: bytes) -> str:
    if not name.endswith(".sig") or len(content) > _SIGNATURE:
        raise PolicyRefused(f"{name!a} is no signature.")
    return signing.named(name.removesuffix(".sig"))
