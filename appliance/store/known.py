"""Lists of known persons as they are kept: digests only, packed and sorted. What they mean, `privacy.book` knows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    delete,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from appliance.errors import RegistryUnavailable
from appliance.store.database import KNOWN, alone, empty_log, writing
from appliance.store.tables import Base

_PIECE: Final = 1 << 20
"""Bytes of a row: a list of millions is more than one value should hold."""


class KnownListRow(Base):
    """A list of known persons. `stamp` is new after each loading; `proof` tells the key; `size` bytes of digests."""

    __tablename__ = "known_lists"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    stamp: Mapped[str] = mapped_column(String(32))
    proof: Mapped[str] = mapped_column(String(32))
    entities: Mapped[list[str]] = mapped_column(JSON)
    persons: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(BigInteger)
    loaded: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class KnownPieceRow(Base):
    """Part of a list's digests, in order of `number`. No name or number of anybody in clear."""

    __tablename__ = "known_pieces"

    list: Mapped[str] = mapped_column(ForeignKey("known_lists.name", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    digests: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class KnownList:
    """One list. `stamp` is another one after every loading, `proof` tells its key, `size` counts bytes of digests."""

    name: str
    stamp: str
    proof: str
    entities: tuple[str, ...]
    persons: int
    size: int
    loaded: datetime


class KnownLists:
    """Every list. Every method raises RegistryUnavailable if the database fails."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def replace(self, told: KnownList, digests: bytes) -> None:
        """Keep a list in the place of the one of its name: whole, or everything stays as it was."""
        pieces = [
            {"list": told.name, "number": number, "digests": digests[start : start + _PIECE]}
            for number, start in enumerate(range(0, len(digests), _PIECE))
        ]
        with self._writing() as connection:
            _drop(connection, told.name)
            connection.execute(insert(KnownListRow).values(**_columns(told)))
            if pieces:
                connection.execute(insert(KnownPieceRow), pieces)
        empty_log(self._engine)

    def remove(self, name: str) -> bool:
        """Forget a list, on the disk too; False if there is none of this name."""
        with self._writing() as connection:
            found = _drop(connection, name)
        empty_log(self._engine)
        return found

    def lists(self) -> list[KnownList]:
        """All lists by name, without their digests."""
        with self._reading() as connection:
            return _lists(connection)

    def everything(self) -> list[tuple[KnownList, bytes]]:
        """All lists with their digests, of one moment. A list that is not whole raises too."""
        with self._reading() as connection:
            return [(one, _digests(connection, one)) for one in _lists(connection)]

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _ours(), writing(self._engine) as connection:
            alone(connection, KNOWN)
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A transaction that sees one state throughout."""
        with _ours(), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
            yield connection


@contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise RegistryUnavailable(f"Known persons cannot be read or kept ({type(error).__name__}).") from None


def _drop(connection: Connection, name: str) -> bool:
    connection.execute(delete(KnownPieceRow).where(KnownPieceRow.list == name))
    return connection.execute(delete(KnownListRow).where(KnownListRow.name == name)).rowcount > 0


def _lists(connection: Connection) -> list[KnownList]:
    rows = connection.execute(select(*KnownListRow.__table__.columns)).mappings()
    told = [
        KnownList(
            name=row["name"],
            stamp=row["stamp"],
            proof=row["proof"],
            entities=tuple(row["entities"]),
            persons=row["persons"],
            size=row["size"],
            loaded=row["loaded"] if row["loaded"].tzinfo else row["loaded"].replace(tzinfo=UTC),
        )
        for row in rows
    ]
    return sorted(told, key=lambda one: one.name)


def _digests(connection: Connection, told: KnownList) -> bytes:
    chosen = select(KnownPieceRow.digests).where(KnownPieceRow.list == told.name).order_by(KnownPieceRow.number)
    pieces: Sequence[bytes] = connection.scalars(chosen).all()
    whole = b"".join(pieces)
    if len(whole) != told.size:
        raise RegistryUnavailable("A list of known persons is not whole.", advice="Load it again.")
    return whole


def _columns(told: KnownList) -> dict[str, object]:
    return {
        "name": told.name,
        "stamp": told.stamp,
        "proof": told.proof,
        "entities": list(told.entities),
        "persons": told.persons,
        "size": told.size,
        "loaded": told.loaded,
    }
