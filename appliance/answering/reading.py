"""The cited page: what stands behind a citation, decided again for whoever opens it now."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from appliance.access.rules import Rules
from appliance.access.scope import Scope
from appliance.answering.in_vain import InVain
from appliance.errors import NotFound
from appliance.records import Action, Box, Document, Event, Journal, Level, Page, Passage, Principal, by


@dataclass(frozen=True, slots=True)
class CitedPage:
    """A passage on its page. `start` and `end` are character offsets in `text`, the whole text of page `page`.

    `boxes` lie on this page only. `picture` is the digest of the page's picture, "" if the format has none.
    """

    passage: str
    document: str
    title: str
    uri: str
    heading: str
    language: str
    level: Level
    valid_from: date | None
    superseded: bool
    page: int
    pages: int
    text: str
    start: int
    end: int
    boxes: tuple[Box, ...]
    picture: str


class Passages(Protocol):
    """Passages by id, inside a Scope (`appliance.retrieval.index.Index`)."""

    def passage(self, passage_id: str, scope: Scope, /) -> Passage:
        """The passage. Raises NotFound if there is none inside `scope`, or StoreUnavailable."""


class Documents(Protocol):
    """Registered documents and their pages (`appliance.store.registry.Registry`)."""

    def document(self, document_id: str, /) -> Document | None:
        """The document as it is registered now. Raises RegistryUnavailable."""

    def page(self, document_id: str, number: int, /) -> Page | None:
        """One page of its current version. Raises RegistryUnavailable."""


class Originals(Protocol):
    """Bytes by digest (`appliance.store.archive.Archive`)."""

    def get(self, digest: str, /) -> bytes:
        """The bytes. Raises RegistryUnavailable if they are missing or damaged."""


class PageReader:
    """Opens cited pages, each recorded before it is shown. Missing and forbidden are the same, on record too."""

    def __init__(
        self, *, passages: Passages, documents: Documents, originals: Originals, journal: Journal, rules: Rules
    ) -> None:
        self._rules = rules
        self._passages = passages
        self._documents = documents
        self._originals = originals
        self._journal = journal
        self._in_vain = InVain(journal)

    def page(self, principal: Principal, passage_id: str) -> CitedPage:
        """The page on which the passage stands, if `principal` may read its document now.

        1 the index answers only inside the Scope of today; 2 the registry's own access list decides again, since the
        index may lag behind it; 3 a passage of a version that is gone is gone too. The page is read before the
        decision, so that a change in between is decided by what holds afterwards; recording may take its time, so it
        is decided once more after that.
        Raises NotFound, NotAllowed, StoreUnavailable, RegistryUnavailable or LedgerUnavailable.
        """
        cited, document = self._cited(principal, passage_id)
        self._record(principal, Event.PAGE_OPENED, cited, document)
        return self._cited(principal, passage_id)[0]

    def picture(self, principal: Principal, passage_id: str) -> bytes:
        """The PNG picture of that page. Raises as `page` does, and NotFound if the format has none."""
        cited, document = self._cited(principal, passage_id)
        if not cited.picture:
            raise NotFound
        found = self._originals.get(cited.picture)
        self._record(principal, Event.PICTURE_OPENED, cited, document)
        self._cited(principal, passage_id)
        return found

    def _record(self, principal: Principal, event: Event, cited: CitedPage, document: Document) -> None:
        """Before it is shown; what is shown because of an emergency is recorded as that, too."""
        self._journal.append(replace(by(principal, event), documents=(cited.document,), shown=(cited.passage,)))
        self._rules.opened(principal, {document.id: document.access})

    def _cited(self, principal: Principal, passage_id: str) -> tuple[CitedPage, Document]:
        try:
            return self._found(principal, passage_id)
        except NotFound:
            self._in_vain.record(principal)
            raise

    def _found(self, principal: Principal, passage_id: str) -> tuple[CitedPage, Document]:
        passage = self._passages.passage(passage_id, self._rules.scope(principal))
        page = self._documents.page(passage.document, passage.page)
        document = self._documents.document(passage.document)
        if document is None or not self._rules.may(principal, Action.READ, document.access, document=document.id):
            raise NotFound
        if page is None or document.version != passage.version:
            raise NotFound
        return _cited(passage, document, page), document


def _cited(passage: Passage, document: Document, page: Page) -> CitedPage:
    return CitedPage(
        passage=passage.id,
        document=document.id,
        title=document.title,
        uri=document.uri,
        heading=passage.heading,
        language=document.language,
        level=document.access.level,
        valid_from=document.valid_from,
        superseded=document.superseded_by is not None,
        page=page.number,
        pages=document.pages,
        text=page.text,
        start=passage.start,
        end=passage.end,
        boxes=tuple(box for box in passage.boxes if box.page == page.number),
        picture=page.picture,
    )
