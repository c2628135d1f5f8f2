"""Frames between the house and its enclosed detectors: a length, then JSON. Never a pickle."""

import json
import socket
import struct
from typing import Any, Final

LARGEST: Final = 64 << 20
_LENGTH: Final = struct.Struct("!I")


def send(connection: socket.socket, said: Any) -> None:
    """Send whatever JSON can say. Raises OSError, also for what is too long."""
    encoded = json.dumps(said).encode("ascii")
    if len(encoded) > LARGEST:
        raise OSError("a frame over the limit")
    connection.sendall(_LENGTH.pack(len(encoded)) + encoded)


def receive(connection: socket.socket) -> Any:
    """What the other end said. Raises EOFError where it is gone, OSError, or ValueError for what is no JSON."""
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if length > LARGEST:
        raise OSError("a frame over the limit")
    return json.loads(_exactly(connection, length))


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        part = connection.recv(min(count - len(received), 1 << 20))
        if not part:
            raise EOFError("the other end is gone")
        received += part
    return bytes(received)
