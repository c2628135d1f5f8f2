"""Portal and API behind one origin with TLS, by the configurations that are shipped: nginx and Caddy, the real ones."""

import os
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.scripted import FIRST
from tests.identity import provider as providers
from tests.ui.conftest import free_port, portal_at, running
from tests.ui.site_proxies import before
from tests.ui.test_serve import upgrade
from tests.ui.test_signing_in import press

pytestmark = pytest.mark.browser
NAME = "__Host-muniment-session"


@dataclass(frozen=True)
class House:
    """Portal and API that are reached at `public`, where a proxy is to listen on `port`."""

    api: str
    portal: str
    public: str
    port: int


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    api_port, portal_port, port = free_port(), free_port(), free_port()
    api, public = f"http://127.0.0.1:{api_port}", f"https://localhost:{port}"
    with providers.running(folder, f"{public}/v1/session/callback", back_to=f"{public}/") as provider:
        told = {
            "IDENTITY": "oidc", "ISSUER": provider.issuer, "AUDIENCE": providers.AUDIENCE, "ISSUER_CA": provider.ca,
            "DIRECTORY": "absent",
            "CLIENT_ID": providers.PORTAL, "CLIENT_SECRET": providers.PORTAL_SECRET, "DATA": folder / "data",
            "API_PORT": api_port, "PORTAL_PORT": portal_port, "PUBLIC_URL": public,
            "LEDGER_WITNESS": f"file:{folder / 'checkpoints'}",
        }  # fmt: skip
        (folder / "checkpoints").touch()
        environment = dict(os.environ) | {f"MUNIMENT_{name}": str(value) for name, value in told.items()}
        with (
            running(["-m", "tests.ui.signed_stage"], f"{api}/healthz", environment),
            portal_at(api, portal_port, public_url=public) as portal,
        ):
            yield House(api, portal, public, port)


@pytest.mark.parametrize("kind", ["caddy", "nginx"])
def test_a_whole_visit_through_the_site_s_proxy(kind: str, browser: Browser, house: House, tmp_path: Path) -> None:
    """Guards in `deploy/proxy/`: what is led where, `proxy_buffering off` and `flush_interval`, the sizes, the headers,
    and the Content-Security-Policy, which no page of the portal offends."""
    with (
        before(kind, tmp_path / "proxy", port=house.port, api=house.api, portal=house.portal),
        browser.new_context(ignore_https_errors=True) as context,
        httpx.Client(base_url=house.public, verify=False, trust_env=False) as http,  # noqa: S501  # a test's own
    ):
        page = context.new_page()
        offences: list[str] = []
        page.on("console", lambda said: offences.append(said.text) if "Content Security Policy" in said.text else None)
        _ask(page, house)
        kept = next(one for one in context.cookies() if one["name"] == NAME)
        assert (kept["secure"], kept["httpOnly"], kept["sameSite"]) == (True, True, "Strict")
        assert (kept["domain"], kept["path"]) == ("localhost", "/")
        mine = {"Cookie": f"{NAME}={kept['value']}", "Origin": house.public}
        _streams(http, mine)
        _sizes(http, mine)
        _leads_nowhere_else(http)
        _headers(http)
        assert _socket(house, house.public) == 101
        assert _socket(house, "https://evil.example") == 403
        around = house.portal.removeprefix("http://")
        assert upgrade(int(around.rpartition(":")[2]), host=around, origin=house.portal) == 403  # around the proxy
        page.goto(house.public)
        page.get_by_role("button", name="Sign out", exact=True).click(timeout=60_000)
        expect(page.get_by_text("You are signed out", exact=True)).to_be_visible(timeout=60_000)
        assert http.get("/v1/me", headers=mine).status_code == 401  # the cookie, replayed
        assert not offences


def _ask(page: Page, house: House) -> None:
    """Sign in, and be answered: the page's socket goes through the proxy."""
    page.goto(house.public)
    press(page)
    page.get_by_role("button", name="mara", exact=True).click(timeout=90_000)
    box = page.get_by_placeholder("Ask a question")
    expect(box).to_be_visible(timeout=90_000)
    box.fill("blood")
    box.press("Enter")
    expect(page.get_by_text(FIRST.text)).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Open page 3").click(timeout=60_000)
    expect(page.get_by_alt_text("Page 3, the passage marked")).to_be_visible(timeout=60_000)


def _streams(http: httpx.Client, mine: dict[str, str]) -> None:
    """A sentence comes through while the next one is still thought about: a second and a half lie between them."""
    headers = mine | {"Accept": "text/event-stream"}
    with http.stream("POST", "/v1/ask", json={"question": "blood"}, headers=headers) as response:
        assert response.status_code == 200
        times = [time.monotonic() for line in response.iter_lines() if line.startswith("event: ")]
    assert times[-1] - times[0] > 0.7


def _sizes(http: httpx.Client, mine: dict[str, str]) -> None:
    """A document of 20 MB comes through, a question of 2 MB does not."""
    asked = {"name": f"{uuid4().hex}.txt", "level": "internal", "readers": "nursing"}
    large = http.post("/v1/documents", params=asked, content=b"x" * 20_000_000, headers=mine, timeout=60)
    assert large.status_code == 202, large.text
    assert http.post("/v1/ask", content=b"x" * 2_000_000, headers=mine).status_code in {413, 502}  # Caddy cuts it off


def _leads_nowhere_else(http: httpx.Client) -> None:
    """What the API tells on this machine alone is told to nobody outside: the portal answers there, with its page."""
    for path in ("/metrics", "/readyz", "/openapi.json", "/v2/ask"):
        assert "muniment_" not in http.get(path).text
        assert "json" not in http.get(path).headers.get("content-type", "")
    for path in ("/v1/../metrics", "/v1/%2e%2e/metrics", "/v1//metrics"):
        assert "muniment_" not in http.get(path).text


def _headers(http: httpx.Client) -> None:
    shown, told = http.get("/").headers, http.get("/v1/session/kind").headers
    assert shown["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in shown["content-security-policy"]
    for headers in (shown, told):
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert headers.get_list("x-content-type-options") == ["nosniff"]
        assert headers.get_list("referrer-policy") == ["no-referrer"]
        assert "1." not in headers.get("server", "")


def _socket(house: House, origin: str) -> int:
    """The status with which a page of `origin` is answered that asks for the portal's socket."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    lines = (
        "GET /_stcore/stream HTTP/1.1", f"Host: localhost:{house.port}", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", f"Origin: {origin}", "", "",
    )  # fmt: skip
    with (
        socket.create_connection(("127.0.0.1", house.port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall("\r\n".join(lines).encode())
        return int(connection.recv(1024).split()[1])
