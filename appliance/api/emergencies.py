"""The routes of emergencies: open one, end it, and judge somebody else's; and what a person is told without asking."""

from datetime import datetime
from typing import Annotated, Any, Final, Protocol, Self

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from appliance.access.emergencies import LONGEST, Notice, Offer
from appliance.api.routes import MISSING, PROBLEM, PROBLEMS, Caller
from appliance.records import Emergency, Judgement, Mailed, Principal

_ID: Final = "0d9f6c1b-7e21-4c42-9a55-5b1f6f0e3c42"
_REASON: Final = "Unconscious patient in bay 2, no relatives, allergies unknown."
_TEXT: Final = 4 * LONGEST
"""Characters of a text before it is put on one line."""
_EXAMPLE: Final[dict[str, Any]] = {
    "id": _ID, "person": "tobias", "name": "Tobias Renner", "purpose": "emergency", "reason": _REASON,
    "opened": "2026-03-02T02:14:09Z", "until": "2026-03-02T02:44:09Z", "ended": None, "running": True, "questions": 1,
    "documents": 2, "due": "2026-03-05T02:44:09Z", "verdict": None, "note": "", "reviewer": "", "reviewed": None,
    "lifted": False, "mail": "sent",
}  # fmt: skip


class Emergencies(Protocol):
    """What a person may do about emergencies (`appliance.access.emergencies.Emergencies`)."""

    def open(self, principal: Principal, reason: str, minutes: int, /, *, purpose: str) -> Emergency: ...  # noqa: D102
    def mine(self, principal: Principal, /) -> list[Emergency]: ...  # noqa: D102
    def end(self, principal: Principal, emergency_id: str, /) -> None: ...  # noqa: D102
    def reviews(self, principal: Principal, /) -> list[Emergency]: ...  # noqa: D102
    def review(  # noqa: D102
        self, principal: Principal, emergency_id: str, verdict: Judgement, note: str, /
    ) -> Emergency: ...
    def lift(self, principal: Principal, emergency_id: str, /) -> None: ...  # noqa: D102
    def notices(self, principal: Principal, /) -> list[Notice]: ...  # noqa: D102
    def offer(self, principal: Principal, /) -> Offer: ...  # noqa: D102
    def due(self, emergency: Emergency, /) -> datetime: ...  # noqa: D102
    def now(self) -> datetime: ...  # noqa: D102


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class EmergencyAsked(_Asked):
    """Why, for how long (the operator's bound may be lower), and for which purpose of yours."""

    reason: str = Field(max_length=_TEXT, examples=[_REASON])
    minutes: int = Field(ge=1, le=60, strict=True, examples=[30])
    purpose: str = Field("emergency", min_length=1, max_length=128, examples=["emergency"])


class ReviewAsked(_Asked):
    """A verdict, and what it rests on."""

    verdict: Judgement
    note: str = Field(max_length=_TEXT, examples=["The patient was admitted at 02:10, the duty log confirms it."])


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_EXAMPLE]})


class EmergencyView(_View):
    """An emergency. `questions` and `documents` count what was opened because of it; which, the ledger tells."""

    id: str
    person: str
    name: str
    purpose: str
    reason: str
    opened: datetime
    until: datetime
    ended: datetime | None
    running: bool
    questions: int
    documents: int
    due: datetime = Field(description="Until when somebody else must have reviewed it.")
    verdict: Judgement | None
    note: str
    reviewer: str
    reviewed: datetime | None
    lifted: bool
    mail: Mailed = Field(description="What became of the mail to the duty officers.")

    @classmethod
    def of(cls, one: Emergency, urgent: Emergencies) -> Self:
        """The view of an emergency."""
        same = {name: getattr(one, name) for name in cls.model_fields if hasattr(one, name) and name != "due"}
        same["running"] = one.running(urgent.now())
        return cls(**same, due=urgent.due(one), lifted=bool(one.lifted_by), mail=one.mailed)


