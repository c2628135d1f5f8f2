"""What the tripwire takes for expected, what it tells, and that it refuses only where it is told to."""

import re
import socket
import subprocess
import sys
from typing import Any

import pytest

from appliance.settings import ROOT
from appliance.tripwire import Known

HOUSE = Known({("idp.house.example", 443), ("10.0.0.5", 6333)})
PYTHON = sys.executable


@pytest.mark.parametrize(
    "address",
    ["/run/log.sock", b"/run/log.sock", None, ("127.0.0.1", 9), ("localhost", 9), ("::1", 9, 0, 0), ("10.0.0.5", 6333)],
    ids=str,
)
def test_addresses_that_are_expected(address: object) -> None:
    assert HOUSE.address(None, address)


@pytest.mark.parametrize(
    "address",
    [("192.0.2.1", 443), ("10.0.0.5", 22), ("2001:db8::1", 443, 0, 0), ("evil.example", 443), (b"192.0.2.1", 443)],
    ids=str,
)
def test_addresses_that_are_not(address: object) -> None:
    assert not Known({("idp.house.example", 443), ("10.0.0.5", 6333)}).address(None, address)


def test_an_address_is_a_peer_s_after_his_name_was_looked_up_here() -> None:
    known = Known({("idp.house.example", 443)})
    assert not known.address(None, ("192.0.2.1", 443))
    assert known.name("IDP.house.example", 443)
    assert known.address(None, ("192.0.2.1", 443))
    assert not known.address(None, ("192.0.2.1", 22))


def test_names_that_are_looked_up() -> None:
    """A name can carry content: fails if `Known.name` takes any that no setting holds."""
    expected = ["idp.house.example", b"idp.house.example", "localhost", "", None, "10.9.9.9", socket.gethostname()]
    assert all(HOUSE.name(name) for name in expected)
    assert not any(HOUSE.name(name) for name in ("secret.idp.house.example", "house.example", "example"))
    assert not HOUSE.names_of("192.0.2.1")
    assert HOUSE.names_of(("127.0.0.1", 80))


@pytest.mark.parametrize(
    ("path", "arguments", "expected"),
    [
        (PYTHON, [PYTHON, "-m", "ingest.server", "5"], True),
        (PYTHON, [PYTHON, "-m", "appliance.privacy.detecting.enclosed_server", "5"], True),
        (PYTHON, [PYTHON, "-c", "import ingest"], False),
        (PYTHON, [PYTHON, "-m", "http.server"], False),
        ("curl", ["curl", "-m", "ingest.server"], False),
        (PYTHON, f"{PYTHON} -m ingest", False),
    ],
)
def test_programs(path: str, arguments: Any, expected: bool) -> None:
    assert HOUSE.program(path, arguments, None, None) is expected


def test_kinds_of_sockets() -> None:
    assert all(
        HOUSE.kind_of_socket(None, *kind) for kind in ((1, 1, 0), (1, 2, 0), (2, 1, 0), (10, 1 | 2048, 6), (16, 3, 0))
    )
    assert not any(
        HOUSE.kind_of_socket(None, *kind) for kind in ((2, 2, 0), (2, 3, 1), (2, 1, 262), (17, 3, 0), (40, 1, 0))
    )


BEGIN = """
import ctypes, logging, os, socket, subprocess, sys, time
from collections import Counter
from appliance import tripwire
logging.basicConfig(format="%(message)s")
counts = Counter()
def ended(go):
    try:
        go()
    except OSError as error:
        return type(error).__name__
    return "done"
def settled(expected):
    for _ in range(1000):
        if sum(counts.values()) >= expected:
            return
        time.sleep(0.01)
server = socket.create_server(("127.0.0.1", 0))
"""


