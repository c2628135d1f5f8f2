"""The port to a chat model, and its adapter for engines that speak the OpenAI wire format (llama.cpp and vLLM).

Nothing of a prompt or an answer is ever put into an error: what an engine says when it fails may quote both.
"""

import json
import math
import secrets
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import httpx

from appliance.errors import ModelUnavailable
from appliance.models.calls import BROKE_OFF, LATE, Call, Watch
from appliance.models.engines import SERVED_NAME, Endpoint

SEED: Final = 0
_LINE_LIMIT: Final = 1 << 20
_ALTERNATIVES: Final = 20
_REFUSED: Final = "The chat model's engine refuses the connection: it is not running."


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. Content, not to be logged: its repr hides the text."""

    role: Literal["system", "user", "assistant"]
    text: str

    def __repr__(self) -> str:
        return f"Message(role={self.role!r}, {len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer, at least one character, in order."""

    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing new for a moment: the engine is at work. Not part of the answer; a chance to stop waiting for it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of the answer: why it ended, and tokens read (of these `cached_tokens` were not read anew) and written.

    "length" means that the answer was cut at `max_tokens`.
    """

    reason: Literal["stop", "length"]
    prompt_tokens: int
    cached_tokens: int
    answer_tokens: int


Piece = Text | Waiting | Finished


class ChatModel(Protocol):
    """A model that continues a conversation: the same messages give the same answer (temperature 0, fixed seed)."""

    @property
    def name(self) -> str:
        """What the model is called in the ledger and in telemetry."""
        ...

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = (), salt: str = ""
    ) -> Generator[Piece, None, None]:
        """Yield Text pieces as they are written, Waiting in between if they are slow, and last, once, Finished.

        A text of `stop` ends the answer and is not part of it. It is a generator, and closing it stops the engine.
        Nothing that an engine keeps of a prompt for the next one is shared between two values of `salt`, where the
        engine can be told so; without one nothing is shared at all. It changes no answer.
        Raises ModelUnavailable if the engine cannot be reached or stops in the middle.
        """
        ...

    def choose(
        self, messages: Sequence[Message], options: Sequence[str], *, salt: str = ""
    ) -> Generator[Waiting, None, dict[str, float]]:
        """Return how probable it is that the answer begins with each of `options` (short words, ignoring case).

        The probabilities sum to at most 1; the rest is for other beginnings. Costs one token of writing. Yields Waiting
        while the engine reads, and closing it stops the engine; `salt` as in `stream`. Raises ModelUnavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class OpenAIChatModel:
    """A ChatModel at `endpoint`. Waits at most `seconds` for the first piece and for each one after it.

    While it waits it yields Waiting, four times a second.
    """

    endpoint: Endpoint
    seconds: float = 120.0
    name: str = SERVED_NAME

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = (), salt: str = ""
    ) -> Generator[Piece, None, None]:
        """See `ChatModel.stream`."""
        body = self._body(messages, max_tokens, salt) | {"stream": True, "stream_options": {"include_usage": True}}
        if stop:
            body["stop"] = list(stop)
        call: Call[Text | Finished] = Call()
        call.begin(self._answer(body, call.watch))
        try:
            for piece in call.heard(self.seconds):
                yield Waiting() if piece is None else piece
        finally:
            call.hang_up()

    def _answer(self, body: dict[str, Any], watch: Watch) -> Generator[Text | Finished, None, None]:
        """The answer to `body`, blocking while nothing comes; `watch` is told each step of the connection."""
        with (
            _mapped(self.endpoint),
            self.endpoint.client(self.seconds) as client,
            client.stream("POST", "/v1/chat/completions", json=body, extensions={"trace": watch}) as response,
        ):
            _check(response)
            yield from _pieces(_events(response))

    def choose(
        self, messages: Sequence[Message], options: Sequence[str], *, salt: str = ""
    ) -> Generator[Waiting, None, dict[str, float]]:
        """See `ChatModel.choose`."""
        body = self._body(messages, 1, salt) | {"logprobs": True, "top_logprobs": _ALTERNATIVES}
        call: Call[dict[str, float]] = Call()
        call.begin(self._first(body, call.watch))
        first: dict[str, float] = {}
        try:
            for told in call.heard(self.seconds):
                if told is None:
                    yield Waiting()
                else:
                    first = told
        finally:
            call.hang_up()
        return shares(options, first)

    def _first(self, body: dict[str, Any], watch: Watch) -> Generator[dict[str, float], None, None]:
        """The probabilities of the first token that answers `body`, blocking until they are there."""
        with _mapped(self.endpoint), self.endpoint.client(self.seconds) as client:
            response = client.post("/v1/chat/completions", json=body, extensions={"trace": watch})
            _check(response)
            tokens = response.json()["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
            yield {token["token"]: math.exp(token["logprob"]) for token in tokens}

    def _body(self, messages: Sequence[Message], max_tokens: int, salt: str = "") -> dict[str, Any]:
        """What both engines are asked with. llama.cpp knows no `cache_salt`, and passes over it."""
        return {
            "model": SERVED_NAME,
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "seed": SEED,
            "cache_salt": salt or secrets.token_hex(32),
        }


def shares(options: Sequence[str], probabilities: dict[str, float]) -> dict[str, float]:
    """Add up, for each option, the `probabilities` of first tokens that begin it and no other option."""
    total = dict.fromkeys(options, 0.0)
    for token, probability in probabilities.items():
        start = token.strip().casefold()
        begun = [option for option in options if start and option.casefold().startswith(start)]
        if len(begun) == 1:
            total[begun[0]] += probability
    return total


@contextmanager
def _mapped(endpoint: Endpoint) -> Iterator[None]:
    """Turn every way in which an engine fails into ModelUnavailable, saying which, never what was asked."""
    try:
        if not endpoint.listens():
            raise ModelUnavailable(_REFUSED)
        yield
    except httpx.ConnectError as error:
        raise ModelUnavailable(_REFUSED) from error
    except httpx.TimeoutException as error:
        raise ModelUnavailable(LATE) from error
    except httpx.HTTPError as error:
        # `from None`, here and below: the errors of HTTP and JSON quote the bytes that they stumbled over.
        raise ModelUnavailable(f"The chat model's engine broke off ({type(error).__name__}).") from None
    except OSError as error:
        raise ModelUnavailable(BROKE_OFF) from error
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ModelUnavailable("The chat model's engine answered nonsense.") from None


def _check(response: httpx.Response) -> None:
    if response.status_code != httpx.codes.OK:
        raise ModelUnavailable(f"The chat model's engine answered with status {response.status_code}.")


def _events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """The JSON objects of a stream of server-sent events, up to [DONE]; comments and other fields are skipped."""
    for line in _lines(response):
        if not line.startswith(b"data:"):
            continue
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            return
        yield json.loads(data)


def _lines(response: httpx.Response) -> Iterator[bytes]:
    """Lines of bytes, however the network cuts them; \\n and \\r\\n end a line, and nothing else does.

    (`iter_lines` of httpx also splits at characters such as U+2028, which JSON strings may hold.)
    """
    rest = b""
    for chunk in response.iter_bytes():
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.rstrip(b"\r") for line in whole)
        if len(rest) > _LINE_LIMIT:
            raise ModelUnavailable("The chat model's engine sent a line without an end.")
    if rest:
        yield rest


def _pieces(events: Iterator[dict[str, Any]]) -> Iterator[Text | Finished]:
    """Text as it comes; Finished once both the reason and the usage are known. Anything less is a broken answer."""
    reason: str | None = None
    usage: dict[str, Any] | None = None
    for event in events:
        if "error" in event:
            raise ModelUnavailable("The chat model's engine reported an error in the middle of the answer.")
        usage = event.get("usage") or usage
        for choice in event["choices"]:
            if text := choice["delta"].get("content"):
                yield Text(text)
            reason = choice.get("finish_reason") or reason
    if usage is None or reason not in ("stop", "length"):
        raise ModelUnavailable("The chat model's engine stopped in the middle of the answer.")
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    yield Finished(
        "stop" if reason == "stop" else "length",
        prompt_tokens=int(usage["prompt_tokens"]),
        cached_tokens=int(cached),
        answer_tokens=int(usage["completion_tokens"]),
    )
