"""The routes of conversations: list, open, delete; and what a person thinks of an answer."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Protocol

from fastapi import APIRouter, Path, Query, Response

from appliance.answering.showing import Opened
from appliance.api.conversation_file import markdown
from appliance.api.conversation_pdf import pdf
from appliance.api.conversation_views import (
    ANSWER,
    CONVERSATION,
    ConversationsView,
    ConversationView,
    FeedbackAsked,
    FeedbackView,
    HeadingView,
)
from appliance.api.routes import MISSING, PROBLEM, PROBLEMS, Caller
from appliance.api.telling import Step
from appliance.errors import BadRequest
from appliance.records import Filters, Principal
from appliance.store.conversations_told import Feedback, Heading


class Talk(Protocol):
    """Conversations with the desk (`appliance.answering.conversation.Dialogue`)."""

    @property
    def days(self) -> int:  # noqa: D102
        ...

    def ask(  # noqa: D102
        self, principal: Principal, text: str, /, *, conversation: str = "", filters: Filters = ...
    ) -> Iterator[Step]: ...
    def follow(self, principal: Principal, text: str, /, *, earlier: Sequence[str]) -> Iterator[Step]: ...  # noqa: D102
    def page(  # noqa: D102
        self, principal: Principal, /, *, before: tuple[datetime, str] | None, limit: int, words: str = ""
    ) -> list[Heading]: ...
    def open(self, principal: Principal, conversation: str, /) -> Opened: ...  # noqa: D102
    def export(self, principal: Principal, conversation: str, /) -> Opened: ...  # noqa: D102
    def delete(self, principal: Principal, conversation: str, /) -> None: ...  # noqa: D102
    def delete_all(self, principal: Principal, /) -> None: ...  # noqa: D102
    def rate(self, principal: Principal, answer: str, feedback: Feedback, /) -> None: ...  # noqa: D102


_Id = Annotated[str, Path(max_length=64, description="The id of one of your conversations.", examples=[CONVERSATION])]
_AnswerId = Annotated[str, Path(max_length=64, description="The id of an answer that you got.", examples=[ANSWER])]
_Before = Annotated[str, Query(max_length=256, description="`next` of the page before.")]
_Search = Annotated[
    str, Query(max_length=200, description="Words of your own questions; all of them must stand there.")
]
_Limit = Annotated[int, Query(ge=1, le=200)]
_Form = Annotated[Literal["markdown", "json", "pdf"], Query(alias="format", description="What the file is.")]
_Language = Annotated[Literal["en", "de"], Query(description="Of our own words in a PDF.")]
_FORMS: Final = {
    "markdown": ("md", "text/markdown"),
    "json": ("json", "application/json"),
    "pdf": ("pdf", "application/pdf"),
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {"text/markdown": {"schema": {"type": "string"}, "example": "# When does the pharmacy open?\n"}},
    }
}
_GONE: dict[int | str, dict[str, Any]] = {204: {"description": "Gone: the rows are deleted and overwritten."}}


def conversations(talk: Talk) -> APIRouter:
    """List, open, delete; feedback."""
    router = APIRouter(prefix="/v1", tags=["conversations"], responses=PROBLEMS)

    @router.get("/conversations")
    def page(caller: Caller, before: _Before = "", limit: _Limit = 50, search: _Search = "") -> ConversationsView:
        """List your conversations, the newest first, in pages; with `search` those where you asked with its words."""
        found = talk.page(caller, before=_place(before) if before else None, limit=limit + 1, words=search)
        shown = found[:limit]
        further = _cursor(shown[-1]) if len(found) > limit else None
        headings = [HeadingView.of(heading) for heading in shown]
        return ConversationsView(conversations=headings, next=further, days=talk.days)

    @router.delete("/conversations", status_code=204, response_class=Response, responses=_GONE)
    def delete_all(caller: Caller) -> Response:
        """Delete all of your conversations, and what you said of their answers."""
        talk.delete_all(caller)
        return Response(status_code=204)

    @router.get("/conversations/{conversation_id}", responses=MISSING)
    def one(conversation_id: _Id, caller: Caller) -> ConversationView:
        """Open one of your conversations. Each sentence is decided anew; what you may not read any more is left out."""
        return ConversationView.opened(talk.open(caller, conversation_id))

    @router.get("/conversations/{conversation_id}/export", response_class=Response, responses=MISSING | _FILE)
    def export(conversation_id: _Id, caller: Caller, form: _Form = "markdown", language: _Language = "en") -> Response:
        """Take one of your conversations away as a file. Decided anew, like opening it, and recorded as an export."""
        view = ConversationView.opened(talk.export(caller, conversation_id))
        ending, media_type = _FORMS[form]
        if form == "pdf":
            content = pdf(view, language=language)
        else:
            content = (markdown(view) if form == "markdown" else view.model_dump_json(indent=1)).encode()
        named = f'attachment; filename="conversation.{ending}"'
        return Response(content, media_type=media_type, headers={"Content-Disposition": named})

    @router.delete(
        "/conversations/{conversation_id}", status_code=204, response_class=Response, responses=MISSING | _GONE
    )
    def delete(conversation_id: _Id, caller: Caller) -> Response:
        """Delete one of your conversations, and what you said of its answers."""
        talk.delete(caller, conversation_id)
        return Response(status_code=204)

    @router.post(
        "/answers/{answer_id}/feedback",
        responses={**MISSING, 400: {**PROBLEM, "description": "A reason that does not go with the verdict."}},
    )
    def rate(answer_id: _AnswerId, asked: FeedbackAsked, caller: Caller) -> FeedbackView:
        """Say what you think of an answer that you got; saying it again replaces it.

        Answers are known for as long as their conversation is kept.
        """
        feedback = Feedback(asked.verdict, asked.reason, asked.note)
        talk.rate(caller, answer_id, feedback)
        return FeedbackView.of(feedback)

    return router


def _cursor(heading: Heading) -> str:
    """The place after `heading`, which the caller has just been shown."""
    return base64.urlsafe_b64encode(f"{heading.updated.isoformat()} {heading.id}".encode()).decode()


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        moment, _, number = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        at = datetime.fromisoformat(moment)
    except (ValueError, binascii.Error) as error:
        raise BadRequest("`before` is no place in the list.", advice="Take it from `next`.") from error
    if at.tzinfo is None:
        raise BadRequest("`before` is no place in the list.", advice="Take it from `next`.")
    return at, number
