"""What lies in the vaults: for each thread a wrapped key, when it ends, and sealed entries. Nothing here opens one.

When a thread is over its row goes, and its entries with it: whatever is left of these in a log or in a copy says
nothing to whoever has not the key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Engine, Insert, delete, insert, select
from sqlalchemy.exc import IntegrityError

from appliance.errors import RegistryUnavailable
from appliance.store.database import Rows
from appliance.store.tables import VaultEntryRow, VaultRow


@dataclass(frozen=True, slots=True)
class KeptKey:
    """The wrapped key of a thread, and when the thread ends (UTC)."""

    sealed: bytes = field(repr=False)
    ends: datetime


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """One sealed entry of a token; `number` counts the entries of a thread from 1."""

    number: int
    token: str
    sealed: bytes = field(repr=False)


class VaultTable:
    """The vaults of one database. Every method raises RegistryUnavailable if it cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._rows = Rows(engine, "The vaults")

    def begin(self, thread: str, key: KeptKey) -> bool:
        """Keep the key of a new thread; False, and nothing is changed, if there is one of that name."""
        return self._added(insert(VaultRow), [{"thread": thread, "sealed": key.sealed, "ends": key.ends}])

    def key(self, thread: str) -> KeptKey | None:
        """The wrapped key of `thread`; None if the thread is over or never was."""
        query = select(VaultRow.sealed, VaultRow.ends).where(VaultRow.thread == thread)
        with self._rows.reading() as connection:
            row = connection.execute(query).one_or_none()
        return KeptKey(row.sealed, row.ends if row.ends.tzinfo else row.ends.replace(tzinfo=UTC)) if row else None

    def entries(self, thread: str) -> list[KeptEntry]:
        """The entries of `thread`, by number."""
        row = VaultEntryRow
        query = select(row.number, row.token, row.sealed).where(row.thread == thread).order_by(row.number)
        with self._rows.reading() as connection:
            return [KeptEntry(*found) for found in connection.execute(query)]

    def add(self, thread: str, entries: Sequence[KeptEntry]) -> bool:
        """Keep all of `entries`, durable; False, and none is kept, if a number is taken or the thread is over."""
        return self._added(
            insert(VaultEntryRow),
            [{"thread": thread, "number": one.number, "token": one.token, "sealed": one.sealed} for one in entries],
        )

    def end(self, thread: str) -> bool:
        """Destroy the vault of `thread`, on the disk too; whether there was one."""
        return self._destroyed(VaultRow.thread == thread) > 0

    def sweep(self, now: datetime) -> int:
        """Destroy the vaults of all threads that ended by `now`, on the disk too, and say how many they were."""
        return self._destroyed(VaultRow.ends <= now)

    def _destroyed(self, which: ColumnElement[bool]) -> int:
        with self._rows.writing() as connection:
            gone = connection.execute(delete(VaultRow).where(which)).rowcount
        if gone:
            self._rows.empty_log()
        return gone

    def _added(self, statement: Insert, rows: list[dict[str, object]]) -> bool:
        try:
            with self._rows.writing() as connection:
                connection.execute(statement, rows)
        except RegistryUnavailable as error:
            if isinstance(error.__cause__, IntegrityError):
                return False
            raise
        return True
