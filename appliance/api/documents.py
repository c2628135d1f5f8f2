"""The routes of documents: upload, list, status, remove. Nothing is parsed here: a worker takes what was kept."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Final, Literal, Protocol

import anyio
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from appliance.access.insight import Why
from appliance.access.shelf import Listed, Permit, Versions
from appliance.access.sought import Sought
from appliance.api.document_views import EXAMPLE, ID, READ, DocumentsView, DocumentView, Status, VersionsView, WhyView
from appliance.api.routes import MISSING, PROBLEM, PROBLEMS, Caller
from appliance.errors import BadRequest, QueueFull
from appliance.records import Level, Principal
from appliance.store.intake import Incoming

_GATHERED = 1 << 20
UPLOADS_AT_ONCE: Final = 4
"""Uploads of one person whose bytes may be on their way at the same time, in one process."""

_LevelName = Literal["public", "internal", "confidential", "restricted"]


class ShelfPort(Protocol):
    """What a person may see, put there and take away (`appliance.access.shelf.Shelf`)."""

    def page(  # noqa: D102
        self, principal: Principal, /, *, after: str, limit: int, sought: Sought
    ) -> list[Listed]: ...
    def one(self, principal: Principal, document_id: str, /) -> Listed: ...  # noqa: D102
    def why(self, principal: Principal, document_id: str, /) -> Why: ...  # noqa: D102
    def versions(self, principal: Principal, document_id: str, /) -> Versions: ...  # noqa: D102
    def permit(self, principal: Principal, name: str, level: Level, readers: Sequence[str], /) -> Permit: ...  # noqa: D102
    def receive(self) -> Incoming: ...  # noqa: D102
    def accept(self, principal: Principal, permit: Permit, incoming: Incoming, /) -> Listed: ...  # noqa: D102
    def remove(self, principal: Principal, document_id: str, /) -> None: ...  # noqa: D102


class SoughtAsked(BaseModel):
    """What the listed documents must be; what is left out is no condition."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    words: str = Field("", max_length=200, description="Words of its title or its file's name.", examples=["visits"])
    department: str = Field("", max_length=100, examples=["nursing"])
    level: list[_LevelName] = Field([], max_length=4)
    label: list[str] = Field([], max_length=20, description="Labels that it has, all of them.", examples=[["patient"]])
    ending: list[str] = Field([], max_length=40, description="Endings of its file's name.", examples=[["pdf"]])
    status: list[Status] = Field([], max_length=5)
    own: bool = Field(default=False, description="Only what you uploaded.")
    current: bool = Field(default=False, description="Only what nothing has replaced.")

    def sought(self) -> Sought:
        """As the shelf compares it."""
        return Sought(
            words=self.words, department=self.department, levels=frozenset(map(Level.named, self.level)),
            labels=frozenset(self.label), endings=frozenset(one.lower().lstrip(".") for one in self.ending),
            states=frozenset(self.status), own=self.own, current=self.current,
        )  # fmt: skip


class _Listing(SoughtAsked):
    """The same, and which page of the list."""

    after: str = Field("", max_length=64, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=200)


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


def documents(shelf: ShelfPort, *, largest: int) -> APIRouter:
    """Upload, list, status, who else, other versions, remove. Files have at most `largest` bytes."""
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

    @router.get(
        "", responses={**MISSING, **_shown(200, {"documents": [EXAMPLE, READ], "next": None, "largest": 50 << 20})}
    )
    def page(caller: Caller, asked: Annotated[_Listing, Query()]) -> DocumentsView:
        """The documents that you may read, and your own uploads with how far each has come; by uri, in pages.

        What you seek is compared only with what you may see.

        404 if what `after` names is gone meanwhile: begin again.
        """
        found = shelf.page(caller, after=asked.after, limit=asked.limit + 1, sought=asked.sought())
        shown = [DocumentView.of(listed) for listed in found[: asked.limit]]
        more = len(found) > asked.limit
        return DocumentsView(documents=shown, next=shown[-1].id if more else None, largest=largest)

    @router.get("/{document_id}", responses={**MISSING, **_shown(200, READ)})
    def one(document_id: _Id, caller: Caller) -> DocumentView:
        """One document that you may read, or one of your own uploads and how far it has come."""
        return DocumentView.of(shelf.one(caller, document_id))

    @router.get("/{document_id}/why", responses=MISSING)
    def why(document_id: _Id, caller: Caller) -> WhyView:
        """Why you see a document: rules by name. Its owner, curators and officers learn which groups read it too."""
        return WhyView.of(shelf.why(caller, document_id))

    @router.get("/{document_id}/versions", responses=MISSING)
    def versions(document_id: _Id, caller: Caller) -> VersionsView:
        """What replaces a document and what it replaces, as far as you may read that."""
        return VersionsView.of(shelf.versions(caller, document_id))

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


def _shown(status: int, example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {status: {"content": {"application/json": {"example": example}}}}


_Name = Annotated[str, Query(max_length=1_000, description="The file's name, with its ending.", examples=["rota.docx"])]
_Level = Annotated[
    _LevelName,
    Query(description="How sensitive it is: at most your own clearance.", examples=["internal"]),
]
_Readers = Annotated[
    list[str],
    Query(min_length=1, max_length=50, description="Who may read it: groups of your own.", examples=[["icu"]]),
]
_Id = Annotated[str, Path(max_length=64, description="The id of a document.", examples=[ID])]
_BODY = {
    "required": True,
    "description": "The file's bytes, at most `file_mib` MiB.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_UPLOADING: dict[int | str, dict[str, Any]] = {
    **_shown(202, EXAMPLE),
    400: {**PROBLEM, "description": "An empty file, a name that is none, or an upload that broke off."},
    408: {**PROBLEM, "description": "The upload stopped, or took too long."},
    413: {**PROBLEM, "description": "The file is larger than `file_mib`."},
    429: {**PROBLEM, "description": "Too many of your uploads wait or are on their way already."},
}
_REMOVING: dict[int | str, dict[str, Any]] = {202: {"description": "Nobody can read it any more."}}
