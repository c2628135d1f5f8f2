"""The routes of documents: upload, list, status, remove. Nothing is parsed here: a worker takes what was kept."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Protocol, Self

import anyio
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from appliance.access.shelf import Listed, Permit
from appliance.api.routes import MISSING, PROBLEM, PROBLEMS, Caller
from appliance.errors import BadRequest, QueueFull
from appliance.records import Level, Principal
from appliance.store.intake import Incoming

_GATHERED = 1 << 20
UPLOADS_AT_ONCE: Final = 4
"""Uploads of one person whose bytes may be on their way at the same time, in one process."""

_ID = "5b1f6f0e-3c42-5d0e-9a55-0d9f6c1b7e21"
_EXAMPLE: dict[str, Any] = {
    "id": _ID,
    "uri": "/uploads/mara/night-shift-checklist.docx",
    "title": "night-shift-checklist.docx",
    "media_type": "",
    "language": "",
    "pages": 0,
    "level": "internal",
    "labels": [],
    "valid_from": None,
    "superseded": False,
    "own": True,
    "status": "queued",
    "reason": "",
    "readers": ["icu"],
    "bytes": 48213,
    "received": "2026-03-02T06:14:09Z",
    "readable": False,
}
_READ = _EXAMPLE | {
    "uri": "nursing/transfusion.html", "title": "Giving blood", "media_type": "text/html", "language": "en",
    "pages": 1, "valid_from": "2026-03-01", "own": False, "status": "stored", "readers": [], "bytes": None,
    "received": None, "readable": True,
}  # fmt: skip


class ShelfPort(Protocol):
    """What a person may see, put there and take away (`appliance.access.shelf.Shelf`)."""

    def page(self, principal: Principal, /, *, after: str, limit: int) -> list[Listed]: ...  # noqa: D102
    def one(self, principal: Principal, document_id: str, /) -> Listed: ...  # noqa: D102
    def permit(self, principal: Principal, name: str, level: Level, readers: Sequence[str], /) -> Permit: ...  # noqa: D102
    def receive(self) -> Incoming: ...  # noqa: D102
    def accept(self, principal: Principal, permit: Permit, incoming: Incoming, /) -> Listed: ...  # noqa: D102
    def remove(self, principal: Principal, document_id: str, /) -> None: ...  # noqa: D102


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class DocumentView(_View):
    """A document that you may read, or an upload of yours with how far it has come.

    `status` is that of the newest version; `readers`, `bytes`, `received` and `reason` are told to its owner only.
    """

    id: str = Field(examples=[_ID])
    uri: str
    title: str
    media_type: str
    language: str
    pages: int
    level: str = Field(examples=["internal"])
    labels: list[str] = Field(description="What its list and its text say of it.", examples=[["patient"]])
    valid_from: date | None
    superseded: bool
    own: bool = Field(description="Whether you uploaded it.")
    status: Literal["queued", "running", "stored", "quarantined"]
    reason: str = Field(description="Why it is quarantined.", examples=["it is encrypted"])
    readers: list[str]
    bytes: int | None
    received: datetime | None
    readable: bool = Field(description="Whether you may read it now; its text may have raised its level above yours.")

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """The view of a listed document."""
        document, upload = listed.document, listed.upload
        access = document.access if document is not None else upload.access if upload is not None else None
        return cls(
            id=document.id if document is not None else upload.document if upload is not None else "",
            uri=listed.uri,
            title=document.title if document is not None else upload.name if upload is not None else "",
            media_type=document.media_type if document is not None else "",
            language=document.language if document is not None else "",
            pages=document.pages if document is not None else 0,
            level=access.level.name.lower() if access is not None else "",
            labels=sorted(access.labels) if access is not None else [],
            valid_from=document.valid_from if document is not None else None,
            superseded=document is not None and document.superseded_by is not None,
            own=upload is not None,
            status=_status(listed),
            reason=upload.reason if upload is not None else "",
            readers=sorted(upload.access.readers) if upload is not None else [],
            bytes=upload.size if upload is not None else None,
            received=upload.received if upload is not None else None,
            readable=document is not None,
        )


class DocumentsView(_View):
    """A page of documents, by uri. `next` is the `after` of the next page; null on the last."""

    documents: list[DocumentView]
    next: str | None = Field(examples=[_ID])


class Arriving:
    """How many uploads of each person are on their way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def one(self, caller: Principal) -> Iterator[None]:
        """One more of `caller`, until the end of the block. Raises QueueFull."""
        person = (caller.tenant, caller.id)
        with self._lock:
            if self._under_way[person] >= UPLOADS_AT_ONCE:
                raise QueueFull(
                    f"{UPLOADS_AT_ONCE} of your uploads are on their way already.",
                    advice="Nothing was kept. Send it again when one of them has arrived.",
                )
            self._under_way[person] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[person] -= 1
                self._under_way += Counter()  # forgets who has none


