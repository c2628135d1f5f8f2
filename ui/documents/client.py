"""What the pages of documents ask of the house."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from urllib.parse import quote, urlencode

from ui.house.client import Api, Credential, Read

PATH: Final = "/v1/documents"
QUARANTINE: Final = "/v1/quarantine"
ON_ITS_WAY: Final = frozenset({"queued", "running"})
"""States that change by themselves."""


class Document(Read):
    """A document that one may read, or an upload of one's own."""

    id: str
    uri: str
    title: str
    media_type: str
    language: str
    pages: int
    level: str
    department: str = ""
    labels: list[str]
    valid_from: date | None
    superseded: bool
    own: bool
    status: str
    reason: str
    readers: list[str]
    bytes: int | None
    received: datetime | None
    readable: bool

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.uri.rpartition("/")[2]


class Page(Read):
    """Some documents, the place after them, and the bytes of the largest file that is taken."""

    documents: list[Document]
    next: str | None
    largest: int


class Rule(Read):
    """A rule by its name, and why the officers have it."""

    name: str
    reason: str


class Need(Read):
    """What a member of a group must be besides, and the rules that refuse him otherwise."""

    kind: str
    value: str
    rules: list[Rule]


class Group(Read):
    """A group that its list names, and what a member of it may do."""

    group: str
    allowed: bool
    rules: list[Rule]
    needs: list[Need]


class Why(Read):
    """Why one sees it; `groups` is None for whom it is not to know who else does."""

    rules: list[Rule]
    owner: bool
    level: str
    department: str
    labels: list[str]
    hold: bool
    groups: list[Group] | None


class Versions(Read):
    """What replaces it and what it replaces, as far as one may read that."""

    newer: Document | None
    older: list[Document]


class Held(Read):
    """A file that is held back. What names it is empty unless one could read it."""

    id: str
    reason: str
    since: datetime
    ending: str
    bytes: int | None
    level: str
    department: str
    uploaded: bool
    name: str
    uri: str
    uploader: str
    readers: list[str]


class Inbox(Read):
    """Some of what is held back, and the place after it."""

    held: list[Held]
    next: str | None


class _Suggested(Read):
    departments: list[str]


def page(api: Api, who: Credential, asked: Sequence[tuple[str, str]], *, after: str, limit: int) -> Page:
    """The documents that one may see and that are as `asked`, after one of them."""
    query = urlencode([*asked, ("after", after), ("limit", limit)])
    return api.get(who, f"{PATH}?{query}", Page)


def departments(api: Api, who: Credential) -> list[str]:
    """Some departments among whose documents one may read something."""
    return api.get(who, "/v1/suggestions", _Suggested).departments


def one(api: Api, who: Credential, document: str) -> Document:
    """One document."""
    return api.get(who, _at(document), Document)


def why(api: Api, who: Credential, document: str) -> Why:
    """Why one sees it."""
    return api.get(who, f"{_at(document)}/why", Why)


def versions(api: Api, who: Credential, document: str) -> Versions:
    """What replaces it and what it replaces."""
    return api.get(who, f"{_at(document)}/versions", Versions)


def original(document: str) -> str:
    """Where its original stands."""
    return f"{_at(document)}/original"


def upload(api: Api, who: Credential, content: bytes, *, name: str, level: str, readers: Sequence[str]) -> Document:
    """Give a file to the house; returns how far it has come."""
    query = urlencode([("name", name), ("level", level), *(("readers", group) for group in readers)])
    return api.post(who, f"{PATH}?{query}", content, Document)


def remove(api: Api, who: Credential, document: str) -> None:
    """Take an upload of one's own away."""
    api.delete(who, _at(document))


def inbox(api: Api, who: Credential, *, after: str, limit: int) -> Inbox:
    """What is held back and waits for a curator."""
    return api.get(who, QUARANTINE, Inbox, after=after, limit=limit)


def release(api: Api, who: Credential, document: str) -> None:
    """Let it be tried again."""
    api.post(who, f"{QUARANTINE}/{quote(document, safe='')}/release", None)


def discard(api: Api, who: Credential, document: str, reason: str) -> None:
    """Throw it away, for a reason that its uploader is told."""
    api.post(who, f"{QUARANTINE}/{quote(document, safe='')}/discard", {"reason": reason})


def _at(document: str) -> str:
    return f"{PATH}/{quote(document, safe='')}"
