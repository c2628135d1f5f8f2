import os
import signal
import socket
import stat
import sys
import time
from pathlib import Path

import psutil
import pytest

from appliance.errors import AlreadyRunning, NotRunning, OperatorError
from appliance.operations.stack import Part, Stack
from tests.contracts.chat_models import wait_until

SLEEPER = "import pathlib, signal, sys; pathlib.Path(sys.argv[1]).touch(); signal.pause()"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"


def part(name: str, folder: Path, code: str = SLEEPER, *, seconds: float = 20.0) -> Part:
    marker = folder / f"{name}.ready"
    return Part(name, (sys.executable, "-c", code, str(marker)), dict(os.environ), marker.exists, seconds)


def dies(name: str, folder: Path) -> Part:
    return part(name, folder, "import sys; sys.exit('the disk is on fire')")


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path / "run")


def test_parts_start_in_order_and_stop_in_reverse(stack: Stack, tmp_path: Path) -> None:
    started = [name for name, _ in stack.up([lambda: part("one", tmp_path), lambda: part("two", tmp_path)])]
    processes = [running.process() for running in stack.running()]
    assert started == ["one", "two"]
    assert all(processes)
    assert stat.S_IMODE(stack.state.stat().st_mode) == 0o600
    assert stat.S_IMODE(stack.folder.stat().st_mode) == 0o700
    assert stack.down() == ["two", "one"]
    assert not any(process.is_running() for process in processes if process)
    with pytest.raises(NotRunning):
        stack.down()


def test_a_second_start_is_refused(stack: Stack, tmp_path: Path) -> None:
    list(stack.up([lambda: part("one", tmp_path)]))
    with pytest.raises(AlreadyRunning):
        next(stack.up([lambda: part("two", tmp_path)]))
    stack.down()


def test_a_part_that_dies_stops_the_start_and_what_was_started(stack: Stack, tmp_path: Path) -> None:
    seen: list[psutil.Process | None] = []

    def failing() -> Part:
        seen.append(stack.running()[0].process())
        return dies("two", tmp_path)

    with pytest.raises(OperatorError, match=r"two ended at once(?s:.*)the disk is on fire"):
        list(stack.up([lambda: part("one", tmp_path), failing]))
    assert seen[0] is not None
    assert not seen[0].is_running()
    assert not stack.state.exists()


def test_a_part_that_is_never_ready_says_so(stack: Stack, tmp_path: Path) -> None:
    never = Part("slow", (sys.executable, "-c", "import signal; signal.pause()"), dict(os.environ), lambda: False, 0.5)
    with pytest.raises(OperatorError, match="slow was not ready within"):
        list(stack.up([lambda: never]))


def test_a_port_that_another_program_holds_is_named(stack: Stack, tmp_path: Path) -> None:
    """Guards `_check_free`: the other program's answers would be taken for ours."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        held = Part("api", (sys.executable, "-c", SLEEPER), dict(os.environ), lambda: True, port=port)
        with pytest.raises(OperatorError, match=f"Port {port} is in use"):
            list(stack.up([lambda: held]))
    assert not stack.state.exists()


def test_an_answer_from_somebody_else_is_not_ours(stack: Stack) -> None:
    """Guards `and not died` in `Stack._await`."""
    dead = Part("api", (sys.executable, "-c", ""), dict(os.environ), lambda: time.sleep(0.5) is None)
    with pytest.raises(OperatorError, match="api ended at once"):
        list(stack.up([lambda: dead]))


def test_a_reused_process_id_is_not_stopped(stack: Stack, tmp_path: Path) -> None:
    """Guards the comparison of `created` in `Running.process`: without it, this test would end itself."""
    stack.folder.mkdir()
    stack.state.write_text(f'[{{"name": "store", "pid": {os.getpid()}, "created": 1.0}}]')
    with pytest.raises(NotRunning):
        stack.down()


def test_a_killed_part_does_not_keep_the_stack_from_starting_again(stack: Stack, tmp_path: Path) -> None:
    list(stack.up([lambda: part("one", tmp_path)]))
    running = stack.running()[0]
    os.kill(running.pid, signal.SIGKILL)
    wait_until(lambda: running.process() is None, seconds=10)
    (tmp_path / "one.ready").unlink()
    list(stack.up([lambda: part("one", tmp_path)]))
    assert stack.down() == ["one"]


def test_an_unreadable_state_is_an_error_not_an_empty_stack(stack: Stack) -> None:
    stack.folder.mkdir()
    stack.state.write_text("{half")
    with pytest.raises(OperatorError, match="cannot be read"):
        stack.running()
