"""The quarantine: what could not be read or may not be, and waits for a curator's word. Each word is one transaction.

A quarantined file has a row of `files` with its reason and no access attributes, so nobody can read it; `listed` is who
would read it, as far as its list or its uploader said. An upload's bytes wait in the intake; a folder's file lies
where it was found, and what a curator says of it counts at the next run.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, Engine, Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from appliance.records import Access
from appliance.store.access_told import access_of
from appliance.store.database import Rows
from appliance.store.registry import QUARANTINED
from appliance.store.tables import FileRow, UploadRow
from appliance.store.uploads import State, Upload, upload_of

RELEASED: Final = "released by a curator: it is tried again"
DISCARDED: Final = "discarded by a curator"
STORING: Final = "it was being stored when a run was interrupted"
"""What ingest writes while it stores a new file; a test keeps the two equal. Nobody decides about it meanwhile."""
_SETTLED: Final = (RELEASED, DISCARDED, STORING)


@dataclass(frozen=True, slots=True)
class Held:
    """A quarantined file. `listed` is None where no list said who reads it; `upload` where it lies in a folder."""

    document: str
    tenant: str
    uri: str
    version: str
    reason: str
    listed: Access | None
    since: datetime
    upload: Upload | None


class Quarantine:
    """What is held back. Every method raises RegistryUnavailable if the database fails or is damaged."""

    def __init__(self, engine: Engine) -> None:
        self._rows = Rows(engine, "The quarantine's rows", one="A row of the quarantine")

    def waiting(self, tenant: str, *, besides: str, after: str = "", limit: int) -> list[Held]:
        """At most `limit` of what waits for a word, the oldest first: none that `besides` put in or answers for.

        `after` is the document of the last one that was told; nothing comes after one that does not wait.
        """
        with self._rows.session() as session:
            asked = _waiting(tenant).where(_not_of(besides))
            if after:
                told = session.execute(asked.where(FileRow.id == after)).first()
                if told is None:
                    return []
                last = told[0]
                later = and_(FileRow.updated == last.updated, FileRow.id > last.id)
                asked = asked.where(or_(FileRow.updated > last.updated, later))
            rows = session.execute(asked.order_by(FileRow.updated, FileRow.id).limit(limit))
            return [_held(file, upload) for file, upload in rows]

    def one(self, tenant: str, document: str) -> Held | None:
        """What waits under this id, whoever put it in; None if nothing does."""
        with self._rows.session() as session:
            row = session.execute(_waiting(tenant).where(FileRow.id == document)).first()
            return _held(row[0], row[1]) if row is not None else None

    def release(self, held: Held) -> bool:
        """Let it be tried again; False if it waits no more as it was when it was looked at."""
        with self._rows.session(writes=True) as session:
            if not _stands(session, held):
                return False
            _decide(session, held, State.QUEUED, "")
            _note(session, held, RELEASED)
            return True

    def discard(self, held: Held, reason: str) -> bool:
        """Throw it away for `reason`, which its uploader is told; False as with `release`.

        Of an upload only that word stays; its bytes are the caller's to remove, and the worker's round does if he dies.
        A folder's file stays where it lies, and is left out until it is another one.
        """
        with self._rows.session(writes=True) as session:
            if not _stands(session, held):
                return False
            if held.upload is None:
                _note(session, held, DISCARDED)
            else:
                _decide(session, held, State.DISCARDED, reason)
                session.execute(delete(FileRow).where(FileRow.id == held.document))
            return True


def _waiting(tenant: str) -> Select[FileRow, UploadRow]:
    """Quarantined, undecided, and no newer version of it on its way."""
    return (
        select(FileRow, UploadRow)
        .outerjoin(UploadRow, UploadRow.id == FileRow.id)
        .where(
            FileRow.tenant == tenant,
            FileRow.outcome == QUARANTINED,
            FileRow.reason.not_in(_SETTLED),
            or_(UploadRow.id.is_(None), UploadRow.state == State.QUARANTINED),
        )
    )


def _not_of(person: str) -> ColumnElement[bool]:
    owner = FileRow.listed["owner"].as_string()
    return and_(or_(UploadRow.id.is_(None), UploadRow.person != person), or_(owner.is_(None), owner != person))


def _stands(session: Session, held: Held) -> bool:
    """Whether it waits as it was looked at, and nobody changes that before this transaction ends.

    Of two curators one decides, and a newer version is nobody's to decide. Uploads first, as whoever withdraws one.
    """
    waiting = select(UploadRow.ticket).where(UploadRow.id == held.document, UploadRow.state == State.QUARANTINED)
    if session.scalar(waiting.with_for_update()) != (held.upload.ticket if held.upload is not None else None):
        return False
    as_it_was = select(FileRow.id).where(
        FileRow.id == held.document,
        FileRow.outcome == QUARANTINED,
        FileRow.version == held.version,
        FileRow.reason == held.reason,
    )
    return session.scalar(as_it_was.with_for_update()) is not None


def _note(session: Session, held: Held, reason: str) -> None:
    changed = {"reason": reason, "updated": datetime.now(UTC)}
    session.execute(update(FileRow).where(FileRow.id == held.document).values(changed))


def _decide(session: Session, held: Held, state: State, reason: str) -> None:
    """Say so of the upload, if it is one."""
    changed = {"state": state, "reason": reason, "attempts": 0, "updated": datetime.now(UTC)}
    session.execute(update(UploadRow).where(UploadRow.id == held.document).values(changed))


def _held(file: FileRow, upload: UploadRow | None) -> Held:
    told = upload_of(upload) if upload is not None else None
    listed = access_of(file.listed) if file.listed is not None else None
    return Held(
        document=file.id,
        tenant=file.tenant,
        uri=file.uri,
        version=file.version,
        reason=file.reason,
        listed=told.access if told is not None else listed,
        since=file.updated if file.updated.tzinfo else file.updated.replace(tzinfo=UTC),
        upload=told,
    )
