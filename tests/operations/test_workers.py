"""Several workers of one API, as real processes: one key, one queue, nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from appliance.errors import OperatorError
from appliance.operations import workers
from appliance.settings import ROOT, Settings
from tests.api.test_load import heard, question, raw, request

PATIENCE = 120
EVENTS = {"Accept": "text/event-stream"}


@dataclass(frozen=True)
class Several:
    """The running API: its parent process, its address and its data folder."""

    parent: psutil.Process
    address: httpx.URL
    data: Path

    def token(self, persona: str) -> dict[str, str]:
        told = httpx.post(self.address.join("/v1/demo/token"), json={"persona": persona}, trust_env=False, timeout=30)
        return {"Authorization": f"Bearer {told.json()['access_token']}"}

    def workers(self) -> list[psutil.Process]:
        """Its workers; multiprocessing's own tracker is none."""
        return [child for child in self.parent.children() if "spawn_main" in " ".join(child.cmdline())]

    def process_that_answers(self, headers: dict[str, str]) -> int:
        told = httpx.post(
            self.address.join("/v1/ask"), json={"question": "x"}, headers=headers, trust_env=False, timeout=30
        )
        return int(told.json()["sentences"][0]["text"].split()[-1])


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def answers(address: httpx.URL) -> bool:
    try:
        return httpx.get(address.join("/healthz"), trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def several(data: Path) -> Iterator[Several]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mine = {"DATA": str(data), "API_PORT": str(port), "API_WORKERS": "2", "RUNNING": "1", "WAITING": "2"}
    environment = {**os.environ, **{f"MUNIMENT_{name}": value for name, value in mine.items()}}
    with (data / "log").open("wb") as log:
        command = [sys.executable, "-m", "tests.operations.several_workers"]
        started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    running = Several(psutil.Process(started.pid), httpx.URL(f"http://127.0.0.1:{port}"), data)
    try:
        until(lambda: answers(running.address) or started.poll() is not None)
        assert started.poll() is None, (data / "log").read_text()
        yield running
    finally:
        left = running.parent.children(recursive=True) if running.parent.is_running() else []
        started.terminate()
        # A worker killed in the middle of its parent's health check keeps the parent deaf for `DEAF_SECONDS`.
        started.wait(workers.DEAF_SECONDS + PATIENCE)
        for process in left:
            if process.is_running():
                process.kill()


def test_workers_share_their_key_and_their_queue_and_leave_nothing(tmp_path: Path) -> None:
    """Fails if the workers make keys of their own, or if each keeps a queue of its own."""
    with several(tmp_path) as api, ExitStack() as opened:
        settings = Settings(data=tmp_path, api_workers=2)
        key, queue = workers.key_file(settings), workers.queue_socket(settings)
        assert (key.stat().st_mode & 0o777, queue.stat().st_mode & 0o777) == (0o600, 0o600)
        headers = {persona: api.token(persona) for persona in ("mara", "dana")}
        seen: set[int] = set()
        until(lambda: _both_answer(seen, api, headers["mara"]))

        def stream(person: str) -> socket.socket:
            asked = request(question("held"), headers[person] | EVENTS)
            return opened.enter_context(raw(api.address, after=asked))

        stream("mara")
        until((tmp_path / "begun-mara").exists)
        waiting = [stream("dana")]
        assert heard(waiting[0], b": queued, place 1")
        waiting.append(stream("dana"))
        assert heard(waiting[1], b": queued, place 2")
        for _ in range(6):  # whichever worker takes it
            told = httpx.post(
                api.address.join("/v1/ask"), json={"question": "x"}, headers=headers["mara"], trust_env=False
            )
            assert told.status_code == 429
        assert not (tmp_path / "begun-dana").exists()
        for connection in waiting:
            connection.close()
        os.kill(int((tmp_path / "begun-mara").read_text()), signal.SIGKILL)
        until(lambda: answered(api, headers["dana"]))  # the place of a worker that died is free again
    assert not key.exists()
    assert not queue.exists()


def answered(api: Several, headers: dict[str, str]) -> bool:
    try:
        told = httpx.post(api.address.join("/v1/ask"), json={"question": "x"}, headers=headers, trust_env=False)
    except httpx.TransportError:  # the worker that died had taken the connection
        return False
    return told.status_code == 200


def _both_answer(seen: set[int], api: Several, headers: dict[str, str]) -> bool:
    """Whether one token has been recognised in two processes."""
    seen.add(api.process_that_answers(headers))
    return len(seen) == 2


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """Fails without the thread that `places` starts: the port would stay taken."""
    with several(tmp_path) as api:
        until(lambda: len(api.workers()) == 2)
        left = api.workers()
        api.parent.kill()
        _, alive = psutil.wait_procs(left, timeout=PATIENCE)
        assert not alive


def test_one_worker_keeps_its_key_and_its_queue_to_itself(tmp_path: Path) -> None:
    alone = Settings(data=tmp_path)
    assert workers.key(alone) is None
    assert workers.places(alone) is None


def test_a_worker_without_its_parent_s_key_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(OperatorError):
        workers.key(Settings(data=tmp_path, api_workers=2))
