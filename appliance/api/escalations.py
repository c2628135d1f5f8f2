"""The routes of questions that go outside: look at what would leave, send, withdraw; approve or reject another's."""

from typing import Annotated, Any, Final, Protocol

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from appliance.access.emergencies import LONGEST
from appliance.answering.escalating import Shown, Wish
from appliance.api.escalation_views import (
    DestinationsView,
    DestinationView,
    EscalationsView,
    EscalationView,
    PendingView,
    ShownsView,
    ShownView,
)
from appliance.api.routes import MISSING, PROBLEM, PROBLEMS, Caller
from appliance.records import Principal
from appliance.records.escalations import Destination, Escalation

_ID: Final = "0d9f6c1b-7e21-4c42-9a55-5b1f6f0e3c42"
_DIGEST: Final = "9f2c" * 16
_REASON: Final = "The formulary is silent about it, and the ward has to know today."


class Escalations(Protocol):
    """What people do about questions that go outside (`appliance.answering.escalating.Outside`)."""

    def destinations(self, principal: Principal, /) -> tuple[str, list[Destination]]: ...  # noqa: D102
    def propose(  # noqa: D102
        self, principal: Principal, wish: Wish, destination: str, /, *, dry_run: bool
    ) -> Shown: ...
    def show(self, principal: Principal, escalation_id: str, /) -> Shown: ...  # noqa: D102
    def send(self, principal: Principal, escalation_id: str, digest: str, /) -> Shown: ...  # noqa: D102
    def withdraw(self, principal: Principal, escalation_id: str, /) -> Escalation: ...  # noqa: D102
    def mine(self, principal: Principal, /) -> list[Escalation]: ...  # noqa: D102
    def waiting(self, principal: Principal, /) -> list[Shown]: ...  # noqa: D102
    def pending(self, principal: Principal, /) -> int: ...  # noqa: D102
    def earlier(self, principal: Principal, escalation_id: str, /) -> list[Escalation]: ...  # noqa: D102
    def judge(  # noqa: D102
        self, principal: Principal, escalation_id: str, digest: str, /, *, approved: bool, why: str
    ) -> Escalation: ...


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class EscalationAsked(_Asked):
    """What to ask outside: a turn of a conversation of yours, or else a question. Nothing leaves by this."""

    destination: str = Field(max_length=64, examples=["specialist-eu"])
    question: str = Field("", max_length=20_000, examples=["How long may thawed plasma be kept?"])
    conversation: str = Field("", max_length=64, examples=[""])
    turn: str = Field("", max_length=64, examples=[""])
    leave_out: bool = Field(default=False, description="Without the passages that may not leave.", examples=[False])
    dry_run: bool = Field(default=False, description="Everything but what could ever be sent.", examples=[False])


class SendAsked(_Asked):
    """The digest of what you have looked at."""

    digest: str = Field(max_length=64, examples=[_DIGEST])


class JudgementAsked(_Asked):
    """The digest of what you have looked at, your word, and what it rests on."""

    digest: str = Field(max_length=64, examples=[_DIGEST])
    approved: bool = Field(examples=[True], strict=True)
    reason: str = Field(max_length=4 * LONGEST, examples=[_REASON])


_Id = Annotated[str, Path(max_length=64, description="The id of an escalation.", examples=[_ID])]
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {**PROBLEM, "description": "Other bytes than you have seen, too late, decided before, or nothing to go with."}
}
_SAID: dict[int | str, dict[str, Any]] = {
    400: {**PROBLEM, "description": "An empty question, or a reason that says nothing."}
}


def escalations(outside: Escalations) -> APIRouter:
    """Destinations; propose, look, send, withdraw; approvals."""
    router = APIRouter(prefix="/v1/escalations", tags=["escalations"], responses=PROBLEMS)

    @router.get("/destinations")
    def destinations(caller: Caller) -> DestinationsView:
        """List the models outside that the rules name."""
        currency, found = outside.destinations(caller)
        return DestinationsView(currency=currency, destinations=[DestinationView.of(one) for one in found])

    @router.post("", status_code=201, responses=MISSING | _CONFLICT | _SAID)
    def propose(asked: EscalationAsked, caller: Caller) -> ShownView:
        """Prepare a question for a model outside, and look at what would leave. Nothing leaves by this."""
        wish = Wish(asked.question, asked.conversation, asked.turn, asked.leave_out)
        return ShownView.shown(outside.propose(caller, wish, asked.destination, dry_run=asked.dry_run))

    @router.get("")
    def mine(caller: Caller) -> EscalationsView:
        """List your own, the newest first."""
        return EscalationsView(escalations=[EscalationView.of(one) for one in outside.mine(caller)])

    _approving(router, outside)

    @router.get("/{escalation_id}", responses=MISSING)
    def show(escalation_id: _Id, caller: Caller) -> ShownView:
        """Look at one of your own as it is now, with the answer once there is one."""
        return ShownView.shown(outside.show(caller, escalation_id))

    @router.post("/{escalation_id}/send", responses=MISSING | _CONFLICT)
    def send(escalation_id: _Id, asked: SendAsked, caller: Caller) -> ShownView:
        """Send what you have looked at: at once if the rules say so, else once somebody has approved it."""
        return ShownView.shown(outside.send(caller, escalation_id, asked.digest))

    @router.post("/{escalation_id}/withdraw", responses=MISSING | _CONFLICT)
    def withdraw(escalation_id: _Id, caller: Caller) -> EscalationView:
        """Take one back that has not been sent. What was prepared is destroyed."""
        return EscalationView.of(outside.withdraw(caller, escalation_id))

    return router


def _approving(router: APIRouter, outside: Escalations) -> None:
    """What officers do about what others asked."""

    @router.get("/approvals")
    def waiting(caller: Caller) -> ShownsView:
        """List what waits for your approval; never your own."""
        return ShownsView(escalations=[ShownView.shown(one) for one in outside.waiting(caller)])

    @router.get("/approvals/count")
    def pending(caller: Caller) -> PendingView:
        """Count what waits for your approval, without opening any of it."""
        return PendingView(waiting=outside.pending(caller))

    @router.get("/{escalation_id}/earlier", responses=MISSING)
    def earlier(escalation_id: _Id, caller: Caller) -> EscalationsView:
        """List what its asker asked outside before, for somebody who is to approve it."""
        return EscalationsView(escalations=[EscalationView.of(one) for one in outside.earlier(caller, escalation_id)])

    @router.post("/{escalation_id}/judge", responses=MISSING | _CONFLICT | _SAID)
    def judge(escalation_id: _Id, asked: JudgementAsked, caller: Caller) -> EscalationView:
        """Approve or reject somebody else's, for exactly the bytes that you have looked at."""
        done = outside.judge(caller, escalation_id, asked.digest, approved=asked.approved, why=asked.reason)
        return EscalationView.of(done)
