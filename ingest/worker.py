"""Parsers in processes of their own: no network, none of the house's data, a memory cap, a clock, one file each.

`Parsers` is the pipeline's end. It starts one server process, which enters the enclosure, imports the parsing
libraries once, and then forks a fresh process for each file: what one file does to its parser ends with that parser.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from appliance import SILENCE
from appliance.errors import OperatorError
from ingest import wire
from ingest.records import Fault, Parsed, Refused

_START_SECONDS = 180.0
_PASSED_ON = "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH"
_GRACE_SECONDS = 10.0


class NoEnclosure(OperatorError):
    """The kernel grants no namespaces, so parsers would have a network: nothing is parsed."""

    code = "no-enclosure"
    advice = (
        "Nothing was changed. Allow unprivileged user namespaces (kernel.unprivileged_userns_clone=1, "
        "user.max_user_namespaces above 0, and no AppArmor restriction of them), then run the command again."
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: memory in MiB, seconds of wall clock and of CPU, and pages."""

    memory_mib: int
    seconds: float
    pages: int


class Parsers:
    """Parses files one after the other, each in a process of its own. A context manager; not for several threads.

    `hidden` are folders that no parser may see: the archive, the database, keys and sockets.
    """

    def __init__(self, limits: Limits, *, hidden: Sequence[Path] = ()) -> None:
        self._limits = limits
        self._hidden = [str(folder.resolve()) for folder in hidden if not _holds_the_program(folder.resolve())]
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def parse(self, name: str, content: bytes) -> Parsed | Refused:
        """What is in `content`, a file called `name`. Raises NoEnclosure where the kernel cannot enclose a parser."""
        if self._socket is None:
            self._start()
        connection = self._socket
        if connection is None:
            raise NoEnclosure("The parser server did not start.")
        connection.settimeout(self._limits.seconds + _GRACE_SECONDS)
        try:
            connection.sendall(wire.frame({"name": name}, content))
            return wire.result(*_receive(connection))
        except TimeoutError:
            self.close()
            return Refused(Fault.CLOCK)
        except (OSError, EOFError):
            # The server itself died. It only forks, so the file's own process must have reached it: start anew.
            self.close()
            return Refused(Fault.CRASHED)

    def close(self) -> None:
        """End the server and whatever it started."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # only what a parser needs: no secret of the appliance's own environment is passed on
            kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
            single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ingest.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a traceback may quote the document
                start_new_session=True,
                cwd=Path(__file__).resolve().parent.parent,
                env={**kept, **SILENCE, **single, "UNSTRUCTURED_DISABLE_NOTICE": "1"},
            )
        self._socket = ours
        ours.settimeout(_START_SECONDS)
        limits = {"memory_mib": self._limits.memory_mib, "seconds": self._limits.seconds, "pages": self._limits.pages}
        try:
            ours.sendall(wire.frame({"limits": limits, "hidden": self._hidden}))
            told = json.loads(_receive(ours)[0])
        except (OSError, EOFError) as error:
            self.close()
            raise NoEnclosure("The parser server did not start.") from error
        if told.get("enclosed") is not True:
            self.close()
            raise NoEnclosure(f"The kernel refuses to enclose parsers ({told.get('why', 'no reason given')}).")


def _holds_the_program(folder: Path) -> bool:
    """Covering a folder above the program would leave the parser without its own libraries."""
    return any(Path(needed).resolve().is_relative_to(folder) for needed in (__file__, sys.prefix, sys.base_prefix))


def _receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """One frame. Raises EOFError where the other end is gone, OSError where it announces too much."""
    announced = wire.lengths(_exactly(connection, wire.PREFIX))
    if announced is None:
        raise OSError("a frame over the limit")
    return _exactly(connection, announced[0]), _exactly(connection, announced[1])


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        part = connection.recv(min(count - len(received), 1 << 20))
        if not part:
            raise EOFError("the other end is gone")
        received += part
    return bytes(received)


# --- The server: single-threaded, enclosed, only forks ---------------------------------------------------------------


def serve(descriptor: int) -> None:
    """The server's whole life: enter the enclosure, say so, import the parsers, then one child for each file."""
    from ingest import enclosure

    connection = socket.socket(fileno=descriptor)
    start = json.loads(_receive(connection)[0])
    limits = Limits(**start["limits"])
    try:
        enclosure.enter([Path(folder) for folder in start["hidden"]])
    except OSError as error:
        connection.sendall(wire.frame({"enclosed": False, "why": error.strerror or str(error)}))
        return
    from ingest.parsing import without_tagger

    without_tagger()
    from ingest.parsing import documents

    connection.sendall(wire.frame({"enclosed": True}))
    while True:
        try:
            head, content = _receive(connection)
        except EOFError:
            return
        name = json.loads(head)["name"]
        documents.prepare(name)
        connection.sendall(_one(name, content, limits))


def _one(name: str, content: bytes, limits: Limits) -> bytes:
    """The frame that a fresh child makes of one file, or one that says what became of the child."""
    with tempfile.TemporaryDirectory(prefix="muniment-parser-") as folder:
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            _child(theirs, name, content, limits, folder)
        os.close(theirs)
        try:
            received, fault = _watch(child, ours, limits)
        finally:
            os.close(ours)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
    if fault is not None:
        return wire.frame({"fault": fault.name})
    if os.waitstatus_to_exitcode(status) == 0 and _complete(received):
        return received
    return wire.frame({"fault": _post_mortem(os.waitstatus_to_exitcode(status)).name})


_ALIVE, _REFUSED, _OUT_OF_MEMORY = 0, 1, 3


def _post_mortem(code: int) -> Fault:
    """Why a child without an answer died: an error of a library is the file's damage, a signal a crash."""
    named = {_REFUSED: Fault.DAMAGED, _OUT_OF_MEMORY: Fault.MEMORY, -signal.SIGXCPU: Fault.CLOCK}
    return named.get(code, Fault.CRASHED)


def _complete(received: bytes) -> bool:
    announced = wire.lengths(received[: wire.PREFIX]) if len(received) >= wire.PREFIX else None
    return announced is not None and len(received) == wire.PREFIX + sum(announced)


def _child(answer: int, name: str, content: bytes, limits: Limits, folder: str) -> None:
    """Parse, answer, end. Whatever a library raises ends the process with the code that `_post_mortem` reads."""
    code = _REFUSED
    try:
        from ingest import enclosure
        from ingest.parsing import documents

        enclosure.bound(memory_mib=limits.memory_mib, seconds=limits.seconds)
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        os.chdir(folder)
        framed = wire.answer(documents.parse(name, content, pages=limits.pages))
        with os.fdopen(answer, "wb") as stream:
            stream.write(framed)
        code = _ALIVE
    except MemoryError:
        code = _OUT_OF_MEMORY
    finally:
        os._exit(code)


def _watch(child: int, answer: int, limits: Limits) -> tuple[bytes, Fault | None]:
    """Gather a child's answer while it keeps to clock and memory."""
    deadline = time.monotonic() + limits.seconds
    received = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return b"", Fault.CLOCK
        if _resident(child) > limits.memory_mib << 20:
            return b"", Fault.MEMORY
        if not select.select([answer], [], [], min(left, 0.02))[0]:
            continue
        part = os.read(answer, 1 << 20)
        if not part:
            return (bytes(received), None) if _ended(child, left) else (b"", Fault.CLOCK)
        received += part
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
