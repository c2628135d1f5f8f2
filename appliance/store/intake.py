"""The intake: bytes of uploads on their way into the archive, each under a ticket of its own.

Never by digest: what somebody else keeps here must not show, be it in what is written or in how long that takes.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from appliance.errors import RegistryUnavailable, TooLarge

_PART = ".part"
RESERVE: Final = 1 << 30
"""Bytes that uploads leave free: the database, the index and the archive share the disk and must be able to write."""


class Incoming:
    """One file while it arrives. A context manager: what was not kept by its end is gone.

    `digest` is the SHA-256 of what has arrived. Raises RegistryUnavailable if the disk fails
    or has no room for the largest file beside `RESERVE`.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.ticket = str(uuid4())
        self.size = 0
        self._limit = limit
        self._folder = folder
        self._hash = hashlib.sha256()
        self._part = folder / f"{self.ticket}{_PART}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_room(folder, limit)
            self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        except OSError as error:
            raise _unwritable(error) from error

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes so far."""
        return self._hash.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Take some more bytes. Raises TooLarge at the first one over the limit."""
        self.size += len(chunk)
        if self.size > self._limit:
            raise TooLarge(
                f"The file is larger than {self._limit >> 20} MiB.", advice="Split it, or ask the operator (file_mib)."
            )
        try:
            self._file.write(chunk)
        except OSError as error:
            raise _unwritable(error) from error
        self._hash.update(chunk)

    def keep(self) -> None:
        """Make the file durable under its ticket: bytes, then name, each on the disk before the next."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._part.replace(self._folder / self.ticket)
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _unwritable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # a full disk: what could not be written is not kept either
            self._file.close()
        self._part.unlink(missing_ok=True)


class Intake:
    """The folder of uploads that the worker has not brought in yet; no file larger than `limit` bytes."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        self._folder = folder
        self._limit = limit

    def receive(self) -> Incoming:
        """A new file to write to."""
        return Incoming(self._folder, self._limit)

    def path(self, ticket: str) -> Path:
        """Where the file of `ticket` lies, if it was kept."""
        return self._folder / ticket

    def remove(self, ticket: str) -> None:
        """Remove the file of `ticket`, if there is one."""
        try:
            self.path(ticket).unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(error) from error

    def older(self, moment: float) -> Iterator[str]:
        """The tickets of files, whole or broken off, last written before `moment` (seconds since the epoch)."""
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            try:
                if path.stat().st_mtime < moment:
                    yield path.name
            except FileNotFoundError:  # kept or given up in between
                continue


def _check_room(folder: Path, limit: int) -> None:
    """Asked before the first byte is taken, when refusing costs nothing."""
    if shutil.disk_usage(folder).free < limit + RESERVE:
        raise RegistryUnavailable(
            "The appliance's disk has no room for uploads.",
            advice="Nothing was kept. Ask the operator to make room, then send the file again.",
        )


def _unwritable(error: OSError) -> RegistryUnavailable:
    return RegistryUnavailable(f"The archive cannot be written ({error.strerror}).")
