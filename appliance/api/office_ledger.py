"""The routes of the ledger as officers look at it. No digest, no name and no content is told."""

from datetime import date
from typing import Annotated, Any, Final, Literal, Protocol, Self

from fastapi import APIRouter, Query
from pydantic import Field

from appliance.api.office import PersonId, View
from appliance.api.routes import PROBLEM, PROBLEMS, Caller
from appliance.audit.sight import Sighting
from appliance.audit.verifying import Progress
from appliance.office.ledger_desk import Counts, Found, Seen, Wanted
from appliance.records import Event, Principal

AT_ONCE: Final = 50
"""Entries on a page."""


class LedgerPort(Protocol):
    """What officers look up in the ledger (`appliance.office.ledger_desk.LedgerDesk`)."""

    def search(self, officer: Principal, wanted: Wanted, /, *, upto: int | None, limit: int) -> Found: ...  # noqa: D102
    def seen(self, officer: Principal, person_id: str, /, *, days: int) -> Seen: ...  # noqa: D102
    def counts(self, officer: Principal, /, *, days: int) -> Counts: ...  # noqa: D102
    def verify(self, officer: Principal, /) -> Progress: ...  # noqa: D102
    def verification(self, officer: Principal, /) -> Progress: ...  # noqa: D102


class EntryView(View):
    """An entry: what stands in it in clear. `about` is a random id, `policy` a version, `reason` a code."""

    number: int = Field(examples=[4711])
    at: str = Field("", examples=["2026-03-02T06:14:09.120+00:00"])
    event: str = Field("", examples=["asked"])
    about: str = ""
    client: str = ""
    policy: str = ""
    model: str = ""
    reason: str = ""
    passages: int = 0
    released: int = 0
    withheld: int = 0


class EntriesView(View):
    """Entries, the newest first; `looked` were gone through, `onward` is the `upto` of what follows (0: nothing)."""

    entries: list[EntryView]
    looked: int
    onward: int


class SightingView(View):
    """Something a person did, with where the documents behind it lie; `unknown` documents are gone since."""

    number: int
    at: str
    event: str
    about: str
    client: str
    policy: str
    reason: str
    documents: list[str] = Field(examples=[["nursing/transfusion.html"]])
    unknown: int

    @classmethod
    def of(cls, one: Sighting) -> Self:
        """The view of a sighting."""
        return cls(
            **{name: getattr(one, name) for name in cls.model_fields if name != "documents"}, documents=[*one.documents]
        )


class SeenView(View):
    """What a person saw, the newest first. His keys exist for `days` days; others show nothing. `more` are older."""

    sightings: list[SightingView]
    days: int
    more: int


class CountView(View):
    """How many entries of an event a day has."""

    day: date
    event: str
    count: int


class CountsView(View):
    """Counts by day and event; not `whole` if there were more entries than are counted at once."""

    counts: list[CountView]
    whole: bool


class VouchedView(View):
    """Up to which entry a checkpoint vouches, and with which key."""

    checkpoint: int
    entry: int
    at: str
    key: str


class VerificationView(View):
    """How far a verification is, or what came of the last one.

    `faults` are told in words (`untold` more are only counted). `vouched`: up to where a checkpoint agrees and nothing
    is at fault; `given`: the same by the second place alone, which `second` says was read. `backwards` counts entries
    that are earlier than the one before: a clock that was set.
    """

    state: Literal["never", "running", "done", "broken-off", "failed"]
    began: str
    ended: str
    read: int
    of: int
    last: int
    faults: list[str]
    untold: int
    vouched: VouchedView | None
    given: VouchedView | None
    second: bool
    backwards: int
    remarks: list[str]
    failed: str

    @classmethod
    def told(cls, one: Progress) -> Self:
        """The view of a verification."""
        plain = {name: getattr(one, name) for name in cls.model_fields if name not in {"vouched", "given"}}
        vouched, given = (
            None if at is None else VouchedView(checkpoint=at.checkpoint, entry=at.entry, at=at.at, key=at.key)
            for at in (one.vouched, one.given)
        )
        lists = {"faults": [*one.faults], "remarks": [*one.remarks]}
        return cls(**plain | lists, vouched=vouched, given=given)


_Days = Annotated[int, Query(ge=1, le=366)]
_Begins = Annotated[str, Query(max_length=64, description="How it begins.")]
_Upto = Annotated[int | None, Query(ge=1, description="Only entries up to this number.")]
_RUNNING: dict[int | str, dict[str, Any]] = {409: {**PROBLEM, "description": "It is being verified already."}}


def ledger(desk: LedgerPort) -> APIRouter:
    """Search, what a person saw, counts, verification."""
    router = APIRouter(prefix="/v1/office", tags=["office"], responses=PROBLEMS)

    @router.get("/people/{person_id}/seen")
    def seen(person_id: PersonId, caller: Caller, days: _Days = 7) -> SeenView:
        """What a person asked, found and opened in the last days. Where keys were destroyed, nothing shows."""
        found = desk.seen(caller, person_id, days=days)
        return SeenView(sightings=[SightingView.of(one) for one in found.sightings], days=found.days, more=found.more)

    @router.get("/ledger")
    def search(  # noqa: PLR0913  # each is a parameter of the query
        caller: Caller,
        event: Annotated[list[Event] | None, Query(description="One of these; none is any.")] = None,
        since: date | None = None,
        until: date | None = None,
        about: _Begins = "",
        policy: _Begins = "",
        upto: _Upto = None,
    ) -> EntriesView:
        """Search the ledger. That you looked is recorded, here and below."""
        wanted = Wanted(frozenset(event or ()), since, until, about, policy)
        found = desk.search(caller, wanted, upto=upto, limit=AT_ONCE)
        entries = [EntryView.model_validate(plain) for plain in found.entries]
        return EntriesView(entries=entries, looked=found.looked, onward=found.onward)

    @router.get("/ledger/counts")
    def counts(caller: Caller, days: _Days = 30) -> CountsView:
        """How much happened on each of the last days."""
        found = desk.counts(caller, days=days)
        told = [
            CountView(day=date.fromisoformat(day), event=event, count=n) for (day, event), n in found.by_day.items()
        ]
        return CountsView(counts=told, whole=found.whole)

    @router.post("/ledger/verification", status_code=202, responses=_RUNNING)
    def verify(caller: Caller) -> VerificationView:
        """Begin to verify the whole ledger; it goes on in the background."""
        return VerificationView.told(desk.verify(caller))

    @router.get("/ledger/verification")
    def verification(caller: Caller) -> VerificationView:
        """How far that is, or what came of the last one."""
        return VerificationView.told(desk.verification(caller))

    return router
