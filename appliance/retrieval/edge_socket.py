"""A unix socket that only its owner can reach."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import AlreadyRunning, SettingsRefused

PATH_BYTES = 107
"""What the kernel's socket address holds, without its closing zero."""


@contextmanager
def listen(path: Path) -> Iterator[socket.socket]:
    """A listening socket of mode 0600 at `path`, whose folder is made with mode 0700; removed at the end.

    Raises SettingsRefused if the path is too long for a socket or its folder is open to others, AlreadyRunning if
    a living process listens there.
    """
    _fits(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.parent.stat().st_mode & 0o077:
        raise SettingsRefused("The folder of the store's socket is open to others.", advice="Give it mode 0700.")
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o177)
        try:
            listener.bind(os.fspath(path))
        finally:
            os.umask(before)
        listener.listen(128)
        yield listener
    finally:
        listener.close()
        path.unlink(missing_ok=True)


def listening(path: Path) -> bool:
    """Whether a living process listens at `path`. Raises SettingsRefused if the path is too long for a socket."""
    _fits(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(os.fspath(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True


def _fits(path: Path) -> None:
    if len(os.fsencode(path)) > PATH_BYTES:
        raise SettingsRefused(
            f"The path of the store's socket is over {PATH_BYTES} bytes: {path}", advice="Choose a shorter data folder."
        )


def _clear(path: Path) -> None:
    """Remove what a killed process left behind; never the socket of a living one."""
    if listening(path):
        raise AlreadyRunning("Another process listens on the store's socket.")
    if path.is_socket():
        path.unlink()
