"""An OpenID issuer on loopback, over TLS, that can be told to lie: what no honest provider would do.

It keeps the contract that the certified provider passes too (`tests/identity/test_signing_in.py`). The person is
whoever `person` names; there is no page to sign in at: `browse` is what a browser would come back with.
"""

import base64
import hashlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from appliance.errors import NotAuthenticated
from appliance.records import Level, Principal

CLIENT, SECRET = "muniment-portal", "s3cret+/ &ü"
REDIRECT = "http://127.0.0.1:8765/v1/session/callback"


class ScriptedIssuer:
    """`lies` changes the claims of ID tokens; `answer` replaces what the token endpoint says; `seen` are its forms."""

    def __init__(self) -> None:
        self.url = ""
        self.person = "mara"
        self.lives = 300
        self.sid: str | None = "session-at-the-issuer"
        self.lies: dict[str, Any] = {}
        self.forged = False
        self.answer: tuple[int, bytes] | None = None
        self.described: dict[str, Any] = {}
        self.seen: list[dict[str, str]] = []
        self.revoked: list[str] = []
        self.slow = 0.0
        self.gives_refresh = True
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._codes: dict[str, dict[str, str]] = {}
        self._refresh: set[str] = set()
        self._made = 0
        self._lock = threading.Lock()

    def signed(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token of this issuer's: what `appliance.access.openid.Signed` asks for."""
        try:
            told = jwt.PyJWS().decode_complete(token, self._key.public_key(), algorithms=["ES256"])
            return dict(told["header"]), json.loads(told["payload"])
        except jwt.InvalidTokenError as error:
            raise NotAuthenticated("Not this issuer's.") from error

    def principal(self, authorization_header: str | None, _purpose: str = "", /) -> Principal:
        """The person of an access token: what `Identity` asks for."""
        header, claims = self.signed((authorization_header or "").removeprefix("Bearer "))
        if header["typ"] != "at+jwt" or claims["exp"] < time.time():
            raise NotAuthenticated("No access token that holds.")
        return Principal(
            claims["sub"], claims["sub"].title(), "aldermoor", frozenset({"staff"}), Level.INTERNAL, CLIENT
        )

    def browse(self, address: str) -> dict[str, str]:
        """What a browser is sent back with that went to `address`: the parameters of the callback."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == REDIRECT
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = self._name("code")
        self._codes[code] = asked
        return {"state": asked["state"], "code": code}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint."""
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if pair != "muniment-portal:s3cret%2B%2F+%26%C3%BC":
            return 401, {"error": "invalid_client"}
        with self._lock:
            if form["grant_type"] == "refresh_token":
                if form["refresh_token"] not in self._refresh:
                    return 400, {"error": "invalid_grant", "error_description": "canary of the issuer"}
                self._refresh.remove(form["refresh_token"])
                return 200, self._given({})
            asked = self._codes.pop(form["code"], None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, self._given(asked)

    def revoke(self, refresh: str) -> None:
        """The revocation endpoint."""
        self.revoked.append(refresh)
        self._refresh.discard(refresh)

    def _given(self, asked: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        access = self._jwt({"sub": self.person, "exp": now + self.lives, "jti": self._name("jti")}, "at+jwt")
        given: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": self.lives}
        if self.gives_refresh:
            given["refresh_token"] = self._name("refresh")
            self._refresh.add(given["refresh_token"])
        if asked:
            claims = {
                "iss": self.url, "aud": CLIENT, "sub": self.person, "iat": now, "exp": now + 60,
                "nonce": asked["nonce"], "auth_time": now,
                "sid": self.sid,
            } | self.lies  # fmt: skip
            given["id_token"] = self._jwt({name: value for name, value in claims.items() if value is not None}, "JWT")
        return given

    def logout(self, kind: str = "logout+jwt", **changed: Any) -> str:
        """A logout token; a claim that is None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": self._name("jti"), "sub": self.person,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | changed  # fmt: skip
        return self._jwt({name: value for name, value in claims.items() if value is not None}, kind)

    def _jwt(self, claims: dict[str, Any], kind: str) -> str:
        key = ec.generate_private_key(ec.SECP256R1()) if self.forged else self._key
        return jwt.encode(claims, key, algorithm="ES256", headers={"typ": kind})

    def _name(self, what: str) -> str:
        self._made += 1
        return f"{what}-{self._made}-canary"

    def description(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "revocation_endpoint": f"{self.url}/revoke",
            "end_session_endpoint": f"{self.url}/end",
            "jwks_uri": f"{self.url}/keys",
        } | self.described


def authority(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that is its own authority, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    (folder / "issuer.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "issuer.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "issuer.pem", folder / "issuer.key"


@contextmanager
def issuing(folder: Path) -> Iterator[tuple[ScriptedIssuer, Path, Callable[[], None]]]:
    """The issuer at its address, the file of its authority, and what ends it before the block does."""
    issuer = ScriptedIssuer()
    certificate, key = authority(folder)

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(200, json.dumps(issuer.description()).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            time.sleep(issuer.slow)
            issuer.seen.append(form)
            if self.path == "/revoke":
                issuer.revoke(form["token"])
                self._say(200, b"")
            elif issuer.answer is not None:
                self._say(*issuer.answer)
            else:
                status, said = issuer.token(form, self.headers.get("Authorization", ""))
                self._say(status, json.dumps(said).encode())

        def _say(self, status: int, said: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        issuer.url = f"https://127.0.0.1:{server.server_address[1]}"
        running = threading.Thread(target=server.serve_forever, args=(0.02,))
        running.start()

        def end() -> None:
            server.shutdown()
            server.socket.close()
            running.join(10)

        try:
            yield issuer, certificate, end
        finally:
            if running.is_alive():
                end()
