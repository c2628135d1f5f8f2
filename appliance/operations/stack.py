"""The stack of one machine: store, model, API and portal as processes, started in order, stopped in reverse."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from appliance.errors import AlreadyRunning, NotRunning, OperatorError

STOP_SECONDS = 10.0
LOG_LINES = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A process of the stack: how it is started, and how one sees that it is ready (within `seconds`)."""

    name: str
    arguments: Sequence[str]
    environment: dict[str, str]
    ready: Callable[[], bool]
    seconds: float = 180.0
    umask: int = 0o077


@dataclass(frozen=True, slots=True)
class Running:
    """A started part. `created` tells a reused process id from the process that we started."""

    name: str
    pid: int
    created: float

    def process(self) -> psutil.Process | None:
        """The living process, or None."""
        try:
            process = psutil.Process(self.pid)
            alive = abs(process.create_time() - self.created) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if alive else None


@dataclass(frozen=True, slots=True)
class Stack:
    """The processes of one installation. What runs stands in `run/stack.json`, readable by its own user only."""

    folder: Path
    state: Path = field(init=False)
    logs: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", self.folder / "stack.json")
        object.__setattr__(self, "logs", self.folder / "logs")

    def up(self, parts: Sequence[Callable[[], Part]]) -> Iterator[tuple[str, float]]:
        """Start each part when the one before it is ready; yield its name and the seconds it took.

        Parts come as functions, since how one starts may depend on the one before. Raises AlreadyRunning, or
        OperatorError with the end of its log if a part does not become ready; what was started is stopped again.
        """
        if any(running.process() for running in self.running()):
            raise AlreadyRunning("The stack, or a part of it, is running already.")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        started: list[Running] = []
        try:
            for make in parts:
                began = time.monotonic()
                part = make()
                started.append(self._start(part))
                self._write(started)
                self._await(part, started[-1])
                yield part.name, time.monotonic() - began
        except BaseException:
            self._stop(started)
            raise

    def down(self) -> list[str]:
        """Stop every running part, the last started first. Raises NotRunning if there is none."""
        running = [part for part in self.running() if part.process()]
        if not running:
            self.state.unlink(missing_ok=True)
            raise NotRunning("Nothing is running.", advice="There is nothing to stop.")
        self._stop(running)
        return [part.name for part in reversed(running)]

    def running(self) -> list[Running]:
        """What was started and not stopped by us; it may have died since."""
        try:
            plain: list[dict[str, Any]] = json.loads(self.state.read_text())
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise OperatorError(
                f"{self.state} cannot be read.", advice="Stop the processes by hand and delete the file."
            ) from error
        return [Running(**part) for part in plain]

    def _start(self, part: Part) -> Running:
        log = str(self.logs / f"{part.name}.log")
        before = os.umask(part.umask)
        try:
            pid = os.posix_spawn(
                part.arguments[0],
                list(part.arguments),
                part.environment,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                ],
                setsid=True,  # Ctrl-C at the prompt does not reach it; `down` does
            )
        finally:
            os.umask(before)
        return Running(part.name, pid, psutil.Process(pid).create_time())

    def _await(self, part: Part, running: Running) -> None:
        deadline = time.monotonic() + part.seconds
        while not part.ready():
            died = running.process() is None
            if died or time.monotonic() > deadline:
                how = "ended at once" if died else f"was not ready within {part.seconds:.0f} s"
                raise OperatorError(
                    f"The {part.name} {how}.\n{self._tail(part.name)}", advice=f"Its log: {self.logs / part.name}.log"
                )
            time.sleep(0.1)  # nothing announces readiness but the answer itself

    def _tail(self, name: str) -> str:
        text = (self.logs / f"{name}.log").read_text(errors="replace")
        return "\n".join(f"  | {line}" for line in text.splitlines()[-LOG_LINES:])

    def _stop(self, running: Sequence[Running]) -> None:
        for part in reversed(running):
            process = part.process()
            if process is None:
                continue
            with _gone():
                process.terminate()
                process.wait(STOP_SECONDS)
            with _gone():
                if part.process():
                    process.kill()
                    process.wait(STOP_SECONDS)
        self.state.unlink(missing_ok=True)

    def _write(self, started: Sequence[Running]) -> None:
        plain = [{"name": part.name, "pid": part.pid, "created": part.created} for part in started]
        scratch = self.state.with_suffix(".new")
        scratch.touch(mode=0o600)
        scratch.write_text(json.dumps(plain))
        scratch.replace(self.state)


@contextmanager
def _gone() -> Iterator[None]:
    """A process that ended in between, or is not ended yet, is no error of stopping."""
    try:
        yield
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):
        return
