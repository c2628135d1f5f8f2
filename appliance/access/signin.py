"""A person signs in at the portal: from the button to a session, as one story.

1 begin     state, nonce and PKCE proof go into a sealed cookie of this browser; nothing is written down
2 issuer    the person proves who he is, elsewhere
3 answer    must come to the same browser, soon, with the same state, from the same issuer
4 exchange  the code for tokens; the ID token must be meant for this sign-in
5 verify    the access token through the same `Identity` that every request passes
6 record    in the ledger: who signed in, or that the house refused somebody for whom the issuer vouched
7 keep      a new session under a new cookie; the one that the browser had before ends
"""

import base64
import binascii
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final, Protocol

from appliance.access.openid import OpenIdClient, Request, Tokens
from appliance.access.sessions import RANDOM_BYTES, OpenSessions, digest
from appliance.errors import CallerError, IssuerUnavailable, MunimentError, PolicyError, SignInRefused
from appliance.records import Entry, Event, Journal, Principal
from appliance.store.sessions_sealed import KeyRing, SealBroken

SECONDS: Final = 600
"""How long a person may take at the issuer's."""
_ABOUT: Final = "sign-in that was begun"


class Identity(Protocol):
    """Who stands behind an access token (`appliance.access.identity`)."""

    def principal(self, authorization_header: str | None, /) -> Principal:
        """The person. Raises NotAuthenticated."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes now, and what it brings back in a cookie."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the issuer sent the browser back with."""

    state: str = ""
    code: str = ""
    error: str = ""
    iss: str | None = None


class Denied(SignInRefused):
    """The person, or the issuer in his name, said no."""


class Stale(SignInRefused):
    """The answer belongs to no sign-in that this browser has just begun."""


class SignIn:
    """Sign-ins through `client`. `clock` gives seconds since 1970."""

    def __init__(  # each part of the house by its own name
        self,
        *,
        client: OpenIdClient,
        identity: Identity,
        sessions: OpenSessions,
        keys: KeyRing,
        journal: Journal,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._identity = identity
        self._sessions = sessions
        self._keys = keys
        self._journal = journal
        self._clock = clock

    def begin(self, *, cookie: str) -> Begun:
        """Start a sign-in. `cookie` is the session cookie that the browser has, "" if none.

        A browser that comes with an ended session must prove itself anew: an issuer that still knows the last person
        at this machine would let the next one in as him. Raises IssuerUnavailable.
        """
        request = Request(
            state=secrets.token_urlsafe(RANDOM_BYTES),
            nonce=secrets.token_urlsafe(RANDOM_BYTES),
            proof=secrets.token_urlsafe(RANDOM_BYTES),
            at=int(self._clock()),
            anew=bool(cookie) and not self._sessions.is_open(cookie),
        )
        told = json.dumps({"request": asdict(request), "before": digest(cookie)}).encode()
        sealed = self._keys.seal(told, about=_ABOUT)
        return Begun(self._client.address(request), base64.urlsafe_b64encode(sealed).decode())

    def complete(self, answer: Answer, *, begun: str) -> str:
        """The cookie of a new session. `begun` is the cookie that `begin` gave.

        Raises Stale, Denied, SignInRefused, NotAuthenticated, NotAllowed, IssuerUnavailable, LedgerUnavailable,
        RegistryUnavailable.
        """
        request, before = self._begun(begun)
        if not hmac.compare_digest(request.state.encode(), answer.state.encode()):
            raise Stale("The answer belongs to another sign-in.")
        self._client.check_sender(answer.iss)
        if answer.error or not answer.code:
            raise _no(answer.error)
        tokens = self._client.exchange(answer.code, request)
        return self._sessions.begin(tokens, self._vouched(tokens), instead_of=before)

    def leaving(self, back_to: str) -> str:
        """Where a browser may end the issuer's own session too; "" if there is no such place, or nobody can tell."""
        try:
            return self._client.leaving(back_to)
        except IssuerUnavailable:
            return ""

    def _vouched(self, tokens: Tokens) -> Principal:
        """The person for whom the issuer vouched. Where the house refuses him, the ledger says so and names nobody.

        Only here: what comes before can be sent by anyone, and would fill the ledger.
        """
        try:
            principal = self._identity.principal(f"Bearer {tokens.access}")
            if principal.id != tokens.subject or principal.kind != "person":
                raise SignInRefused("The issuer's two tokens are not one person's.")
        except (CallerError, PolicyError) as error:
            self._journal.append(Entry(Event.SIGN_IN_REFUSED, "", reason=error.code))
            raise
        return principal

    def _begun(self, cookie: str) -> tuple[Request, str]:
        """The request that this browser began, and the digest of the session cookie it had then."""
        try:
            told = json.loads(self._keys.open(base64.urlsafe_b64decode(cookie.encode()), about=_ABOUT))
        except (SealBroken, ValueError, binascii.Error) as error:
            raise Stale("This browser has begun no sign-in.") from error
        request = Request(**told["request"])
        if not 0 <= self._clock() - request.at <= SECONDS:
            raise Stale("The sign-in took too long.")
        return request, str(told["before"])


def _no(error: str) -> MunimentError:
    """The issuer's own word for what went wrong, in ours; his sentences are not repeated."""
    if error in {"temporarily_unavailable", "server_error"}:
        return IssuerUnavailable("The house's sign-in (the OpenID issuer) cannot sign anybody in now.")
    return Denied("Nobody was signed in.") if error == "access_denied" else SignInRefused("The issuer signs nobody in.")
