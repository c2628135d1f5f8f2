"""The routes: thin. Each hands over to one object of the core and shows what comes back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Protocol, runtime_checkable

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, Response

from appliance.answering.reading import CitedPage, Original
from appliance.api.asked import PersonaAsked, QuestionAsked, SearchAsked
from appliance.api.checking import OK, Check, Checks
from appliance.api.telling import Admission, AsDocument, AsEvents, Step
from appliance.api.views import (
    AnswerView,
    Found,
    PassageView,
    PersonaView,
    Problem,
    Ready,
    RefusalView,
    TokenView,
)
from appliance.errors import NotAuthenticated, NotFound
from appliance.records import Filters, Passage, Principal

Standing = Callable[[Principal], Sequence[str]]
"""What somebody may do in the house, by the names of the policies' actions (`appliance.access.standing`)."""


def nothing(_: Principal) -> Sequence[str]:
    """The standing of everybody where nobody knows it."""
    return ()


_EVENTS = """event: sentence
data: {"text":"A bag of red cells must have run through within four hours.","citations":[{"number":1, …}]}

event: answer
data: {"kind":"answer","id":"01K9Z3","text":"A bag of red cells … [1]", …}

"""


class Desk(Protocol):
    """Answers questions and finds passages (`appliance.answering.ask`)."""

    def answer(self, principal: Principal, question: str, /, *, filters: Filters = ...) -> Iterator[Step]:
        """Released sentences, then exactly one Answer or Refusal. Closing the iterator stops the engine."""

    def search(self, principal: Principal, question: str, /, *, limit: int, filters: Filters) -> list[Passage]:
        """At most `limit` passages inside `filters`, best first."""


class Reader(Protocol):
    """Opens cited pages (`appliance.answering.reading.PageReader`). Missing and forbidden are the same NotFound."""

    def page(self, principal: Principal, passage_id: str, /, *, number: int = 0) -> CitedPage:
        """The page on which a passage stands, or page `number` of its document."""

    def picture(self, principal: Principal, passage_id: str, /, *, number: int = 0) -> bytes:
        """That page's picture as PNG."""

    def original(self, principal: Principal, document_id: str, /) -> Original:
        """The file behind a document."""


class Persona(Protocol):
    """What a persona shows of himself before anyone has signed in."""

    @property
    def id(self) -> str: ...  # noqa: D102 - its name says it
    @property
    def name(self) -> str: ...  # noqa: D102 - its name says it
    @property
    def title(self) -> str: ...  # noqa: D102 - its name says it
    @property
    def department(self) -> str: ...  # noqa: D102 - its name says it
    @property
    def language(self) -> str: ...  # noqa: D102 - its name says it


@runtime_checkable
class Personas(Protocol):
    """The demonstration's sign-in (`appliance.access.identity.DemoIdentity`)."""

    def personas(self) -> Sequence[Persona]:
        """Everyone who can be chosen."""

    def token(self, persona_id: str, /) -> str:
        """A token for one of them. Raises NotAuthenticated if there is no such persona."""


def _caller(request: Request) -> Principal:
    """Whom the Gate let in. A route that asks for a caller though OPEN lists it fails closed."""
    principal = request.scope["state"].get("principal")
    if not isinstance(principal, Principal):
        raise NotAuthenticated("You are not signed in, or your sign-in has ended.")
    return principal


Caller = Annotated[Principal, Depends(_caller)]
PROBLEM: dict[str, Any] = {"model": Problem, "content": {"application/problem+json": {}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {**PROBLEM, "description": words}
    for code, words in {
        401: "No token, or one that does not check out.",
        403: "You may do nothing of the kind.",
        422: "Fields of the wrong shape.",
        503: "A part of the appliance is broken; the code says which. Nothing was answered from half the evidence.",
    }.items()
}
MISSING: dict[int | str, dict[str, Any]] = {404: {**PROBLEM, "description": "Missing, or not for you: the same."}}


class Asking(Protocol):
    """Answers questions within conversations (`appliance.answering.conversation.Dialogue`)."""

    def ask(self, principal: Principal, question: str, /, *, conversation: str, filters: Filters) -> Iterator[Step]:
        """As `Desk.answer`. Raises NotFound for a conversation that is not the caller's."""


def questions(desk: Desk, admission: Admission, asking: Asking | None = None) -> APIRouter:
    """Asking and searching. Without `asking` every question stands alone and nothing is kept."""
    router = APIRouter(prefix="/v1", tags=["questions"], responses=PROBLEMS)

    @router.post(
        "/ask",
        response_model=AnswerView | RefusalView,
        responses={
            200: {
                "description": "An answer or a refusal; with `Accept: text/event-stream` as events.",
                "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EVENTS}},
            },
            400: {**PROBLEM, "description": "An empty or overlong question, or characters that no text has."},
            404: {**PROBLEM, "description": "No such conversation, or not yours: the same."},
        },
    )
    def ask(asked: QuestionAsked, caller: Caller, accept: Annotated[str, Header()] = "") -> Response:
        """Answer a question from the documents that you may read, or refuse honestly.

        With `Accept: text/event-stream` each sentence comes as an event once it has been verified. With `conversation`
        a follow-up is understood from the questions before it; `understood` says how.
        """
        filters = asked.filters.named()
        if asking is not None:
            story = asking.ask(caller, asked.question, conversation=asked.conversation, filters=filters)
        elif asked.conversation:
            raise NotFound
        else:
            story = desk.answer(caller, asked.question, filters=filters)
        kinds = {kind.partition(";")[0].strip().lower() for kind in accept.split(",")}
        form = AsEvents if "text/event-stream" in kinds else AsDocument
        return form(story, admission=admission, person=caller)

    @router.post("/search")
    def search(asked: SearchAsked, caller: Caller) -> Found:
        """Find passages among the documents that you may read, best first."""
        found = desk.search(caller, asked.question, limit=asked.limit, filters=asked.filters.named())
        return Found(passages=[PassageView.of(passage) for passage in found])

    return router


def demo(identity: Personas) -> APIRouter:
    """The demonstration's sign-in. These routes exist only with identity=demo."""
    router = APIRouter(prefix="/v1/demo", tags=["demo"])

    @router.get("/personas")
    def personas() -> list[PersonaView]:
        """Everyone whom you can be."""
        return [
            PersonaView(id=p.id, name=p.name, title=p.title, department=p.department, language=p.language)
            for p in identity.personas()
        ]

    @router.post("/token", responses={422: PROBLEMS[422], 401: PROBLEMS[401]})
    def token(asked: PersonaAsked) -> TokenView:
        """Become a persona: a token that ends after eight hours, or when the appliance stops."""
        return TokenView(access_token=identity.token(asked.persona))

    return router


def health(checks: Mapping[str, Check]) -> APIRouter:
    """Whether the process lives, and whether each part works."""
    router = APIRouter(tags=["health"])
    looking = Checks(checks)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process lives."""
        return {"status": "alive"}

    @router.get("/readyz", response_model=Ready, responses={503: {"model": Ready, "description": "A part is broken."}})
    async def readyz() -> JSONResponse:
        """Whether questions can be answered, part by part."""
        parts = {name: outcome for name, (outcome, _) in (await looking.outcomes()).items()}
        ready = bool(parts) and set(parts.values()) == {OK}
        body = Ready(ready=ready, parts=parts)
        return JSONResponse(body.model_dump(), status_code=200 if ready else 503)

    return router
