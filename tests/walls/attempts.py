"""Ways out of a process, tried one after the other: how each ends, in the kernel's word for it."""

import ctypes
import errno
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Callable

OUTSIDE = ("192.0.2.1", 443)
"""An address of the range for documentation, which is nobody's."""
RESOLVER = ("192.0.2.53", 53)
NAME = "what-the-patient-said.example.org"
IPPROTO_MPTCP, MSG_FASTOPEN = 262, 0x20000000
_QUERY = b"\x07\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04what\x07example\x03org\x00\x00\x01\x00\x01"
_CHILD = "import socket, sys; socket.create_connection(('{}', {}), timeout=5)"


def plain(where: tuple[str, int]) -> None:
    with socket.create_connection(where, timeout=5):
        pass


def through_ctypes(where: tuple[str, int]) -> None:
    """Python's own module is not asked for anything but the number of a socket."""
    library = ctypes.CDLL(None, use_errno=True)
    number = library.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    if number < 0:
        raise OSError(ctypes.get_errno(), "socket")
    address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(where[1]), socket.inet_aton(where[0]))
    if library.connect(number, address, len(address)) != 0:
        raise OSError(ctypes.get_errno(), "connect")


def name_query(where: tuple[str, int]) -> None:
    """A question to a name server, put together by hand: whatever it asks for has left."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(_QUERY, where)


def looked_up(_: tuple[str, int]) -> None:
    socket.getaddrinfo(NAME, 443)


def multipath(where: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP) as tcp:
        tcp.settimeout(5)
        tcp.connect(where)


def fast_open(where: tuple[str, int]) -> None:
    """A connection that is opened by sending, without `connect`."""
    with socket.socket() as tcp:
        tcp.settimeout(5)
        tcp.sendto(b"what the patient said", MSG_FASTOPEN, where)


def fast_open_message(where: tuple[str, int]) -> None:
    with socket.socket() as tcp:
        tcp.settimeout(5)
        tcp.sendmsg([b"what the patient said"], [], MSG_FASTOPEN, where)


def child(where: tuple[str, int]) -> None:
    """curl if there is one, else a Python."""
    curl = shutil.which("curl")
    code = _CHILD.format(*where)
    host = f"http://{where[0]}:{where[1]}/"
    command = [curl, "-s", "-m", "1", host] if curl else [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    if done.returncode not in {0, 28}:  # 28: somebody took the connection, and curl waits for an answer
        raise ConnectionError(errno.ENOTCONN, "the child came to nothing")


ATTEMPTS: dict[str, Callable[[tuple[str, int]], None]] = {
    "a plain socket": plain,
    "connect() through ctypes": through_ctypes,
    "a name query by UDP": name_query,
    "a name looked up": looked_up,
    "a child": child,
    "multipath TCP": multipath,
    "fast open, sendto": fast_open,
    "fast open, sendmsg": fast_open_message,
}


def tried(where: tuple[str, int], resolver: tuple[str, int]) -> dict[str, str]:
    """For each attempt the name of the error that it ended in; "went out" if none."""
    return {name: _ended(go, resolver if go is name_query else where) for name, go in ATTEMPTS.items()}


def _ended(go: Callable[[tuple[str, int]], None], where: tuple[str, int]) -> str:
    try:
        go(where)
    except socket.gaierror:
        return "no answer"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    return "went out"
