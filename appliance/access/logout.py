"""The issuer says that somebody has signed out elsewhere: OpenID Connect Back-Channel Logout 1.0.

Anyone can call; what counts is a logout token, which is verified as strictly as one that opens something. It ends the
session that it names (`sid`), or every session of the person whom it names, and it serves once.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeGuard

from appliance.access.openid import Signed
from appliance.access.tokens import Clock, SteadyClock, refused

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
YOUNG: Final = 300
"""Seconds after which a logout token is too old, whatever it says itself: issuers send them at once."""
NAME: Final = 255
"""Characters of an identifier in it."""


@dataclass(frozen=True, slots=True)
class Left:
    """Who has signed out: the issuer's session, or the person where it names none. `at` is in UTC."""

    sid: str
    person: str
    at: datetime


class OpenSessions(Protocol):
    """The sessions that may have to end (`appliance.access.sessions.OpenSessions`)."""

    def end_elsewhere(self, *, sid: str, person: str, before: datetime) -> int: ...  # noqa: D102


class BackChannel:
    """What `issuer` tells his client `client_id` behind the browsers' backs. `signed` checks signatures.

    `leeway` is in seconds, for clocks that differ.
    """

    def __init__(  # each part of the house by its own name
        self,
        *,
        signed: Signed,
        issuer: str,
        client_id: str,
        sessions: OpenSessions,
        leeway: int = 30,
        clock: Clock | None = None,
    ) -> None:
        self._signed = signed
        self._issuer = issuer
        self._client = client_id
        self._sessions = sessions
        self._leeway = leeway
        self._clock = clock or SteadyClock()
        self._lock = threading.Lock()
        self._served: dict[str, float] = {}

    def end(self, token: str) -> int:
        """End what a logout token names; returns how many sessions that were. Ending nothing is no error.

        Raises NotAuthenticated, never saying which part failed, IssuerUnavailable, RegistryUnavailable.
        """
        left = self._left(token)
        return self._sessions.end_elsewhere(sid=left.sid, person=left.person, before=left.at)

    def _left(self, token: str) -> Left:
        """Who has signed out, if the token holds (sections 2.4 and 2.6). Guarded row by row by its test."""
        header, claims = self._signed(token)
        if not (_is_logout(header, claims) and self._is_ours(claims) and "nonce" not in claims):
            raise refused()
        issued = self._issued(claims)
        sid, person = _named(claims, "sid"), _named(claims, "sub")
        if not (sid or person):
            raise refused()
        self._serve_once(_named(claims, "jti"), issued)
        return Left(sid, person, datetime.fromtimestamp(issued + self._leeway, UTC))

    def _is_ours(self, claims: Mapping[str, Any]) -> bool:
        aud = claims.get("aud")
        return claims.get("iss") == self._issuer and (aud == self._client or aud == [self._client])

    def _issued(self, claims: Mapping[str, Any]) -> float:
        """When it was issued (seconds since 1970): not to come, not long ago, and it has not ended."""
        issued, ends = claims.get("iat"), claims.get("exp")
        if not (_is_moment(issued) and _is_moment(ends)):
            raise refused()
        begun = issued <= self._clock.earliest() + self._leeway
        now = self._clock.latest()
        if not begun or now >= ends + self._leeway or now >= issued + YOUNG + self._leeway:
            raise refused()
        return float(issued)

    def _serve_once(self, jti: str, issued: float) -> None:
        """Remembered here for as long as it could be told again; to another process it would be news of the past."""
        now = self._clock.latest()
        with self._lock:
            self._served = {name: until for name, until in self._served.items() if until > now}
            if not jti or jti in self._served:
                raise refused()
            self._served[jti] = issued + YOUNG + 2 * self._leeway


def _is_logout(header: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """As the specification marks one, or as Keycloak did before it did so: typ "JWT" outside, "Logout" inside.

    And in any case with the one event. No access token, ID token or refresh token passes.
    """
    outside, inside = header.get("typ"), claims.get("typ")
    kind = outside.lower().removeprefix("application/") if isinstance(outside, str) else ""
    marked = (kind == "logout+jwt" and inside in {None, "Logout"}) or (kind == "jwt" and inside == "Logout")
    events = claims.get("events")
    return marked and isinstance(events, dict) and isinstance(events.get(EVENT), dict)


def _named(claims: Mapping[str, Any], name: str) -> str:
    """An identifier, "" where there is none. Raises NotAuthenticated for anything else under its name."""
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > NAME:
        raise refused()
    return value


def _is_moment(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e11
