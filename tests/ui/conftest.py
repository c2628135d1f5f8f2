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
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.left_out import left_out

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PORTAL = "python -m ui.serve --port"
"""The command as `ui/README.md` gives it; a test compares the two."""
NEEDED = ("PATH", "HOME", "LANG", "TMPDIR")
"""What the portal is given of the environment here, besides its own; `ui/README.md` says that it needs no more."""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def running(arguments: list[str], address: str, environment: dict[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    """A child process, once it answers at `address`; ended and waited for afterwards."""
    child = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment)
    try:
        until = time.monotonic() + 120
        while True:
            try:
                httpx.get(address, trust_env=False).raise_for_status()
                break
            except httpx.HTTPError:
                if child.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.2)
        yield child
    finally:
        child.terminate()
        child.wait(60)


@contextmanager
def house_at(stage: str) -> Iterator[str]:
    """The address of the API that the module `stage` plays."""
    port = free_port()
    with running(["-m", stage, str(port)], f"http://127.0.0.1:{port}/healthz", dict(os.environ)):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def api_address() -> Iterator[str]:
    with house_at("tests.ui.stage") as address:
        yield address


def portal_environment(api_address: str) -> dict[str, str]:
    """The whole environment of a portal that speaks to this API."""
    kept = {name: os.environ[name] for name in NEEDED if name in os.environ}
    return kept | {"MUNIMENT_API_URL": api_address, "PYTHONPATH": str(ROOT)}


@contextmanager
def portal_at(api_address: str, port: int = 0, *, public_url: str = "") -> Iterator[str]:
    """A portal that speaks to this API, at a port that is free or at the one that is given."""
    port = port or free_port()
    command = [*PORTAL.split()[1:], str(port)]
    public = {"MUNIMENT_PUBLIC_URL": public_url} if public_url else {}
    environment = portal_environment(api_address) | public
    with running(command, f"http://127.0.0.1:{port}/_stcore/health", environment):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def portal(api_address: str) -> Iterator[str]:
    with portal_at(api_address) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser per file. Playwright's event loop runs in this thread for as long as the fixture lives, and no test
    after it in the same process could run a loop of its own."""
    if CHROMIUM is None:
        left_out("THE PORTAL IN A BROWSER", "chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that fails the test if it asks for anything outside this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    context.close()
    outside = [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:http://127.0.0.1:"))]
    assert not outside