def documents(shelf: ShelfPort) -> APIRouter:
    """Upload, list, status, remove."""
    router = APIRouter(prefix="/v1/documents", tags=["documents"], responses=PROBLEMS)
    arriving = Arriving()

    @router.post("", status_code=202, responses=_UPLOADING, openapi_extra={"requestBody": _BODY})
    async def upload(
        request: Request, response: Response, caller: Caller, name: _Name, level: _Level, readers: _Readers
    ) -> DocumentView:
        """Give a document to the house: the file's bytes are the body, unwrapped. 202: it is safe, and will be read.

        You say who may read it: groups of your own, and a level up to your own clearance; its text may raise the
        level. The same name again is a new version. Poll `GET /v1/documents/{id}` until `stored` or `quarantined`.
        """
        if request.headers.get("content-type", "").lower().startswith("multipart/"):
            raise BadRequest("A form was sent.", advice="Send the file's own bytes as the body, as octet-stream.")
        with arriving.one(caller):
            permit = await anyio.to_thread.run_sync(shelf.permit, caller, name, Level.named(level), readers)
            with await anyio.to_thread.run_sync(shelf.receive) as incoming:
                await _stream(request, incoming)
                listed = await anyio.to_thread.run_sync(shelf.accept, caller, permit, incoming)
        view = DocumentView.of(listed)
        response.headers["location"] = f"/v1/documents/{view.id}"
        return view

    @router.get("", responses={**MISSING, **_shown(200, {"documents": [_EXAMPLE, _READ], "next": None})})
    def page(caller: Caller, after: _After = "", limit: _Limit = 50) -> DocumentsView:
        """The documents that you may read, and your own uploads with how far each has come; by uri, in pages.

        404 if what `after` names is gone meanwhile: begin again.
        """
        found = shelf.page(caller, after=after, limit=limit + 1)
        shown = [DocumentView.of(listed) for listed in found[:limit]]
        return DocumentsView(documents=shown, next=shown[-1].id if len(found) > limit else None)

    @router.get("/{document_id}", responses={**MISSING, **_shown(200, _READ)})
    def one(document_id: _Id, caller: Caller) -> DocumentView:
        """One document that you may read, or one of your own uploads and how far it has come."""
        return DocumentView.of(shelf.one(caller, document_id))

    @router.delete("/{document_id}", status_code=202, response_class=Response, responses={**MISSING, **_REMOVING})
    def remove(document_id: _Id, caller: Caller) -> Response:
        """Remove an upload of your own. From now on nobody can read it; a job then takes it out of index and archive.

        What you may read but did not upload gets 403; what you may not see gets the same 404 as what is not there.
        """
        shelf.remove(caller, document_id)
        return Response(status_code=202)

    return router


async def _stream(request: Request, incoming: Incoming) -> None:
    """Take the body as it comes, a mebibyte at a time to the disk. Raises BadRequest, TooLarge; 408 where it stalls."""
    held = bytearray()
    try:
        async for chunk in request.stream():
            held += chunk
            if len(held) >= _GATHERED:
                await anyio.to_thread.run_sync(incoming.write, bytes(held))
                held.clear()
        await anyio.to_thread.run_sync(incoming.write, bytes(held))
    except ClientDisconnect as error:
        raise BadRequest("The upload broke off.", advice="Nothing was kept. Send it again.") from error


def _status(listed: Listed) -> Literal["queued", "running", "stored", "quarantined"]:
    if listed.upload is None:
        return "stored"
    found: Literal["queued", "running", "stored", "quarantined"]
    for found in ("queued", "running", "quarantined"):
        if listed.upload.state == found:
            return found
    return "stored"


def _shown(status: int, example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {status: {"content": {"application/json": {"example": example}}}}


_Name = Annotated[str, Query(max_length=1_000, description="The file's name, with its ending.", examples=["rota.docx"])]
_Level = Annotated[
    Literal["public", "internal", "confidential", "restricted"],
    Query(description="How sensitive it is: at most your own clearance.", examples=["internal"]),
]
_Readers = Annotated[
    list[str],
    Query(min_length=1, max_length=50, description="Who may read it: groups of your own.", examples=[["icu"]]),
]
_After = Annotated[str, Query(max_length=64, description="`next` of the page before.")]
_Limit = Annotated[int, Query(ge=1, le=200)]
_Id = Annotated[str, Path(max_length=64, description="The id of a document.", examples=[_ID])]
_BODY = {
    "required": True,
    "description": "The file's bytes, at most `file_mib` MiB.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_UPLOADING: dict[int | str, dict[str, Any]] = {
    **_shown(202, _EXAMPLE),
    400: {**PROBLEM, "description": "An empty file, a name that is none, or an upload that broke off."},
    408: {**PROBLEM, "description": "The upload stopped, or took too long."},
    413: {**PROBLEM, "description": "The file is larger than `file_mib`."},
    429: {**PROBLEM, "description": "Too many of your uploads wait or are on their way already."},
}
_REMOVING: dict[int | str, dict[str, Any]] = {202: {"description": "Nobody can read it any more."}}
