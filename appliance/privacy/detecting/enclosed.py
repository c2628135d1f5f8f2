"""Detectors in a process of their own, without network: what they were shown cannot go anywhere.

`Enclosed` is a detector like any other; behind it are the rules of the house and both models. The process starts with
the first text. One that is late, grows too large, dies or answers nonsense is ended, nothing it was shown counts as
clean, and the next request starts another. Where the kernel grants no namespaces nothing is looked through at all.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from select import select
from threading import Lock
from typing import Any, Final

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError

from appliance import SILENCE, enclosure
from appliance.errors import DetectorUnavailable, NotScannable
from appliance.privacy.detecting import frames
from appliance.records.privacy import Finding
from appliance.settings import ROOT

_START_SECONDS: Final = 180.0
_LOOK_SECONDS: Final = 0.1
_CHARACTERS: Final = 10_000
_MOST: Final = 10
"""How many times the seconds of a request are waited for at most, however long it is, and for those before it."""
_PASSED_ON: Final = "PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH"
_ADVICE: Final = (
    "Nothing was passed on. Allow unprivileged user namespaces (user.max_user_namespaces above 0, and no AppArmor "
    "restriction of them): detectors run only where there is no network."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What the process is started with: folders of models by role, and what the site's `detection.yaml` says."""

    models: Mapping[str, Path]
    site: str
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds for each 10,000 characters begun, MiB of memory, and folders that the process must not see."""

    seconds: float = 60.0
    memory_mib: int = 2_048
    hidden: Sequence[Path] = ()

    def patience(self, characters: int) -> float:
        """Seconds that a request of so many characters may take."""
        return self.seconds * min(1 + characters // _CHARACTERS, _MOST)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    found: list[list[tuple[int, int, str, float, str]]] | None = None
    refused: str | None = None
    failed: str | None = None


class Enclosed:
    """A detector whose work is done elsewhere. For several threads, one request after the other.

    `program` are the arguments of the interpreter that run the process; `version` is another one whenever what is
    `inside` changes.
    """

    name = "enclosed"

    def __init__(
        self,
        inside: Inside,
        bounds: Bounds,
        *,
        version: str = "",
        program: Sequence[str] = ("-m", "appliance.privacy.detecting.enclosed_server"),
    ) -> None:
        self.version = version
        self._inside = inside
        self._bounds = bounds
        self._program = program
        self._lock = Lock()
        self._private: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def detect(self, texts: Sequence[str], language: str, /) -> list[list[Finding]]:
        """One list for each text. Raises NotScannable, DetectorUnavailable."""
        if not texts:
            return []
        if not self._lock.acquire(timeout=self._bounds.seconds * _MOST):
            raise DetectorUnavailable("The detectors are busy with other texts.")
        try:
            answer = self._asked({"texts": list(texts), "language": language}, sum(map(len, texts)))
        finally:
            self._lock.release()
        if answer.refused is not None:
            raise NotScannable(answer.refused)
        if answer.found is None:
            raise DetectorUnavailable(answer.failed or "The detectors gave no answer.")
        return [[Finding(*one) for one in some] for some in answer.found]

    def close(self) -> None:
        """End the process; the next request would start another."""
        with self._lock:
            self._end()

    def _asked(self, request: Mapping[str, Any], characters: int) -> _Answer:
        try:
            connection = self._socket or self._started()
            connection.settimeout(self._bounds.seconds)
            frames.send(connection, request)
            self._watch(connection, self._bounds.patience(characters))
            return _Answer.model_validate(frames.receive(connection))
        except DetectorUnavailable:
            self._end()
            raise
        except (OSError, EOFError, ValueError, ValidationError) as error:
            self._end()
            raise DetectorUnavailable(f"The detectors' process failed ({type(error).__name__}).") from None

    def _watch(self, connection: socket.socket, seconds: float) -> None:
        """Return when an answer begins. Raises DetectorUnavailable for a process that is late or grows too large."""
        deadline = time.monotonic() + seconds
        while not select([connection], [], [], _LOOK_SECONDS)[0]:
            if time.monotonic() > deadline:
                raise DetectorUnavailable("The detectors were late.")
            if self._resident() > self._bounds.memory_mib << 20:
                raise DetectorUnavailable("The detectors needed more memory than they may have.")

    def _resident(self) -> int:
        """Bytes in memory of the process and those below it; 0 once it has ended."""
        if self._process is None:
            return 0
        with suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            return sum(int(one.memory_info().rss) for one in (process, *process.children(recursive=True)))
        return 0

    def _started(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._private = Path(tempfile.mkdtemp(prefix="muniment-detectors-"))
        with theirs:
            # no secret of the appliance's own environment is passed on
            kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
            threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(self._inside.threads))
            self._process = subprocess.Popen(
                [sys.executable, *self._program, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a traceback may quote what was looked through
                start_new_session=True,
                cwd=ROOT,
                env={**kept, **SILENCE, **threads},
            )
        ours.settimeout(_START_SECONDS)
        frames.send(ours, self._start())
        told = frames.receive(ours)
        if not isinstance(told, dict) or told.get("enclosed") is not True:
            raise DetectorUnavailable("The detectors' process could not be enclosed or loaded.", advice=_ADVICE)
        return ours

    def _start(self) -> dict[str, Any]:
        return {
            "models": {role: str(folder.resolve()) for role, folder in self._inside.models.items()},
            "site": self._inside.site,
            "threads": self._inside.threads,
            "memory_mib": self._bounds.memory_mib,
            "hidden": enclosure.coverable(self._bounds.hidden),
            "private": str(self._private),
        }

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        enclosure.end(self._process, self._private)
        self._process = self._private = None
