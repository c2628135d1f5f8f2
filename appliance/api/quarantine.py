"""The routes of the quarantine: what is held back, and a curator's word about it. Nothing is opened here."""

from datetime import datetime
from typing import Annotated, Any, Final, Protocol, Self

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from appliance.access.curating import Inspected
from appliance.access.emergencies import LONGEST
from appliance.access.sought import ending
from appliance.api.routes import MISSING, PROBLEM, PROBLEMS, Caller
from appliance.records import Principal

_ID: Final = "5b1f6f0e-3c42-5d0e-9a55-0d9f6c1b7e21"
_REASON: Final = "It is the locked copy of a plan that nursing has put in again."
_EXAMPLE: Final[dict[str, Any]] = {
    "id": _ID, "reason": "it is encrypted", "since": "2026-03-02T06:14:31Z", "ending": "pdf", "bytes": 48213,
    "level": "internal", "department": "nursing", "uploaded": True, "name": "night-shift.pdf", "uri":
    "/uploads/mara/night-shift.pdf", "uploader": "mara", "readers": ["icu"],
}  # fmt: skip


class Curation(Protocol):
    """What a curator may do (`appliance.access.curating.Curation`)."""

    def page(self, principal: Principal, /, *, after: str, limit: int) -> list[Inspected]: ...  # noqa: D102
    def release(self, principal: Principal, document: str, /) -> None: ...  # noqa: D102
    def discard(self, principal: Principal, document: str, reason: str, /) -> None: ...  # noqa: D102


class DiscardAsked(BaseModel):
    """Why it is thrown away: who uploaded it is told."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    reason: str = Field(max_length=4 * LONGEST, examples=[_REASON])


class HeldView(BaseModel):
    """A file that is held back. `name`, `uri`, `uploader` and `readers` are empty unless you could read it.

    `level` and `department` are "" where no list says who reads it; `bytes` is null for a folder's file.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": _EXAMPLE})

    id: str
    reason: str
    since: datetime
    ending: str
    bytes: int | None
    level: str
    department: str
    uploaded: bool = Field(description="Somebody uploaded it; else it lies in a folder, and the next run looks again.")
    name: str
    uri: str
    uploader: str
    readers: list[str]

    @classmethod
    def of(cls, found: Inspected) -> Self:
        """The view of what is held back."""
        held, listed, upload = found.held, found.held.listed, found.held.upload
        return cls(
            id=held.document,
            reason=held.reason,
            since=held.since,
            ending=ending(held.uri),
            bytes=upload.size if upload is not None else None,
            level=listed.level.name.lower() if listed is not None else "",
            department=listed.department if listed is not None else "",
            uploaded=upload is not None,
            name=held.uri.rpartition("/")[2] if found.named else "",
            uri=held.uri if found.named else "",
            uploader=upload.person if upload is not None and found.named else "",
            readers=sorted(listed.readers) if listed is not None and found.named else [],
        )


class QuarantineView(BaseModel):
    """A page of what is held back, the oldest first. `next` is the `after` of the next page; null on the last."""

    model_config = ConfigDict(frozen=True)

    held: list[HeldView]
    next: str | None = Field(examples=[_ID])


def quarantine(curation: Curation) -> APIRouter:
    """The list, and both words."""
    router = APIRouter(prefix="/v1/quarantine", tags=["quarantine"], responses=PROBLEMS)

    @router.get("")
    def page(caller: Caller, after: _After = "", limit: _Limit = 50) -> QuarantineView:
        """What is held back and waits for a curator: nothing that you put in yourself. The ledger learns of it."""
        found = curation.page(caller, after=after, limit=limit + 1)
        shown = [HeldView.of(one) for one in found[:limit]]
        return QuarantineView(held=shown, next=shown[-1].id if len(found) > limit else None)

    @router.post("/{document_id}/release", status_code=202, response_class=Response, responses=_DECIDING)
    def release(document_id: _Id, caller: Caller) -> Response:
        """Let it be tried again from the beginning: an upload at once, a folder's file at the next run."""
        curation.release(caller, document_id)
        return Response(status_code=202)

    @router.post("/{document_id}/discard", status_code=202, response_class=Response, responses=_DECIDING)
    def discard(document_id: _Id, asked: DiscardAsked, caller: Caller) -> Response:
        """Throw it away. An upload's bytes are gone; a folder's file stays where it lies and out of the house."""
        curation.discard(caller, document_id, asked.reason)
        return Response(status_code=202)

    return router


_After = Annotated[str, Query(max_length=64, description="`next` of the page before.")]
_Limit = Annotated[int, Query(ge=1, le=200)]
_Id = Annotated[str, Path(max_length=64, description="The id of what is held back.", examples=[_ID])]
_DECIDING: dict[int | str, dict[str, Any]] = {
    **MISSING,
    202: {"description": "It is decided."},
    403: {**PROBLEM, "description": "You are no curator, or you put it in yourself."},
    409: {**PROBLEM, "description": "Somebody else has decided, or a newer version has come."},
}
