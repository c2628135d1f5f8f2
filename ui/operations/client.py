"""What the operator's page asks of the house: one look at everything. None is what cannot be told now."""

from datetime import datetime

from ui.house.client import Api, Credential, Read


class Part(Read):
    """A part of the house: "ok", or the code of what is wrong."""

    name: str
    state: str
    seconds: float

    @property
    def works(self) -> bool:
        """Whether it does."""
        return self.state == "ok"


class Bucket(Read):
    """How many took at most `upto` seconds; None for all of them."""

    upto: float | None
    count: int


class Times(Read):
    """How long something took since this API started. Seconds within which half, and 95 of 100, were done."""

    name: str
    kind: str
    count: int
    half: float | None
    nearly_all: float | None
    buckets: list[Bucket]

    def apart(self) -> list[tuple[float | None, int]]:
        """The buckets' own counts: how many took longer than the bound before and at most this one."""
        before, found = 0, []
        for bucket in self.buckets:
            found.append((bucket.upto, bucket.count - before))
            before = bucket.count
        return found


class Questions(Read):
    """How many questions are answered and wait, and how many of each may be."""

    running: int
    waiting: int
    places: int
    room: int


class Waiting(Read):
    """Things by state, and since when the oldest with work left waits."""

    counts: dict[str, int]
    oldest: datetime | None


class Model(Read):
    """A model in use."""

    role: str
    name: str
    engine: str
    digest: str


class Index(Read):
    """The index, and what its passages were made with."""

    passages: int
    embedder: str
    dimension: int
    words: str


class Stored(Read):
    """What a part keeps on the disk."""

    part: str
    size: int
    files: int


class Storage(Read):
    """All of that, and the bytes left on the disk."""

    parts: list[Stored]
    free: int
    total: int


class Ledger(Read):
    """How far the last checkpoint goes."""

    entries: int
    number: int
    covers: int
    at: datetime | None
    waiting: int


class Operations(Read):
    """How the house is doing."""

    at: datetime
    software: str
    policies: str | None
    parts: list[Part]
    questions: Questions | None
    uploads: Waiting | None
    documents: Waiting | None
    escalations: Waiting | None
    reviews: dict[str, int] | None
    conversations: int | None
    times: list[Times]
    events: dict[str, int]
    models: list[Model] | None
    index: Index | None
    storage: Storage | None
    ledger: Ledger | None

    def timed(self, name: str) -> list[Times]:
        """The times of one kind, those that there were."""
        return [one for one in self.times if one.name == name and one.count]


def look(api: Api, who: Credential) -> Operations:
    """One look at everything."""
    return api.get(who, "/v1/operations", Operations)
