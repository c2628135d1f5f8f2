"""A tripwire: who in this process tries to reach out, start a program or get around Python is told by module and line.

An audit hook of Python's. It is no barrier: what is written in C does not pass here, only what asks Python for the way
there. The kernel closes (`appliance.closing`, the firewall); the wire says who was at the door. Where the kernel has no
rules for ports, what Python can see of the network is refused here, which is better than nothing and called no more.

An attempt is told by its kind and by the code it came from, never by its target: a name that is looked up is content.
"""

import errno
import logging
import os
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from queue import SimpleQueue
from types import FrameType
from typing import Any, Final

HOUSE: Final = frozenset({"appliance", "ingest", "ui"})
_LOCAL: Final = frozenset({"", "localhost", "ip6-localhost"})
_SYMBOLS: Final = frozenset(
    "socket connect sendto sendmsg sendmmsg getaddrinfo gethostbyname res_query syscall "
    "fork vfork execv execve execvp posix_spawn posix_spawnp system popen".split()
)
"""Names in the C library of which nothing of ours has need once this process is closed."""
_MOST_TOLD: Final = 1_000
_KINDS_OF_SOCKETS: Final[dict[int, set[int]]] = {socket.SOCK_STREAM: {-1, 0, socket.IPPROTO_TCP}}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`kind` is Python's name of the event; `ours` and `through` are `module:line`, ours and where it was done."""

    kind: str
    ours: str
    through: str


class Known:
    """What is expected: this machine, the `peers` (host and port), the modules of the house as children."""

    def __init__(self, peers: Collection[tuple[str, int]] = ()) -> None:
        self._peers = frozenset(peers)
        self._hosts = frozenset(host for host, _ in peers) | _LOCAL | {socket.gethostname().lower()}
        self._looked_up = threading.local()

    def kind_of_socket(self, _: object, family: int, kind: int, protocol: int) -> bool:
        """Sockets with a path, and TCP; the resolver's own are made in C and not seen here."""
        if family in {socket.AF_UNIX, socket.AF_NETLINK}:
            return True
        return family in {-1, socket.AF_INET, socket.AF_INET6} and (
            kind == -1 or protocol in _KINDS_OF_SOCKETS.get(kind & 0xF, ())
        )

    def address(self, _: object, address: object) -> bool:
        """A path, this machine, a peer by its address, or what this thread has just looked up for a peer's name."""
        if address is None or isinstance(address, str | bytes):
            return True
        host, port = _text(address[0]), address[1]  # type: ignore[index]  # what else it may be is unexpected
        literal = _literal(host)
        if literal is None:
            return host in _LOCAL or (host, port) in self._peers
        return literal or (host, port) in self._peers or (getattr(self._looked_up, "name", None), port) in self._peers

    def name(self, host: object, *_: object) -> bool:
        """Looking up a peer, or what needs no looking up."""
        told = "" if host is None else _text(host)
        if told in self._hosts:
            self._looked_up.name = told
            return True
        return _literal(told) is not None

    def names_of(self, address: object) -> bool:
        """Looking up the name of an address: only this machine's."""
        told = _text(address[0] if isinstance(address, tuple) else address)
        return told in self._hosts or _literal(told) is True

    def program(self, path: object, arguments: Sequence[object], *_: object) -> bool:
        """A module of the house, by the same Python."""
        if isinstance(arguments, str | bytes) or os.fsdecode(path) != sys.executable:  # type: ignore[arg-type]
            return False
        words = [os.fsdecode(word) for word in arguments[1:3]]  # type: ignore[arg-type]
        return len(words) == 2 and words[0] == "-m" and words[1].partition(".")[0] in HOUSE

    def spawned(self, _: object, path: object, arguments: Sequence[object], *more: object) -> bool:
        """The same, for the call that says first how."""
        return self.program(path, arguments, *more)

    def symbol(self, _: object, name: object) -> bool:
        """A function of a C library that reaches nowhere and starts nothing."""
        return not isinstance(name, str | bytes) or _text(name) not in _SYMBOLS


def _never(*_: object) -> bool:
    return False


_REFUSABLE: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"} | {
    "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})  # fmt: skip


