"""Escalations in the database. Each step is one conditional update: whoever is second finds it taken.

What was asked and answered is sealed by the vault of its thread, and opens no longer than that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    Index,
    LargeBinary,
    String,
    Text,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from appliance.records.escalations import OVER, Budgets, Escalation, State
from appliance.store.database import SPENDING, Rows, alone
from appliance.store.tables import Base


class EscalationRow(Base):
    """An escalation. `month` (UTC, "2026-03") is when it was paid for, "" before; `receipt` tells of its approval."""

    __tablename__ = "escalations"
    __table_args__ = (
        Index("escalations_by_person", "tenant", "asker", "created"),
        Index("escalations_by_state", "state", "changed"),
        Index("escalations_by_month", "tenant", "month"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63))
    asker: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    client: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    destination: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    policy: Mapped[str] = mapped_column(String(64))
    price: Mapped[int] = mapped_column(BigInteger)
    spent: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[str] = mapped_column(String(7))
    local: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(64))
    approver: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    receipt: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Kept:
    """An escalation with what is sealed of it: `sealed` what was prepared, `answer` what came back (b"": nothing)."""

    escalation: Escalation
    sealed: bytes = field(repr=False)
    answer: bytes = field(repr=False)
    receipt: str = field(repr=False)


_TOLD = [one.name for one in fields(Escalation)]
_TIMES = ("created", "expires", "changed")


class EscalationTable:
    """The escalations of one database. Every method raises RegistryUnavailable if it cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._rows = Rows(engine, "Escalations")

    def add(self, one: Escalation, sealed: bytes) -> None:
        """Keep a new one."""
        values = {name: getattr(one, name) for name in _TOLD}
        values |= {"state": str(one.state), "month": "", "receipt": "", "sealed": sealed, "answer": b""}
        with self._rows.writing() as connection:
            connection.execute(insert(EscalationRow), [values])

    def find(self, tenant: str, escalation_id: str) -> Kept | None:
        """One with all that is kept of it; None if there is none in that tenant."""
        found = self._several(EscalationRow.tenant == tenant, EscalationRow.id == escalation_id)
        return found[0] if found else None

    def of(self, tenant: str, person: str, *, most: int = 100) -> list[Escalation]:
        """A person's own, the newest first."""
        found = self._several(EscalationRow.tenant == tenant, EscalationRow.asker == person, newest=True, most=most)
        return [one.escalation for one in found]

    def inside(self, state: State, *, tenant: str | None = None, before: datetime | None = None) -> list[Kept]:
        """Those in `state`, the oldest first: of one tenant, or all; unchanged since `before`."""
        conditions = [EscalationRow.state == str(state)]
        if tenant is not None:
            conditions.append(EscalationRow.tenant == tenant)
        if before is not None:
            conditions.append(EscalationRow.changed <= before)
        return self._several(*conditions)

    def due(self, now: datetime) -> list[Kept]:
        """Those whose time ran out before they were sent."""
        waiting = [str(state) for state in State if state not in OVER and state is not State.SENT]
        return self._several(EscalationRow.state.in_(waiting), EscalationRow.expires <= now)

    def move(self, one: Escalation, to: State, at: datetime, **more: Any) -> bool:
        """From the state in which `one` was read to another, once; False if it is not there any more.

        `more`: reason, approver, why, receipt, answer, spent.
        """
        with self._rows.writing() as connection:
            return self._moved(connection, one, to, at, more)

    def pay(self, one: Escalation, at: datetime, budgets: Budgets) -> State:
        """From APPROVED to SENT, once, if the budgets of this month still hold its price.

        Returns SENT; APPROVED where the money is not there; EXPIRED where it was not approved any more.
        """
        month = f"{at.astimezone(UTC):%Y-%m}"
        with self._rows.writing() as connection:
            alone(connection, SPENDING)
            if one.price > budgets.left(_spent(connection, one, month)):
                return State.APPROVED
            paid = self._moved(connection, one, State.SENT, at, {"spent": one.price, "month": month})
            return State.SENT if paid else State.EXPIRED

    def spent(self, one: Escalation, at: datetime) -> Budgets:
        """What the person, the department and the house of `one` have spent in the month of `at`."""
        with self._rows.reading() as connection:
            return _spent(connection, one, f"{at.astimezone(UTC):%Y-%m}")

    def _moved(self, connection: Connection, one: Escalation, to: State, at: datetime, more: dict[str, Any]) -> bool:
        condition = (
            EscalationRow.tenant == one.tenant,
            EscalationRow.id == one.id,
            EscalationRow.state == str(one.state),
            EscalationRow.digest == one.digest,
        )
        values = {"state": str(to), "changed": at, **more}
        return connection.execute(update(EscalationRow).where(*condition).values(**values)).rowcount == 1

    def _several(self, *conditions: Any, newest: bool = False, most: int | None = None) -> list[Kept]:
        order = EscalationRow.created.desc() if newest else EscalationRow.created
        chosen = (
            select(*EscalationRow.__table__.columns).where(*conditions).order_by(order, EscalationRow.id).limit(most)
        )
        with self._rows.reading() as connection:
            return [_kept(row) for row in connection.execute(chosen).mappings()]


def _spent(connection: Connection, one: Escalation, month: str) -> Budgets:
    row = EscalationRow
    sums = [
        func.sum(row.spent).filter(row.asker == one.asker),
        func.sum(row.spent).filter(row.department == one.department),
        func.sum(row.spent),
    ]
    told: Sequence[Any] = connection.execute(select(*sums).where(row.tenant == one.tenant, row.month == month)).one()
    return Budgets(*(int(value or 0) for value in told))


def _kept(row: Any) -> Kept:
    told = {name: row[name] for name in _TOLD}
    told |= {"state": State(row["state"])} | {name: _moment(row[name]) for name in _TIMES}
    return Kept(Escalation(**told), row["sealed"], row["answer"], row["receipt"])


def _moment(at: datetime) -> datetime:
    """In UTC: SQLite forgets the zone."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
