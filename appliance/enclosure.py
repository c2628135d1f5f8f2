"""What a parser or a detector may do: nothing outside. Namespaces and limits of the kernel, entered once, never left.

It reads what strangers wrote, with libraries of a million lines. So its process has no network, sees no process but its
own and none of the house's data, writes nowhere but into a folder in memory, holds no capability that could undo this,
and is bounded. Runs in the single-threaded server processes of `ingest.server` and
`appliance.privacy.detecting.enclosed_server` before anything is imported.
"""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from select import select
from typing import Any

_NEWNS, _NEWUSER, _NEWNET, _NEWIPC, _NEWPID = 0x00020000, 0x10000000, 0x40000000, 0x08000000, 0x20000000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE = 442, -100, 0x8000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS = 1, 4, 24, 28
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _CLEAR_ALL = 38, 47, 4
_ROOT_IS_NOBODY = 0x2F  # SECBIT_NOROOT and SECBIT_NO_SETUID_FIXUP, locked; SECBIT_KEEP_CAPS locked off
_CAPABILITIES, _CAPSET_VERSION = 64, 0x20080522
_PROCESSES = 256
_MIB = 1 << 20
_SPARE_MIB = 1_024

_SOCKETS = Path("/run")
"""Where a system keeps its sockets. A socket with a path is reached without any network."""


def enter(hidden: Sequence[Path], *, private: Path) -> None:
    """Leave network and processes, cover the folders `hidden`, and write nowhere but in `private`, empty and in memory.

    Forks: returns in the first process of the new namespace, which dies with the one that waits for it outside. Raises
    OSError where the kernel refuses. Delete a line of it and `tests/ingest/test_enclosure.py` fails.
    """
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEWUSER | _NEWNET | _NEWNS | _NEWIPC | _NEWPID)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with suppress(OSError):  # a second lock: in a namespace inside this one the mounts are locked as well
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    for folder in hidden:
        if folder.is_dir():
            _cover(folder, b"size=4k")
    private.mkdir(parents=True, exist_ok=True)  # it may lie in a folder that is covered now
    _cover(private, b"size=256m,nr_inodes=10k,mode=700")
    _attributes(b"/", _AT_RECURSIVE, on=_MS_RDONLY | _MS_NOSUID)
    _attributes(os.fsencode(private), 0, off=_MS_RDONLY)
    _fork()
    with suppress(OSError):  # a container that masks parts of /proc keeps its own: names of processes, no way into them
        _call("mount", b"proc", b"/proc", b"proc", _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, None)
    _give_up_capabilities()
    _call("prctl", _PR_SET_PDEATHSIG, 9, 0, 0, 0)
    if _has_network():
        raise OSError("the network is still there")


def coverable(folders: Sequence[Path]) -> list[str]:
    """`folders` and the system's sockets, to be told to `enter`; none above the program, which would lose itself."""
    program = [Path(needed).resolve() for needed in (__file__, sys.prefix, sys.base_prefix)]
    covered = [folder.resolve() for folder in (*folders, _SOCKETS)]
    return [str(folder) for folder in covered if not any(needed.is_relative_to(folder) for needed in program)]


def end(process: subprocess.Popen[bytes] | None, private: Path | None) -> None:
    """End, from outside, the process that entered and whatever it started; `private` was its folder."""
    if process is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if private is not None:
        with suppress(OSError):
            private.rmdir()  # what lay in it was in memory


def _cover(folder: Path, options: bytes) -> None:
    _call("mount", b"none", os.fsencode(folder), b"tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, options)


def _attributes(path: bytes, flags: int, *, on: int = 0, off: int = 0) -> None:
    """Set and clear attributes of a mount; with _AT_RECURSIVE also of all below it. Needs Linux 5.12."""
    values = (ctypes.c_uint64 * 4)(on, off, 0, 0)
    _call("syscall", _MOUNT_SETATTR, _AT_FDCWD, path, flags, values, ctypes.c_size_t(ctypes.sizeof(values)))


def _fork() -> None:
    """Go on as the first process of the new namespace; what stays outside only waits, for it or whoever started us.

    Who is in the middle of a text would not notice that nobody waits for the answer any more.
    """
    started = os.pidfd_open(os.getppid())
    first = os.fork()
    if first == 0:
        os.close(started)
        return
    ended, _, _ = select([os.pidfd_open(first), started], [], [])
    if started in ended:
        os.kill(first, signal.SIGKILL)
    _, status = os.waitpid(first, 0)
    os._exit(0 if status == 0 else 1)


def _give_up_capabilities() -> None:
    """From here on nothing can mount, unmount, or look into this process from one that it starts."""
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("prctl", _PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    _call("prctl", _PR_SET_SECUREBITS, _ROOT_IS_NOBODY, 0, 0, 0)
    for capability in range(_CAPABILITIES):
        with suppress(OSError):  # a number that this kernel does not know
            _call("prctl", _PR_CAPBSET_DROP, capability, 0, 0, 0)
    _call("capset", (ctypes.c_uint32 * 2)(_CAPSET_VERSION, 0), (ctypes.c_uint32 * 6)())
    _call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)


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
        (resource.RLIMIT_NPROC, _PROCESSES),  # the kernel exempts root; what root starts ends with its file
    ):
        resource.setrlimit(limit, (value, value))


def _has_network() -> bool:
    """Whether any interface but the loopback of the empty namespace exists."""
    return {name for _, name in socket.if_nameindex()} - {"lo"} != set()


def _call(name: str, *arguments: Any) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
