"""Leaving the network for good: the worker speaks to the store through a socket with a path, and to nobody else."""

import ctypes
import os
from pathlib import Path
from typing import Final

from ingest.worker import NoEnclosure

_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_PROC: Final = Path("/proc/self")


def enter() -> None:
    """Move this process, which must have one thread, into a network namespace where nothing is.

    Raises NoEnclosure where the kernel refuses; it would enclose no parser either. Delete the call of unshare and
    `tests/ingest/test_jobs.py` fails.
    """
    user, group = os.getuid(), os.getgid()
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(_NEWUSER | _NEWNET) != 0:
        raise NoEnclosure(f"The worker cannot leave the network ({os.strerror(ctypes.get_errno())}).")
    try:
        (_PROC / "setgroups").write_text("deny")
        (_PROC / "uid_map").write_text(f"{user} {user} 1")
        (_PROC / "gid_map").write_text(f"{group} {group} 1")
    except OSError as error:
        raise NoEnclosure(f"The worker cannot leave the network ({error.strerror}).") from error