def run(code: str) -> tuple[list[str], str]:
    """The words that a process prints which runs `code`, and its log."""
    done = subprocess.run(
        [PYTHON, "-c", BEGIN + code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(), done.stderr


TRY = """
for _ in range(3):
    print(ended(lambda: socket.socket().connect_ex(("127.0.0.1", server.getsockname()[1]))))
    print(ended(lambda: socket.getaddrinfo("no-such-name.invalid", 443)))
print(ended(lambda: subprocess.run(["true"])), ended(lambda: ctypes.CDLL(None).connect))
tripwire.counted(lambda kind: counts.update([kind]))
settled(5)
print(*sorted(counts.items()))
"""


def test_it_records_and_lets_the_kernel_decide() -> None:
    """Fails if an attempt is told twice from one place, is not counted each time, or is told with its target."""
    words, log = run("tripwire.lay(tripwire.Known(), refusing=False)" + TRY)
    assert words[:8] == ["done", "gaierror"] * 3 + ["done", "done"]
    assert " ".join(words[8:]) == "('ctypes.dlsym', 1) ('socket.getaddrinfo', 3) ('subprocess.Popen', 1)"
    told = log.splitlines()
    assert [re.sub(r":\d+", "", line) for line in told] == [
        "tripwire: socket.getaddrinfo from __main__ through __main__",
        "tripwire: subprocess.Popen from __main__ through __main__",
        "tripwire: ctypes.dlsym from __main__ through __main__",
    ]


def test_where_the_kernel_closes_no_ports_it_refuses_what_it_sees_of_the_network() -> None:
    """Guards `if refusing and event in _REFUSABLE` in `tripwire.lay`; a program is recorded only."""
    words, _ = run("tripwire.lay(tripwire.Known(), refusing=True)" + TRY)
    assert words[:8] == ["done", "PermissionError"] * 3 + ["done", "done"]


def test_what_came_before_anybody_counted_is_counted_then() -> None:
    """Guards `_uncounted`: what a library does while it is imported comes before there are metrics."""
    code = """
tripwire.lay(tripwire.Known(), refusing=False)
ended(lambda: subprocess.run(["true"]))
while not tripwire._record._uncounted:
    time.sleep(0.01)
tripwire.counted(lambda kind: counts.update([kind]))
print(counts["subprocess.Popen"])
"""
    assert run(code)[0] == ["1"]


def test_a_part_that_knows_no_settings_is_closed_and_watched_before_its_module_runs(tmp_path: Any) -> None:
    """Guards `closing.close(…)` and `tripwire.lay(…)` in `appliance.closed.main`."""
    (tmp_path / "traitor.py").write_text(
        "import socket, sys, time\n"
        "print(sys.argv[1:], __name__)\n"
        "try:\n    socket.create_connection(('192.0.2.1', 443), timeout=3)\n"
        "except OSError as error:\n    print(type(error).__name__)\n"
        "time.sleep(0.5)\n"
    )
    command = [PYTHON, "-m", "appliance.closed", "--reach", "127.0.0.1:8765", "traitor", "--port", "1"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == ["['--port', '1'] __main__", "PermissionError"], done.stderr
    assert "tripwire: socket.connect from traitor:4 through traitor:4" in done.stderr


def test_the_api_is_closed_as_it_starts_and_watched_from_the_moment_it_loads_its_libraries(tmp_path: Any) -> None:
    """Guards `walls.close(…)` in `processes.serve`, and `walls.watch(…)` in `worker`.

    There is no store, so it ends soon.
    """
    code = """
from appliance import closing
from appliance.cli import processes
from appliance.errors import NotRunning
try:
    processes.serve()
except NotRunning:
    ended(lambda: subprocess.run(["true"]))
    while not tripwire._record._uncounted:
        time.sleep(0.01)
    print(*tripwire._record._uncounted.items(), closing.closed())
"""
    code = f"import os; os.environ['MUNIMENT_DATA'] = {str(tmp_path)!r}\n{code}"
    assert run(code)[0] == ["('subprocess.Popen',", "1)", "True"]
