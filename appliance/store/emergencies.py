"""Emergencies: who opened one, until when, what came of it. What is decided here is decided by one statement each."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, Select, func, insert, select, update

from appliance.records import Emergency, Judgement, Mailed
from appliance.store.database import EMERGENCIES, Rows, alone
from appliance.store.tables import EmergencyRow, EmergencyUseRow

QUESTION: Final = "question"
DOCUMENT: Final = "document"
MOST: Final = 200
"""Emergencies that one list shows."""
_COUNTED: Final = frozenset({"questions", "documents"})


class EmergencyTable:
    """Everybody's emergencies. Every method raises RegistryUnavailable if the database fails."""

    def __init__(self, engine: Engine) -> None:
        self._rows = Rows(engine, "Emergencies")

    def add(self, emergency: Emergency) -> bool:
        """Keep a new one; False if this person has one running: two that are opened at once are one."""
        with self._rows.writing() as connection:
            alone(connection, EMERGENCIES)
            if connection.scalar(
                select(func.count()).where(_his(emergency.tenant, emergency.person), _running(emergency.opened))
            ):
                return False
            connection.execute(insert(EmergencyRow).values(**_columns(emergency)))
            return True

    def unended(self, tenant: str, person: str) -> Emergency | None:
        """His newest that nobody and no clock has ended; it may be over by now."""
        found = self._several(
            select(EmergencyRow)
            .where(_his(tenant, person), EmergencyRow.ended.is_(None))
            .order_by(EmergencyRow.opened.desc())
            .limit(1)
        )
        return found[0] if found else None

    def find(self, tenant: str, emergency_id: str) -> Emergency | None:
        """One of this tenant."""
        found = self._several(select(EmergencyRow).where(*_one(tenant, emergency_id)))
        return found[0] if found else None

    def of(self, tenant: str, person: str) -> list[Emergency]:
        """Somebody's own, the newest first."""
        chosen = select(EmergencyRow).where(_his(tenant, person))
        return self._several(chosen.order_by(EmergencyRow.opened.desc()).limit(MOST))

    def unreviewed(self, tenant: str) -> list[Emergency]:
        """Those that nobody has reviewed, the oldest first, the running ones too."""
        chosen = select(EmergencyRow).where(EmergencyRow.tenant == tenant, EmergencyRow.verdict == "")
        return self._several(chosen.order_by(EmergencyRow.opened))  # what waits for a person is never cut off

    def waiting(self, tenant: str, since: datetime) -> int:
        """How many were over by `since` and have not been reviewed; all of them, not only those that a list shows."""
        with self._rows.reading() as connection:
            chosen = select(func.count()).where(
                EmergencyRow.tenant == tenant,
                EmergencyRow.verdict == "",
                (EmergencyRow.ended <= since) | (EmergencyRow.until <= since),
            )
            return connection.scalar(chosen) or 0

    def barring(self, tenant: str) -> list[Emergency]:
        """Those that were not justified and that nobody has lifted."""
        chosen = select(EmergencyRow).where(
            EmergencyRow.tenant == tenant,
            EmergencyRow.verdict == Judgement.NOT_JUSTIFIED,
            EmergencyRow.lifted_by == "",
        )
        return self._several(chosen.order_by(EmergencyRow.opened))  # what waits for a person is never cut off

    def barred(self, tenant: str, person: str) -> bool:
        """Whether one of his was not justified, and nobody has lifted that."""
        with self._rows.reading() as connection:
            chosen = select(func.count()).where(
                _his(tenant, person),
                EmergencyRow.verdict == Judgement.NOT_JUSTIFIED,
                EmergencyRow.lifted_by == "",
            )
            return bool(connection.scalar(chosen))

    def end(self, tenant: str, emergency_id: str, at: datetime) -> bool:
        """End it, once; False if it has been ended before."""
        return self._changed(_one(tenant, emergency_id, EmergencyRow.ended.is_(None)), ended=at)

    def review(
        self, tenant: str, emergency_id: str, *, reviewer: str, verdict: Judgement, note: str, at: datetime
    ) -> bool:
        """Review it, once and by somebody else; False if that is not so, or it still runs."""
        condition = _one(
            tenant,
            emergency_id,
            EmergencyRow.verdict == "",  # once
            EmergencyRow.person != reviewer,  # by somebody else
            EmergencyRow.ended.is_not(None) | (EmergencyRow.until <= at),
        )
        return self._changed(condition, verdict=verdict, note=note, reviewer=reviewer, reviewed=at)

    def lift(self, tenant: str, emergency_id: str, *, by: str) -> bool:
        """Let the person do it again, once and by somebody else; False if that is not so."""
        condition = _one(
            tenant,
            emergency_id,
            EmergencyRow.verdict == Judgement.NOT_JUSTIFIED,
            EmergencyRow.lifted_by == "",
            EmergencyRow.person != by,
        )
        return self._changed(condition, lifted_by=by)

    def mailed(self, tenant: str, emergency_id: str, state: Mailed) -> None:
        """What became of the mail."""
        self._changed(_one(tenant, emergency_id), mailed=state)

    def used(self, emergency_id: str, kind: str, names: Collection[str]) -> None:
        """Count these questions or documents, each once. Only digests are kept."""
        digests = {hashlib.sha256(f"{emergency_id} {kind} {name}".encode()).hexdigest() for name in names}
        with self._rows.writing() as connection:
            alone(connection, EMERGENCIES)
            counted = select(EmergencyUseRow.digest).where(
                EmergencyUseRow.emergency == emergency_id, EmergencyUseRow.kind == kind
            )
            new = digests - set(connection.scalars(counted))
            if new:
                rows = [{"emergency": emergency_id, "kind": kind, "digest": digest} for digest in sorted(new)]
                connection.execute(insert(EmergencyUseRow), rows)

    def _changed(self, conditions: Sequence[Any], **values: object) -> bool:
        with self._rows.writing() as connection:
            return connection.execute(update(EmergencyRow).where(*conditions).values(**values)).rowcount == 1

    def _several(self, chosen: Select[Any]) -> list[Emergency]:
        with self._rows.reading() as connection:
            columns = chosen.with_only_columns(*EmergencyRow.__table__.columns, maintain_column_froms=True)
            rows = connection.execute(columns).mappings().all()
            return [_told(connection, row) for row in rows]


