"""The registry: which files are known, what became of each, and who may read it. The truth that the index follows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import Engine, delete, or_, select
from sqlalchemy.orm import Session

from appliance.records import Access, Document, DocumentLabels, Page
from appliance.store.access_told import access_of, older, owned, plain_access
from appliance.store.conversations import unquote
from appliance.store.database import Rows
from appliance.store.labels_told import labels_of, row_of
from appliance.store.tables import FileRow, LabelsRow, PageRow, UploadRow

STORED = "stored"
QUARANTINED = "quarantined"
WITHDRAWN = "withdrawn"
"""The outcome of an upload that its owner has removed: nobody can read it, and a job takes away what is left of it."""
REMOVED = "removed by its owner"
UPDATING = "updating"
"""The reason of a stored record while its document is being replaced in the index; "" at all other times."""
_READABLE: Final = (
    FileRow.outcome == STORED,
    or_(FileRow.access["owner"].as_string().is_not(None), FileRow.access["readers"].as_string().is_(None)),
)
"""Registered, and not with an older version's attributes: such a row is readable by nobody. A damaged one is told."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the registry remembers of a file.

    `access` is None where nobody may read it: it is quarantined, or was registered before documents had all of today's
    attributes, until the next `muniment ingest` writes them. `listed` is who would read it were it not quarantined.
    """

    document: str
    uri: str
    version: str
    outcome: str
    reason: str
    access: Access | None
    valid_from: date | None
    superseded_by: str | None
    listed: Access | None = None


DAMAGED = "Nothing was changed. Bring back a copy of the registry, or ingest into a new data folder."


class Registry:
    """Documents and their pages. Every method raises RegistryUnavailable if the database fails or is damaged."""

    def __init__(self, engine: Engine) -> None:
        self._rows = Rows(engine, "The registry's rows", one="A row of the registry", advice=DAMAGED)

    def document(self, document_id: str) -> Document | None:
        """The registered document, or None if it is unknown or quarantined."""
        with self._rows.session() as session:
            row = session.scalar(select(FileRow).where(FileRow.id == document_id, *_READABLE))
            return _document(row) if row is not None else None

    def documents(self) -> list[Document]:
        """All registered documents, by their uri."""
        with self._rows.session() as session:
            rows = session.scalars(select(FileRow).where(*_READABLE).order_by(FileRow.uri))
            return [_document(row) for row in rows]

    def current(self, document_ids: Collection[str]) -> Mapping[str, Document]:
        """Those of `document_ids` that are registered, as they are registered now; others are absent."""
        with self._rows.session() as session:
            rows = session.scalars(select(FileRow).where(FileRow.id.in_(list(document_ids)), *_READABLE))
            return {row.id: _document(row) for row in rows}

    def after(self, tenant: str, uri: str, limit: int) -> list[Document]:
        """At most `limit` registered documents of `tenant` whose uri comes after `uri`, in order of uri."""
        with self._rows.session() as session:
            rows = session.scalars(
                select(FileRow)
                .where(FileRow.tenant == tenant, *_READABLE, FileRow.uri > uri)
                .order_by(FileRow.uri)
                .limit(limit)
            )
            return [_document(row) for row in rows]

    def replaced_by(self, document_id: str) -> list[Document]:
        """The registered documents in whose place `document_id` has come, by uri."""
        with self._rows.session() as session:
            rows = session.scalars(
                select(FileRow).where(FileRow.superseded_by == document_id, *_READABLE).order_by(FileRow.uri)
            )
            return [_document(row) for row in rows]

    def page(self, document_id: str, number: int) -> Page | None:
        """Page `number` (from 1) of a registered document, or None."""
        with self._rows.session() as session:
            row = session.get(PageRow, (document_id, number))
            return Page(row.number, row.text, row.picture) if row is not None else None

    def record(self, document_id: str) -> FileRecord | None:
        """What is remembered of one file, quarantined or not; None if it is unknown."""
        with self._rows.session() as session:
            row = session.get(FileRow, document_id)
            return _record(row) if row is not None else None

    def by_uri(self, tenant: str) -> dict[str, FileRecord]:
        """Every known file of `tenant`, quarantined ones included, by uri."""
        with self._rows.session() as session:
            rows = session.scalars(select(FileRow).where(FileRow.tenant == tenant))
            return {row.uri: _record(row) for row in rows}

    def labels(self, document_id: str) -> DocumentLabels | None:
        """What was said of a registered document's text; None if it has not been labelled since that is kept."""
        with self._rows.session() as session:
            row = session.get(LabelsRow, document_id)
            return labels_of(row) if row is not None else None

    def register(self, document: Document, pages: Sequence[Page], labels: DocumentLabels | None = None) -> None:
        """Make `document`, its pages and its labels the current version, in one transaction. The last of its story."""
        with self._rows.session(writes=True) as session:
            session.execute(delete(PageRow).where(PageRow.document == document.id))
            row = _row(document)
            promise = session.get(UploadRow, document.id)
            if promise is not None and not _promised(document, promise):
                row.outcome, row.reason = WITHDRAWN, REMOVED  # removed or replaced while it was being stored
            session.merge(row)
            session.flush()
            session.add_all(
                PageRow(document=document.id, number=page.number, text=page.text, picture=page.picture)
                for page in pages
            )
            _label(session, document.id, labels)

    def quarantine(
        self, *, document: str, tenant: str, uri: str, version: str, reason: str, listed: Access | None = None
    ) -> None:
        """Remember that a file cannot be read by anyone, and why; what was registered under it is gone.

        `listed` is who would read it by its list, for the curators alone.
        """
        with self._rows.session(writes=True) as session:
            session.execute(delete(PageRow).where(PageRow.document == document))
            _label(session, document, None)
            row = FileRow(id=document, tenant=tenant, uri=uri, version=version, outcome=QUARANTINED, reason=reason)
            row.title = row.media_type = row.language = ""
            row.page_count, row.access, row.valid_from, row.superseded_by = 0, None, None, None
            row.listed = plain_access(listed) if listed is not None else None
            row.updated = datetime.now(UTC)
            session.merge(row)

    def amend(
        self,
        document_id: str,
        *,
        access: Access,
        valid_from: date | None = None,
        superseded_by: str | None = None,
        labels: DocumentLabels | None = None,
    ) -> None:
        """Change who may read a registered document and its place among its versions, without touching its text.

        Without `labels` what was said of it is forgotten: it names a list that may be another one now.
        """
        with self._rows.session(writes=True) as session:
            row = session.get_one(FileRow, document_id)
            row.access, row.valid_from, row.superseded_by = plain_access(access), valid_from, superseded_by
            row.updated = datetime.now(UTC)
            _label(session, document_id, labels)

    def relabel(self, document_id: str, access: Access, labels: DocumentLabels) -> None:
        """Change what is said of a registered document's text, and with it who may read it, in one transaction."""
        with self._rows.session(writes=True) as session:
            row = session.get_one(FileRow, document_id)
            row.access, row.updated = plain_access(access), datetime.now(UTC)
            _label(session, document_id, labels)

    def updating(self, document_id: str) -> None:
        """Note that the index is about to change under a registered document; `register` clears the note.

        A run that dies in between leaves the note, and the next one does the document again.
        """
        with self._rows.session(writes=True) as session:
            session.get_one(FileRow, document_id).reason = UPDATING

    def forget(self, document_id: str) -> None:
        """Remove a file, its pages, and what conversations quote of it. Forgetting twice is forgetting."""
        with self._rows.session(writes=True) as session:
            unquote(session, document_id)
            session.execute(delete(PageRow).where(PageRow.document == document_id))
            session.execute(delete(FileRow).where(FileRow.id == document_id))

    def digests(self, document_id: str) -> set[str]:
        """What a file has in the archive, registered or not: its original and its pages' pictures."""
        with self._rows.session() as session:
            originals = session.scalars(select(FileRow.version).where(FileRow.id == document_id))
            pictures = session.scalars(select(PageRow.picture).where(PageRow.document == document_id))
            return {digest for digest in (*originals, *pictures) if digest}

    def needed(self, digests: Collection[str], *, besides: str = "") -> set[str]:
        """Those of `digests` that a registered document other than `besides` has as original or page's picture."""
        asked = list(digests)
        with self._rows.session() as session:
            originals = session.scalars(
                select(FileRow.version).where(
                    FileRow.version.in_(asked), FileRow.outcome == STORED, FileRow.id != besides
                )
            )
            pictures = session.scalars(
                select(PageRow.picture).where(PageRow.picture.in_(asked), PageRow.document != besides)
            )
            return {*originals, *pictures}

    def check(self) -> None:
        """Raise RegistryUnavailable unless the database answers."""
        with self._rows.session() as session:
            session.execute(select(FileRow.id).limit(1))


