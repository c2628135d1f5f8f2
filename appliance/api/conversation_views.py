"""What goes over the wire about conversations and feedback."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from appliance.answering.conversation import NOTE_CHARACTERS, Because, Verdict
from appliance.answering.showing import Opened, Shown
from appliance.api.views import CitationView
from appliance.records import Reason
from appliance.store.conversations_told import ANSWERED, Feedback, Heading

CONVERSATION = "6f0d1a52-7c1e-4b6a-9a0e-3d5c0f7b2e11"
ANSWER = "0b9c6c1e-58d2-4f0e-8a6b-5f1d2c3e4a77"
WITHDRAWN = "Some of this answer is not shown any more: a document behind it is gone, or is not for you now."
_Code = Literal["NO_EVIDENCE", "NOT_ANSWERED", "NOT_VERIFIED", "WITHDRAWN"]


class FeedbackAsked(BaseModel):
    """What you think of an answer. `right` goes with up, `other` with both, every other reason with down."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    verdict: Verdict = Field(examples=["down"])
    reason: Because = Field(
        description="What is right or wrong: `incomplete` leaves something out, `outdated` holds no longer, "
        "`wrong-source` is right but cites another place, `misunderstood` answers another question, "
        "`should-have-answered` refuses although a document answers.",
        examples=["incomplete"],
    )
    note: str = Field("", max_length=NOTE_CHARACTERS, examples=["The night entrance is missing."])


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class FeedbackView(_View):
    """What you said of an answer; saying it again replaces it."""

    verdict: Verdict = Field(examples=["down"])
    reason: Because = Field(examples=["incomplete"])
    note: str = Field(examples=["The night entrance is missing."])

    @classmethod
    def of(cls, feedback: Feedback) -> Self:
        """The view of a feedback."""
        return cls(verdict=Verdict(feedback.verdict), reason=Because(feedback.reason), note=feedback.note)


class HeadingView(_View):
    """A conversation in the list. `title` is its first question, shortened."""

    id: str = Field(examples=[CONVERSATION])
    title: str = Field(examples=["When does the pharmacy open on weekdays?"])
    created: datetime = Field(examples=["2026-03-02T06:14:09Z"])
    updated: datetime = Field(examples=["2026-03-02T06:15:30Z"])
    turns: int = Field(examples=[2])
    until: datetime | None = Field(
        description="When it is deleted, unless you ask another question in it.", examples=["2026-05-31T06:15:30Z"]
    )

    @classmethod
    def of(cls, heading: Heading) -> Self:
        """The view of a heading."""
        return cls(
            id=heading.id,
            title=heading.title,
            created=heading.created,
            updated=heading.updated,
            turns=heading.turns,
            until=heading.until,
        )


class ConversationsView(_View):
    """A page of your conversations, the newest first. `next` is the `before` of the next page; null on the last."""

    conversations: list[HeadingView]
    next: str | None = Field(examples=[None])
    days: int = Field(
        description="For how many days after its last question one is kept; 0 if this house keeps none.", examples=[90]
    )


class KeptSentenceView(_View):
    """A sentence that you may still read. `changed`: a document behind it has another version since."""

    text: str = Field(examples=["The pharmacy opens at 8:00."])
    citations: list[CitationView]
    changed: bool = Field(examples=[False])


class RefusedView(_View):
    """Why a question was refused."""

    code: _Code = Field(examples=["NO_EVIDENCE"])
    reason: str = Field(examples=[Reason.NO_EVIDENCE.value])


class TurnView(_View):
    """A question and how it ended. `id` is the answer's. What you may not read any more is left out, and counted."""

    id: str = Field(examples=[ANSWER])
    at: datetime = Field(examples=["2026-03-02T06:14:09Z"])
    question: str = Field(examples=["And on Sundays?"])
    understood: str | None = Field(examples=["When does the pharmacy open on Sundays?"])
    sentences: list[KeptSentenceView]
    withdrawn: int = Field(description="Sentences that are not shown any more.", examples=[0])
    note: str = Field(description="Words about what is not shown any more.", examples=[""])
    refusal: RefusedView | None = Field(examples=[None])
    feedback: FeedbackView | None

    @classmethod
    def of(cls, shown: Shown) -> Self:
        """The view of a turn."""
        turn = shown.turn
        refused = None if turn.outcome == ANSWERED else Reason[turn.outcome]
        return cls(
            id=turn.id,
            at=turn.at,
            question=turn.question,
            understood=turn.understood.text if turn.understood else None,
            sentences=[
                KeptSentenceView(text=one.text, citations=[CitationView.of(c) for c in one.citations], changed=changed)
                for one, changed in zip(turn.sentences, shown.changed, strict=True)
            ],
            withdrawn=shown.withdrawn,
            note=WITHDRAWN if shown.withdrawn else "",
            refusal=None if refused is None else RefusedView.model_validate({"code": refused.name, "reason": refused}),
            feedback=None if turn.feedback is None else FeedbackView.of(turn.feedback),
        )


class ConversationView(HeadingView):
    """A conversation, opened: every turn, decided anew."""

    questions: list[TurnView]

    @classmethod
    def opened(cls, opened: Opened) -> Self:
        """The view of an opened conversation."""
        heading = HeadingView.of(opened.heading).model_dump()
        return cls(**heading, questions=[TurnView.of(shown) for shown in opened.turns])
