"""What an OpenAI client asks of `/v1/chat/completions`, and what of it counts.

Only the last message of the user is the question. System and developer messages are read by nobody: what a caller
orders the model to do never reaches a prompt, a scope or a policy. Earlier turns of user and assistant are history for
follow-ups, and never evidence. A parameter that would change what an answer means is refused by name; one that would
only tune a model's sampling is taken and has no effect, since answers are verified and reproducible here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from appliance.errors import BadRequest, NoSuchModel, NotSupported

MODEL: Final = "muniment"
"""The one model that callers see; which weights answer is the house's own affair."""
MESSAGES: Final = 500
TURNS: Final = 40
"""Earlier turns that are kept, at most; older ones fall off."""

_UNUSED: Final = "Taken, and without effect."
_REFUSED: Final = "Not supported: anything but the value that asks for nothing is refused."


class _Taken(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)


class PartAsked(_Taken):
    """A part of a message. Only text is read."""

    type: str = Field(max_length=64, examples=["text"])
    text: str | None = Field(None, examples=["How long is a bag of red cells good for?"])
    refusal: str | None = Field(None, examples=[None])


class MessageAsked(_Taken):
    """A message of a conversation. Other fields are not read, so that an answer of ours may be sent back as it is."""

    role: Literal["system", "developer", "user", "assistant"] = Field(examples=["user"])
    content: str | Annotated[list[PartAsked], Field(max_length=100)] | None = Field(
        None, examples=["How long is a bag of red cells good for?"]
    )

    def text(self) -> str:
        """Its text. Raises NotSupported for a part that is none."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        if any(part.type not in {"text", "refusal"} for part in self.content):
            raise NotSupported("Images, audio and files in messages are not supported.", parameter="messages")
        return "\n".join(part.text or part.refusal or "" for part in self.content)


class StreamOptionsAsked(_Taken):
    """Options of a stream."""

    include_usage: bool | None = Field(None, examples=[True], description="End with a chunk that says what it cost.")
    include_obfuscation: bool | None = Field(None, examples=[False], description=_UNUSED)


class ChatAsked(_Taken):
    """A conversation whose last user message is the question."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(max_length=200, examples=[MODEL])
    messages: list[MessageAsked] = Field(min_length=1, max_length=MESSAGES)
    stream: bool | None = Field(None, examples=[False])
    stream_options: StreamOptionsAsked | None = Field(None, examples=[None])
    n: int | None = Field(None, description="1, or nothing.", examples=[1])

    temperature: float | None = Field(None, description=_UNUSED, examples=[0.0])
    top_p: float | None = Field(None, description=_UNUSED, examples=[1.0])
    max_tokens: int | None = Field(None, description=f"{_UNUSED} `answer_tokens` bounds an answer.", examples=[200])
    max_completion_tokens: int | None = Field(None, description=_UNUSED, examples=[200])
    frequency_penalty: float | None = Field(None, description=_UNUSED, examples=[0.0])
    presence_penalty: float | None = Field(None, description=_UNUSED, examples=[0.0])
    seed: int | None = Field(None, description=f"{_UNUSED} The same question is read the same way.", examples=[1])
    stop: str | list[str] | None = Field(None, description=_UNUSED, examples=[None])
    user: str | None = Field(None, description=f"{_UNUSED} The token says who asks.", examples=["u-1"])
    safety_identifier: str | None = Field(None, description=_UNUSED, examples=[None])
    metadata: dict[str, str] | None = Field(None, description=_UNUSED, examples=[None])
    store: bool | None = Field(None, description=_UNUSED, examples=[False])
    service_tier: str | None = Field(None, description=_UNUSED, examples=[None])
    reasoning_effort: str | None = Field(None, description=_UNUSED, examples=[None])
    verbosity: str | None = Field(None, description=_UNUSED, examples=[None])
    parallel_tool_calls: bool | None = Field(None, description=_UNUSED, examples=[None])
    prompt_cache_key: str | None = Field(None, description=_UNUSED, examples=[None])
    prompt_cache_retention: str | None = Field(None, description=_UNUSED, examples=[None])

    tools: Any = Field(None, description=_REFUSED, examples=[None])
    tool_choice: Any = Field(None, description=_REFUSED, examples=[None])
    functions: Any = Field(None, description=_REFUSED, examples=[None])
    function_call: Any = Field(None, description=_REFUSED, examples=[None])
    logprobs: Any = Field(None, description=_REFUSED, examples=[None])
    top_logprobs: Any = Field(None, description=_REFUSED, examples=[None])
    logit_bias: Any = Field(None, description=_REFUSED, examples=[None])
    response_format: Any = Field(None, description=_REFUSED, examples=[{"type": "text"}])
    modalities: Any = Field(None, description=_REFUSED, examples=[["text"]])
    audio: Any = Field(None, description=_REFUSED, examples=[None])
    prediction: Any = Field(None, description=_REFUSED, examples=[None])
    web_search_options: Any = Field(None, description=_REFUSED, examples=[None])
    moderation: Any = Field(None, description=_REFUSED, examples=[None])
    prompt_cache_options: Any = Field(None, description=_REFUSED, examples=[None])


ASKS_FOR_NOTHING: Final[dict[str, tuple[object, ...]]] = {
    "tools": ([],),
    "tool_choice": ("none",),
    "functions": ([],),
    "function_call": ("none",),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "audio": (),
    "prediction": (),
    "web_search_options": (),
    "moderation": (),
    "prompt_cache_options": (),
    "n": (1,),
}
"""For each parameter that is refused, the values besides null that ask for nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier turn of a conversation: what somebody says was said. Untrusted: history, and never evidence."""

    role: Literal["user", "assistant"]
    text: str

    def __repr__(self) -> str:
        return f"Turn(role={self.role!r}, {len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Heard:
    """What counts of a conversation: the question, and the turns before it, oldest first."""

    question: str
    turns: tuple[Turn, ...]


def heard(asked: ChatAsked) -> Heard:
    """What counts of `asked`. Raises NoSuchModel, NotSupported naming the parameter, or BadRequest."""
    if asked.model != MODEL:
        raise NoSuchModel("There is no such model here.")
    for name, harmless in ASKS_FOR_NOTHING.items():
        value = getattr(asked, name)
        if value is not None and value not in harmless:
            raise NotSupported(f"The parameter {name} is not supported here with this value.", parameter=name)
    return conversation(asked.messages)


def conversation(messages: Sequence[MessageAsked]) -> Heard:
    """The last user message as the question, the user's and assistant's messages before it as turns, nothing else.

    What stands after the last user message is dropped: nobody puts words into the answer's mouth.
    """
    said = [(message.role, message.text()) for message in messages]
    asking = [number for number, (role, _) in enumerate(said) if role == "user"]
    if not asking:
        raise BadRequest("There is no message of the user, so nothing is asked.", advice="Send one with role user.")
    last = asking[-1]
    turns = [Turn(role, text) for role, text in said[:last] if text and role in ("user", "assistant")]
    return Heard(said[last][1], tuple(turns[-TURNS:]))
