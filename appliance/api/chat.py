"""The routes that OpenAI's clients speak to: `/v1/models` and `/v1/chat/completions`."""

import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.types import Scope

from appliance.api import problems
from appliance.api.chat_asked import MODEL, ChatAsked, heard
from appliance.api.chat_views import (
    ChatUsageView,
    ChoiceView,
    ChunkChoiceView,
    ChunkView,
    CompletionView,
    DeltaView,
    ModelsView,
    ModelView,
    marked,
    message,
)
from appliance.api.routes import Caller, Desk
from appliance.api.telling import Admission, AsDocument, Step, Streamed, line
from appliance.errors import MunimentError, NoSuchModel
from appliance.records import Answer, Principal, Refusal, Sentence

_CHUNKS = """data: {"id":"chatcmpl-2f6c…","object":"chat.completion.chunk","created":1767225600,"model":"muniment",\
"choices":[{"index":0,"delta":{"role":"assistant","content":"A bag of red cells … four hours. [1]"}}]}

data: {…,"choices":[{"index":0,"delta":{"muniment":{"id":"01K9Z3","citations":[…]}},"finish_reason":"stop"}]}

data: [DONE]

"""


class Following(Protocol):
    """Answers follow-ups (`appliance.answering.conversation.Dialogue`)."""

    def follow(self, principal: Principal, question: str, /, *, earlier: Sequence[str]) -> Iterator[Step]:
        """As `Desk.answer`, after the caller's own `earlier` questions."""


def chat(desk: Desk, admission: Admission, following: Following | None = None) -> APIRouter:
    """Chat completions and models, as OpenAI's clients know them. Without `following` each question stands alone."""
    router = APIRouter(prefix="/v1", tags=["openai"])

    @router.post(
        "/chat/completions",
        response_model=CompletionView,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}, "example": _CHUNKS}}}},
    )
    def completions(asked: ChatAsked, caller: Caller) -> Response:
        """Answer the last user message from the documents that you may read, or refuse honestly.

        System and developer messages are not read. With `stream` each sentence comes as a chunk once it is verified.
        """
        said = heard(asked)
        if following is None:
            story = desk.answer(caller, said.question)
        else:  # what the caller says that we had answered is read by nobody: only his own questions are history
            earlier = [turn.text for turn in said.turns if turn.role == "user"]
            story = following.follow(caller, said.question, earlier=earlier)
        if not asked.stream:
            return AsCompletion(story, admission=admission, person=caller)
        told = AsChunks(story, admission=admission, person=caller)
        told.counted = bool(asked.stream_options and asked.stream_options.include_usage)
        return told

    @router.get("/models")
    def models(_caller: Caller) -> ModelsView:
        """List the models that can be asked: one."""
        return ModelsView(data=[ModelView()])

    @router.get("/models/{model_id}")
    def model(model_id: Annotated[str, Path(max_length=200, examples=[MODEL])], _caller: Caller) -> ModelView:
        """Show a model that can be asked."""
        if model_id != MODEL:
            raise NoSuchModel("There is no such model here.")
        return ModelView()

    return router


class AsCompletion(AsDocument):
    """The whole answer or refusal as a chat completion."""

    def document(self, last: Answer | Refusal, /) -> BaseModel:
        """The completion."""
        return CompletionView(
            id=_id(self._scope),
            created=int(time.time()),
            choices=[ChoiceView(message=message(last))],
            usage=ChatUsageView.of(last.usage),
        )


class AsChunks(Streamed):
    """Chunks: one for each verified sentence, one with the facts, on request one with the usage, and `[DONE]`.

    Together their contents are the content of the whole completion. An error in the middle is an event that the
    clients raise, and no `[DONE]` follows it.
    """

    counted = False
    _began = 0

    async def sentence(self, sentence: Sentence, /) -> None:
        """A chunk with the sentence and its marks."""
        first = not self._began
        await self._chunk(DeltaView(content=marked(sentence) if first else f" {marked(sentence)}"))

    async def end(self, last: Answer | Refusal, /) -> None:
        """The last chunks."""
        whole = message(last)
        if isinstance(last, Refusal):
            await self._chunk(DeltaView(content=whole.content, refusal=whole.refusal))
        await self._chunk(DeltaView(muniment=whole.muniment), last=True)
        if self.counted:
            await self._sent(choices=[], usage=ChatUsageView.of(last.usage))
        await self.block("data: [DONE]")
        await self.close()

    async def failed(self, error: MunimentError, /) -> None:
        """An event that OpenAI's clients raise."""
        await self.block(f"data: {line(problems.openai_error(error))}")

    async def _chunk(self, delta: DeltaView, *, last: bool = False) -> None:
        if not self._began:
            self._began = int(time.time())
            delta = delta.model_copy(update={"role": "assistant"})
        await self._sent(choices=[ChunkChoiceView(delta=delta, finish_reason="stop" if last else None)])

    async def _sent(self, *, choices: list[ChunkChoiceView], usage: ChatUsageView | None = None) -> None:
        view = ChunkView(id=_id(self._scope), created=self._began, choices=choices, usage=usage)
        await self.block(f"data: {line(view)}")


def _id(scope: Scope) -> str:
    """The completion's id is the request's: the answer's own is known only at its end."""
    return f"chatcmpl-{problems.request_id_of(scope)}"
