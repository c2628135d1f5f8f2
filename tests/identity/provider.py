"""The certified OpenID provider of npm as a fixture: on loopback, over TLS, with tokens shaped as Keycloak's.

`running()` starts it with the personas of the demonstration as accounts. It is installed as its lock file says, into a
cache of the user's, once.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Final

import httpx
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.npm import installed

HERE: Final = Path(__file__).parent / "provider"
PERSONAS: Final = Path(__file__).resolve().parents[2] / "deploy" / "demo" / "personas.yaml"
SECONDS: Final = 300
TENANT: Final = "aldermoor"
AUDIENCE: Final = "muniment-api"
PORTAL: Final = "muniment-portal"
PORTAL_SECRET: Final = "portal-secret-of-the-tests"
PROGRAM: Final = "ward-round"
PROGRAM_SECRET: Final = "program-secret-of-the-tests"
MODERN: Final = "modern-program"
BACK_TO: Final = "http://127.0.0.1:8766/"
STRANGER: Final = "stranger"


class Provider:
    """The running provider. `issuer` is its address, `ca` the file of the certificate that it is trusted by."""

    def __init__(self, process: "subprocess.Popen[str]", issuer: str, ca: Path) -> None:
        self._process = process
        self.issuer = issuer
        self.ca = ca

    def token(self, account: str, client: str = PORTAL, **more: Any) -> str:
        """An access token of a person's for a client, without a browser."""
        return str(self._order("token", account=account, client=client, **more))

    def program_token(self, client: str = PROGRAM, secret: str = PROGRAM_SECRET) -> str:
        """An access token of a program's own account (client credentials)."""
        with httpx.Client(verify=self.tls(), trust_env=False) as http:
            told = http.post(f"{self.issuer}/token", auth=(client, secret), data={"grant_type": "client_credentials"})
        return str(told.raise_for_status().json()["access_token"])

    def tls(self) -> Any:
        """A context that trusts this provider alone."""
        import ssl

        return ssl.create_default_context(cafile=str(self.ca))

    def rotate(self, alg: str = "RS256", *, keep: bool = False) -> str:
        """Sign with a new key from now on; returns its id. With `keep` the old ones are still published."""
        return str(self._order("rotate", alg=alg, keep=keep))

    def lifetime(self, seconds: int) -> None:
        """How long access tokens hold that are given from now on."""
        self._order("lifetime", seconds=seconds)

    def account(self, account: str, claims: Mapping[str, Any] | None) -> None:
        """Change or make an account; None removes it."""
        self._order("account", id=account, claims=claims)

    def fetched(self) -> int:
        """How often its keys were fetched."""
        return int(self._order("fetched"))

    def log_out(self, account: str, client: str, sid: str) -> None:
        """Tell a client over the back channel that a session has ended."""
        self._order("backchannel", account=account, client=client, sid=sid)

    def stop(self) -> None:
        """Answer nobody any more."""
        self._order("stop")

    def start(self) -> None:
        """Answer again, at the same address."""
        self._order("start")

    def _order(self, order: str, **arguments: Any) -> Any:
        told = _talk(self._process, {"order": order, **arguments})
        assert "failed" not in told, told
        return told["done"]


def accounts() -> dict[str, dict[str, Any]]:
    """The personas' claims by id, as Keycloak's mappers would put them into a token."""
    extra = yaml.safe_load((HERE / "accounts.yaml").read_text("utf-8"))
    told = {}
    for persona in yaml.safe_load(PERSONAS.read_text("utf-8")):
        told[persona["id"]] = {
            "name": persona["name"],
            "locale": persona["language"],
            "tenant": TENANT,
            "department": persona["department"],
            "clearance": persona["clearance"],
            "groups": [f"/{group}" for group in persona["groups"]],
            **extra.get(persona["id"], {}),
        }
    return told


def clients(*redirects: str, back_channel: str = "", back_to: str = BACK_TO) -> list[dict[str, Any]]:
    """The clients that the provider knows; `redirects` are where the portal's people come back to.

    `back_to` is where they come back to from signing out.
    """
    portal: dict[str, Any] = {
        "client_id": PORTAL,
        "client_secret": PORTAL_SECRET,
        "redirect_uris": list(redirects) or ["http://127.0.0.1:8765/v1/session/callback"],
        "post_logout_redirect_uris": [back_to],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    }
    if back_channel:
        portal |= {"backchannel_logout_uri": back_channel, "backchannel_logout_session_required": True}
    program: dict[str, Any] = {
        "client_secret": PROGRAM_SECRET,
        "redirect_uris": [],
        "grant_types": ["client_credentials"],
        "response_types": [],
    }
    claims = {"tenant": TENANT, "department": "nursing", "clearance": "internal", "groups": ["/staff"]}
    return [
        portal,
        {**program, "client_id": PROGRAM, "claims": claims},
        {**program, "client_id": MODERN, "claims": claims, "modern": True},
        {**program, "client_id": STRANGER, "claims": claims},
    ]


@contextmanager
def running(
    folder: Path, *redirects: str, port: int = 0, back_channel: str = "", back_to: str = BACK_TO
) -> Iterator[Provider]:
    """The provider, started; its certificate lies in `folder`."""
    place = installed("THE OPENID PROVIDER", HERE, "server.mjs")
    ca, cert, key = certificates(folder)
    house = {
        "cert": cert,
        "key": key,
        "port": port,
        "accounts": accounts(),
        "clients": clients(*redirects, back_channel=back_channel, back_to=back_to),
    }
    with (
        (folder / "provider.log").open("w") as log,
        subprocess.Popen(
            ["node", "server.mjs"], cwd=place, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        ) as process,
    ):
        try:
            yield Provider(process, _talk(process, house)["issuer"], ca)
        finally:
            process.kill()


def certificates(folder: Path) -> tuple[Path, str, str]:
    """A certificate authority of the test's own in a file, and a server's certificate and key (PEM) for loopback."""
    now = datetime.now(UTC)
    own, served = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Muniment's tests")])
    built = (
        x509.CertificateBuilder()
        .issuer_name(authority)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
    )
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    root = (
        built.subject_name(authority)
        .public_key(own.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .sign(own, SHA256())
    )
    names = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    leaf = (
        built.subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]))
        .public_key(served.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key()), critical=False)
        .sign(own, SHA256())
    )
    ca = folder / "issuer-ca.pem"
    ca.write_bytes(root.public_bytes(Encoding.PEM))
    key = served.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return ca, leaf.public_bytes(Encoding.PEM).decode(), key.decode()


def _talk(process: "subprocess.Popen[str]", said: Mapping[str, Any]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(said) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    assert answer, "the provider has ended; see provider.log"
    return dict(json.loads(answer))
