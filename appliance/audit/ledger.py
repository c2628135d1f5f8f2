"""The ledger: what happened, in an order that nobody can change unnoticed.

Each entry's hash covers its body and the hash before it (`chain.py`); people and content stand in it as digests only
(`keys.py`). Entries that several threads append at one time become durable together, in one transaction.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from appliance.audit import chain
from appliance.audit.keys import DayKey, SubjectKeys
from appliance.audit.reader import LedgerReader, last_entry
from appliance.audit.reserve import Reserve
from appliance.errors import LedgerUnavailable
from appliance.records import BEGINNINGS, Entry
from appliance.store.database import CHAINING, alone, writing
from appliance.store.tables import CheckpointRow, LedgerRow

TOGETHER: Final = 256
"""Entries that one transaction holds at most."""
_NO_ROOM: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_Done = TypeVar("_Done")


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Watch(Protocol):
    """Who is told how far the ledger has come (`appliance.audit.notary.Notary`)."""

    def reached(self, number: int, /) -> None:
        """The ledger's last entry is now `number`. Must return at once."""
        ...


@dataclass(slots=True)
class _Waiting:
    """An entry on its way. `number` is 0 until it is durable; `refusal` says why it never will be."""

    entry: Entry
    key: DayKey
    number: int = 0
    refusal: str = ""
    over: bool = False


class Ledger(LedgerReader):
    """The journal on the database: one chain, however many threads and processes write it.

    `reserve` is the room that endings have on a full disk. `bound`: how many entries may follow the last checkpoint
    that reached the second place before nothing new may begin; None sets no bound. `policy` tells the active version.
    """

    def __init__(  # noqa: PLR0913  # each part of the house by its own name
        self,
        engine: Engine,
        keys: SubjectKeys,
        *,
        reserve: Reserve | None = None,
        bound: int | None = None,
        policy: Callable[[], str] = lambda: "",
        watch: Watch | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__(engine)
        self._keys = keys
        self._reserve = reserve
        self._bound = bound
        self._policy = policy
        self._watch = watch
        self._clock = clock
        self._queue: list[_Waiting] = []
        self._queueing = threading.Lock()
        self._leading = threading.Lock()

    def append(self, entry: Entry) -> int:
        """Record `entry` durably and return its number. Raises LedgerUnavailable if it is not, or may not begin.

        Whoever holds the lead writes for all that wait; the others find their entry written when the lead is theirs.
        """
        key = self._pressed(lambda: self._keys.key(entry.tenant, entry.subject, self._clock().date()))
        mine = _Waiting(entry, key)
        with self._queueing:
            self._queue.append(mine)
        with self._leading:
            while not mine.over:
                self._lead()
        if mine.number:
            return mine.number
        raise LedgerUnavailable(mine.refusal or "The ledger cannot be written.")

    def check(self) -> None:
        """Raise LedgerUnavailable if nothing new could begin now."""
        try:
            with self._engine.connect() as connection:
                stopped = self._stopped(connection, last_entry(connection)[0])
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"The ledger cannot be read ({type(error).__name__}).") from error
        if stopped:
            raise LedgerUnavailable(stopped)

    def _lead(self) -> None:
        """Make durable what waits. Every entry of the batch is over afterwards, whatever happened."""
        with self._queueing:
            batch, self._queue = self._queue[:TOGETHER], self._queue[TOGETHER:]
        try:
            numbers = self._pressed(lambda: self._written(batch))
            for one, number in zip(batch, numbers, strict=True):
                one.number = number
        except LedgerUnavailable as error:
            for one in batch:
                one.refusal = str(error)
        finally:
            for one in batch:
                one.over = True
        if self._watch is not None:
            self._watch.reached(max(one.number for one in batch))

    def _written(self, batch: Sequence[_Waiting]) -> list[int]:
        """One transaction: the number of each entry, 0 for one that may not begin now."""
        numbers, rows = [], []
        policy = self._policy()
        try:
            with writing(self._engine) as connection:
                alone(connection, CHAINING)
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")  # whatever the server's default
                number, previous = last_entry(connection)
                stopped = self._stopped(connection, number)
                for one in batch:
                    one.refusal = stopped if one.entry.event in BEGINNINGS else ""
                    if not one.refusal:
                        number += 1
                        body = chain.body(number, self._clock(), one.entry, one.key, policy)
                        previous = chain.chained(previous, body)
                        rows.append({"number": number, "body": body, "hash": previous})
                    numbers.append(0 if one.refusal else number)
                if rows:
                    connection.execute(insert(LedgerRow), rows)
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"The ledger cannot be written ({type(error).__name__}).") from error
        return numbers

    def _stopped(self, connection: Connection, last: int) -> str:
        """Why nothing new may begin after entry `last`; "" if it may. Both lines are tested security properties."""
        if self._reserve is not None and not self._reserve.held:
            return "The disk is nearly full, so only endings are still recorded and nothing new begins."
        if self._bound is not None and last - _witnessed(connection) >= self._bound:
            return "The ledger's checkpoints do not reach their second place, so nothing new begins."
        return ""

    def _pressed(self, work: Callable[[], _Done]) -> _Done:
        """`work`, and once more with the reserve given free if the disk was full."""
        try:
            return work()
        except LedgerUnavailable as error:
            if self._reserve is None or not _full(error) or not self._reserve.release():
                raise
        return work()


def _witnessed(connection: Connection) -> int:
    """The last entry that a checkpoint in the second place covers; 0 if there is none."""
    return connection.scalar(select(func.max(CheckpointRow.entry)).where(CheckpointRow.witnessed)) or 0


def _full(error: LedgerUnavailable) -> bool:
    """Whether a full disk is behind it: SQLite says so, or cannot grow its log."""
    cause = error.__cause__
    original = cause.orig if isinstance(cause, DBAPIError) else None
    # the lowest byte is the kind; extended codes say where it was met
    return isinstance(original, sqlite3.Error) and getattr(original, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM
