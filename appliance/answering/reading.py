"""The cited page: what stands behind a citation, decided again for whoever opens it now."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Final, Protocol, TypeVar

from appliance.access.rules import Rules
from appliance.access.scope import Scope
from appliance.answering.in_vain import InVain
from appliance.errors import NotFound
from appliance.records import Access, Action, Box, Document, Event, Journal, Level, Page, Passage, Principal, by

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class CitedPage:
    """A passage on its page. `start` and `end` are character offsets in `text`, the whole text of page `page`.

    `boxes` lie on this page only; on another page than the passage's own, `start` and `end` are 0. `picture` is the
    digest of the page's picture, "" if the format has none. `takeable`: the original may be had, which no
    emergency opens.
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
    takeable: bool


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes of a document as it came into the house, and what its file is called."""

    name: str
    content: bytes = field(repr=False)


_MISSING: Final = Access("none", Level.RESTRICTED, frozenset({"nobody"}), "", frozenset(), ())
"""Stands for a document that is not there, while that is decided: it must take as long as a forbidden one."""


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
        self._taken_away = rules.plain()
        self._passages = passages
        self._documents = documents
        self._originals = originals
        self._journal = journal
        self._in_vain = InVain(journal)

    def page(self, principal: Principal, passage_id: str, *, number: int = 0) -> CitedPage:
        """The page on which the passage stands, or page `number` of its document, if `principal` may read that now.

        1 the index answers only inside the Scope of today; 2 the registry's own access list decides again, since the
        index may lag behind it; 3 a passage of a version that is gone is gone too. The page is read before the
        decision, so that a change in between is decided by what holds afterwards; recording may take its time, so it
        is decided once more after that.
        Raises NotFound, NotAllowed, StoreUnavailable, RegistryUnavailable or LedgerUnavailable.
        """
        cited, document = self._cited(principal, passage_id, number)
        self._record(principal, Event.PAGE_OPENED, cited, document)
        return self._cited(principal, passage_id, number)[0]

    def picture(self, principal: Principal, passage_id: str, *, number: int = 0) -> bytes:
        """The PNG picture of that page. Raises as `page` does, and NotFound if the format has none."""
        cited, document = self._cited(principal, passage_id, number)
        if not cited.picture:
            raise NotFound
        found = self._originals.get(cited.picture)
        self._record(principal, Event.PICTURE_OPENED, cited, document)
        self._cited(principal, passage_id, number)
        return found

    def original(self, principal: Principal, document_id: str) -> Original:
        """The file behind a document that he may read, to be taken away: so no emergency opens it.

        Decided before it is recorded and once more after that, like a page. Raises as `page` does.
        """
        document = self._or_in_vain(principal, lambda: self._takes_away(principal, document_id))
        content = self._originals.get(document.version)
        self._journal.append(replace(by(principal, Event.DOCUMENT_OPENED), documents=(document.id,)))
        if self._takes_away(principal, document_id).version != document.version:  # recording may have taken its time
            raise NotFound
        return Original(PurePosixPath(document.uri).name, content)

    def _takes_away(self, principal: Principal, document_id: str) -> Document:
        document = self._documents.document(document_id)
        access, name = (document.access, document.id) if document is not None else (_MISSING, "")
        if not self._taken_away.may(principal, Action.READ, access, document=name) or document is None:
            raise NotFound
        return document

    def _record(self, principal: Principal, event: Event, cited: CitedPage, document: Document) -> None:
        """Before it is shown; what is shown because of an emergency is recorded as that, too."""
        self._journal.append(replace(by(principal, event), documents=(cited.document,), shown=(cited.passage,)))
        self._rules.opened(principal, {document.id: document.access})

    def _cited(self, principal: Principal, passage_id: str, number: int) -> tuple[CitedPage, Document]:
        return self._or_in_vain(principal, lambda: self._found(principal, passage_id, number))

    def _or_in_vain(self, principal: Principal, find: Callable[[], Found]) -> Found:
        try:
            return find()
        except NotFound:
            self._in_vain.record(principal)
            raise

    def _found(self, principal: Principal, passage_id: str, number: int) -> tuple[CitedPage, Document]:
        passage = self._passages.passage(passage_id, self._rules.scope(principal))
        page = self._documents.page(passage.document, number or passage.page)
        document = self._documents.document(passage.document)
        if document is None or not self._rules.may(principal, Action.READ, document.access, document=document.id):
            raise NotFound
        if page is None or document.version != passage.version:
            raise NotFound
        takeable = self._taken_away.may(principal, Action.READ, document.access, document=document.id)
        return _cited(passage, document, page, takeable=takeable), document


def _cited(passage: Passage, document: Document, page: Page, *, takeable: bool) -> CitedPage:
    start, end = (passage.start, passage.end) if page.number == passage.page else (0, 0)
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
        start=start,
        end=end,
        boxes=tuple(box for box in passage.boxes if box.page == page.number),
        picture=page.picture,
        takeable=takeable,
    )
