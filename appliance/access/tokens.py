"""Tokens of the issuer's, verified offline: a signature first, then everything that makes an access token ours.

Whatever a token says of how it is to be verified is compared with what we decided before: the algorithms come from the
settings, the key from the issuer's own set. Every refusal is the same words; what was wrong is nobody's business.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeGuard

import jwt

from appliance.access.keys import NAME, PublicKey
from appliance.errors import NotAuthenticated

LONGEST: Final = 256 * 1024
"""Characters of a token; 5,000 groups fit, longer ones are refused unread."""
HEAD: Final = 2_048
"""Characters of a token's header."""
KNOWN: Final = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
"""What a header may hold; the last two are ignored. Anything else refuses: `jku`, `jwk`, `x5u` and `x5c` would choose
the key, `crit` and `b64` change what is signed, `zip`, `enc` and `cty` announce that something else is inside."""
OTHERS: Final = frozenset({"nonce", "at_hash", "c_hash", "events"})
"""Claims of ID tokens and logout tokens: where one stands, it is no access token."""

log = logging.getLogger(__name__)
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+", re.ASCII)

KeyOf = Callable[[str], PublicKey]
"""The issuer's key by its id. Raises NotAuthenticated if there is none, IssuerUnavailable if nobody can tell."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a token must say: whose, for whom, signed how. `leeway` is in seconds, for clocks that differ."""

    issuer: str
    audience: str
    algorithms: frozenset[str]
    leeway: int = 30


class Clock(Protocol):
    """What time it is, in seconds since 1970, to be on the safe side of: see `SteadyClock`."""

    def earliest(self) -> float:
        """No later than now: what begins after this has not begun."""

    def latest(self) -> float:
        """No earlier than now: what ends before this has ended."""


class SteadyClock:
    """The system's clock, and the time that has passed: a clock that was set back makes no old token valid again.

    `wall` and `passed` are in seconds. A clock that goes forward is believed. One that was set back by more than a
    minute is told in the log, once: until the process starts anew, tokens end by the time that it was before.
    """

    def __init__(self, wall: Callable[[], float] = time.time, passed: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._passed = passed
        self._anchor = wall() - passed()
        self._told = False

    def earliest(self) -> float:
        """The system's time."""
        return self._wall()

    def latest(self) -> float:
        """The system's time, or what it was before plus what has passed since, whichever is later."""
        wall, passed = self._wall(), self._passed()
        self._anchor = max(self._anchor, wall - passed)
        if self._anchor + passed > wall + 60 and not self._told:
            self._told = True
            log.warning("The clock was set back by %d s; tokens end by the time before.", self._anchor + passed - wall)
        return self._anchor + passed


def signed(token: str, key_of: KeyOf, algorithms: frozenset[str]) -> tuple[dict[str, Any], bytes]:
    """The header and the content of a token that one of the issuer's keys has signed with one of `algorithms`.

    Raises NotAuthenticated for everything else, encrypted tokens (five parts) included, and what `key_of` raises.
    """
    # 1. Only the compact form of a signed token, and not a huge one.
    if len(token) > LONGEST or not _COMPACT.fullmatch(token):
        raise refused()
    # 2. A header that holds nothing but what we know, and an algorithm of ours.
    head = token.partition(".")[0]
    header = _object(jwt.utils.base64url_decode(head)) if len(head) <= HEAD and len(head) % 4 != 1 else {}
    algorithm, kid = header.get("alg"), header.get("kid")
    if not header.keys() <= KNOWN or not isinstance(algorithm, str) or algorithm not in algorithms:
        raise refused()
    # 3. A key of the issuer's, published for that algorithm.
    if not isinstance(kid, str) or not 0 < len(kid) <= NAME:
        raise refused()
    key = key_of(kid)
    if algorithm not in key.algorithms:
        raise refused()
    # 4. Its signature.
    try:
        content = jwt.PyJWS().decode(token, key.material, algorithms=[algorithm])
    except (jwt.InvalidTokenError, jwt.InvalidKeyError, ValueError) as error:
        raise refused() from error
    return header, bytes(content)


class AccessTokens:
    """Verifies access tokens against `expectations`, with the keys that `key_of` finds."""

    def __init__(self, expectations: Expectations, key_of: KeyOf, clock: Clock | None = None) -> None:
        self._expected = expectations
        self._key_of = key_of
        self._clock = clock or SteadyClock()

    def signed(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token of any kind that the issuer has signed; nothing else has been checked.

        Raises NotAuthenticated, IssuerUnavailable.
        """
        header, content = signed(token, self._key_of, self._expected.algorithms)
        return header, _object(content)

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of an access token of the issuer's, for us, valid now.

        Raises NotAuthenticated, never saying which part failed, and IssuerUnavailable.
        """
        header, claims = self.signed(token)
        ours = (
            _is_access_token(header, claims)
            and claims.get("iss") == self._expected.issuer
            and _is_for(self._expected.audience, claims.get("aud"))
            and self._is_now(claims)
        )
        if not ours:
            raise refused()
        return claims

    def _is_now(self, claims: Mapping[str, Any]) -> bool:
        """Begun, issued and not ended; `exp` and `iat` must be there."""
        ends, issued, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
        if not (_is_moment(ends) and _is_moment(issued) and _is_moment(begins)):
            return False
        now, leeway = self._clock.earliest(), self._expected.leeway
        return max(issued, begins) <= now + leeway and self._clock.latest() < ends + leeway


def refused() -> NotAuthenticated:
    """The one refusal."""
    return NotAuthenticated("You are not signed in, or your sign-in has ended.")


def _is_access_token(header: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """As RFC 9068 marks one, or as Keycloak does: typ "JWT" outside, "Bearer" inside.

    Keycloak's ID, refresh and logout tokens say "ID", "Refresh", "Logout" inside. A token that is bound to a key of the
    caller's (`cnf`) is refused too: we could not tell its owner from a thief.
    """
    outside, inside = header.get("typ"), claims.get("typ")
    kind = outside.lower().removeprefix("application/") if isinstance(outside, str) else ""
    marked = inside == "Bearer" or (inside is None and kind == "at+jwt")
    return kind in {"at+jwt", "jwt"} and marked and "cnf" not in claims and OTHERS.isdisjoint(claims)


def _is_for(audience: str, named: object) -> bool:
    return named == audience if isinstance(named, str) else isinstance(named, list) and audience in named


def _is_moment(value: object) -> TypeGuard[int | float]:
    """A number of seconds, and neither a truth value nor beyond any calendar."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11


def _object(text: bytes) -> dict[str, Any]:
    """A JSON object that names nothing twice: two readers of one text must read the same. Raises NotAuthenticated."""
    try:
        told = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError) as error:
        raise refused() from error
    if not isinstance(told, dict):
        raise refused()
    return told


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("A name stands twice.")
    return made


def _never(name: str) -> None:
    raise ValueError(f"{name} is no number.")
