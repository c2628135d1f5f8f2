"""What goes out over the wire about questions that go outside."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from appliance.answering.escalating import Shown
from appliance.api.views import AnswerView, RefusalView
from appliance.escalation.sealed import Leaving
from appliance.records import Answer
from appliance.records.escalations import Destination, Escalation, State

_ID: Final = "0d9f6c1b-7e21-4c42-9a55-5b1f6f0e3c42"
_DIGEST: Final = "9f2c" * 16
_MILLION: Final = 1_000_000


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class DestinationView(_View):
    """A model outside, as the security officers signed it in."""

    name: str = Field(examples=["specialist-eu"])
    model: str = Field(examples=["large-1"])
    region: str = Field(examples=["EU"])
    contract: str = Field(examples=["DPA-2026-014"])
    classes: list[str] = Field(examples=[["internal", "public"]])
    retention_days: int = Field(examples=[0])
    price_in: Decimal = Field(examples=["3.00"], description="Per million tokens.")
    price_out: Decimal = Field(examples=["15.00"], description="Per million tokens.")
    always_approved: bool = Field(examples=[True])

    @classmethod
    def of(cls, one: Destination) -> Self:
        """The view of a destination."""
        same = {name: getattr(one, name) for name in cls.model_fields if name != "classes"}
        return cls(**same, classes=sorted(one.classes))


class DestinationsView(_View):
    """All of them, and the currency of every price here."""

    currency: str = Field(examples=["EUR"])
    destinations: list[DestinationView]


class EscalationView(_View):
    """An escalation in a list."""

    id: str = Field(examples=[_ID])
    state: State
    reason: str = Field(examples=["policy"], description="Why it is where it is: a rule's name, or a code.")
    destination: str = Field(examples=["specialist-eu"])
    asker: str = Field(examples=["mara"])
    name: str = Field(examples=["Mara Ilves"])
    department: str = Field(examples=["nursing"])
    digest: str = Field(examples=[_DIGEST], description="Of what would leave, and of all that is bound to.")
    price: Decimal = Field(examples=["0.0123"], description="What it costs at most.")
    spent: Decimal = Field(examples=["0"])
    created: datetime
    expires: datetime
    approver: str = Field(examples=[""])
    why: str = Field(examples=[""], description="What the approver wrote.")

    @classmethod
    def of(cls, one: Escalation) -> Self:
        """The view of an escalation."""
        same = {name: getattr(one, name) for name in EscalationView.model_fields if name not in ("price", "spent")}
        return cls(**same, price=Decimal(one.price) / _MILLION, spent=Decimal(one.spent) / _MILLION)


class EscalationsView(_View):
    """Escalations, as the route says in which order."""

    escalations: list[EscalationView]


class ReplacedView(_View):
    """What stands in the text that would leave, from `at` on, instead of the original's `start` to `end`."""

    kind: str = Field(examples=["PERSON"])
    start: int = Field(examples=[12])
    end: int = Field(examples=[25])
    put: str = Field(examples=["Person_K7Q4XM"])
    at: int = Field(examples=[12])
    way: str = Field(examples=["token"])
    found_by: str = Field(examples=["presidio"])


class PieceView(_View):
    """A piece of what is asked: a passage, or the question. What is not for you, or no longer, is null."""

    source: str = Field(examples=["question"])
    original: str | None = Field(examples=["Question: How long may red cells for Tobias Renner hang?"])
    leaving: str | None = Field(examples=["Question: How long may red cells for Person_K7Q4XM hang?"])
    replaced: list[ReplacedView]


class RuleView(_View):
    """A rule that decided, with its reason."""

    id: str = Field(examples=["send-once-approved"])
    reason: str = Field(examples=["A person sends out what another one has approved."])


class ShownView(EscalationView):
    """An escalation, whole. `verdict` is what may become of it now; `body` the very bytes that would leave."""

    verdict: Literal["permitted", "needs-approval", "denied"] | None
    rules: list[RuleView]
    pieces: list[PieceView]
    body: str | None = Field(examples=['{"model":"large-1","messages":[]}'])
    labels: list[str] | None = Field(examples=[["clinical"]], description="Of every document behind it, as it is now.")
    level: str | None = Field(examples=["internal"], description="The highest level among them.")
    policy: str = Field(examples=["5d41402abc4b"], description="The version of the rules that it is bound to.")
    local: Literal["refused", "answered", "unasked"] = Field(description="What became of the question in the house.")
    answer: AnswerView | RefusalView | None = Field(description="What came back, verified like an answer of the house.")

    @classmethod
    def shown(cls, shown: Shown) -> "ShownView":
        """The view of what one is shown."""
        preview = shown.preview
        plain = EscalationView.of(preview.escalation).model_dump()
        ruling = preview.ruling
        return cls(
            **plain,
            verdict=None if ruling is None else ruling.verdict.value,
            rules=[RuleView(id=name, reason=why) for name, why in ruling.reasons] if ruling else [],
            pieces=_pieces(shown),
            body=None if shown.body is None else shown.body.decode(),
            labels=None if shown.labels is None else sorted(shown.labels),
            level=None if shown.level is None else shown.level.name.lower(),
            policy=preview.escalation.policy,
            local=preview.escalation.local,
            answer=None if shown.answer is None else _answer(shown.answer),
        )


def _pieces(shown: Shown) -> list[PieceView]:
    held = shown.preview.held
    if held is None:
        return []
    return [
        PieceView(source=part.source, original=original, leaving=told and told.text, replaced=_replaced(told))
        for part, original, told in zip(held.matter.parts, shown.originals, shown.leaving, strict=True)
    ]


def _replaced(told: Leaving | None) -> list[ReplacedView]:
    return [
        ReplacedView(
            kind=put.entity, start=put.start, end=put.end, put=put.put, at=put.at, way=put.way, found_by=put.source
        )
        for put in (told.replacements if told else ())
    ]


def _answer(answer: Any) -> AnswerView | RefusalView:
    return AnswerView.of(answer) if isinstance(answer, Answer) else RefusalView.of(answer)


class PendingView(_View):
    """How many wait for your word."""

    waiting: int = Field(examples=[2])


class ShownsView(_View):
    """What waits for your word, the oldest first."""

    escalations: list[ShownView]
