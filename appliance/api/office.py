"""The routes of the officers' questions about people and documents: who reads what, and why. Never any content."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Protocol, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from appliance.access import overview
from appliance.access.cedar import Decision
from appliance.access.explaining import Explanation
from appliance.api.routes import MISSING, PROBLEMS, Caller
from appliance.office.rights import Readable, Readers
from appliance.records import Action, Document, Principal

LISTED: Final = 100
"""Documents that are named at once."""
_DOCUMENT: Final = "5b1f6f0e-3c42-5d0e-9a55-0d9f6c1b7e21"
_RULE: Final[dict[str, Any]] = {"rule": "read-as-reader", "reason": "Whoever is cleared and belongs to a reader."}


class RightsPort(Protocol):
    """What officers may ask (`appliance.office.rights.Rights`)."""

    def people(self, officer: Principal, /) -> list[Principal]: ...  # noqa: D102
    def named(self, officer: Principal, part: str, /, *, limit: int) -> list[Document]: ...  # noqa: D102
    def readers(self, officer: Principal, document_id: str, /) -> Readers: ...  # noqa: D102
    def explained(  # noqa: D102
        self, officer: Principal, document_id: str, person_id: str, action: Action, /, *, purpose: str
    ) -> Explanation: ...
    def readable(self, officer: Principal, person_id: str, /) -> Readable: ...  # noqa: D102


class View(BaseModel):
    """What goes out of the office."""

    model_config = ConfigDict(frozen=True)


class KnownView(View):
    """Somebody about whom officers can ask, with what the rules know of him."""

    id: str = Field(examples=["mara"])
    name: str
    department: str
    clearance: str = Field(examples=["internal"])
    groups: list[str]
    roles: list[str]
    purposes: list[str]

    @classmethod
    def of(cls, one: Principal) -> Self:
        """The view of a person."""
        return cls(
            id=one.id,
            name=one.name,
            department=one.department,
            clearance=one.clearance.name.lower(),
            groups=sorted(one.groups),
            roles=sorted(one.roles),
            purposes=sorted(one.purposes),
        )


class KnownPeopleView(View):
    """Everybody who is known, by id."""

    people: list[KnownView]


class MatterView(View):
    """Where a document lies and what the rules speak about; neither title nor text. "" is none."""

    id: str = Field(examples=[_DOCUMENT])
    uri: str = Field(examples=["hr/salary-bands-2026.pdf"])
    level: str
    readers: list[str]
    labels: list[str]
    department: str
    owner: str
    wall: str
    purpose: str
    hold: bool

    @classmethod
    def of(cls, one: Document) -> Self:
        """The view of a document."""
        access = one.access
        plain = {name: getattr(access, name) for name in ("department", "owner", "wall", "purpose", "hold")}
        readers, labels = sorted(access.readers), sorted(access.labels)
        level = access.level.name.lower()
        return cls(id=one.id, uri=one.uri, level=level, readers=readers, labels=labels, **plain)


class MattersView(View):
    """Documents, by where they lie; `more` if others match too."""

    documents: list[MatterView]
    more: bool


class RuleView(View):
    """A rule that decided, with its reason in the officers' words."""

    rule: str = Field(examples=[_RULE["rule"]])
    reason: str = Field(examples=[_RULE["reason"]])


class DecidedView(View):
    """What is decided of one person. Without `rules` no rule permits it."""

    person: str
    name: str
    allowed: bool
    rules: list[RuleView]

    @classmethod
    def of(cls, who: Principal, decision: Decision, reasons: Mapping[str, str]) -> Self:
        """The view of a decision."""
        return cls(person=who.id, name=who.name, allowed=decision.allowed, rules=ruled(decision, reasons))


class ReadersView(View):
    """Everybody who is known, those who may read the document first; `policy` is the version that decides."""

    document: MatterView
    people: list[DecidedView]
    policy: str


class ExplanationView(View):
    """Why, and each of the smallest sets of changes that would turn it."""

    allowed: bool
    rules: list[RuleView]
    errors: list[str]
    changes: list[list[str]] = Field(examples=[[["he were cleared for confidential"]]])


