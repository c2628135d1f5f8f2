"""The server of parsers: single-threaded and enclosed, it imports the parsing libraries once and then only forks.

A fresh process for each file: what one file does to its parser ends with that parser, which cannot speak to the
pipeline itself, and of whose own processes none is left when the next file comes.
"""

import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from appliance import enclosure
from ingest import wire
from ingest.records import Fault, Parsed, Refused
from ingest.worker import Limits, receive

Models = tuple[int, int] | None
"""Open descriptors of the models that read pictures; None where they are not here."""
Parse = Callable[[str, bytes, int, Models, bool], Parsed | Refused]
"""Name, content, the limit of pages, the models, and whether pictures are read now in; what the file holds out."""


def _parse(name: str, content: bytes, pages: int, models: Models, now: bool) -> Parsed | Refused:  # noqa: FBT001 - its turn
    from ingest.parsing import documents, scans

    return documents.parse(name, content, documents.Bounds(pages, scans.Sight(models, now)))


def serve(descriptor: int, parse: Parse = _parse) -> None:
    """The server's whole life: enter the enclosure, say so, import the parsers, then one child for each file."""
    connection = socket.socket(fileno=descriptor)
    start = json.loads(receive(connection)[0])
    limits = Limits(**start["limits"])
    # Opened here: inside, the folder of models is covered.
    opened = [os.open(path, os.O_RDONLY) for path in start["models"]]
    models = (opened[0], opened[1]) if len(opened) == len(("finder", "reader")) else None
    try:
        enclosure.enter([Path(folder) for folder in start["hidden"]], private=Path(start["private"]))
    except OSError as error:
        connection.sendall(wire.frame({"enclosed": False, "why": error.strerror or str(error)}))
        return
    os.environ["TMPDIR"] = tempfile.tempdir = start["private"]
    from ingest.parsing import without_tagger

    without_tagger()
    from ingest.parsing import documents

    connection.sendall(wire.frame({"enclosed": True}))
    while True:
        try:
            head, content = receive(connection)
        except EOFError:
            return
        asked = json.loads(head)
        documents.prepare(asked["name"])
        whole = partial(parse, asked["name"], content, limits.pages, models)
        answer = _one(connection, partial(whole, False), limits)  # noqa: FBT003 - first without the slow reader
        if answer == wire.frame({"fault": Fault.NOT_READ_YET.name}):
            answer = _one(connection, partial(whole, True), replace(limits, seconds=limits.ocr_seconds))  # noqa: FBT003
        connection.sendall(bytes.fromhex(asked["request"]) + answer)


def _one(connection: socket.socket, parse: Callable[[], Parsed | Refused], limits: Limits) -> bytes:
    """The frame that a fresh child makes of one file, or one that says what became of the child."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        # Whoever holds the connection could answer for the next file, and read it.
        connection.close()
        os.close(ours)
        _child(theirs, parse, limits)
    os.close(theirs)
    try:
        received, fault = _watch(child, ours, limits)
    finally:
        os.close(ours)
        status = _end_all(child)
    if fault is not None:
        return wire.frame({"fault": fault.name})
    if os.waitstatus_to_exitcode(status) == 0 and _complete(received):
        return received
    return wire.frame({"fault": _post_mortem(os.waitstatus_to_exitcode(status)).name})


def _end_all(child: int) -> int:
    """End `child` and all that it started, however it hid them, and empty the private folder; its status."""
    if os.getpid() != 1:
        raise RuntimeError("only the first process of its own namespace ends all others")
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    for left in Path(tempfile.gettempdir()).iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()
    return status


_ALIVE, _REFUSED, _OUT_OF_MEMORY = 0, 1, 3
_NUMBER = struct.Struct("!I")


def _post_mortem(code: int) -> Fault:
    """Why a child without an answer died: an error of a library is the file's damage, a signal a crash."""
    named = {_REFUSED: Fault.DAMAGED, _OUT_OF_MEMORY: Fault.MEMORY, -signal.SIGXCPU: Fault.CLOCK}
    return named.get(code, Fault.CRASHED)


def _complete(received: bytes) -> bool:
    announced = wire.lengths(received[: wire.PREFIX]) if len(received) >= wire.PREFIX else None
    return announced is not None and len(received) == wire.PREFIX + sum(announced)


def _child(answer: int, parse: Callable[[], Parsed | Refused], limits: Limits) -> None:
    """Parse, answer, end. Whatever a library raises ends the process with the code that `_post_mortem` reads."""
    code = _REFUSED
    try:
        enclosure.bound(memory_mib=limits.memory_mib, seconds=limits.seconds)
        os.chdir(tempfile.gettempdir())
        with os.fdopen(answer, "wb") as stream:
            # Its own number as /proc knows it, for the watch over its memory: /proc may be that of another namespace.
            stream.write(_NUMBER.pack(int(str(Path("/proc/self").readlink()))))
            stream.flush()
            stream.write(wire.answer(parse()))
        code = _ALIVE
    except MemoryError:
        code = _OUT_OF_MEMORY
    finally:
        os._exit(code)


def _watch(child: int, answer: int, limits: Limits) -> tuple[bytes, Fault | None]:
    """Gather a child's answer while it keeps to clock and memory."""
    deadline = time.monotonic() + limits.seconds
    received, number = bytearray(), 0
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return b"", Fault.CLOCK
        if number and _resident(number) > limits.memory_mib << 20:
            return b"", Fault.MEMORY
        if not select.select([answer], [], [], min(left, 0.02))[0]:
            continue
        part = os.read(answer, 1 << 20)
        if not part:
            return (bytes(received), None) if _ended(child, left) else (b"", Fault.CLOCK)
        received += part
        if not number and len(received) >= _NUMBER.size:
            (number,) = _NUMBER.unpack(received[: _NUMBER.size])
            del received[: _NUMBER.size]
        if len(received) > wire.LARGEST:
            return b"", Fault.TOO_MUCH_TEXT


def _ended(child: int, seconds: float) -> bool:
    """Whether the child ends by itself within `seconds`, without taking its exit code away."""
    descriptor = os.pidfd_open(child)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def _resident(process: int) -> int:
    """Resident memory of a process in bytes; 0 once it has ended."""
    try:
        fields = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 1 else 0


if __name__ == "__main__":
    serve(int(sys.argv[1]))
