"""What a process of the house may reach: files, sockets with a path, and the TCP ports that are named. Closed for good.

Two locks of the kernel's, put on by the process itself before it has threads, kept by all that it starts or becomes:

- Landlock (Linux 6.7 and later) lets it connect to the ports named, and listen on its own, and no other.
- seccomp says what kinds of sockets it may make. Landlock knows ports of TCP only: it lets UDP pass, and MPTCP, and a
  connection that opens with its first data (TCP Fast Open), all three seen on Linux 6.18.

No lock here knows addresses; `deploy/firewall/` does. Delete a line of it and `tests/walls/test_closing.py` fails.
"""

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same number on every architecture
_WHICH_ABI, _NET_PORT, _BIND_TCP, _CONNECT_TCP = 1, 2, 1, 2
_PORTS_SINCE: Final = 4
"""The version of Landlock that knows ports."""
_PR_SET_SECCOMP, _FILTER, _PR_SET_NO_NEW_PRIVS = 22, 2, 38

_DNS: Final = 53
_NETLINK, _ROUTE = 16, 0
_TCP, _UDP, _FAST_OPEN = 6, 17, 0x20000000
_IO_URING_SETUP: Final = 425
_X32: Final = 0x40000000
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # EACCES, which is what Landlock says too
_LOAD, _MASK, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_CALL_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16


@dataclass(frozen=True, slots=True)
class Machine:
    """Numbers of one architecture: its own, and those of the calls that make a socket or send with flags."""

    architecture: int
    socket: int
    sendto: int
    sendmsg: int
    sendmmsg: int


MACHINES: Final = {
    "x86_64": Machine(0xC000003E, socket=41, sendto=44, sendmsg=46, sendmmsg=307),
    "aarch64": Machine(0xC00000B7, socket=198, sendto=206, sendmsg=211, sendmmsg=269),
}


@dataclass(frozen=True, slots=True)
class Walls:
    """Which locks are on: `ports` (Landlock), `sockets` (seccomp)."""

    ports: bool
    sockets: bool

    def told(self) -> str:
        """One line for the log and for the operator; it never says more than is so."""
        if self.ports and self.sockets:
            return "closed by the kernel"
        missing = [] if self.ports else ["this kernel has no Landlock rules for ports (Linux 6.7 and later has)"]
        missing += [] if self.sockets else ["kinds of sockets are not filtered on this architecture"]
        return f"NOT closed in full: {'; '.join(missing)}"


def possible() -> Walls:
    """Which locks this kernel has."""
    known = os.uname().machine in MACHINES and sys.maxsize > 2**32
    return Walls(ports=_syscall(_CREATE_RULESET, None, 0, _WHICH_ABI) >= _PORTS_SINCE, sockets=known)


def close(connect: Collection[int] = (), bind: Collection[int] = (), *, names: bool = False) -> Walls:
    """From here on connect to these TCP ports only, listen on those only, and look up names only if `names`.

    With no port and no names there are no sockets of the network at all. Says which locks the kernel had. Raises
    OSError if it has one and refuses to put it on, or if there are threads, which would stay outside.
    """
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise OSError("a process with threads cannot be closed")
    walls = possible()
    if _prctl(_PR_SET_NO_NEW_PRIVS, 1) != 0:
        raise _error("no_new_privs")
    if walls.ports:
        _close_ports([*connect, _DNS] if names else connect, bind)
    if walls.sockets:
        machine = MACHINES[os.uname().machine]
        _filter(program(machine, tcp=bool(connect or bind or names), udp=names))
    return walls


def closed() -> bool:
    """Whether this process's sockets are filtered, by itself or by who started it.

    A family that nobody has tells: without the filter the kernel says that it is unknown, with it that it is refused.
    """
    try:
        socket.socket(socket.AF_UNSPEC).close()
    except PermissionError as error:
        return error.errno == _REFUSE & 0xFFFF
    except OSError:
        return False
    return False


