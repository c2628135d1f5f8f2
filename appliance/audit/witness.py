"""The second place: where checkpoints go besides the database, so that whoever owns that cannot rewrite both.

What makes it one is the site's: a file with the append-only attribute that root has set (`chattr +a`), or the system's
log that another user keeps. To take back what stands there must not be in the power of the API's user.
"""

import os
import socket
from pathlib import Path
from typing import Final, Protocol

from appliance.errors import LedgerUnavailable

_PRIORITY: Final = 13 * 8 + 5
"""Facility "log audit", severity "notice" (RFC 5424)."""
_SECONDS: Final = 2.0


class Witness(Protocol):
    """Takes lines and never gives them back."""

    def write(self, line: str, /) -> None:
        """Returns when `line` is handed over. Raises LedgerUnavailable if that is not certain."""
        ...


class FileWitness:
    """A file that is only ever appended to. It is made only if `make`: where root should have made it, its absence is
    a fault, not an invitation.
    """

    def __init__(self, path: Path, *, make: bool = False) -> None:
        self._path = path
        self._make = make

    def write(self, line: str) -> None:
        """On the disk when this returns. A line that a power cut left half is ended by the next one's beginning."""
        flags = os.O_WRONLY | os.O_APPEND | (os.O_CREAT if self._make else 0)
        content = f"\n{line}\n".encode()
        try:
            if self._make:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, flags, 0o600)
            try:
                written = os.write(descriptor, content)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise LedgerUnavailable(f"The second place of checkpoints cannot be written ({error.strerror}).") from error
        if written != len(content):
            raise LedgerUnavailable("The second place of checkpoints cannot be written (it is full).")


class SyslogWitness:
    """The system's log, through its socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, line: str) -> None:
        """Taken by the log's daemon when this returns; what it does with it is the site's."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
                log.settimeout(_SECONDS)
                log.connect(str(self._path))
                log.send(f"<{_PRIORITY}>muniment-ledger: {line}".encode())
        except OSError as error:
            raise LedgerUnavailable(f"The system's log takes no checkpoints ({error.strerror}).") from error


def witness(where: str) -> Witness:
    """The witness that a setting names: `file:/path`, which must exist, or `syslog:/socket`."""
    kind, _, path = where.partition(":")
    return FileWitness(Path(path)) if kind == "file" else SyslogWitness(Path(path))
