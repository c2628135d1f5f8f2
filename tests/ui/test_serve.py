import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.ui.conftest import PORTAL, ROOT, free_port, portal_environment

TRACED = ("strace", "-f", "--seccomp-bpf", "-qq", "-s", "200", "-e", "trace=%network")
OVERRIDES = {
    "STREAMLIT_SERVER_ENABLE_CORS": "false",
    "STREAMLIT_SERVER_ADDRESS": "0.0.0.0",  # noqa: S104
    "STREAMLIT_SERVER_ALLOWED_HOSTS": "*",
}
"""What somebody's environment may hold; none of it may take effect."""


@contextmanager
def traced_portal(trace: Path) -> Iterator[int]:
    """The portal's port; every call of its network goes into the file `trace`."""
    port = free_port()
    command = [*TRACED, "-o", str(trace), sys.executable, *PORTAL.split()[1:], str(port)]
    child = subprocess.Popen(command, cwd=ROOT, env=portal_environment("http://127.0.0.1:9") | OVERRIDES)
    try:
        until = time.monotonic() + 90
        while not _is_up(port):
            assert child.poll() is None
            assert time.monotonic() < until
            time.sleep(0.2)
        yield port
    finally:
        for traced in psutil.Process(child.pid).children():
            traced.terminate()
        child.wait(30)


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/_stcore/health", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def upgrade(port: int, *, host: str, origin: str | None) -> int:
    """The status with which a request for a web socket is answered; 101 lets it in."""
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        *([f"Origin: {origin}"] if origin else []),
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(connection.recv(1024).split()[1])


def test_a_foreign_page_is_refused_without_a_word_to_the_outside(tmp_path: Path) -> None:
    """Fails if `_stay_inside()` or `_forget_other_configuration()` is deleted from `ui.serve.main`."""
    if shutil.which("strace") is None:
        message = "THE PORTAL'S SILENCE WAS LEFT OUT: strace is not installed (apt-get install strace)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    trace = tmp_path / "trace"
    with traced_portal(trace) as port:
        here = f"127.0.0.1:{port}"
        for origin in ("http://evil.example", f"https://evil.example:{port}", "null", f"http://127.0.0.1.evil:{port}"):
            assert upgrade(port, host=here, origin=origin) == 403, origin
        assert upgrade(port, host=f"evil.example:{port}", origin=f"http://evil.example:{port}") == 403
        assert upgrade(port, host=here, origin=f"http://{here}") == 101
    calls = trace.read_text().splitlines()
    assert [line for line in calls if "bind(" in line and f"htons({port})" in line and '"127.0.0.1"' in line]
    assert [line for line in calls if "accept" in line]
    # whatever would speak to anyone begins with a connect, a name look-up included, or names an address as it sends
    assert [line for line in calls if "connect(" in line] == []
    assert [line for line in calls if "send" in line and "sa_family=AF_INET" in line] == []
