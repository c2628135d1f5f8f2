"""An answer on its way to the caller: as one JSON document, or sentence by sentence as server-sent events.

The core is synchronous: each step of the story runs on a thread. Beside it stands a watch on the connection; when the
caller leaves, the story is closed, and with it the engine's work. That can only be done between two steps; therefore a
story that waits for the model says so several times a second (Waiting).

Before the first step each story waits for its turn (`admission.py`). Until then nothing of it has happened: no thread
is held, nothing is searched and nothing is recorded, and whoever leaves gives up the place at once.
"""

import json
import time
from abc import abstractmethod
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import anyio
from anyio import CapacityLimiter
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from appliance.api import problems
from appliance.api.admission import Places, Turn
from appliance.api.views import AnswerView, RefusalView, SentenceView
from appliance.errors import ModelUnavailable, MunimentError, WaitedTooLong
from appliance.models.local import Waiting
from appliance.records import Answer, Principal, Refusal, Sentence
from appliance.telemetry import FIRST, WAITED, WHOLE, Figures

Step = Sentence | Waiting | Answer | Refusal

QUIET_SECONDS = 10.0
"""How long a stream of events stays without a byte while the model is at work; callers' time-outs must be longer."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Where stories ask for their turn, the threads on which the admitted ones run, and where their times are kept."""

    places: Places
    threads: CapacityLimiter
    figures: Figures = field(default_factory=Figures)


class Telling(Response):
    """Tells `story` of `person` to the caller, when it is its turn, and closes it in the end, however that comes about.

    An error before anything was sent becomes a problem with its own status. Afterwards it is up to the form.
    """

    def __init__(
        self, story: Iterator[Step], *, admission: Admission, person: Principal, quiet: float = QUIET_SECONDS
    ) -> None:
        super().__init__()
        self._story = story
        self._admission = admission
        self._person = f"{person.tenant}/{person.id}"
        self._narrowed = person.narrowed
        self._quiet = quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell it, until its end, its failure or the caller's leaving."""
        self._scope, self._receive, self._send = scope, receive, send
        self._asked = time.monotonic()
        async with anyio.create_task_group() as together:
            together.start_soon(_watch, receive, together.cancel_scope)
            try:
                async with self._admission.places.enter(self._person) as turn:
                    await self._in_turn(turn)
            except MunimentError as error:
                await self.fail(error)
            together.cancel_scope.cancel()

    async def _in_turn(self, turn: Turn) -> None:
        """Wait for the turn and tell the story; it is closed before the place is given up."""
        until = time.monotonic() + self._admission.places.patience
        while position := turn.position:
            if time.monotonic() >= until:
                raise WaitedTooLong("No place came free in time: too many people are asking.")
            await self.queued(position)
            await turn.moved(min(self._quiet, max(0.0, until - time.monotonic())), since=position)
        self._timed(WAITED)
        try:
            await self._tell()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._close, limiter=self._admission.threads)

    async def _tell(self) -> None:
        step, spoke = await self._step(), False
        while isinstance(step, Sentence | Waiting):
            if isinstance(step, Sentence):
                if not spoke:
                    self._timed(FIRST)
                spoke = True
                await self.sentence(step)
            else:
                await self.silence()
            step = await self._step()
        if isinstance(step, MunimentError):
            await self.fail(step)
        else:
            self._timed(WHOLE)
            await self.end(step)

    def _timed(self, step: str) -> None:
        self._admission.figures.answered(step, time.monotonic() - self._asked)

    async def queued(self, position: int, /) -> None:
        """The story waits; `position` counts from 1."""

    async def silence(self) -> None:
        """The model is at work and has said nothing new."""

    async def sentence(self, sentence: Sentence, /) -> None:
        """One sentence was released."""

    @abstractmethod
    async def end(self, last: Answer | Refusal, /) -> None:
        """The story is complete."""

    async def fail(self, error: MunimentError, /) -> None:
        """The story ended in `error`."""
        await self.respond(problems.response(error, self._scope))

    async def respond(self, response: Response) -> None:
        """Send `response`, whole."""
        await response(self._scope, self._receive, self._send)

    async def _step(self) -> Step | MunimentError:
        """The next step, or the error that ended the story: stopping before an answer or a refusal is one too."""
        return await anyio.to_thread.run_sync(self._advance, limiter=self._admission.threads)

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

    async def end(self, last: Answer | Refusal, /) -> None:
        """The document."""
        await self.respond(Response(self.document(last).model_dump_json(), media_type="application/json"))

    def document(self, last: Answer | Refusal, /) -> BaseModel:
        """What the document is made of."""
        return _view(last, narrowed=self._narrowed)


class Streamed(Telling):
    """Server-sent events of any kind.

    The first step is awaited before the response begins, so that a question that cannot be asked, or a broken
    dependency, still gets its proper status. Not for longer than `quiet` seconds, though, and not where the story
    waits for its turn: from then on a comment, which every reader of events skips, keeps the connection from looking
    dead.
    """

    _begun = False
    _spoke = 0.0

    async def queued(self, position: int, /) -> None:
        """A comment with the place in the queue."""
        await self.block(f": queued, place {position}")

    async def silence(self) -> None:
        """A comment, if nothing has been said for long."""
        self._spoke = self._spoke or time.monotonic()
        if time.monotonic() - self._spoke >= self._quiet:
            await self.block(": waiting")

    async def fail(self, error: MunimentError, /) -> None:
        """A problem with its own status, or in the middle an event and never a full stop."""
        if self._begun:
            await self.failed(error)
            await self.close()
        else:
            await super().fail(error)

    @abstractmethod
    async def failed(self, error: MunimentError, /) -> None:
        """The event that says that the story ended in `error`."""

    async def block(self, text: str) -> None:
        """Send `text` and the empty line that ends an event; begin the response first if it has not begun."""
        if not self._begun:
            self._begun = True
            headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        self._spoke = time.monotonic()
        await self._send({"type": "http.response.body", "body": f"{text}\n\n".encode(), "more_body": True})

    async def close(self) -> None:
        """End the response."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


class AsEvents(Streamed):
    """`sentence`s as they are released, then `answer` or `refusal`, or `error` with a problem."""

    async def sentence(self, sentence: Sentence, /) -> None:
        """The event `sentence`."""
        await self._event("sentence", SentenceView.of(sentence))

    async def end(self, last: Answer | Refusal, /) -> None:
        """The last event."""
        await self._event("answer" if isinstance(last, Answer) else "refusal", _view(last, narrowed=self._narrowed))
        await self.close()

    async def failed(self, error: MunimentError, /) -> None:
        """The event `error`."""
        await self._event("error", problems.problem(error, problems.request_id_of(self._scope)))

    async def _event(self, name: str, data: BaseModel) -> None:
        await self.block(f"event: {name}\ndata: {line(data)}")


def line(data: BaseModel) -> str:
    """ASCII JSON on a single line: no text of a document can end the event or begin another."""
    return json.dumps(data.model_dump(mode="json"), separators=(",", ":"))


def _view(last: Answer | Refusal, *, narrowed: bool) -> AnswerView | RefusalView:
    view = AnswerView.of(last) if isinstance(last, Answer) else RefusalView.of(last)
    return view.model_copy(update={"narrowed": narrowed})


async def _watch(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
