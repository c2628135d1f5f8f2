"""Opening the database: SQLite for one machine, PostgreSQL for several, the same tables and migrations for both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from appliance.errors import RegistryUnavailable

BUSY_SECONDS = 10
UPGRADING, CHAINING, WITNESSING, EMERGENCIES, KNOWN, SPENDING = range(0x6D756E01, 0x6D756E07)
"""Purposes of `alone`: migrations, the ledger's next entries, checkpoints' second place, emergencies, known persons,
and what escalations cost."""
MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(url: str) -> Engine:
    """An engine on `url`, every migration applied.

    Raises RegistryUnavailable if it cannot be opened or upgraded, or if a version made it whose migrations are unknown.
    """
    engine = engine_on(url)
    try:
        if engine.url.database and engine.dialect.name == "sqlite":
            Path(engine.url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with writing(engine) as connection:
            alone(connection, UPGRADING)
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        engine.dispose()
        raise RegistryUnavailable(
            "The registry was made by another version of Muniment: its migrations are not known here.",
            advice="Nothing was changed. Run the version that made it, or bring back a copy made by this one.",
        ) from error
    except (SQLAlchemyError, OSError) as error:
        engine.dispose()
        raise RegistryUnavailable(f"The registry could not be opened ({type(error).__name__}).") from error
    return engine


def engine_on(url: str) -> Engine:
    """An engine on `url`, nothing read or made yet."""
    there = make_url(url)
    if there.drivername == "postgresql":
        there = there.set(drivername="postgresql+psycopg")  # the driver that is installed
    engine = create_engine(there)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


def alone(connection: Connection, purpose: int) -> None:
    """Hold everybody else with the same `purpose` off until this transaction ends.

    A transaction that writes is alone on SQLite anyhow; on PostgreSQL this takes an advisory lock.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({purpose:d})")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write. On SQLite it takes the write lock at once, so that two writers queue, not fail."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


class Rows:
    """Rows of one kind in the database. What it raises becomes RegistryUnavailable, which says which rows: `what`.

    `one` names a single row, and `advice` says what to do, where a row was not written by us or is damaged.
    """

    def __init__(self, engine: Engine, what: str, *, one: str = "A row", advice: str | None = None) -> None:
        self._engine = engine
        self._what = what
        self._one = one
        self._advice = advice

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that only reads. Raises RegistryUnavailable."""
        with self._told(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that will write, as `writing` makes it. Raises RegistryUnavailable."""
        with self._told(), writing(self._engine) as connection:
            yield connection

    @contextmanager
    def session(self, *, writes: bool = False) -> Iterator[Session]:
        """A session over such a connection; rows that cannot be what we wrote raise RegistryUnavailable too."""
        with self.writing() if writes else self.reading() as connection, Session(connection) as session:
            try:
                yield session
                if writes:
                    session.flush()
            except (KeyError, TypeError, ValueError) as error:  # what reading a row that we did not write can raise
                raise RegistryUnavailable(
                    f"{self._one} is damaged ({type(error).__name__}).", advice=self._advice
                ) from error

    def empty_log(self) -> None:
        """As `empty_log` does."""
        empty_log(self._engine)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise RegistryUnavailable(f"{self._what} cannot be read or kept ({type(error).__name__}).") from error


def empty_log(engine: Engine) -> None:
    """Empty SQLite's write-ahead log if nobody reads just now: deleted rows would stay in it for a while."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=100")  # a long reader is not waited for: the next emptying does it
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.close()
    finally:
        connection.close()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:  # the driver's own connection has no type here
        connection.isolation_level = None  # transactions are begun below, not guessed by the driver
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # a committed row survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten, not only unlinked
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