class EmergenciesView(BaseModel):
    """Emergencies, as the route says in which order."""

    model_config = ConfigDict(frozen=True)
    emergencies: list[EmergencyView]


class NoticeView(BaseModel):
    """What you should know. `kind`: yours-runs, yours-ended, yours-reviewed; for officers runs, to-review, overdue,
    barred."""

    model_config = ConfigDict(frozen=True)
    kind: str = Field(examples=["yours-runs"])
    emergency: EmergencyView


class NoticesView(BaseModel):
    """All of them, and what you may do: open an emergency for `longest` minutes (0 is none), review others'."""

    model_config = ConfigDict(frozen=True)
    notices: list[NoticeView]
    longest: int = Field(examples=[30])
    purposes: list[str] = Field(examples=[["emergency"]], description="Yours with which you may open one.")
    reviews: bool = Field(examples=[False])


_Id = Annotated[str, Path(max_length=64, description="The id of an emergency.", examples=[_ID])]
_DONE: dict[int | str, dict[str, Any]] = {204: {"description": "Done."}}
_CONFLICT: dict[int | str, dict[str, Any]] = {409: {**PROBLEM, "description": "Over, reviewed, or running already."}}
_SAID: dict[int | str, dict[str, Any]] = {400: {**PROBLEM, "description": "It says nothing, or lasts too long."}}


def emergencies(urgent: Emergencies) -> APIRouter:
    """Open, list, end; review, lift; notices."""
    router = APIRouter(prefix="/v1", tags=["emergencies"], responses=PROBLEMS)

    @router.post("/emergencies", status_code=201, responses=_CONFLICT | _SAID)
    def begin(asked: EmergencyAsked, caller: Caller) -> EmergencyView:
        """Open what the rules name for an emergency, for reading and for a time. You and the officers are told."""
        return EmergencyView.of(urgent.open(caller, asked.reason, asked.minutes, purpose=asked.purpose), urgent)

    @router.get("/emergencies")
    def mine(caller: Caller) -> EmergenciesView:
        """List your own emergencies, the newest first."""
        return EmergenciesView(emergencies=[EmergencyView.of(one, urgent) for one in urgent.mine(caller)])

    @router.get("/emergencies/reviews")
    def reviews(caller: Caller) -> EmergenciesView:
        """List what waits for a security officer, the oldest first; never your own."""
        return EmergenciesView(emergencies=[EmergencyView.of(one, urgent) for one in urgent.reviews(caller)])

    @router.delete(
        "/emergencies/{emergency_id}", status_code=204, response_class=Response, responses=MISSING | _DONE | _CONFLICT
    )
    def end(emergency_id: _Id, caller: Caller) -> Response:
        """End an emergency before its time: your own, or as an officer anybody's. Answers under way are cut."""
        urgent.end(caller, emergency_id)
        return Response(status_code=204)

    @router.post("/emergencies/{emergency_id}/review", responses=MISSING | _CONFLICT | _SAID)
    def review(emergency_id: _Id, asked: ReviewAsked, caller: Caller) -> EmergencyView:
        """Judge somebody else's emergency, once, when it is over."""
        return EmergencyView.of(urgent.review(caller, emergency_id, asked.verdict, asked.note), urgent)

    @router.post(
        "/emergencies/{emergency_id}/lift",
        status_code=204,
        response_class=Response,
        responses=MISSING | _DONE | _CONFLICT,
    )
    def lift(emergency_id: _Id, caller: Caller) -> Response:
        """Let somebody whose emergency was not justified open one again."""
        urgent.lift(caller, emergency_id)
        return Response(status_code=204)

    @router.get("/notices")
    def notices(caller: Caller) -> NoticesView:
        """List what you should know now, and what you may do."""
        told, may = urgent.notices(caller), urgent.offer(caller)
        return NoticesView(
            notices=[NoticeView(kind=one.kind, emergency=EmergencyView.of(one.emergency, urgent)) for one in told],
            longest=may.minutes,
            purposes=list(may.purposes),
            reviews=may.reviews,
        )

    return router
