"""The shelf: which documents a person sees, and what he may put there and take away."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import merge
from itertools import groupby, islice
from typing import Final, Protocol
from uuid import uuid4

from appliance.access import insight, uploading
from appliance.access.rules import Rules
from appliance.access.sought import EVERYTHING, Sought
from appliance.errors import BadRequest, NotAllowed, NotFound, QueueFull, RegistryUnavailable
from appliance.records import Access, Action, Document, Event, Journal, Level, Principal, by
from appliance.store.intake import Incoming, Intake
from appliance.store.registry import Registry
from appliance.store.uploads import State, Upload, Uploads

WAITING_PER_PERSON: Final = 100
"""Uploads of one person that may wait for the worker; each may be as large as file_mib allows."""
_BATCH: Final = 200
_ALIKE: Final = 8
"""Other versions of a document that are decided at least, be there fewer."""
_MISSING: Final = Access("none", Level.RESTRICTED, frozenset({"nobody"}), "", frozenset(), ())
"""Stands for a document that is not there, while that is decided."""
log = logging.getLogger(__name__)


class Rings(Protocol):
    """Tells the worker that there is something to do (`appliance.store.jobs.Bell`)."""

    def ring(self, document: str, ticket: str, /) -> None:
        """Raises RegistryUnavailable if the message could not be left; the worker then finds the work by itself."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as its reader or its owner sees it. Not both are None.

    `document` is what he may read now; `upload` is his own, with how far its newest version has come.
    """

    document: Document | None
    upload: Upload | None

    @property
    def uri(self) -> str:
        """Where it stands."""
        return self.document.uri if self.document is not None else self.upload.uri if self.upload is not None else ""

    @property
    def access(self) -> Access:
        """What is registered of who may read it; of an upload that is not stored, what its owner asked for."""
        found = self.document if self.document is not None else self.upload
        return found.access if found is not None else _MISSING


@dataclass(frozen=True, slots=True)
class Versions:
    """What replaces a document and what it replaces, as far as one may read that: `newer` is None where he may not."""

    newer: Document | None
    older: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Permit:
    """What was allowed before the first byte was read: a name, its place, and who may read what comes."""

    name: str
    uri: str
    access: Access


class Shelf:
    """Documents as people see them. Missing and forbidden are the same NotFound."""

    def __init__(
        self, *, registry: Registry, uploads: Uploads, intake: Intake, bell: Rings, journal: Journal, rules: Rules
    ) -> None:
        self._rules = rules
        self._registry = registry
        self._uploads = uploads
        self._intake = intake
        self._bell = bell
        self._journal = journal

    def page(self, principal: Principal, *, after: str, limit: int, sought: Sought = EVERYTHING) -> list[Listed]:
        """At most `limit` of what he may read and of what he uploaded, by uri: the first, or those after one of them.

        What he seeks is compared last, with what he may see alone.
        `after` is the id of what he was shown last; a place that he could choose freely would, by the time that passing
        over them takes, tell how many hidden documents lie behind any name. Raises NotFound if it is not his to see.
        """
        place = self.one(principal, after).uri if after else ""
        own = [Listed(None, upload) for upload in self._own(principal) if upload.uri > place]
        together = merge(self._readable(principal, place), own, key=lambda listed: listed.uri)
        joined = (_join(list(same)) for _, same in groupby(together, key=lambda listed: listed.uri))
        return list(islice(filter(sought.holds, joined), limit))

    def one(self, principal: Principal, document_id: str) -> Listed:
        """One of them. Raises NotFound."""
        upload, document = self._uploads.get(document_id), self._registry.document(document_id)
        own = upload if upload is not None and _owns(principal, upload) and self._rules.own(principal) else None
        readable = document if self._reads(principal, document) else None
        if own is None and readable is None:
            raise NotFound
        return Listed(readable, own)

    def why(self, principal: Principal, document_id: str) -> insight.Why:
        """Why he sees it and, for whom it is his to know, who else does. Raises NotFound."""
        rules = self._rules.now()
        listed = self.one(principal, document_id)
        access = listed.access
        owns = listed.upload is not None or access.owner == principal.id
        return insight.why(rules, principal, access, document=document_id, owns=owns)

    def versions(self, principal: Principal, document_id: str) -> Versions:
        """What replaces it and what it replaces. Raises NotFound.

        As many are decided whether there are any or not, so that no clock tells none from one that is hidden.
        """
        listed = self.one(principal, document_id)
        named = listed.document.superseded_by if listed.document is not None else None
        newer = self._registry.document(named) if named else None
        older = self._registry.replaced_by(document_id) if listed.document is not None else []
        asked = {one.id: one.access for one in (*older, *([newer] if newer is not None else []))}
        for number in range(len(asked), _ALIKE):
            asked[f"none-{number}"] = replace(_MISSING, department=f"none-{number}")  # alike ones are decided once
        readable = self._rules.readable(principal, asked)
        return Versions(
            newer if newer is not None and newer.id in readable else None,
            tuple(one for one in older if one.id in readable),
        )

    def permit(self, principal: Principal, name: str, level: Level, readers: Sequence[str]) -> Permit:
        """What must hold before a byte is read. Raises BadRequest, NotAllowed, or QueueFull."""
        cleaned = uploading.name(name)
        access = uploading.granted(principal, level, readers)
        if not self._rules.may(principal, Action.UPLOAD, access):  # the rules themselves have the last word
            raise NotAllowed("The rules of this house do not let you put in such a document.")
        uri = f"{uploading.folder(principal)}/{cleaned}"
        if not self._replaces(principal, uploading.document_id(principal.tenant, uri)):
            raise NotAllowed("The rules of this house keep what has that name as it is.", advice="Use another name.")
        if self._uploads.unfinished(principal.tenant, principal.id) >= WAITING_PER_PERSON:
            raise QueueFull(
                f"{WAITING_PER_PERSON} of your uploads are waiting already.", advice="Wait until some are stored."
            )
        return Permit(cleaned, uri, access)

    def receive(self) -> Incoming:
        """Where the bytes go. What is not accepted is gone when it is closed."""
        return self._intake.receive()

    def accept(self, principal: Principal, permit: Permit, incoming: Incoming) -> Listed:
        """Promise to bring it in: the ledger, bytes on the disk, the promise, the bell. Raises BadRequest if empty.

        When this returns, nothing but a lost disk undoes it: a bell that fails is made good by the worker's round.
        """
        if not incoming.size:
            raise BadRequest("The file is empty.", advice="Send its bytes as the body of the request.")
        document = uploading.document_id(principal.tenant, permit.uri)
        self._record(principal, Event.UPLOADED, document)
        incoming.keep()
        upload = Upload(
            document=document,
            tenant=principal.tenant,
            person=principal.id,
            uri=permit.uri,
            name=permit.name,
            ticket=incoming.ticket,
            digest=incoming.digest,
            size=incoming.size,
            access=permit.access,
            state=State.QUEUED,
            reason="",
            attempts=0,
            received=datetime.now(UTC),
        )
        self._uploads.accept(upload)
        self._ring(upload.document, upload.ticket)
        log.info("upload document=%s bytes=%d accepted", upload.document, upload.size)
        return self.one(principal, upload.document)

    def remove(self, principal: Principal, document_id: str) -> None:
        """Take away one's own upload: unreadable when this returns, and all that is left of it with the next job.

        Raises NotFound; NotAllowed for what he may read but did not upload (that is its source's to remove), and where
        the rules say so, as under legal hold.
        """
        listed = self.one(principal, document_id)
        ticket = str(uuid4())
        if listed.upload is None:
            raise NotAllowed("Only who uploaded a document may remove it.", advice="Ask its department.")
        if not self._removes(principal, listed.upload):
            raise NotAllowed("The rules of this house keep it as it is.", advice="Ask the security officers.")
        self._record(principal, Event.REMOVED, document_id)
        if not self._uploads.withdraw(document_id, principal.id, ticket):
            raise NotFound
        self._ring(document_id, ticket)
        log.info("upload document=%s withdrawn", document_id)

    def _record(self, principal: Principal, event: Event, document: str) -> None:
        """Before it is done: what cannot be recorded must not happen."""
        self._journal.append(replace(by(principal, event), documents=(document,)))

    def _own(self, principal: Principal) -> list[Upload]:
        """His uploads; none through a program that may not be shown their names, nor for one who sees no content."""
        return self._uploads.of(principal.tenant, principal.id) if self._rules.own(principal) else []

    def _readable(self, principal: Principal, after: str) -> Iterator[Listed]:
        while batch := self._registry.after(principal.tenant, after, _BATCH):
            readable = self._rules.readable(principal, {document.id: document.access for document in batch})
            yield from (Listed(document, None) for document in batch if document.id in readable)
            after = batch[-1].uri

    def _reads(self, principal: Principal, document: Document | None) -> bool:
        """What is not there is decided too: a missing document must take as long as a forbidden one.

        Ids can be reckoned from paths, so the time would tell which paths exist.
        """
        access, name = (document.access, document.id) if document is not None else (_MISSING, "")
        return self._rules.may(principal, Action.READ, access, document=name) and document is not None

    def _removes(self, principal: Principal, upload: Upload) -> bool:
        """What is registered decides, since a hold is laid on that; who uploaded it is its owner."""
        document = self._registry.document(upload.document)
        access = document.access if document is not None else upload.access
        return self._may_delete(principal, upload.document, access)

    def _replaces(self, principal: Principal, document_id: str) -> bool:
        """Whether a new version may take the place of what stands there: that takes the old one away."""
        document = self._registry.document(document_id)
        return document is None or self._may_delete(principal, document_id, document.access)

    def _may_delete(self, principal: Principal, document: str, access: Access) -> bool:
        return self._rules.may(principal, Action.DELETE, replace(access, owner=principal.id), document=document)

    def _ring(self, document: str, ticket: str) -> None:
        try:
            self._bell.ring(document, ticket)
        except RegistryUnavailable as error:
            log.warning("upload document=%s waits for the worker's round: %s", document, error)


def _owns(principal: Principal, upload: Upload) -> bool:
    return (upload.tenant, upload.person) == (principal.tenant, principal.id) and upload.state != State.REMOVING


def _join(same: list[Listed]) -> Listed:
    """The reader's and the owner's sight of one uri, as one."""
    document = next((listed.document for listed in same if listed.document is not None), None)
    upload = next((listed.upload for listed in same if listed.upload is not None), None)
    return Listed(document, upload)
