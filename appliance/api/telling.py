"""An answer on its way to the caller: as one JSON document, or sentence by sentence as server-sent events.

The core is synchronous: each step of the story runs on a thread. Beside it stands a watch on the connection; when the
caller leaves, the story is closed, and with it the engine's work. That can only be done between two steps; therefore a
story that waits for the model says so several times a second (Waiting).
"""

import json
import time
from abc import abstractmethod
from collections.abc import Generator, Iterator

import anyio
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from appliance.api import problems
from appliance.api.views import AnswerView, RefusalView, SentenceView
from appliance.errors import ModelUnavailable, MunimentError
from appliance.models.local import Waiting
from appliance.records import Answer, Refusal, Sentence

Step = Sentence | Waiting | Answer | Refusal

QUIET_SECONDS = 10.0
"""How long a stream of events stays without a byte while the model is at work; callers' time-outs must be longer."""


class Telling(Response):
    """Tells `story` to the caller and closes it in the end, however that comes about.

    An error before anything was sent becomes a problem with its own status. Afterwards it is up to the form.
    """

    def __init__(self, story: Iterator[Step]) -> None:
        super().__init__()
        self._story = story

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell it, until its end, its failure or the caller's leaving."""
        try:
            async with anyio.create_task_group() as together:
                together.start_soon(_watch, receive, together.cancel_scope)
                await self._tell(scope, receive, send)
                together.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._close)

    @abstractmethod
    async def _tell(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    async def _step(self) -> Step | MunimentError:
        """The next step, or the error that ended the story: stopping before an answer or a refusal is one too."""
        return await anyio.to_thread.run_sync(self._advance)

    def _advance(self) -> Step | MunimentError:
        try:
            return next(self._story)
        except StopIteration:
            return ModelUnavailable("The answer stopped in the middle.")
        except MunimentError as error:
            return error

    def _close(self) -> None:
        if isinstance(self._story, Generator):
            self._story.close()


class AsDocument(Telling):
    """The whole answer or refusal as JSON, once it is complete."""

    async def _tell(self, scope: Scope, receive: Receive, send: Send) -> None:
        step = await self._step()
        while isinstance(step, Sentence | Waiting):
            step = await self._step()
        if isinstance(step, MunimentError):
            await problems.response(step, scope)(scope, receive, send)
            return
        body = _view(step).model_dump_json()
        await Response(body, media_type="application/json")(scope, receive, send)


class AsEvents(Telling):
    """Server-sent events: `sentence`s as they are released, then `answer` or `refusal`, or `error` with a problem.

    The first step is awaited before the response begins, so that a question that cannot be asked, or a broken
    dependency, still gets its proper status. Not for longer than `quiet` seconds, though: from then on a comment,
    which every reader of events skips, keeps the connection from looking dead.
    """

    def __init__(self, story: Iterator[Step], *, quiet: float = QUIET_SECONDS) -> None:
        super().__init__(story)
        self._quiet = quiet

    async def _tell(self, scope: Scope, receive: Receive, send: Send) -> None:
        spoke = time.monotonic()
        step = await self._step()
        while isinstance(step, Waiting) and time.monotonic() - spoke < self._quiet:
            step = await self._step()
        if isinstance(step, MunimentError):
            await problems.response(step, scope)(scope, receive, send)
            return
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while isinstance(step, Sentence | Waiting):
            if isinstance(step, Sentence):
                await _send(send, "sentence", SentenceView.of(step))
                spoke = time.monotonic()
            elif time.monotonic() - spoke >= self._quiet:
                await send({"type": "http.response.body", "body": b": waiting\n\n", "more_body": True})
                spoke = time.monotonic()
            step = await self._step()
        if isinstance(step, MunimentError):
            await _send(send, "error", problems.problem(step, problems.request_id_of(scope)))
        else:
            await _send(send, _name(step), _view(step))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _name(step: Answer | Refusal) -> str:
    """The name of the last event."""
    return "answer" if isinstance(step, Answer) else "refusal"


def _view(step: Answer | Refusal) -> AnswerView | RefusalView:
    return AnswerView.of(step) if isinstance(step, Answer) else RefusalView.of(step)


async def _send(send: Send, event: str, data: BaseModel) -> None:
    """One event. ASCII JSON on a single line: no text of a document can end the event or begin another."""
    line = json.dumps(data.model_dump(mode="json"), separators=(",", ":"))
    await send({"type": "http.response.body", "body": f"event: {event}\ndata: {line}\n\n".encode(), "more_body": True})


async def _watch(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
