"""The archive: originals and page pictures, each under the SHA-256 of its bytes."""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from appliance.errors import RegistryUnavailable

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Archive:
    """A content-addressed folder. A file is complete under its name or not there at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep `content` durably and return its digest. The same bytes again are written again.

        Whoever uploads what a hidden document says must not see, by the time it takes, that it is here already.
        """
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                try:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                    Path(file.name).replace(path)
                except OSError:
                    Path(file.name).unlink(missing_ok=True)  # a part of a document that nothing would ever remove
                    raise
            _sync_folder(path.parent)
        except OSError as error:
            raise RegistryUnavailable(f"The archive cannot be written ({error.strerror}).") from error
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes kept under `digest`. Raises RegistryUnavailable if they are missing or damaged."""
        if not _DIGEST.fullmatch(digest):
            raise RegistryUnavailable("The archive was asked for what is no digest.")
        try:
            content = self._path(digest).read_bytes()
        except OSError as error:
            raise RegistryUnavailable(f"The archive cannot be read ({error.strerror}).") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise RegistryUnavailable("A file in the archive does not have the digest it was kept under.")
        return content

    def remove(self, digest: str) -> None:
        """Remove what is kept under `digest`, if anything; under what is no digest nothing is."""
        if not _DIGEST.fullmatch(digest):
            return
        try:
            self._path(digest).unlink(missing_ok=True)
        except OSError as error:
            raise RegistryUnavailable(f"The archive cannot be written ({error.strerror}).") from error

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
