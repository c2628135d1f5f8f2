"""What an issuer may say of itself, over a real TLS connection: only its own, only https, bounded."""

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from appliance.access.issuer_keys import LARGEST, IssuerDocuments
from appliance.errors import IssuerUnavailable
from tests.identity.provider import certificates

DESCRIBED = "/.well-known/openid-configuration"


class Lies:
    """What the issuer says at each path, and with which status."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, bytes]] = {}
        self.url = ""
        self.ca = Path()

    def describes(self, **told: object) -> None:
        page = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **told}
        self.pages = {DESCRIBED: (200, json.dumps(page).encode()), "/keys": (200, b'{"keys": []}')}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lies]:
    lies, folder = Lies(), tmp_path_factory.mktemp("issuer")
    lies.ca, cert, key = certificates(folder)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, page = lies.pages.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Location", "/keys")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    (folder / "cert.pem").write_text(cert)
    (folder / "key.pem").write_text(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        lies.url = f"https://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield lies
        server.shutdown()
        thread.join(10)


def test_an_honest_issuer(issuer: Lies) -> None:
    issuer.describes()
    assert IssuerDocuments(issuer.url, issuer.ca)() == b'{"keys": []}'


def refused(issuer: Lies) -> bool:
    with pytest.raises(IssuerUnavailable):
        IssuerDocuments(issuer.url, issuer.ca)()
    return True


@pytest.mark.parametrize(
    "jwks", [None, 7, "", "http://localhost/keys", "file:///etc/passwd", "https://", "https://localhost:9/"]
)
def test_keys_come_over_tls_or_not_at_all(issuer: Lies, jwks: object) -> None:
    """Fails if the address of the keys is not looked at."""
    issuer.describes(jwks_uri=jwks)
    assert refused(issuer)


def test_keys_are_not_fetched_without_tls_where_they_could_be(issuer: Lies) -> None:
    """Fails if the address of the keys need not be https: here a server answers without."""

    class Plain(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"keys": []}')

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Plain) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        issuer.describes(jwks_uri=f"http://localhost:{server.server_port}/keys")
        assert refused(issuer)
        server.shutdown()
        thread.join(10)


def test_a_huge_document_is_not_read_to_its_end(issuer: Lies) -> None:
    """Fails if LARGEST is not looked at."""
    issuer.describes()
    status, page = issuer.pages["/keys"]
    issuer.pages["/keys"] = (status, page + b" " * LARGEST)
    assert refused(issuer)


@pytest.mark.parametrize("name", [None, "", "https://other.invalid", 7])
def test_a_description_of_another_issuer_is_refused(issuer: Lies, name: object) -> None:
    """Fails if the description's issuer is not compared with ours."""
    issuer.describes(issuer=name)
    assert refused(issuer)


@pytest.mark.parametrize("page", [b"", b"[]", b"null", b"<html>", b"\xff", b"[" * 100_000, b" " * (LARGEST + 1)])
def test_a_description_that_is_none(issuer: Lies, page: bytes) -> None:
    """Fails if the size is not bounded, or something foreign is raised."""
    issuer.describes()
    issuer.pages[DESCRIBED] = (200, page)
    assert refused(issuer)


@pytest.mark.parametrize("status", [301, 302, 307, 401, 404, 500, 503])
def test_only_success_is_success(issuer: Lies, status: int) -> None:
    """Fails if redirects are followed: they could lead to a host that TLS does not vouch for."""
    issuer.describes()
    issuer.pages["/keys-elsewhere"] = issuer.pages["/keys"]
    issuer.pages[DESCRIBED] = (status, issuer.pages[DESCRIBED][1])
    assert refused(issuer)
    issuer.describes()
    issuer.pages["/keys"] = (status, b'{"keys": []}')
    assert refused(issuer)
