"""The story of a document: discover, parse, label, chunk, embed, store. Each file ends in exactly one outcome.

What takes something away from readers comes first (removals, narrower access), so that a run that stops half-way
leaves nothing readable that should not be. A document is registered last: what a crash leaves behind, the next run
does again with the same ids.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from appliance.privacy.labelling.labels import raised
from appliance.privacy.labelling.marking import Marking, marks_of
from appliance.records import Access, Document, DocumentLabels, Page, Passage
from appliance.retrieval.embedding import Embedder
from appliance.retrieval.index import Index
from appliance.settings import Settings
from appliance.store.archive import Archive
from appliance.store.quarantine import DISCARDED
from appliance.store.registry import QUARANTINED, STORED, FileRecord, Registry
from ingest import chunking, entries, inspection, labelling, reuse, safeguards, sources
from ingest.ahead import ahead
from ingest.records import (
    OF_THE_BYTES,
    AccessChanged,
    Discovered,
    Event,
    Fault,
    Finished,
    Outcome,
    PageText,
    Quarantined,
    Refused,
    Removed,
    Run,
    SourceFile,
    Stored,
    Unchanged,
)
from ingest.worker import Parsers

PASSAGES_AT_ONCE = 128
"""Passages that are embedded together, over the borders of documents."""
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class _Ready:
    """Parsed, labelled and chunked; not yet embedded."""

    document: Document
    pages: tuple[PageText, ...]
    passages: list[Passage]
    labels: DocumentLabels
    original: bytes
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a run has found, what was known before, and with what it parses."""

    files: Sequence[SourceFile]
    known: dict[str, FileRecord]
    vanished: list[FileRecord]
    limit: int
    parsers: Parsers


