"""The stack of one machine: store, model, worker, API and portal as processes, started in order, stopped in reverse."""

import fcntl
import json
import os
import socket
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
    port: int | None = None
    """The port it will listen on, which nobody else may hold; None for a part that listens on a socket file."""


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
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        with self._alone():
            if any(running.process() for running in self.running()):
                raise AlreadyRunning("The stack, or a part of it, is running already.")
            started: list[Running] = []
            try:
                for make in parts:
                    began = time.monotonic()
                    part = make()
                    _check_free(part)
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
        if not self.state.exists():
            return []
        try:
            plain: list[dict[str, Any]] = json.loads(self.state.read_text())
            return [Running(**part) for part in plain]
        except (OSError, ValueError, TypeError) as error:
            raise OperatorError(
                f"{self.state} cannot be read.", advice="Stop the processes by hand and delete the file."
            ) from error

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
        while True:
            answers, died = part.ready(), running.process() is None
            if answers and not died:  # an answer from a process that is not ours is none
                return
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

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder, so that two starts at one time do not start two stacks."""
        with (self.folder / "up.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyRunning("Somebody is starting the stack at this moment.") from error
            yield

    def _write(self, started: Sequence[Running]) -> None:
        plain = [{"name": part.name, "pid": part.pid, "created": part.created} for part in started]
        scratch = self.state.with_suffix(".new")
        scratch.touch(mode=0o600)
        scratch.write_text(json.dumps(plain))
        scratch.replace(self.state)


def held(lock: Path) -> bool:
    """Whether some process holds the lock file: how a part shows that it lives without listening anywhere."""
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _check_free(part: Part) -> None:
    """Raise OperatorError if another program holds the part's port: its answers would be taken for ours."""
    if part.port is None:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", part.port))
        except OSError as error:
            raise OperatorError(
                f"Port {part.port} is in use by another program, so the {part.name} cannot start.",
                advice=f"Stop that program, or set another {part.name}_port.",
            ) from error


@contextmanager
def _gone() -> Iterator[None]:
    """A process that ended in between, or is not ended yet, is no error of stopping."""
    try:
        yield
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):
        return