def _his(tenant: str, person: str) -> Any:
    return (EmergencyRow.tenant == tenant) & (EmergencyRow.person == person)


def _running(at: datetime) -> Any:
    return EmergencyRow.ended.is_(None) & (EmergencyRow.until > at)


def _one(tenant: str, emergency_id: str, *more: Any) -> tuple[Any, ...]:
    return (EmergencyRow.tenant == tenant, EmergencyRow.id == emergency_id, *more)


def _columns(emergency: Emergency) -> dict[str, object]:
    kept = {field.name: getattr(emergency, field.name) for field in fields(emergency) if field.name not in _COUNTED}
    return kept | {"verdict": emergency.verdict or "", "mailed": str(emergency.mailed)}


def _told(connection: Connection, row: RowMapping) -> Emergency:
    uses = select(EmergencyUseRow.kind, func.count()).where(EmergencyUseRow.emergency == row["id"])
    found = connection.execute(uses.group_by(EmergencyUseRow.kind)).all()
    counted = {one[0]: int(one[1]) for one in found}
    times = {name: _moment(row[name]) for name in ("opened", "until", "ended", "reviewed")}
    told: dict[str, Any] = dict(row) | times
    told["verdict"] = Judgement(row["verdict"]) if row["verdict"] else None
    told["mailed"] = Mailed(row["mailed"])
    return Emergency(**told, questions=counted.get(QUESTION, 0), documents=counted.get(DOCUMENT, 0))


def _moment(at: datetime | None) -> datetime | None:
    """In UTC: SQLite forgets the zone."""
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
