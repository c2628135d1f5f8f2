"""Keys under which people and content stand in the ledger: one for each person and day, held apart from it.

The ledger itself can never be changed, so what must be forgotten is not in it: it holds only digests, and a digest says
nothing to whoever has not its key. A key is random, lies here wrapped by the house's master key, and destroying it is
the erasure: what remains in the ledger is that somebody did something.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Connection, Index, LargeBinary, MetaData, String, Table, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from appliance.errors import LedgerUnavailable
from appliance.store.database import empty_log, engine_on, writing

DIGITS: Final = 32
"""Hexadecimal digits of a digest: 128 bits, enough that nobody meets one by chance."""
SECRET_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_META: Final = MetaData()
_KEYS: Final = Table(
    "subject_keys",
    _META,
    Column("id", String(32), primary_key=True),
    Column("person", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("subject_keys_of_day", "person", "day", unique=True),
)


@dataclass(frozen=True, slots=True)
class DayKey:
    """A person's key of one day. `id` is random and stands in clear in his entries of that day."""

    id: str
    day: date
    secret: bytes = field(repr=False)

    def digest(self, kind: str, value: str) -> str:
        """What stands in the ledger for `value`; "" stays "". A document and a person of one name differ by `kind`."""
        if not value:
            return ""
        return hmac.new(self.secret, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:DIGITS]


class SubjectKeys:
    """The keys of everybody, in a folder that only this user may open.

    Every method raises LedgerUnavailable if a key cannot be had for certain: without one, nothing can be recorded.
    """

    def __init__(self, folder: Path, *, master: Path | None = None) -> None:
        file = folder / "keys.sqlite"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            secret = _master(master or folder / "master.key", new=not file.exists())
            file.touch(mode=0o600, exist_ok=True)  # SQLite gives its log the mode of its file
        except OSError as error:
            raise LedgerUnavailable(f"The ledger's keys cannot be opened ({error.strerror}).") from error
        self._people = hmac.new(secret, b"people", hashlib.sha256).digest()
        self._wrap = AESGCM(hmac.new(secret, b"wrap", hashlib.sha256).digest())
        self._engine = engine_on(f"sqlite:///{file}")
        with self._writing() as connection:
            _META.create_all(connection)

    def key(self, tenant: str, subject: str, day: date) -> DayKey:
        """The person's key of `day`; a new one is durable before it is returned."""
        person = self._person(tenant, subject)
        with self._reading() as connection:
            found = self._found(connection, person, day)
        return found or self._made(person, day)

    def held(self, tenant: str, subject: str, *, since: date) -> list[DayKey]:
        """The person's keys from `since` on that were not destroyed, in order of their days."""
        columns = select(_KEYS.c.id, _KEYS.c.day, _KEYS.c.sealed).order_by(_KEYS.c.day)
        mine = (_KEYS.c.person == self._person(tenant, subject)) & (_KEYS.c.day >= since.isoformat())
        with self._reading() as connection:
            return [self._opened(*row) for row in connection.execute(columns.where(mine))]

    def erase(self, tenant: str, subject: str) -> int:
        """Destroy all keys of a person, on the disk too, and say how many there were."""
        with self._writing() as connection:
            gone = connection.execute(delete(_KEYS).where(_KEYS.c.person == self._person(tenant, subject))).rowcount
        empty_log(self._engine)
        return gone

    def forget(self, before: date) -> int:
        """Destroy everybody's keys of the days before `before`, on the disk too, and say how many there were."""
        with self._writing() as connection:
            gone = connection.execute(delete(_KEYS).where(_KEYS.c.day < before.isoformat())).rowcount
        empty_log(self._engine)
        return gone

    def _made(self, person: str, day: date) -> DayKey:
        made = DayKey(uuid4().hex, day, secrets.token_bytes(SECRET_BYTES))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._wrap.encrypt(nonce, made.secret, made.id.encode())
        with self._writing() as connection:
            found = self._found(connection, person, day)  # another thread or process may have been first
            if found is not None:
                return found
            connection.execute(insert(_KEYS).values(id=made.id, person=person, day=day.isoformat(), sealed=sealed))
        return made

    def _found(self, connection: Connection, person: str, day: date) -> DayKey | None:
        mine = (_KEYS.c.person == person) & (_KEYS.c.day == day.isoformat())
        row = connection.execute(select(_KEYS.c.id, _KEYS.c.day, _KEYS.c.sealed).where(mine)).first()
        return self._opened(*row) if row is not None else None

    def _opened(self, identifier: str, day: str, sealed: bytes) -> DayKey:
        try:
            secret = self._wrap.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], identifier.encode())
        except InvalidTag as error:
            raise LedgerUnavailable(
                "A key of the ledger does not open with this master key.",
                advice="Bring back the master key that belongs to these keys.",
            ) from error
        return DayKey(identifier, date.fromisoformat(day), secret)

    def _person(self, tenant: str, subject: str) -> str:
        return hmac.new(self._people, f"{tenant}\0{subject}".encode(), hashlib.sha256).hexdigest()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"The ledger's keys cannot be read ({type(error).__name__}).") from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with writing(self._engine) as connection:
                yield connection
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"The ledger's keys cannot be written ({type(error).__name__}).") from error


def _master(path: Path, *, new: bool) -> bytes:
    """The master key; made at the very first start only: a second one would open none of the keys that are there."""
    if new and not path.exists():
        write_new(path, secrets.token_bytes(SECRET_BYTES))
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise LedgerUnavailable(f"The ledger's master key is not {SECRET_BYTES} bytes long.")
    return secret


def write_new(path: Path, content: bytes) -> None:
    """Write a key to `path`, for this user's eyes only; whole or not at all, and never over another's.

    Of two processes that make it at one time, the first one's stays. Raises OSError.
    """
    scratch = path.with_name(f"{path.name}.{uuid4().hex}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(scratch, path)
        except FileExistsError:
            return
    finally:
        scratch.unlink(missing_ok=True)
