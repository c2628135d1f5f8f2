"""From a cookie to an access token: the session only finds the token, and `Identity` verifies it like any other.

A session is over after `idle` without a request, in any case at its end, when its person signs out, or when the issuer
gives no more tokens for it. What is over is deleted when it is next looked at.

The ledger knows of a session before its cookie exists. Its end never waits for the ledger: whoever signs out is out.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from appliance.access.openid import OpenIdClient, Tokens
from appliance.errors import IssuerUnavailable, LedgerUnavailable, NotAuthenticated, SignInRefused
from appliance.records import Entry, Event, Journal, Principal, by
from appliance.store.sessions import Session, Sessions, utc_now

RANDOM_BYTES: Final = 32
COOKIE_LENGTH: Final = 43
"""Characters of a cookie: 256 random bits in base64url."""
EARLY: Final = timedelta(seconds=20)
"""How long before its end an access token is renewed."""
CLAIM: Final = timedelta(seconds=15)
"""How long one process alone may take to renew a token; then another may try."""
WAIT_SECONDS: Final = 8.0
LOOK_SECONDS: Final = 0.05

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a cookie stands for: the header that verifies it, and the person that it must verify as.

    `session` is what the database knows it by.
    """

    authorization: str = field(repr=False)
    person: str
    session: str = ""


class OpenSessions:
    """The sessions that are open now: each for at most `longest`, and no longer than `idle` after its last use.

    Every method raises RegistryUnavailable if the database fails.
    """

    def __init__(  # each part of the house by its own name
        self,
        *,
        client: OpenIdClient,
        sessions: Sessions,
        journal: Journal,
        idle: timedelta,
        longest: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._sessions = sessions
        self._journal = journal
        self._idle = idle
        self._longest = longest
        self._clock = clock

    def begin(self, tokens: Tokens, principal: Principal, *, instead_of: str) -> str:
        """The cookie of a new session; the one with the digest `instead_of`, which the browser had before, ends.

        Raises LedgerUnavailable if it is not recorded: then nobody is signed in.
        """
        cookie, now = secrets.token_urlsafe(RANDOM_BYTES), self._clock()
        session = Session(
            id=digest(cookie),
            tenant=principal.tenant,
            person=principal.id,
            access=tokens.access,
            refresh=tokens.refresh,
            expires=tokens.expires,
            began=now,
            used=now,
            ends=now + self._longest,
            sid=tokens.sid,
        )
        self._journal.append(by(principal, Event.SIGNED_IN))
        self._sessions.purge(now)
        self._recorded(self._sessions.add(session, instead_of=instead_of), "replaced")
        return cookie

    def is_open(self, cookie: str) -> bool:
        """Whether a cookie stands for an open session."""
        try:
            self._open(cookie)
        except NotAuthenticated:
            return False
        return True

    def find(self, cookie: str) -> Found:
        """The token behind a cookie, renewed if it is about to end; the session counts as used.

        Raises NotAuthenticated if there is no open session, IssuerUnavailable if its token ended and there is no other.
        """
        session = self._open(cookie)
        now = self._clock()
        if session.expires - now <= EARLY:
            session = self._renewed(session)
        if now - session.used >= self._idle / 20:  # not at every request: each is a durable write
            self._sessions.change(session.id, lambda it: replace(it, used=max(now, it.used)))
        return Found(f"Bearer {session.access}", session.person, session.id)

    def ends(self, cookie: str) -> tuple[datetime, datetime]:
        """When the session ends if nobody uses it, and when in any case. Raises NotAuthenticated."""
        session = self._open(cookie)
        return min(session.used + self._idle, session.ends), session.ends

    def end(self, cookie: str) -> None:
        """Sign out, for good: here at once, and at the issuer if he can be reached. Ending nothing is no error."""
        self._end(digest(cookie), "")

    def end_all(self, cookie: str) -> int:
        """Sign its person out wherever he is signed in; returns in how many places. Raises NotAuthenticated."""
        person = self._open(cookie).person
        ended = self._sessions.remove_of(sid="", person=person, before=self._clock() + EARLY)
        for session in ended:
            self._recorded(session, "everywhere")
        for session in ended:
            self._revoke(session.refresh)
        return len(ended)

    def end_elsewhere(self, *, sid: str, person: str, before: datetime) -> int:
        """The issuer has ended these: here they end at once, whatever their cookies do. Returns how many there were.

        Only what began `before` then: a token that is told again later ends nobody's next session.
        """
        ended = self._sessions.remove_of(sid=sid, person=person, before=before)
        for session in ended:
            self._recorded(session, "elsewhere")
        return len(ended)

    def _open(self, cookie: str) -> Session:
        if len(cookie) != COOKIE_LENGTH:
            raise _over()
        session = self._sessions.find(digest(cookie))
        now = self._clock()
        if session is None:
            raise _over()
        if now >= session.ends or now >= session.used + self._idle or now < session.began - EARLY:
            self._end(session.id, "over")
            raise _over()
        return session

    def _renewed(self, session: Session) -> Session:
        """The session with a fresh token: renewed here, or by whoever else is just doing it."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            if self._sessions.claim(session.id, now=self._clock(), until=self._clock() + CLAIM):
                return self._renew(session.id)
            current = self._sessions.find(session.id)
            if current is None:
                raise _over()
            if current.expires - self._clock() > EARLY:
                return current
            time.sleep(LOOK_SECONDS)
        raise IssuerUnavailable("The house's sign-in takes too long to renew a session.")

    def _renew(self, session_id: str) -> Session:
        """With the claim held. An issuer that cannot be reached ends no session, and an old token serves to its end."""
        session = self._sessions.find(session_id)  # again: whoever held the claim before may have renewed it
        if session is None:
            raise _over()
        try:
            if session.expires - self._clock() > EARLY:
                return session
            return self._with(self._client.renew(session.refresh), session_id)
        except SignInRefused as error:
            self._recorded(self._sessions.remove(session_id), "issuer")
            raise _over() from error
        except IssuerUnavailable:
            if session.expires <= self._clock():
                raise
            return session
        finally:
            self._sessions.release(session_id)

    def _with(self, tokens: Tokens, session_id: str) -> Session:
        changed = self._sessions.change(
            session_id,
            lambda it: replace(it, access=tokens.access, refresh=tokens.refresh, expires=tokens.expires),
        )
        if changed is None:  # signed out meanwhile: what the issuer has just given must not live on
            self._revoke(tokens.refresh)
            raise _over()
        return changed

    def _end(self, session_id: str, reason: str) -> None:
        session = self._sessions.remove(session_id)
        self._recorded(session, reason)
        if session is not None:
            self._revoke(session.refresh)

    def _recorded(self, session: Session | None, reason: str) -> None:
        """Tell the ledger that a session has ended. Nobody stays signed in because the ledger cannot be written."""
        if session is None:
            return
        try:
            self._journal.append(Entry(Event.SIGNED_OUT, session.person, tenant=session.tenant, reason=reason))
        except LedgerUnavailable:
            log.exception("a session has ended, but the ledger could not be told")

    def _revoke(self, refresh: str) -> None:
        if not refresh:
            return
        try:
            self._client.revoke(refresh)
        except IssuerUnavailable:
            log.warning("a session was ended here, but the issuer could not be told")


def digest(cookie: str) -> str:
    """What the database knows a cookie by. It has 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(b"muniment session\0" + cookie.encode()).hexdigest()


def _over() -> NotAuthenticated:
    return NotAuthenticated("You are not signed in, or your sign-in has ended.")
