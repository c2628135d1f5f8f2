"""Parsers in processes of their own: no network, none of the house's data, a memory cap, a clock, one file each.

`Parsers` is the pipeline's end. It starts one server process, which enters the enclosure, imports the parsing
libraries once, and then forks a fresh process for each file: what one file does to its parser ends with that parser,
which cannot speak to the pipeline itself, and none of whose own processes is left when the next file comes.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from appliance import SILENCE, enclosure
from appliance.errors import OperatorError
from ingest import wire
from ingest.records import Fault, Parsed, Refused

_START_SECONDS = 180.0
_PASSED_ON = "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH"
_GRACE_SECONDS = 10.0
_REQUEST_BYTES = 16


class NoEnclosure(OperatorError):
    """The kernel grants no namespaces, so parsers would have a network: nothing is parsed."""

    code = "no-enclosure"
    advice = (
        "Nothing was changed. Allow unprivileged user namespaces (kernel.unprivileged_userns_clone=1, "
        "user.max_user_namespaces above 0, and no AppArmor restriction of them), then run the command again."
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: memory in MiB, seconds of wall clock and of CPU, and pages.

    A file with scanned pages is begun anew with `ocr_seconds`.
    """

    memory_mib: int
    seconds: float
    pages: int
    ocr_seconds: float = 600.0


class Parsers:
    """Parses files one after the other, each in a process of its own. A context manager; not for several threads.

    `hidden` are folders that no parser may see: the archive, the database, keys and sockets. `models` are the files
    of the finder and the reader of lines in pictures; without them scanned pages are refused. `program` are the
    arguments of the interpreter that run the server.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        hidden: Sequence[Path] = (),
        models: Sequence[Path] = (),
        program: Sequence[str] = ("-m", "ingest.server"),
    ) -> None:
        self._limits = limits
        self._models = [str(path.resolve()) for path in models]
        self._hidden = enclosure.coverable(hidden)
        self._program = program
        self._private: Path | None = None
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
        connection.settimeout(self._limits.seconds + self._limits.ocr_seconds + _GRACE_SECONDS)
        try:
            request = secrets.token_bytes(_REQUEST_BYTES)
            connection.sendall(wire.frame({"name": name, "request": request.hex()}, content))
            if _exactly(connection, _REQUEST_BYTES) == request:
                return wire.result(*receive(connection))
        except TimeoutError:
            self.close()
            return Refused(Fault.CLOCK)
        except (OSError, EOFError):
            pass
        # The server died, or answers what it was not asked. It only forks: the file must have reached it. Start anew.
        self.close()
        return Refused(Fault.CRASHED)

    def close(self) -> None:
        """End the server and whatever it started."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        enclosure.end(self._process, self._private)
        self._process = self._private = None

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._private = Path(tempfile.mkdtemp(prefix="muniment-parser-"))
        with theirs:
            # only what a parser needs: no secret of the appliance's own environment is passed on
            kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
            single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
            self._process = subprocess.Popen(
                [sys.executable, *self._program, str(theirs.fileno())],
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
        start = {"limits": asdict(self._limits), "hidden": self._hidden, "models": self._models}
        try:
            ours.sendall(wire.frame(start | {"private": str(self._private)}))
            told = json.loads(receive(ours)[0])
        except (OSError, EOFError) as error:
            self.close()
            raise NoEnclosure("The parser server did not start.") from error
        if told.get("enclosed") is not True:
            self.close()
            raise NoEnclosure(f"The kernel refuses to enclose parsers ({told.get('why', 'no reason given')}).")


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
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
