"""What a parser can do once a file has taken it over: nothing outside, and nothing to the next file."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from appliance.settings import ROOT
from ingest.records import Fault, Parsed, Refused
from ingest.worker import Limits, Parsers

HOSTILE = (str(Path(__file__).with_name("hostile.py")),)
CALL = """
import ctypes, os
library = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    return "done" if getattr(library, name)(*arguments) == 0 else os.strerror(ctypes.get_errno())
"""
TRY = """
def attempt(action):
    try:
        return action() or "done"
    except OSError as error:
        return os.strerror(error.errno)
"""


INSIDE = """
import sys
from pathlib import Path
from appliance import enclosure
enclosure.enter([], private=Path(sys.argv[1]))
print("inside", flush=True)
while True:
    pass
"""
STARTER = """
import subprocess, sys
with subprocess.Popen([sys.executable, "-c", *sys.argv[1:]], start_new_session=True) as inside:
    inside.wait()
"""


@pytest.fixture(scope="module")
def house() -> Iterator[Path]:
    """A data folder with a key and a socket in it; short, since the kernel takes 107 bytes of a socket's path."""
    with tempfile.TemporaryDirectory(prefix="house-") as folder, socket.socket(socket.AF_UNIX) as door:
        (Path(folder) / "key").write_text("secret")
        door.bind(str(Path(folder) / "store.sock"))
        door.listen()
        yield Path(folder)


@pytest.fixture(scope="module")
def taken(house: Path) -> Iterator[Parsers]:
    """Parsers that run what they are given."""
    with Parsers(Limits(1_024, 30, 10), hidden=[house], program=HOSTILE) as parsers:
        yield parsers


def told(parsers: Parsers, code: str) -> str:
    result = parsers.parse("a.txt", (CALL + TRY + code).encode())
    assert isinstance(result, Parsed), result
    return result.pages[0].text


def test_the_cover_cannot_be_lifted(taken: Parsers, house: Path) -> None:
    """Delete the `capset` in `enclosure._give_up_capabilities`: `umount2` uncovers the data."""
    folder = os.fsencode(house)
    assert told(taken, f"told = call('umount2', {folder}, 2)") == "Operation not permitted"
    assert told(taken, f"told = call('mount', b'none', {folder}, None, 32, None)") == "Operation not permitted"


def test_a_namespace_inside_lifts_nothing(taken: Parsers, house: Path) -> None:
    """Delete the line of `max_user_namespaces` and this fails at its first assertion; the second lock still holds."""
    assert told(taken, "told = call('unshare', 0x10020000)") == "No space left on device"
    lifted = f"call('unshare', 0x10020000), call('umount2', {os.fsencode(house)}, 2)"
    assert told(taken, f"told = ({lifted})[1]") != "done"


def test_the_data_is_not_there(taken: Parsers, house: Path) -> None:
    """Delete the loop of `_cover` in `enclosure.enter` and key and socket are in reach."""
    assert told(taken, f"told = attempt(lambda: open('{house}/key').read())") == "No such file or directory"
    connect = f"import socket\ntold = attempt(lambda: socket.socket(socket.AF_UNIX).connect('{house}/store.sock'))"
    assert told(taken, connect) == "No such file or directory"


def test_nothing_is_written_but_in_the_private_folder(taken: Parsers, house: Path) -> None:
    """Delete the recursive `_attributes` in `enclosure.enter` and a parser could rewrite the program."""
    for place in (ROOT / "appliance" / "planted.py", house / "planted", Path(tempfile.gettempdir()) / "planted"):
        assert told(taken, f"told = attempt(lambda: open('{place}', 'w').close())") == "Read-only file system"
        assert not place.exists()
    assert told(taken, "told = attempt(lambda: open('here', 'w').close())") == "done"
    assert told(taken, "told = os.listdir('.')") == "[]"


def test_no_other_process_is_in_reach(taken: Parsers) -> None:
    """Delete `_NEWPID` (or the mount of proc) in `enclosure.enter`: the parser names, and ends, what the user runs."""
    numbers = told(taken, "told = sorted(int(n) for n in os.listdir('/proc') if n.isdigit())")
    assert numbers.startswith("[1, ")
    assert numbers.count(",") == 1
    assert told(taken, f"told = attempt(lambda: os.kill({os.getpid()}, 0))") == "No such process"
    assert told(taken, "told = call('ptrace', 16, 1, 0, 0)") == "Operation not permitted", "PTRACE_ATTACH to the server"


