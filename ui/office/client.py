"""What the officers' pages ask of the house about people, documents and the ledger."""

from datetime import date
from typing import Literal
from urllib.parse import quote

from ui.house.client import Api, Credential, Read


class Known(Read):
    """Somebody about whom one can ask."""

    id: str
    name: str
    department: str
    clearance: str
    groups: list[str]
    roles: list[str]
    purposes: list[str]


class KnownPeople(Read):
    """Everybody who is known."""

    people: list[Known]


class Matter(Read):
    """Where a document lies, and what the rules speak about. "" is none."""

    id: str
    uri: str
    level: str
    readers: list[str]
    labels: list[str]
    department: str
    owner: str
    wall: str
    purpose: str
    hold: bool


class Matters(Read):
    """Documents; `more` if others match too."""

    documents: list[Matter]
    more: bool


class Rule(Read):
    """A rule that decided, and its reason."""

    rule: str
    reason: str


class Decided(Read):
    """What is decided of one person."""

    person: str
    name: str
    allowed: bool
    rules: list[Rule]


class Readers(Read):
    """Everybody who is known, those who may read the document first."""

    document: Matter
    people: list[Decided]
    policy: str


class Explanation(Read):
    """Why, and what would turn it."""

    allowed: bool
    rules: list[Rule]
    errors: list[str]
    changes: list[list[str]]


class Place(Read):
    """How many documents lie in a folder at a level."""

    folder: str
    level: str
    documents: int


class Readable(Read):
    """What a person may read of `known` documents."""

    person: Known
    count: int
    known: int
    places: list[Place]
    documents: list[Matter]
    next: str | None
    policy: str


class Sighting(Read):
    """Something a person did, and the documents behind it."""

    number: int
    at: str
    event: str
    client: str
    policy: str
    reason: str
    documents: list[str]
    unknown: int


class Seen(Read):
    """What a person saw, the newest first."""

    sightings: list[Sighting]
    days: int
    more: int


class Entry(Read):
    """What stands in an entry of the ledger in clear."""

    number: int
    at: str
    event: str
    about: str
    client: str
    policy: str
    model: str
    reason: str
    passages: int
    released: int
    withheld: int


class Entries(Read):
    """Entries, the newest first; `onward` is where to go on, 0 is nowhere."""

    entries: list[Entry]
    looked: int
    onward: int


class Count(Read):
    """How many entries of an event a day has."""

    day: date
    event: str
    count: int


class Counts(Read):
    """Counts by day and event."""

    counts: list[Count]
    whole: bool


class Vouched(Read):
    """Up to which entry a checkpoint vouches."""

    checkpoint: int
    entry: int
    at: str
    key: str


class Verification(Read):
    """How far a verification is, or what came of the last one."""

    state: Literal["never", "running", "done", "broken-off", "failed"]
    began: str
    ended: str
    read: int
    of: int
    last: int
    faults: list[str]
    untold: int
    vouched: Vouched | None
    given: Vouched | None
    second: bool
    backwards: int
    remarks: list[str]
    failed: str


def people(api: Api, who: Credential) -> list[Known]:
    """Everybody about whom one can ask."""
    return api.get(who, "/v1/office/people", KnownPeople).people


def documents(api: Api, who: Credential, part: str) -> Matters:
    """Documents whose place holds `part`."""
    return api.get(who, "/v1/office/documents", Matters, part=part)


def readers(api: Api, who: Credential, document: str) -> Readers:
    """Who may read a document."""
    return api.get(who, f"/v1/office/documents/{_step(document)}/readers", Readers)


def explanation(
    api: Api, who: Credential, document: str, person: str, *, action: str = "read", purpose: str = ""
) -> Explanation:
    """Why a person may do something with a document or may not."""
    path = f"/v1/office/documents/{_step(document)}/readers/{_step(person)}"
    return api.get(who, path, Explanation, action=action, purpose=purpose)


def readable(api: Api, who: Credential, person: str, after: str = "") -> Readable:
    """What a person may read."""
    return api.get(who, f"/v1/office/people/{_step(person)}/readable", Readable, after=after)


def seen(api: Api, who: Credential, person: str, days: int) -> Seen:
    """What a person saw in the last days."""
    return api.get(who, f"/v1/office/people/{_step(person)}/seen", Seen, days=days)


def search(api: Api, who: Credential, **wanted: str | int | None) -> Entries:
    """Entries of the ledger: `event`, `since`, `until`, `about`, `policy`, `upto`."""
    return api.get(who, "/v1/office/ledger", Entries, **wanted)


def counts(api: Api, who: Credential, days: int) -> Counts:
    """How much happened on each of the last days."""
    return api.get(who, "/v1/office/ledger/counts", Counts, days=days)


def verify(api: Api, who: Credential) -> None:
    """Begin to verify the ledger."""
    api.post(who, "/v1/office/ledger/verification", None)


def verification(api: Api, who: Credential) -> Verification:
    """How far that is, or what came of the last one."""
    return api.get(who, "/v1/office/ledger/verification", Verification)


def _step(one: str) -> str:
    return quote(one, safe="")
