"""What a parser process may do: nothing outside. Namespaces and limits of the kernel, entered once, never left.

A parser reads bytes that strangers wrote, with libraries of a million lines. So it has no network, sees none of the
house's data, and is bounded. Runs in the single-threaded server process of `ingest.worker` before anything is imported.
"""

import ctypes
import os
import resource
import socket
from collections.abc import Sequence
from pathlib import Path

_NEWNS, _NEWUSER, _NEWNET, _NEWIPC = 0x00020000, 0x10000000, 0x40000000, 0x08000000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_PR_SET_NO_NEW_PRIVS, _PR_SET_PDEATHSIG = 38, 1
_MIB = 1 << 20
_SPARE_MIB = 1_024


def enter(hidden: Sequence[Path]) -> None:
    """Leave the network and cover the folders `hidden` with empty ones. Raises OSError where the kernel refuses.

    Delete the call of `unshare` and `tests/ingest/test_worker.py::test_a_parser_has_no_network_and_sees_no_data` fails.
    """
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEWUSER | _NEWNET | _NEWNS | _NEWIPC)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    for folder in hidden:
        if folder.is_dir():
            _call("mount", b"none", os.fsencode(folder), b"tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, b"size=4k")
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if _has_network():
        raise OSError("the network is still there")


def bound(*, memory_mib: int, seconds: float) -> None:
    """Limits of one parser process. The memory cap is the watchdog's; this is the wall behind it.

    Writable memory is capped, not address space: pdfium reserves much more than it uses, and under a cap on addresses
    it returns empty pages instead of an error.
    """
    os.setsid()
    _call("prctl", _PR_SET_PDEATHSIG, 9, 0, 0, 0)
    data = (memory_mib + _SPARE_MIB) * _MIB
    for limit, value in (
        (resource.RLIMIT_DATA, data),
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 512 * _MIB),
        (resource.RLIMIT_NOFILE, 256),
    ):
        resource.setrlimit(limit, (value, value))


def _has_network() -> bool:
    """Whether any interface but the loopback of the empty namespace exists."""
    return {name for _, name in socket.if_nameindex()} - {"lo"} != set()


def _call(name: str, *arguments: int | bytes | None) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
