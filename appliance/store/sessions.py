"""Sign-in sessions: what stands behind a browser's cookie. The cookie is known by its digest, the tokens lie sealed.

Everything that decides (person, times, tokens) is inside the sealed column, and the seal is about this one row: a row
that was edited, or filled from another one, does not open and is as good as none. The plain columns serve only to find
rows that are over, and to let one process at a time renew a token.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, update

from appliance.store.database import Rows
from appliance.store.sessions_sealed import KeyRing, SealBroken
from appliance.store.tables import SessionRow

log = logging.getLogger(__name__)
_TIMES: Final = ("expires", "began", "used", "ends")


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. `id` is the digest of its cookie, `person` the id of who signed in, of `tenant`.

    `access` is good until `expires`, then `refresh` brings another. It `began` at sign-in, was last `used`, and `ends`
    in any case. Times are in UTC. `sid` is the issuer's own name for the session that the person has with him.
    """

    id: str
    tenant: str
    person: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires: datetime
    began: datetime
    used: datetime
    ends: datetime
    sid: str = field(default="", repr=False)


class Sessions:
    """Everybody's sessions. Every method raises RegistryUnavailable if the database or the keys cannot be used."""

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self._rows = Rows(engine, "Sessions")
        self._keys = keys

    def add(self, session: Session, *, instead_of: str = "") -> Session | None:
        """Keep a new session; the one that the same browser had before goes in the same moment and is returned."""
        with self._rows.writing() as connection:
            before = self._one(connection, instead_of, locked=True)
            connection.execute(delete(SessionRow).where(SessionRow.id == instead_of))
            connection.execute(insert(SessionRow).values(id=session.id, **self._columns(session)))
            return before

    def find(self, session_id: str) -> Session | None:
        """The session, or None if there is none whose seal holds. It may be over; see its times."""
        with self._rows.reading() as connection:
            return self._one(connection, session_id)

    def has(self, session_id: str) -> bool:
        """Whether there is such a session, without opening its seal: cheap enough for every decision."""
        with self._rows.reading() as connection:
            query = select(SessionRow.id).where(SessionRow.id == session_id)
            return connection.execute(query).scalar_one_or_none() is not None

    def change(self, session_id: str, to: Callable[[Session], Session]) -> Session | None:
        """Change a session as it is now; None if it is gone: it does not come back."""
        with self._rows.writing() as connection:
            session = self._one(connection, session_id, locked=True)
            if session is None:
                return None
            changed = to(session)
            connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(**self._columns(changed)))
            return changed

    def claim(self, session_id: str, *, now: datetime, until: datetime) -> bool:
        """Be the only one to renew the token of this session until then, or until `release`."""
        with self._rows.writing() as connection:
            free = SessionRow.renewing.is_(None) | (SessionRow.renewing <= now)
            taken = connection.execute(
                update(SessionRow).where(SessionRow.id == session_id, free).values(renewing=until)
            )
            return taken.rowcount == 1

    def release(self, session_id: str) -> None:
        """Let somebody else try."""
        with self._rows.writing() as connection:
            connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(renewing=None))

    def remove(self, session_id: str) -> Session | None:
        """End a session; returns what it was, if its seal held."""
        with self._rows.writing() as connection:
            session = self._one(connection, session_id, locked=True)
            connection.execute(delete(SessionRow).where(SessionRow.id == session_id))
            return session

    def remove_of(self, *, sid: str, person: str, before: datetime) -> list[Session]:
        """End the sessions that began `before` then, of the issuer's session `sid` or, without one, of `person`.

        Returns what they were. Without `sid` every row is opened: that is seldom, and no name stands in clear.
        """
        with self._rows.writing() as connection:
            query = select(SessionRow.id)
            rows = connection.execute(query.where(SessionRow.at_issuer == _at_issuer(sid)) if sid else query).scalars()
            found = [one for row in rows if (one := self._one(connection, row)) is not None]
            ended = [
                one
                for one in found
                if one.sid == (sid or one.sid) and one.person == (person or one.person) and one.began <= before
            ]
            connection.execute(delete(SessionRow).where(SessionRow.id.in_([one.id for one in ended])))
            return ended

    def remove_all(self) -> int:
        """End everybody's sessions; returns how many there were."""
        with self._rows.writing() as connection:
            return connection.execute(delete(SessionRow)).rowcount

    def purge(self, now: datetime) -> int:
        """Delete what ended in any case before `now`; returns how many."""
        with self._rows.writing() as connection:
            return connection.execute(delete(SessionRow).where(SessionRow.ends <= now)).rowcount

    def _one(self, connection: Connection, session_id: str, *, locked: bool = False) -> Session | None:
        query = select(SessionRow.sealed).where(SessionRow.id == session_id)
        sealed = connection.execute(query.with_for_update() if locked else query).scalar_one_or_none()
        if sealed is None:
            return None
        try:
            told = json.loads(self._keys.open(sealed, about=_about(session_id)))
            times = {name: datetime.fromisoformat(told.pop(name)) for name in _TIMES}
            return Session(id=session_id, **told | times)
        except (SealBroken, KeyError, TypeError, ValueError):
            log.warning("a session's row does not open with our keys; it counts as none")
            return None

    def _columns(self, session: Session) -> dict[str, object]:
        told = _fields(session) | {name: getattr(session, name).isoformat() for name in _TIMES}
        del told["id"]
        sealed = self._keys.seal(json.dumps(told).encode(), about=_about(session.id))
        return {"sealed": sealed, "ends": session.ends, "at_issuer": _at_issuer(session.sid)}


def _about(session_id: str) -> str:
    return f"session {session_id}"


def _at_issuer(sid: str) -> str | None:
    """What the issuer's own session is found by; None without one. It is random, so nothing slower is needed."""
    return hashlib.sha256(b"muniment issuer session\0" + sid.encode()).hexdigest() if sid else None


def _fields(session: Session) -> dict[str, object]:
    return {name: getattr(session, name) for name in Session.__slots__}


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)
