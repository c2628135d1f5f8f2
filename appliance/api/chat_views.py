"""What an OpenAI client is told: the shapes of its wire format, with our own facts in the field `muniment`."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from appliance import records
from appliance.api.chat_asked import MODEL
from appliance.api.views import CitationView

CREATED = 1_767_225_600
"""When the model's name came into use, in seconds since the epoch: the first day of 2026."""
_ID = "chatcmpl-2f6c1e0a9d3b4c7f8a5e6d7c8b9a0f1e"
_TEXT = "A bag of red cells must have run through within four hours. [1]"


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class RefusedView(_View):
    """Why a question was refused, and its own words that were looked for."""

    code: Literal["NO_EVIDENCE", "NOT_ANSWERED", "NOT_VERIFIED", "WITHDRAWN"] = Field(examples=["NO_EVIDENCE"])
    looked_for: list[str] = Field(examples=[["helicopter", "parking"]])


class MunimentView(_View):
    """What OpenAI's format has no place for. `citations` are numbered like the marks in the text."""

    id: str = Field(description="The answer's id, as in the ledger.", examples=["01K9Z3"])
    citations: list[CitationView]
    refusal: RefusedView | None = Field(None, description="Null for an answer.", examples=[None])
    withheld: int = Field(description="Sentences that did not check out and are not shown.", examples=[0])
    origin: str = Field(description="Which model wrote it.", examples=["local"])
    understood: str | None = Field(None, description="The question as a follow-up was understood.", examples=[None])

    @classmethod
    def of(cls, last: records.Answer | records.Refusal) -> Self:
        """The facts of an answer or a refusal."""
        if isinstance(last, records.Answer):
            citations = [CitationView.of(citation) for citation in last.citations]
            understood = last.understood or None
            return cls(
                id=last.id, citations=citations, withheld=last.withheld, origin=last.origin, understood=understood
            )
        refused = RefusedView(code=last.reason.name, looked_for=list(last.looked_for))
        return cls(id=last.id, citations=[], refusal=refused, withheld=0, origin="", understood=last.understood or None)


class ChatUsageView(_View):
    """Tokens that the house's model read and wrote."""

    prompt_tokens: int = Field(examples=[744])
    completion_tokens: int = Field(examples=[41])
    total_tokens: int = Field(examples=[785])

    @classmethod
    def of(cls, usage: records.Usage) -> Self:
        """The view of a usage."""
        read, written = usage.prompt_tokens, usage.answer_tokens
        return cls(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)


class MessageView(_View):
    """The answer: each sentence ends in the marks of its citations. A refusal says so in words, in both fields."""

    role: Literal["assistant"] = "assistant"
    content: str = Field(examples=[_TEXT])
    refusal: str | None = Field(None, examples=[None])
    muniment: MunimentView


class ChoiceView(_View):
    """The one choice there is."""

    index: Literal[0] = 0
    message: MessageView
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = Field(None, examples=[None])


class CompletionView(_View):
    """A whole answer or refusal."""

    id: str = Field(examples=[_ID])
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(examples=[CREATED])
    model: Literal["muniment"] = MODEL
    choices: list[ChoiceView]
    usage: ChatUsageView


class DeltaView(_View):
    """What a chunk adds to the message."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    refusal: str | None = None
    muniment: MunimentView | None = None

    @model_serializer(mode="wrap")
    def _added(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Only what is added: clients lay each delta over what they have."""
        return {name: value for name, value in whole(self).items() if value is not None}


class ChunkChoiceView(_View):
    """The one choice there is."""

    index: Literal[0] = 0
    delta: DeltaView
    finish_reason: Literal["stop"] | None = None
    logprobs: None = None


class ChunkView(_View):
    """A piece of a streamed answer: one verified sentence, or the end."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: Literal["muniment"] = MODEL
    choices: list[ChunkChoiceView]
    usage: ChatUsageView | None = None


class ModelView(_View):
    """A model that can be asked."""

    id: Literal["muniment"] = MODEL
    object: Literal["model"] = "model"
    created: int = Field(CREATED, examples=[CREATED])
    owned_by: Literal["muniment"] = "muniment"


class ModelsView(_View):
    """Every model that can be asked."""

    object: Literal["list"] = "list"
    data: list[ModelView]


def words(refusal: records.Refusal) -> str:
    """A refusal as a person reads it."""
    looked_for = f" Looked for: {', '.join(refusal.looked_for)}." if refusal.looked_for else ""
    return f"{refusal.reason.value}{looked_for}"


def message(last: records.Answer | records.Refusal) -> MessageView:
    """An answer or a refusal as the assistant's message."""
    facts = MunimentView.of(last)
    if isinstance(last, records.Answer):
        return MessageView(content=last.text, muniment=facts)
    return MessageView(content=words(last), refusal=last.reason.value, muniment=facts)


def marked(sentence: records.Sentence) -> str:
    """A sentence with its citation marks, as `Answer.text` has it."""
    return sentence.text + "".join(f" [{citation.number}]" for citation in sentence.citations)