class Pipeline:
    """Brings a folder into registry, archive and index, and keeps them like the folder."""

    def __init__(
        self, registry: Registry, archive: Archive, index: Index, embedder: Embedder, settings: Settings,
        *, marking: Marking,
    ) -> None:  # fmt: skip
        self._registry = registry
        self._archive = archive
        self._index = index
        self._embedder = embedder
        self._settings = settings
        self._marking = marking

    def source(self, root: Path, under: Path | None = None) -> sources.Folder:
        """The folder `root`, or only what lies in `under` below it, with the limits of the settings."""
        below = (under or root).resolve().relative_to(root.resolve())
        return sources.Folder(
            root.resolve(), self._settings.tenant, self._settings.file_mib * _MIB, sources.pure(below)
        )

    def ingest(self, source: sources.Folder, *, parsers: Parsers | None = None) -> Iterator[Event]:
        """Run the story over `source`; nothing happens but by iterating. `parsers` are its own unless given.

        Raises OperatorError if the source cannot be what it was, and the error of any part that is down: then what
        was not yet registered is done by the next run.
        """
        with safeguards.alone(self._settings.data), safeguards.room(self._settings.data):
            self._index.ensure(self._embedder)
            found = sources.discover(source)
            known = {uri: record for uri, record in self._registry.by_uri(source.tenant).items() if source.holds(uri)}
            vanished = safeguards.vanished(found.files, known)
            notices = (*found.notices, *safeguards.withheld(found.files, known))
            yield Discovered(len(found.files), len(vanished), notices)
            total = len(found.files) + len(vanished)
            with nullcontext(parsers) if parsers else safeguards.parsers(self._settings, source.root) as enclosed:
                plan = _Plan(found.files, known, vanished, source.limit, enclosed)
                for done, outcome in enumerate(self._outcomes(plan), 1):
                    yield Finished(outcome, done, total)

    def take(self, file: SourceFile, parsers: Parsers) -> Outcome:
        """The story of one file that lies in no folder: an upload. Who calls it holds `safeguards.alone`."""
        with safeguards.room(self._settings.data):
            return self._taken(file, parsers)

    def _taken(self, file: SourceFile, parsers: Parsers) -> Outcome:
        self._index.ensure(self._embedder)
        record = self._registry.record(chunking.document_id(self._settings.tenant, file.uri))
        known = {} if record is None else {file.uri: record}
        (outcome,) = self._outcomes(_Plan([file], known, [], self._settings.file_mib * _MIB, parsers))
        return outcome

    def _outcomes(self, plan: _Plan) -> Iterator[Outcome]:
        for record in plan.vanished:
            yield self._remove(record)
        fresh: list[SourceFile] = []
        for file in plan.files:
            outcome = self._settle(file, plan.known.get(file.uri))
            if outcome is None:
                fresh.append(file)
            else:
                yield outcome
        yield from self._bring_in(fresh, plan)

    # --- What needs no parser -----------------------------------------------------------------------------------------

    def _remove(self, record: FileRecord) -> Outcome:
        self._index.remove(record.document)
        pictures = self._pictures(record)
        self._registry.forget(record.document)
        self._sweep({record.version, *pictures})
        return Removed(record.uri)

    def _settle(self, file: SourceFile, record: FileRecord | None) -> Outcome | None:
        """The outcome of a file that need not be parsed, with all its effects; None for one that must be."""
        if entries.held(file, record, DISCARDED):  # by a curator: these bytes stay out, whatever else is wrong
            return self._quarantine(file, record, DISCARDED)
        if file.access is None:
            return self._quarantine(file, record, file.reason)
        if inspection.named(file.uri) is None:
            return self._quarantine(file, record, Fault.UNSUPPORTED)
        if record is None:
            return None
        if record.outcome == QUARANTINED:
            same = record.version == file.digest and record.reason in OF_THE_BYTES
            return self._quarantine(file, record, record.reason) if same else None
        if record.reason or record.version != file.digest or record.valid_from != file.valid_from:
            self._narrow(file, record, file.access)
            return None
        return self._reopen(file, file.access, record)

    def _narrow(self, file: SourceFile, record: FileRecord, listed: Access) -> None:
        """Until a changed document is stored, its old text is for those who may read both: never for new readers alone.

        If there are none, the old text goes at once.
        """
        if record.access is None or (record.access == listed and not record.reason):
            return
        access = labelling.of_both(record.access, listed)
        if access is None:
            self._quarantine(file, record, Fault.INTERRUPTED)
            return
        self._index.change_access(record.document, access, superseded=record.superseded_by is not None)
        self._registry.amend(
            record.document, access=access, valid_from=record.valid_from, superseded_by=record.superseded_by
        )

    def _reopen(self, file: SourceFile, listed: Access, record: FileRecord) -> Outcome:
        # What the list says is kept even where the text's labels hide the change: a relabelling starts from it.
        kept = self._registry.labels(record.document)
        successor = entries.successor(file, listed.tenant)
        labels = entries.labels(record, listed, self._registry, self._marking)
        access = raised(listed, marks_of(labels))
        if (record.access, record.superseded_by, kept) == (access, successor, labels):
            return Unchanged(file.uri)
        self._index.change_access(record.document, access, superseded=successor is not None)
        self._registry.amend(
            record.document, access=access, valid_from=file.valid_from, superseded_by=successor, labels=labels
        )
        return AccessChanged(file.uri)

    def _quarantine(self, file: SourceFile, record: FileRecord | None, reason: str) -> Outcome:
        if not entries.held(file, record, reason) or (record is not None and record.listed != file.access):
            document = chunking.document_id(self._settings.tenant, file.uri)
            if record is not None:
                self._index.remove(document)
            pictures = self._pictures(record)
            self._registry.quarantine(
                document=document, tenant=self._settings.tenant, uri=file.uri, version=file.digest, reason=reason,
                listed=file.access,
            )  # fmt: skip
            if record is not None:
                self._sweep({record.version, *pictures})
        return Quarantined(file.uri, str(reason))

    # --- What does ----------------------------------------------------------------------------------------------------

    def _bring_in(self, files: list[SourceFile], plan: _Plan) -> Iterator[Outcome]:
        waiting: list[_Ready] = []
        prepare = partial(self._prepare, parsers=plan.parsers, limit=plan.limit)
        for file, ready in ahead(files, prepare, size=lambda file: file.size):
            if isinstance(ready, Refused):
                yield self._quarantine(file, plan.known.get(file.uri), ready.fault)
                continue
            waiting.append(ready)
            if sum(len(one.passages) for one in waiting) >= PASSAGES_AT_ONCE:
                yield from self._store_all(waiting, plan.known)
                waiting = []
        yield from self._store_all(waiting, plan.known)

    def _prepare(self, file: SourceFile, parsers: Parsers, *, limit: int) -> _Ready | Refused:
        if file.access is None:
            raise ValueError("a file without access is never parsed")
        original = sources.read(file, limit=limit)
        if isinstance(original, Fault):
            return Refused(original)
        parsed = parsers.parse(Path(file.uri).name, original)
        if isinstance(parsed, Refused):
            return parsed
        document = entries.document(file, file.access, parsed)
        made = chunking.passages(document, parsed)
        if not made:
            return Refused(Fault.NO_TEXT)
        access, labels = entries.labelled(document, parsed, made, self._marking)
        passages = [replace(one, access=access) for one in made]
        return _Ready(replace(document, access=access), parsed.pages, passages, labels, original, parsed.remarks)

    def _store_all(self, waiting: list[_Ready], known: dict[str, FileRecord]) -> Iterator[Outcome]:
        if not waiting:
            return
        groups = [(one.passages, one.document.id if one.document.uri in known else None) for one in waiting]
        vectors = reuse.vectors(groups, index=self._index, embedder=self._embedder)
        for ready in waiting:
            self._announce(ready, known.get(ready.document.uri))
        self._index.put([passage for ready in waiting for passage in ready.passages], vectors)
        for ready in waiting:
            yield self._register(ready, known.get(ready.document.uri))

    def _announce(self, ready: _Ready, record: FileRecord | None) -> None:
        """Before a version goes into the index, the registry says that it may be there."""
        document = ready.document
        if record is None:
            # An unregistered document in the index would never be removed if its file vanished before the next run.
            self._registry.quarantine(
                document=document.id, tenant=document.access.tenant, uri=document.uri, version=document.version,
                reason=Fault.INTERRUPTED, listed=document.access,
            )  # fmt: skip
        elif self._registry.document(document.id) is not None:
            self._registry.updating(document.id)

    def _register(self, ready: _Ready, record: FileRecord | None) -> Outcome:
        """The new version is in: the old one out, then registered. `test_pipeline.py` stops in between."""
        document = ready.document
        before = {record.version, *self._pictures(record)} if record is not None else set()
        self._archive.put(ready.original)
        pages = [
            Page(page.number, page.text, self._archive.put(page.picture) if page.picture else "")
            for page in ready.pages
        ]
        self._index.remove(document.id, keep_version=document.version)
        self._registry.register(document, pages, ready.labels)
        self._sweep(before - {document.version})
        return Stored(document.uri, len(ready.passages), ready.remarks)

    # --- Registry and archive -----------------------------------------------------------------------------------------

    def _pictures(self, record: FileRecord | None) -> set[str]:
        registered = self._registry.document(record.document) if record and record.outcome == STORED else None
        found = (self._registry.page(registered.id, n + 1) for n in range(registered.pages)) if registered else ()
        return {page.picture for page in found if page is not None and page.picture}

    def _sweep(self, digests: set[str]) -> None:
        """Remove from the archive what no registered document needs any more."""
        wanted = {digest for digest in digests if digest}
        for digest in sorted(wanted - self._registry.needed(wanted)) if wanted else ():
            self._archive.remove(digest)


def gather(events: Iterator[Event], watch: Callable[[Event], None] = lambda _: None) -> Run:
    """Run to the end, showing each event to `watch`."""
    outcomes: list[Outcome] = []
    notices: tuple[str, ...] = ()
    for event in events:
        watch(event)
        if isinstance(event, Finished):
            outcomes.append(event.outcome)
        else:
            notices = event.notices
    return Run(tuple(outcomes), notices)
