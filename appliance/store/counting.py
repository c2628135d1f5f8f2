"""How many there are: documents, uploads, escalations and conversations, by their state. Nothing of any of them."""

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, Select, func, select

from appliance.records.operating import Waiting
from appliance.store.database import Rows
from appliance.store.escalations import EscalationRow
from appliance.store.tables import ConversationRow, FileRow, UploadRow
from appliance.store.uploads import UNFINISHED


class Counting:
    """Counts of one tenant's rows. Every method raises RegistryUnavailable."""

    def __init__(self, engine: Engine, tenant: str) -> None:
        self._rows = Rows(engine, "What is counted")
        self._tenant = tenant

    def documents(self) -> Waiting:
        """Documents by what became of them."""
        wanted = select(FileRow.outcome, func.count()).where(FileRow.tenant == self._tenant).group_by(FileRow.outcome)
        with self._rows.reading() as connection:
            return Waiting(_by_name(connection, wanted))

    def uploads(self) -> Waiting:
        """Uploads by state, and when the oldest with work left came."""
        own = UploadRow.tenant == self._tenant
        wanted = select(UploadRow.state, func.count()).where(own).group_by(UploadRow.state)
        oldest = select(func.min(UploadRow.received)).where(own, UploadRow.state.in_(UNFINISHED))
        with self._rows.reading() as connection:
            return Waiting(_by_name(connection, wanted), _utc(connection.scalar(oldest)))

    def escalations(self) -> Waiting:
        """Escalations by state."""
        own = EscalationRow.tenant == self._tenant
        wanted = select(EscalationRow.state, func.count()).where(own).group_by(EscalationRow.state)
        with self._rows.reading() as connection:
            return Waiting(_by_name(connection, wanted))

    def conversations(self) -> int:
        """How many conversations are kept."""
        wanted = select(func.count()).select_from(ConversationRow).where(ConversationRow.tenant == self._tenant)
        with self._rows.reading() as connection:
            return int(connection.scalar(wanted) or 0)


def _by_name(connection: Connection, wanted: Select[str, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(wanted)}


def _utc(at: datetime | None) -> datetime | None:
    """SQLite gives times back without their zone, which is UTC."""
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)
