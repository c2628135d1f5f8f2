"""Between gate and door: a unix socket, one question and one answer for each connection, each a length and then JSON.

The server believes nobody: the kernel tells it which user connects, a frame is bounded in size and in time, and there
are only so many at once.
"""

import errno
import json
import logging
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.audit import receipts as receipting
from appliance.audit.receipts import Receipt
from appliance.errors import AlreadyRunning, BadRequest, DoorUnavailable, MunimentError, SettingsRefused
from appliance.escalation import envelope as enveloping
from appliance.escalation.envelope import Envelope
from appliance.records.escalations import Became, Outcome

FRAME_BYTES: Final = 1 << 20
FRAME_SECONDS: Final = 10.0
AT_ONCE: Final = 16
PATH_BYTES: Final = 107
"""What the kernel's socket address holds, without its closing zero."""
_FIRST_GIVEN: Final = 3
_CLOSED: Final = (errno.EINVAL, errno.EBADF)
_LENGTH: Final = struct.Struct("!I")
_PEER: Final = struct.Struct("3i")
_PATIENCE: Final = struct.Struct("ll")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
log = logging.getLogger(__name__)


class Answering(Protocol):
    """What stands behind the socket: `appliance.escalation.door`."""

    def send(self, envelope: Envelope, receipts: Sequence[Receipt], /) -> Outcome:
        """Send it, once. Raises an error of ours if it cannot be known whether it may be sent."""

    def settle(self, digest: str, /) -> Outcome:
        """What became of it; strike it off if it never came."""

    def forget(self, digest: str, /) -> None:
        """Drop its answer's text."""


# --- The gate's side --------------------------------------------------------------------------------------------------


class DoorClient:
    """The door behind `path`. `seconds` is how long an answer may take: more than the door itself waits outside.

    Methods raise DoorUnavailable if it cannot be reached, breaks off or talks nonsense: then nothing is known.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds

    def send(self, envelope: Envelope, receipts: Sequence[Receipt], /) -> Outcome:
        """Hand it over, once. ANSWERED or FAILED; UNDER_WAY if somebody else has handed over the same."""
        told = {"ask": "send", "envelope": envelope.told(), "receipts": [one.told() for one in receipts]}
        return self._outcome(told)

    def settle(self, digest: str, /) -> Outcome:
        """What became of it; if it never arrived, it never will."""
        return self._outcome({"ask": "settle", "digest": digest})

    def forget(self, digest: str, /) -> None:
        """Drop its answer's text."""
        self._asked({"ask": "forget", "digest": digest})

    def listens(self) -> bool:
        """Whether it is there at all."""
        return listens(self._path)

    def _outcome(self, told: dict[str, Any]) -> Outcome:
        plain = self._asked(told).get("outcome")
        try:
            found = _Told.model_validate(plain)
        except ValidationError:
            raise DoorUnavailable("The door talks nonsense.") from None
        return Outcome(**{**found.model_dump(), "became": Became(found.became)})

    def _asked(self, told: dict[str, Any]) -> dict[str, Any]:
        end = time.monotonic() + self._seconds
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                patience = _PATIENCE.pack(int(self._seconds), int(self._seconds % 1 * 1_000_000))
                line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
                line.connect(os.fspath(self._path))  # a timeout of Python's would not wait where many do already
                line.settimeout(self._seconds)
                _said(line, told)
                plain = _heard(line, end)
        except (OSError, ValueError) as error:
            raise DoorUnavailable(f"The door does not answer ({type(error).__name__}).") from error
        if not isinstance(plain, dict) or "error" in plain:
            raise DoorUnavailable("The door cannot do its work; its log says why.")
        return plain


class _Told(BaseModel):
    """An outcome as it is told over the socket."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    became: str = Field(pattern="^(answered|failed|under-way)$")
    delivered: bool
    reason: str
    text: str
    tokens_in: int = Field(ge=0)
    tokens_out: int = Field(ge=0)
    spent: int = Field(ge=0)


# --- The door's side --------------------------------------------------------------------------------------------------


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """A listening socket of mode 0600 at `path`, whose folder is made with mode 0700; removed at the end.

    Raises SettingsRefused if the path is too long or its folder is open to others, AlreadyRunning if a living process
    listens there.
    """
    if len(os.fsencode(path)) > PATH_BYTES:
        raise SettingsRefused(f"door_socket is over {PATH_BYTES} bytes.", advice="Choose a shorter path.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.parent.stat().st_mode & 0o077:
        raise SettingsRefused("The folder of door_socket is open to others.", advice="Give it mode 0700.")
    if listens(path):
        raise AlreadyRunning("Another door listens there.")
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        before = os.umask(0o177)
        try:
            listener.bind(os.fspath(path))
        finally:
            os.umask(before)
        listener.listen(AT_ONCE)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def given(first: int = _FIRST_GIVEN) -> socket.socket | None:
    """The listening socket that systemd made for this process, its file `first`; None if it made none."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=first)


