"""An uploaded policy set, tried in a process of its own: what it does to the engine, it does to that process alone.

Nobody has signed it yet. Whoever wrote it may have meant to keep the appliance busy, or to end it.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from appliance import SILENCE
from appliance.settings import ROOT

SECONDS: Final = 30
"""Seconds of computing that a set may take to be compiled, and its tables and examples to be run."""
MEMORY_MIB: Final = 1_024
_WAITED: Final = 60, 10
"""Seconds that are waited for it at most, and as many more for each second of computing: the machine may be busy."""
_PASSED_ON: Final = "PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH"


class Tried(BaseModel):
    """What is wrong with a set, and how many rows its tables have; `compiles` if it can be asked at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    compiles: bool
    faults: tuple[str, ...]
    rows: int = 0


class Trial:
    """`program` are the arguments of the interpreter that run the process: it reads a zip and answers `Tried` as JSON.

    It is told seconds and MiB as two more arguments, and keeps to them itself.
    """

    def __init__(self, program: Sequence[str], *, seconds: int = SECONDS, memory_mib: int = MEMORY_MIB) -> None:
        self._program = program
        self._seconds = seconds
        self._memory_mib = memory_mib

    def tried(self, content: bytes) -> Tried:
        """What a zip with a set comes to. A process that is late, or dies, is a fault of the set."""
        # no secret of the appliance's own environment is passed on
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        try:
            done = subprocess.run(
                [sys.executable, *self._program, str(self._seconds), str(self._memory_mib)],
                input=content,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env={**kept, **SILENCE},
                timeout=_WAITED[0] + _WAITED[1] * self._seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Tried(compiles=False, faults=("It was not done in time on a busy machine, and was given up.",))
        if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            words = f"It took more than {self._seconds} seconds of computing to be examined, and was given up."
            return Tried(compiles=False, faults=(words,))
        try:
            return Tried.model_validate_json(done.stdout)
        except ValidationError:  # nothing came, or not the whole of it
            return Tried(compiles=False, faults=("It ended the process in which it was tried, and was given up.",))