def _watched(known: Known) -> dict[str, Callable[..., bool]]:
    """What is looked at, and what says whether it is expected. Everything else costs one look into this table."""
    return {
        "socket.__new__": known.kind_of_socket,
        "socket.connect": known.address,
        "socket.sendto": known.address,
        "socket.sendmsg": known.address,
        "socket.getaddrinfo": known.name,
        "socket.gethostbyname": known.name,
        "socket.gethostbyaddr": known.names_of,
        "socket.getnameinfo": known.names_of,
        "subprocess.Popen": known.program,
        "os.exec": known.program,
        "os.posix_spawn": known.program,
        "os.spawn": known.spawned,
        "os.system": _never,
        "pty.spawn": _never,
        "ctypes.dlsym": known.symbol,
    }


class _Record:
    """Tells each attempt: in the log once for each place that it comes from, and to who counts, always.

    The hook only puts it down, which never waits; a thread of its own writes.
    """

    def __init__(self) -> None:
        self._put: SimpleQueue[Attempt] = SimpleQueue()
        self._told: set[Attempt] = set()
        self._uncounted: Counter[str] = Counter()
        self._count: Callable[[str], None] | None = None
        self._turn = threading.Lock()

    def put(self, attempt: Attempt) -> None:
        """From inside the hook."""
        self._put.put(attempt)

    def count(self, count: Callable[[str], None]) -> None:
        """Count with `count` from now on, and what nobody has counted yet."""
        with self._turn:
            self._count = count
            for kind in self._uncounted.elements():
                count(kind)
            self._uncounted.clear()

    def follow(self) -> None:
        """Tell what is put down, for ever."""
        while True:
            self._tell(self._put.get())

    def _tell(self, attempt: Attempt) -> None:
        if attempt not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(attempt)
            log.warning("tripwire: %s from %s through %s", attempt.kind, attempt.ours, attempt.through)
        with self._turn:
            if self._count is None:
                self._uncounted[attempt.kind] += 1
            else:
                self._count(attempt.kind)


_record = _Record()


def counted(count: Callable[[str], None]) -> None:
    """Have the attempts in this process counted, by their kind."""
    _record.count(count)


def lay(known: Known, *, refusing: bool) -> None:
    """Lay it in this process, for good: a hook cannot be taken away. Once in a process.

    With `refusing` what would reach out and is not known raises PermissionError, as the kernel would; a program that is
    started and a function of C's are recorded only, with it or without.
    """
    watched = _watched(known)
    threading.Thread(target=_record.follow, name="tripwire", daemon=True).start()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        expected = watched.get(event)
        if expected is None:
            return
        try:
            if expected(*arguments):
                return
        except (TypeError, ValueError, LookupError):  # whatever this is, it is not expected
            pass
        _record.put(_attempt(event, sys._getframe(1)))
        if refusing and event in _REFUSABLE:
            raise PermissionError(errno.EACCES, "this process is closed")

    sys.addaudithook(hook)


def _attempt(kind: str, frame: FrameType | None) -> Attempt:
    """Where it came from: the nearest line of the house's own code, and the nearest of anybody's but Python's."""
    ours = through = ""
    while frame is not None and not ours:
        name = _module(frame)
        top = name.partition(".")[0]
        if not through and top not in sys.stdlib_module_names:
            through = f"{name}:{frame.f_lineno}"
        if top in HOUSE or frame.f_globals.get("__name__") == "__main__":
            ours = f"{name}:{frame.f_lineno}"
        frame = frame.f_back
    return Attempt(kind, ours or "no code of ours", through or "Python")


def _module(frame: FrameType) -> str:
    spec = frame.f_globals.get("__spec__")
    return str(getattr(spec, "name", None) or frame.f_globals.get("__name__", "?"))


def _text(host: object) -> str:
    if isinstance(host, bytes | bytearray):
        return host.decode("ascii", "replace").lower()
    if isinstance(host, str):
        return host.lower()
    raise TypeError


def _literal(host: str) -> bool | None:
    """Whether this address is this machine's; None for what is a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address.is_loopback or address.is_unspecified
