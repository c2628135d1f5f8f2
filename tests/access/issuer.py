"""An issuer in the test's hand: signs any claims under any header, and publishes what it is told to."""

import json
import time
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from appliance.access.identity_oidc import OidcIdentity
from appliance.access.issuer_keys import IssuerKeys
from appliance.access.tokens import AccessTokens, Clock, Expectations
from appliance.errors import IssuerUnavailable

URL: Final = "https://sso.invalid/realms/aldermoor"
AUDIENCE: Final = "muniment-api"
EXPECTED: Final = Expectations(URL, AUDIENCE, frozenset({"EdDSA"}))


class Issuer:
    """Has one key; `away` makes it unreachable, `says` replaces what it publishes, `asked` counts."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0
        self.says: bytes | None = None
        self._made = 0
        self.rotate()

    def rotate(self) -> None:
        """Another key, under another id; the old one is published no more."""
        self._key = Ed25519PrivateKey.generate()
        self._made += 1
        self.kid = f"key-{self._made}"

    def published(self) -> bytes:
        """The key set."""
        self.asked += 1
        if self.away:
            raise IssuerUnavailable("The issuer is away.")
        key = json.loads(OKPAlgorithm.to_jwk(self._key.public_key()))
        return (
            json.dumps({"keys": [{**key, "kid": self.kid, "use": "sig"}]}).encode() if self.says is None else self.says
        )

    def token(self, *, head: dict[str, Any] | None = None, body: bytes | None = None, **changed: Any) -> str:
        """A token for Mara with some claims changed; None takes one away. `body` replaces the claims."""
        headers = {"typ": "JWT", "kid": self.kid, **(head or {})}
        content = json.dumps(claims(**changed)).encode() if body is None else body
        return jwt.PyJWS().encode(content, self._key, algorithm="EdDSA", headers=headers)


def claims(**changed: Any) -> dict[str, Any]:
    """What Keycloak would say of Mara, with some claims changed; None takes one away, NULL makes it null."""
    now = int(time.time())
    told = {
        "iss": URL, "aud": AUDIENCE, "azp": "muniment-portal", "sub": "mara", "typ": "Bearer", "sid": "1",
        "iat": now, "exp": now + 300, "tenant": "aldermoor", "groups": ["/staff", "/icu"], "clearance": "internal",
    }  # fmt: skip
    return {key: None if value is NULL else value for key, value in {**told, **changed}.items() if value is not None}


NULL: Final = object()


def identity(issuer: Issuer, *, expected: Expectations = EXPECTED, clock: Clock | None = None) -> OidcIdentity:
    """The real identity with this issuer behind it."""
    keys = IssuerKeys(issuer.published, patience=3600)
    return OidcIdentity(AccessTokens(expected, keys, clock), expected.audience, tenant="aldermoor")
