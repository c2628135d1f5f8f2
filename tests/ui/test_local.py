import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.conftest import portal_at
from ui.local import objection

HERE = {"Host": "127.0.0.1:8766"}
ADDED = [
    "Forwarded", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP",
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Anything",
]  # fmt: skip


@pytest.mark.parametrize("header", ADDED)
def test_what_came_through_a_proxy_is_refused(header: str) -> None:
    assert "proxy" in objection(HERE | {header: ""})
    assert "proxy" in objection(HERE | {header.lower(): "x"})


@pytest.mark.parametrize("host", ["", "evil.example", "localhost.evil.example", "localhost@evil", "0.0.0.0"])  # noqa: S104
def test_another_name_is_refused(host: str) -> None:
    assert objection({"host": host})
    assert objection({"host": f"{host}:8766"})
    assert objection({})


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8766", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8766"])
def test_this_machine_s_own_names_are_served(host: str) -> None:
    assert objection({"Host": host, "Accept": "*/*"}) == ""


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9999", "http://localhost:8766", "https://127.0.0.1:8766", "null"])
def test_another_page_on_this_machine_may_not_drive_the_portal(origin: str) -> None:
    """Fails without the look at Origin: Streamlit lets every port of this machine in, and the cookie comes along."""
    assert "Another page" in objection(HERE | {"Origin": origin})
    assert objection(HERE | {"Origin": "http://127.0.0.1:8766"}) == ""


PUBLIC = "https://ask.example"


@pytest.mark.parametrize("host", ["", "127.0.0.1", "localhost:8766", "ask.example.evil.invalid", "ask.example:8443"])
def test_behind_the_site_s_proxy_only_the_public_name_is_served(host: str) -> None:
    """Fails if a public address no longer replaces the names of this machine."""
    assert objection({"Host": host}, PUBLIC)
    assert objection({"Host": "ask.example", "Origin": f"https://{host}"}, PUBLIC)
    assert objection({"Host": "Ask.example", "Origin": PUBLIC, "X-Forwarded-For": "10.0.0.7"}, PUBLIC) == ""


@contextmanager
def counted_api() -> Iterator[tuple[str, list[None]]]:
    """An address in the API's place that ends every connection, and one entry for each."""
    calls: list[None] = []

    def count() -> None:
        while True:
            connection, _ = listening.accept()
            with connection:
                if stopping.is_set():
                    return
                calls.append(None)

    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        counting = threading.Thread(target=count)
        counting.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", calls
        finally:
            stopping.set()
            socket.create_connection(listening.getsockname()).close()
            counting.join(10)


@contextmanager
def proxy(portal: str, header: str) -> Iterator[str]:
    """The portal's address behind a proxy on this machine, which adds this header to each connection's first request.

    A browser would not do: its extra headers are left out of a web socket's request, which is the one that counts.
    """

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if not (first := self.request.recv(65_536)):
                return
            with socket.create_connection(("127.0.0.1", int(portal.rpartition(":")[2]))) as there:
                there.sendall(first.replace(b"\r\n", f"\r\n{header}\r\n".encode(), 1))
                back = threading.Thread(target=pump, args=(there, self.request))
                back.start()
                pump(self.request, there)
                back.join(10)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as server:
        running = threading.Thread(target=server.serve_forever, args=(0.1,))
        running.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            running.join(10)


@pytest.mark.browser
def test_a_forwarded_visitor_sees_one_error_and_causes_no_call(browser: Browser) -> None:
    """Fails if `st.stop()` or the question before it is deleted from `ui.app.main`."""
    with counted_api() as (api, calls), portal_at(api) as portal:
        with proxy(portal, "X-Forwarded-For: 203.0.113.7") as outside, browser.new_context() as context:
            page = context.new_page()
            page.goto(outside)
            expect(page.locator(".mun-wrong")).to_contain_text("not served through a proxy", timeout=20_000)
            expect(page.locator(".mun-wrong")).to_have_count(1)
            expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
            expect(page.locator(".mun-banner")).to_have_count(0)
        assert calls == []
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(portal)  # the same portal does call for someone who is local
            expect(page.locator(".mun-wrong")).to_contain_text("The connection to the appliance broke", timeout=20_000)
            assert calls
