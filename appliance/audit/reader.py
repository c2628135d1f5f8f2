"""The ledger as it is read: nothing here writes, makes a key, or needs one."""

from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Select, func, select
from sqlalchemy.exc import SQLAlchemyError

from appliance.audit import checkpoints
from appliance.audit.chain import ORIGIN, Row
from appliance.audit.checkpoints import Checkpoint
from appliance.errors import LedgerUnavailable
from appliance.records.operating import Covered
from appliance.store.tables import CheckpointRow, LedgerRow

_READ_AT_ONCE: Final = 1_000
_ROWS: Final = select(LedgerRow.number, LedgerRow.body, LedgerRow.hash)


class LedgerReader:
    """Entries and checkpoints of a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self) -> int:
        """The number of the last entry, 0 if there is none. Raises LedgerUnavailable."""
        try:
            with self._engine.connect() as connection:
                return last_entry(connection)[0]
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"The ledger cannot be read ({type(error).__name__}).") from error

    def covered(self) -> Covered:
        """How far the last checkpoint goes. Raises LedgerUnavailable."""
        newest = select(CheckpointRow.body, CheckpointRow.signature).order_by(CheckpointRow.number.desc()).limit(1)
        waiting = select(func.count()).where(~CheckpointRow.witnessed)
        try:
            with self._engine.connect() as connection:
                entries = last_entry(connection)[0]
                found = connection.execute(newest).first()
                waits = int(connection.scalar(waiting) or 0)
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"Checkpoints cannot be read ({type(error).__name__}).") from error
        if found is None:
            return Covered(entries, 0, 0, None, waits)
        last = checkpoints.parsed(f"{found[0]} {found[1]}")
        if last is None:
            raise LedgerUnavailable("A checkpoint in the database is damaged.")
        return Covered(entries, last.number, last.entry, datetime.fromisoformat(last.at), waits)

    def rows(self, *, holding: str = "", upto: int | None = None) -> Iterator[Row]:
        """Every entry in order, read as they are asked for; only those whose body holds `holding`, or up to `upto`."""
        columns = _ROWS.order_by(LedgerRow.number)
        if holding:
            columns = columns.where(LedgerRow.body.contains(holding, autoescape=True))
        if upto is not None:
            columns = columns.where(LedgerRow.number <= upto)
        yield from self._read(columns)

    def newest(self, *, upto: int | None = None, limit: int) -> Generator[Row, None, None]:
        """At most `limit` entries, the newest first; only those up to `upto`."""
        columns = _ROWS.order_by(LedgerRow.number.desc()).limit(limit)
        yield from self._read(columns if upto is None else columns.where(LedgerRow.number <= upto))

    def _read(self, columns: Select[int, str, str]) -> Generator[Row, None, None]:
        try:
            with self._engine.connect() as connection:
                streamed = connection.execution_options(stream_results=True, yield_per=_READ_AT_ONCE)
                yield from map(_row, streamed.execute(columns))
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"The ledger cannot be read ({type(error).__name__}).") from error

    def kept(self, *, upto: int) -> Iterator[Checkpoint]:
        """The checkpoints of the database for entries up to `upto`, in order. Raises LedgerUnavailable."""
        columns = select(CheckpointRow.body, CheckpointRow.signature).where(CheckpointRow.entry <= upto)
        try:
            with self._engine.connect() as connection:
                streamed = connection.execution_options(stream_results=True, yield_per=_READ_AT_ONCE)
                for body, signature in streamed.execute(columns.order_by(CheckpointRow.entry, CheckpointRow.number)):
                    found = checkpoints.parsed(f"{body} {signature}")
                    if found is None:
                        raise LedgerUnavailable("A checkpoint in the database is damaged.")
                    yield found
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"Checkpoints cannot be read ({type(error).__name__}).") from error


def last_entry(connection: Connection) -> tuple[int, str]:
    """The number and the hash of the last entry; 0 and ORIGIN if there is none."""
    last = connection.execute(select(LedgerRow.number, LedgerRow.hash).order_by(LedgerRow.number.desc()).limit(1))
    row = last.first()
    return (row[0], row[1]) if row is not None else (0, ORIGIN)


def _row(found: Any) -> Row:  # SQLAlchemy's own row, whose columns have no types here
    return found[0], found[1], found[2]