def _label(session: Session, document: str, labels: DocumentLabels | None) -> None:
    session.execute(delete(LabelsRow).where(LabelsRow.document == document))
    if labels is not None:
        session.add(row_of(document, labels))


def _promised(document: Document, promise: UploadRow) -> bool:
    """Whether `document` is what its owner asks for now: these bytes, for these readers, at this level or above.

    Labelling may have raised the level; nothing may widen what he granted.
    """
    granted = access_of(owned(promise.access, promise.person))
    return (
        promise.state != "removing"
        and promise.digest == document.version
        and granted.readers == document.access.readers
        and granted.level <= document.access.level
    )


def _record(row: FileRow) -> FileRecord:
    whole = row.outcome == STORED and not older(row.access)
    access = access_of(row.access) if whole else None
    listed = access_of(row.listed) if row.outcome == QUARANTINED and row.listed is not None else None
    return FileRecord(
        row.id, row.uri, row.version, row.outcome, row.reason, access, row.valid_from, row.superseded_by, listed
    )


def _document(row: FileRow) -> Document:
    return Document(
        id=row.id,
        uri=row.uri,
        version=row.version,
        title=row.title,
        media_type=row.media_type,
        language=row.language,
        pages=row.page_count,
        access=access_of(row.access),
        valid_from=row.valid_from,
        superseded_by=row.superseded_by,
    )


def _row(document: Document) -> FileRow:
    return FileRow(
        id=document.id,
        tenant=document.access.tenant,
        uri=document.uri,
        version=document.version,
        outcome=STORED,
        reason="",
        title=document.title,
        media_type=document.media_type,
        language=document.language,
        page_count=document.pages,
        access=plain_access(document.access),
        listed=None,
        valid_from=document.valid_from,
        superseded_by=document.superseded_by,
        updated=datetime.now(UTC),
    )
