"""The key under which the known are hashed: a file of its own, never in the database. It is made once and not changed.

A list cannot be hashed anew, since nobody has it in clear: with another key every list is loaded again.
"""

import os
import secrets
import stat
from pathlib import Path
from typing import Final
from uuid import uuid4

from appliance.errors import DetectorUnavailable

KEY_BYTES: Final = 32
_ADVICE: Final = (
    "Bring back the key that belongs to the lists of known persons, with mode 0600. If it is lost: remove every list "
    "(`muniment privacy people remove`) and load it again."
)


class KnownKey:
    """The key in `file`. Both methods raise DetectorUnavailable if it cannot be had for certain."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> bytes:
        """The key that is there."""
        try:
            state = self._file.stat()
            secret = self._file.read_bytes()
        except OSError as error:
            raise DetectorUnavailable(
                f"The key of the known persons cannot be read ({error.strerror}).", advice=_ADVICE
            ) from None
        if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise DetectorUnavailable("The key of the known persons can be read by others.", advice=_ADVICE)
        if len(secret) != KEY_BYTES:
            raise DetectorUnavailable(f"The key of the known persons is not {KEY_BYTES} bytes long.", advice=_ADVICE)
        return secret

    def made(self) -> bytes:
        """The key that is there, or a new one; of two processes that make one at once, the first one's stays."""
        if not self._file.exists():
            try:
                self._make()
            except OSError as error:
                raise DetectorUnavailable(
                    f"The key of the known persons cannot be written ({error.strerror}).", advice=_ADVICE
                ) from None
        for left in self._file.parent.glob(f"{self._file.name}.{'[0-9a-f]' * 32}"):  # by a process that was killed
            left.unlink(missing_ok=True)
        return self.read()

    def _make(self) -> None:
        scratch = self._file.with_name(f"{self._file.name}.{uuid4().hex}")
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
                made.write(secrets.token_bytes(KEY_BYTES))
                made.flush()
                os.fsync(made.fileno())
            os.link(scratch, self._file)
        except (FileExistsError, FileNotFoundError):  # another process was first, and may have swept this one's
            return
        finally:
            scratch.unlink(missing_ok=True)