def _close_ports(connect: Iterable[int], bind: Iterable[int]) -> None:
    rules = struct.pack("QQ", 0, _BIND_TCP | _CONNECT_TCP)  # files: no rules; TCP: nothing but what follows
    ruleset = _syscall(_CREATE_RULESET, rules, len(rules), 0)
    if ruleset < 0:
        raise _error("landlock_create_ruleset")
    try:
        for ports, right in ((connect, _CONNECT_TCP), (bind, _BIND_TCP)):
            for port in sorted(set(ports)):
                if _syscall(_ADD_RULE, ruleset, _NET_PORT, struct.pack("QQ", right, port), 0) != 0:
                    raise _error("landlock_add_rule")
        if _syscall(_RESTRICT_SELF, ruleset, 0) != 0:
            raise _error("landlock_restrict_self")
    finally:
        os.close(ruleset)


Instruction = tuple[int, int, int, int]
"""Code, how many to skip if the comparison holds, how many if not, and the number it is made with."""


def program(machine: Machine, *, tcp: bool, udp: bool) -> list[Instruction]:
    """The filter, which sees only numbers of a call, never what they point at. What it does not know is refused."""
    return [
        _load(_ARCHITECTURE_AT),
        *_unless(_EQUAL, machine.architecture, [_refuse()]),  # the calls of 32-bit programs have other numbers
        _load(_CALL_AT),
        *_if(_AT_LEAST, _X32, [_refuse()]),
        *_if(_EQUAL, _IO_URING_SETUP, [_refuse()]),  # it makes sockets by writing into memory
        *_if(_EQUAL, machine.sendto, _no_fast_open(3)),
        *_if(_EQUAL, machine.sendmsg, _no_fast_open(2)),
        *_if(_EQUAL, machine.sendmmsg, _no_fast_open(3)),
        *_unless(_EQUAL, machine.socket, [_allow()]),
        _load(_ARGUMENTS_AT),
        *_if(_EQUAL, socket.AF_UNIX, [_allow()]),
        *_if(_EQUAL, _NETLINK, _protocols(_ROUTE)),  # asks this kernel about its own interfaces
        *(_network(udp=udp) if tcp or udp else []),
        _refuse(),
    ]


def _network(*, udp: bool) -> list[Instruction]:
    kinds = [
        _load(_ARGUMENTS_AT + 8),
        (_MASK, 0, 0, 0xF),  # without the flags that say how it is opened
        *_if(_EQUAL, socket.SOCK_STREAM, _protocols(0, _TCP)),
        *(_if(_EQUAL, socket.SOCK_DGRAM, _protocols(0, _UDP)) if udp else []),
        _refuse(),
    ]
    return [*_unless(_EQUAL, socket.AF_INET6, _unless(_EQUAL, socket.AF_INET, [_refuse()])), *kinds]


def _protocols(*known: int) -> list[Instruction]:
    each = [one for number in known for one in _if(_EQUAL, number, [_allow()])]
    return [_load(_ARGUMENTS_AT + 16), *each, _refuse()]


def _no_fast_open(flags: int) -> list[Instruction]:
    return [_load(_ARGUMENTS_AT + 8 * flags), *_if(_ANY_BIT, _FAST_OPEN, [_refuse()]), _allow()]


def _if(comparison: int, number: int, then: list[Instruction]) -> list[Instruction]:
    return [(comparison, 0, len(then), number), *then]


def _unless(comparison: int, number: int, then: list[Instruction]) -> list[Instruction]:
    return [(comparison, len(then), 0, number), *then]


def _load(offset: int) -> Instruction:
    return _LOAD, 0, 0, offset


def _allow() -> Instruction:
    return _RETURN, 0, 0, _ALLOW


def _refuse() -> Instruction:
    return _RETURN, 0, 0, _REFUSE


def _filter(instructions: list[Instruction]) -> None:
    code = b"".join(struct.pack("=HBBI", *one) for one in instructions)
    held = ctypes.create_string_buffer(code, len(code))
    told = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(instructions), ctypes.addressof(held)))
    if _prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(told)) != 0:
        raise _error("seccomp")


def _prctl(what: int, first: int, second: int = 0) -> int:
    return int(_library().prctl(what, *(ctypes.c_ulong(number) for number in (first, second, 0, 0))))


def _syscall(number: int, *arguments: bytes | int | None) -> int:
    wide: list[Any] = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(_library().syscall(ctypes.c_long(number), *wide))


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _error(call: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{call}: {os.strerror(number)}")