def test_a_child_does_not_hold_the_connection(taken: Parsers) -> None:
    """Delete `connection.close()` in `server._one`: a parser could answer for the next file, and read it."""
    sockets = "[n for n in range(3, 64) if os.path.exists(f'/proc/self/fd/{n}') and stat.S_ISSOCK(os.fstat(n).st_mode)]"
    assert told(taken, f"import stat\ntold = {sockets}") == "[]"


LINGERS = """
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        os.closerange(3, 64)
        if os.fork() == 0:
            import time
            while True:
                time.sleep(0.01)
        os._exit(0)
told = "left three behind"
"""


def test_what_a_parser_starts_ends_with_its_file(taken: Parsers) -> None:
    """Delete `os.kill(-1, …)` in `server._end_all`: a process in a session of its own outlives its file."""
    assert told(taken, LINGERS) == "left three behind"
    assert told(taken, "told = sum(n.isdigit() for n in os.listdir('/proc'))") == "2"


def test_what_a_parser_starts_ends_with_the_run() -> None:
    """Delete `_PR_SET_PDEATHSIG` in `enclosure.enter`: a parser that is at work outlives the ingest that began it."""
    before = {process.pid for process in psutil.process_iter()}
    with Parsers(Limits(1_024, 30, 10), program=HOSTILE) as parsers:
        assert told(parsers, "") == "a.txt 10"
        (outside,) = (child for child in psutil.Process().children() if child.pid in ours(before))
        killing = threading.Timer(0.5, outside.kill)
        killing.start()
        assert parsers.parse("a.txt", b"while True: pass") == Refused(Fault.CRASHED)
        killing.join()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and ours(before):
            time.sleep(0.05)
        assert ours(before) == []


def ours(before: set[int]) -> list[int]:
    found = [one for one in psutil.process_iter(["cmdline"]) if one.pid not in before]
    return [one.pid for one in found if HOSTILE[0] in (one.info["cmdline"] or ())]


def test_who_is_busy_inside_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """Guards `if started in ended` in `enclosure._fork`: killed, the starter closes nothing and asks nothing back."""
    command = [sys.executable, "-c", STARTER, INSIDE, str(tmp_path / "private")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "inside\n"
        below = psutil.Process(starter.pid).children(recursive=True)
        starter.kill()
    assert len(below) == 2
    _, alive = psutil.wait_procs(below, timeout=30)
    for process in alive:
        process.kill()
    assert not alive


def test_an_answer_to_another_request_is_no_answer(tmp_path: Path) -> None:
    """Delete the comparison of requests in `Parsers.parse`: words for one file would be stored as another's."""
    script = tmp_path / "forger.py"
    script.write_text(
        f"import sys, socket\nsys.path.insert(0, {str(ROOT)!r})\nfrom ingest import wire\nfrom ingest.worker import *\n"
        "line = socket.socket(fileno=int(sys.argv[1]))\nreceive(line)\nline.sendall(wire.frame({'enclosed': True}))\n"
        "receive(line)\nline.sendall(bytes(16) + wire.answer(Parsed('t', 'text/plain', (), ())))\n"
    )
    with Parsers(Limits(1_024, 5, 10), program=[str(script)]) as parsers:
        assert parsers.parse("a.txt", b"text") == Refused(Fault.CRASHED)


PARSES = """
import sys
from pathlib import Path
from ingest.worker import Limits, Parsers
with Parsers(Limits(1_024, 60, 10), hidden=[Path(sys.argv[1])]) as parsers:
    print(parsers.parse("a.md", b"# Bell\\n\\nIt rings."))
"""


@pytest.mark.parametrize("who", ["sealed", "ordinary"])
def test_it_works_in_a_namespace_without_a_network_and_as_an_ordinary_user(who: str, tmp_path: Path) -> None:
    """The sealed run has this enclosure inside another; a hospital runs it as anybody but root."""
    before = {"sealed": ["unshare", "-rn"], "ordinary": ["unshare", "-U", "--map-user=1000", "--map-group=1000"]}
    command = [*before[who], sys.executable, "-c", PARSES, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.startswith("Parsed(title='Bell'"), done.stdout + done.stderr
