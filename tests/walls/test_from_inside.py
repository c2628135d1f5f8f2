"""The API's own process turns traitor: every way out ends at the kernel, and the tripwire says who it was."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from appliance import closing
from appliance.settings import ROOT
from tests.left_out import left_out
from tests.walls.attempts import ATTEMPTS

WAYS_THROUGH_A_SOCKET = set(ATTEMPTS) - {"a name looked up", "a child"}


def betrayed(folder: Path, target: str, how: str) -> tuple[dict[str, Any], str]:
    """What the traitor wrote, and the log of the API."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        left_out("THE TRAITOR INSIDE THE API", "this machine gives no network namespace (unshare -rn)")
    result = folder / "result.json"
    command = ["unshare", "-rn", sys.executable, "-m", "tests.walls.inside", str(result), target, how]
    environment = os.environ | {"MUNIMENT_DATA": str(folder / "data")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert result.exists(), done.stderr
    return json.loads(result.read_text()), done.stderr


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """Without a route, as in the sealed run, and closed."""
    return betrayed(tmp_path_factory.mktemp("sealed"), "outside", "closed")


def counts(metrics: str) -> dict[str, float]:
    found = re.findall(r'^muniment_tripwire_total\{kind="([^"]+)"\} (\S+)$', metrics, re.M)
    return {kind: float(count) for kind, count in found}


def test_without_the_walls_everything_goes_out(tmp_path: Path) -> None:
    """The control that lets the others fail: to a listener on this machine all ways are open."""
    seen, _ = betrayed(tmp_path, "here", "open")
    ended = seen["ended"]
    assert {name for name, how in ended.items() if how in {"went out", "EINPROGRESS"}} == set(ATTEMPTS) - {
        "a name looked up"
    }
    assert seen["arrived"] >= len(WAYS_THROUGH_A_SOCKET)


def test_the_kernel_refuses_every_way_out_of_a_closed_api(tmp_path: Path) -> None:
    """Guards `_close_ports(…)` and `_filter(…)` in `closing.close`: without the first a plain socket, ctypes and a
    child get through to a port that no setting names; without the second a datagram, MPTCP and fast open do.
    """
    if not closing.possible().ports:
        left_out("PORTS CLOSED BY LANDLOCK", "this kernel has no Landlock rules for ports (Linux 6.7)")
    seen, _ = betrayed(tmp_path, "here", "closed")
    refused = {name: how for name, how in seen["ended"].items() if name in WAYS_THROUGH_A_SOCKET}
    assert refused == dict.fromkeys(WAYS_THROUGH_A_SOCKET, "EACCES")
    assert seen["ended"]["a child"] == "ENOTCONN"
    assert seen["ended"]["a name looked up"] == "no answer"
    assert seen["arrived"] == 0


def test_nothing_leaves_the_sealed_run(sealed: tuple[dict[str, Any], str]) -> None:
    seen, _ = sealed
    assert set(seen["ended"]) == set(ATTEMPTS)
    assert set(seen["ended"].values()) <= {"EACCES", "ENETUNREACH", "ENOTCONN", "no answer"}


def test_each_attempt_is_counted_and_told_by_its_line(sealed: tuple[dict[str, Any], str]) -> None:
    """Guards each entry of `tripwire._watched` that is met here; of ctypes Python sees the functions looked for."""
    seen, log = sealed
    told = re.findall(r"tripwire: (\S+) from tests\.walls\.inside:\d+ through tests\.walls\.attempts:(\d+)", log)
    lines = (ROOT / "tests" / "walls" / "attempts.py").read_text().splitlines()
    at = {(kind, lines[int(line) - 1].strip()) for kind, line in told}
    expected = {
        ("socket.connect", "with socket.create_connection(where, timeout=5):"),
        ("ctypes.dlsym", "number = library.socket(socket.AF_INET, socket.SOCK_STREAM, 0)"),
        ("socket.__new__", "with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:"),
        ("socket.getaddrinfo", "socket.getaddrinfo(NAME, 443)"),
        ("subprocess.Popen", "done = subprocess.run(command, capture_output=True, timeout=30, check=False)"),
        ("socket.__new__", "with socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP) as tcp:"),
        ("socket.sendto", 'tcp.sendto(b"what the patient said", MSG_FASTOPEN, where)'),
        ("socket.sendmsg", 'tcp.sendmsg([b"what the patient said"], [], MSG_FASTOPEN, where)'),
    }
    assert expected <= at
    assert {kind for kind, _ in expected} <= counts(seen["metrics"]).keys()


def test_no_content_is_told(sealed: tuple[dict[str, Any], str]) -> None:
    """Fails if an attempt is told with what it was for: a name that is looked up can carry anything."""
    seen, log = sealed
    assert all(word not in log + seen["metrics"] for word in ("patient", "example.org", "192.0.2", "curl"))
