"""Room on the disk that is kept for the last entries: given free when the disk is full, so that endings can be written.

Whether it is held is a fact of the file system, so all processes of an installation see the same.
"""

import os
import shutil
from pathlib import Path
from typing import Final

PAGE: Final = 4096


class Reserve:
    """A file of `size` bytes that holds nothing. While it is not there, nothing new may begin."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    @property
    def held(self) -> bool:
        """Whether the room is there."""
        try:
            return self._path.stat().st_size == self._size
        except FileNotFoundError:
            return False

    @property
    def free(self) -> int:
        """Bytes free on the disk, the reserve not counted."""
        return shutil.disk_usage(self._path.parent).free

    def hold(self) -> bool:
        """Take the room if it is not held, and say whether it is held now."""
        if self.held:
            return True
        scratch = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(scratch, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
            scratch.replace(self._path)
        except OSError:  # there is no room: that is what the caller learns
            return False
        finally:
            scratch.unlink(missing_ok=True)
        return True

    def release(self) -> bool:
        """Give the room free; whether there was any."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
