"""Uploads: what was acknowledged, for whom, and how far each has come. The promise that the queue only reminds of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Engine, func, select, update

from appliance.records import Access
from appliance.store.access_told import access_of, owned, plain_access
from appliance.store.database import Rows
from appliance.store.registry import REMOVED, STORED, WITHDRAWN
from appliance.store.tables import FileRow, UploadRow


class State(StrEnum):
    """How far an upload has come. Only the first two and the last have work left."""

    QUEUED = "queued"
    RUNNING = "running"
    STORED = "stored"
    QUARANTINED = "quarantined"
    DISCARDED = "discarded"
    REMOVING = "removing"


UNFINISHED = (State.QUEUED, State.RUNNING, State.REMOVING)


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload. `document` is the id of the document that it becomes; `ticket` names its newest version."""

    document: str
    tenant: str
    person: str
    uri: str
    name: str
    ticket: str
    digest: str
    size: int
    access: Access
    state: State
    reason: str
    attempts: int
    received: datetime


class Uploads:
    """The table of uploads. Every method raises RegistryUnavailable if the database fails."""

    def __init__(self, engine: Engine) -> None:
        self._rows = Rows(engine, "The registry's rows", one="A row of the registry")

    def accept(self, upload: Upload) -> None:
        """Promise to bring in `upload`; a version that waited under the same document is replaced by it."""
        with self._rows.session(writes=True) as session:
            session.merge(
                UploadRow(
                    id=upload.document, tenant=upload.tenant, person=upload.person, uri=upload.uri, name=upload.name,
                    ticket=upload.ticket, digest=upload.digest, size=upload.size, access=plain_access(upload.access),
                    state=State.QUEUED, reason="", attempts=0, received=upload.received, updated=datetime.now(UTC),
                )
            )  # fmt: skip

    def withdraw(self, document: str, person: str, ticket: str) -> bool:
        """Make `person`'s upload unreadable at once and leave the rest to a job; False if he has no such upload.

        A job that is storing it at this moment cannot make it readable again: `Registry.register` looks here.
        """
        with self._rows.session(writes=True) as session:
            row = session.get(UploadRow, document)
            if row is None or row.person != person or row.state == State.REMOVING:
                return False
            row.state, row.ticket, row.reason, row.attempts = State.REMOVING, ticket, "", 0
            row.updated = datetime.now(UTC)
            session.execute(
                update(FileRow)
                .where(FileRow.id == document, FileRow.outcome == STORED)
                .values(outcome=WITHDRAWN, reason=REMOVED)
            )
            return True

    def get(self, document: str) -> Upload | None:
        """The upload that becomes `document`, or None."""
        with self._rows.session() as session:
            row = session.get(UploadRow, document)
            return upload_of(row) if row is not None else None

    def of(self, tenant: str, person: str) -> list[Upload]:
        """All that `person` has uploaded and not removed, by uri."""
        with self._rows.session() as session:
            rows = session.scalars(
                select(UploadRow)
                .where(UploadRow.tenant == tenant, UploadRow.person == person, UploadRow.state != State.REMOVING)
                .order_by(UploadRow.uri)
            )
            return [upload_of(row) for row in rows]

    def unfinished(self, tenant: str, person: str) -> int:
        """How many of `person`'s uploads wait for the worker."""
        with self._rows.session() as session:
            counted = select(func.count()).where(
                UploadRow.tenant == tenant, UploadRow.person == person, UploadRow.state.in_(UNFINISHED)
            )
            return session.scalar(counted) or 0

    def left(self) -> list[Upload]:
        """Every upload with work left, the oldest first."""
        with self._rows.session() as session:
            rows = session.scalars(
                select(UploadRow).where(UploadRow.state.in_(UNFINISHED)).order_by(UploadRow.received)
            )
            return [upload_of(row) for row in rows]

    def claim(self, document: str, ticket: str) -> Upload | None:
        """Begin an attempt at what `ticket` names; None if that is done, replaced or gone. Counted before it begins."""
        with self._rows.session(writes=True) as session:
            row = session.get(UploadRow, document)
            if row is None or row.ticket != ticket or row.state not in UNFINISHED:
                return None
            if row.state != State.REMOVING:
                row.state = State.RUNNING
            row.attempts += 1
            row.updated = datetime.now(UTC)
            return upload_of(row)

    def finish(self, upload: Upload, state: State, reason: str = "") -> None:
        """Say how the attempt ended, unless another version has taken its place."""
        with self._rows.session(writes=True) as session:
            session.execute(
                update(UploadRow)
                .where(UploadRow.id == upload.document, UploadRow.ticket == upload.ticket)
                .values(state=state, reason=reason, updated=datetime.now(UTC))
            )

    def give_back(self, upload: Upload, *, counted: bool) -> None:
        """Put an attempt back into the queue; one that was none of the file's fault is not counted."""
        with self._rows.session(writes=True) as session:
            row = session.get(UploadRow, upload.document)
            if row is not None and row.ticket == upload.ticket and row.state in UNFINISHED:
                if row.state == State.RUNNING:
                    row.state = State.QUEUED
                row.attempts -= 0 if counted else 1
                row.updated = datetime.now(UTC)

    def forget(self, upload: Upload) -> None:
        """Remove the last trace of a withdrawn upload, unless it was uploaded again."""
        with self._rows.session(writes=True) as session:
            row = session.get(UploadRow, upload.document)
            if row is not None and row.ticket == upload.ticket:
                session.delete(row)

    def holding(self, tickets: Collection[str]) -> set[str]:
        """Those of `tickets` whose bytes are still needed: waiting, at work, or kept beside the reason."""
        kept = (State.QUEUED, State.RUNNING, State.QUARANTINED)
        with self._rows.session() as session:
            return set(
                session.scalars(
                    select(UploadRow.ticket).where(UploadRow.ticket.in_(list(tickets)), UploadRow.state.in_(kept))
                )
            )


def upload_of(row: UploadRow) -> Upload:
    """The upload of a row."""
    return Upload(
        document=row.id,
        tenant=row.tenant,
        person=row.person,
        uri=row.uri,
        name=row.name,
        ticket=row.ticket,
        digest=row.digest,
        size=row.size,
        access=access_of(owned(row.access, row.person)),
        state=State(row.state),
        reason=row.reason,
        attempts=row.attempts,
        # SQLite gives the moment back without its zone
        received=row.received if row.received.tzinfo else row.received.replace(tzinfo=UTC),
    )