class PlaceView(View):
    """How many documents lie in an outermost folder ("" for none) at a level."""

    folder: str
    level: str
    documents: int


class ReadableView(View):
    """What a person may read of `known` documents: counted by place, and each of `documents` by where it lies."""

    person: KnownView
    count: int
    known: int
    places: list[PlaceView]
    documents: list[MatterView]
    next: str | None = Field(description="The `after` of the next documents; null after the last.")
    policy: str


def ruled(decision: Decision, reasons: Mapping[str, str]) -> list[RuleView]:
    """The rules of a decision with their reasons."""
    return [RuleView(rule=name, reason=reasons.get(name, "")) for name in decision.policies]


def places(counted: Mapping[overview.Place, int]) -> list[PlaceView]:
    """Counts by place."""
    return [PlaceView(folder=folder, level=level, documents=count) for (folder, level), count in counted.items()]


DocumentId = Annotated[str, Path(max_length=64, description="The id of a document.", examples=[_DOCUMENT])]
PersonId = Annotated[str, Path(max_length=256, description="The id of somebody who is known.", examples=["mara"])]
_Part = Annotated[str, Query(max_length=200, description="Part of where it lies; any case.")]
_Purpose = Annotated[str, Query(max_length=128, description="The purpose that he would state.")]
_After = Annotated[str, Query(max_length=64, description="The id of the last document seen.")]


def rights(desk: RightsPort) -> APIRouter:
    """Who is known; who reads a document, and why; what a person reads."""
    router = APIRouter(prefix="/v1/office", tags=["office"], responses=PROBLEMS)

    @router.get("/people")
    def people(caller: Caller) -> KnownPeopleView:
        """List those about whom you can ask: in the demonstration the personas, else whom the operator described."""
        return KnownPeopleView(people=[KnownView.of(one) for one in desk.people(caller)])

    @router.get("/documents")
    def documents(caller: Caller, part: _Part = "") -> MattersView:
        """Find documents by where they lie. That you looked is recorded, here and below."""
        found = desk.named(caller, part, limit=LISTED + 1)
        return MattersView(documents=[MatterView.of(one) for one in found[:LISTED]], more=len(found) > LISTED)

    @router.get("/documents/{document_id}/readers", responses=MISSING)
    def readers(document_id: DocumentId, caller: Caller) -> ReadersView:
        """Who of those who are known may read a document, and which rule decides."""
        told = desk.readers(caller, document_id)
        decided = [DecidedView.of(who, decision, told.reasons) for who, decision in told.decided]
        return ReadersView(document=MatterView.of(told.document), people=decided, policy=told.policy)

    @router.get("/documents/{document_id}/readers/{person_id}", responses=MISSING)
    def explanation(
        document_id: DocumentId,
        person_id: PersonId,
        caller: Caller,
        action: Action = Action.READ,
        purpose: _Purpose = "",
    ) -> ExplanationView:
        """Which rule allows or denies it, and what would have to be different."""
        found = desk.explained(caller, document_id, person_id, action, purpose=purpose)
        return ExplanationView(
            allowed=found.decision.allowed,
            rules=[RuleView(rule=name, reason=reason) for name, reason in found.reasons],
            errors=list(found.decision.errors),
            changes=[list(together) for together in found.changes],
        )

    @router.get("/people/{person_id}/readable", responses=MISSING)
    def readable(person_id: PersonId, caller: Caller, after: _After = "") -> ReadableView:
        """What a person may read."""
        return _readable(desk.readable(caller, person_id), after)

    return router


def _readable(found: Readable, after: str) -> ReadableView:
    ids = [one.id for one in found.documents]
    begin = ids.index(after) + 1 if after in ids else 0
    page = found.documents[begin : begin + LISTED]
    return ReadableView(
        person=KnownView.of(found.person),
        count=len(found.documents),
        known=found.known,
        places=places(overview.counted(found.documents)),
        documents=[MatterView.of(one) for one in page],
        next=page[-1].id if page and begin + LISTED < len(ids) else None,
        policy=found.policy,
    )