def listens(path: Path) -> bool:
    """Whether a living process listens at `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(FRAME_SECONDS)
        try:
            probe.connect(os.fspath(path))
        except BlockingIOError:
            return True  # so many wait there already
        except OSError:
            return False
    return True


def serve(listener: socket.socket, door: Answering, *, peers: frozenset[int], seconds: float = FRAME_SECONDS) -> None:
    """Answer the users `peers` until the listener is closed or this thread is interrupted.

    A frame has to come within `seconds`. What is under way is waited for at the end.
    """
    places = threading.BoundedSemaphore(AT_ONCE)

    def answered(line: socket.socket) -> None:
        try:
            with line, suppress(OSError):  # who asked may be gone: what was done is in the book
                _said(line, _answer(line, door, seconds))
        except Exception as error:  # noqa: BLE001  # the edge: a thread's fault is told nowhere else
            log.error("a fault of the door's own: %s", type(error).__name__)  # noqa: TRY400  # its words may be content
        finally:
            places.release()

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="door") as threads:
        while True:
            places.acquire()
            try:
                line, _ = listener.accept()
            except OSError as error:
                places.release()
                if error.errno in _CLOSED:
                    return
                raise  # too many open files, say: better begun anew than deaf
            if _peer(line) in peers:
                threads.submit(answered, line)
            else:
                log.warning("a connection of another user was closed")
                line.close()
                places.release()


def _peer(line: socket.socket) -> int:
    """The user at the other end, as the kernel knows him."""
    _pid, uid, _gid = _PEER.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return int(uid)


def _answer(line: socket.socket, door: Answering, seconds: float) -> dict[str, Any]:
    try:
        plain = _heard(line, time.monotonic() + seconds)
    except OSError:
        return {"error": "broken-off"}  # whoever asks whether it listens says nothing
    except ValueError:
        plain = None
    try:
        return _done(plain, door)
    except BadRequest as error:
        log.warning("what was said to the door is nothing that it knows")
        return {"error": error.code}
    except MunimentError as error:
        log.error("the door cannot do its work: %s", error)  # noqa: TRY400  # its words say it all
        return {"error": error.code}


def _done(plain: Any, door: Answering) -> dict[str, Any]:
    """One of the three things that a door does. Raises BadRequest for anything else."""
    match plain:
        case {"ask": "send", "envelope": dict(envelope), "receipts": list(receipts), **more} if not more:
            told = [receipting.parsed(one) for one in receipts if isinstance(one, dict)]
            if len(told) != len(receipts):
                raise BadRequest("This is no receipt.")
            return {"outcome": asdict(door.send(enveloping.parsed(envelope), told))}
        case {"ask": "settle", "digest": str(digest), **more} if not more and _DIGEST.fullmatch(digest):
            return {"outcome": asdict(door.settle(digest))}
        case {"ask": "forget", "digest": str(digest), **more} if not more and _DIGEST.fullmatch(digest):
            door.forget(digest)
            return {}
    raise BadRequest("The door does nothing of the kind.")


# --- Frames -----------------------------------------------------------------------------------------------------------


def _said(line: socket.socket, told: Mapping[str, Any]) -> None:
    """Raises OSError."""
    encoded = json.dumps(told).encode("ascii")
    line.sendall(_LENGTH.pack(len(encoded)) + encoded)


def _heard(line: socket.socket, end: float) -> Any:
    """What was said until `end` (monotonic). Raises OSError, ValueError for what is no frame of ours."""
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size, end))
    if length > FRAME_BYTES:
        raise ValueError("a frame over the limit")
    try:
        return json.loads(_exactly(line, length, end))
    except RecursionError:
        raise ValueError("a frame too deep") from None


def _exactly(line: socket.socket, count: int, end: float) -> bytes:
    heard = bytearray()
    while len(heard) < count:
        line.settimeout(max(0.001, end - time.monotonic()))
        piece = line.recv(count - len(heard))
        if not piece:
            raise ConnectionError("the other end is gone")
        heard += piece
    return bytes(heard)
