"""The routes of what is behind a citation: its page, the pages around it, their pictures, the original. Who you are."""

from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.responses import Response

from appliance.api.gate import SANDBOXED
from appliance.api.routes import MISSING, PROBLEMS, Caller, Reader, Standing
from appliance.api.views import CitedPageView, PersonView

_PassageId = Annotated[str, Path(max_length=64, description="The id of a passage, from a citation or a search.")]
_DocumentId = Annotated[str, Path(max_length=64, description="The id of a document.")]
_Number = Annotated[int, Path(ge=1, le=1_000_000, description="A page of the passage's document, from 1.")]
_PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    **MISSING,
    200: {"content": {"image/png": {}}, "description": "The page's picture."},
}
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    **MISSING,
    200: {"content": {"application/octet-stream": {}}, "description": "The file's own bytes, as an attachment."},
}


def pages(reader: Reader, standing: Standing) -> APIRouter:
    """Cited pages, originals, and who you are."""
    router = APIRouter(prefix="/v1", tags=["pages"], responses=PROBLEMS)

    @router.get("/passages/{passage_id}", responses=MISSING)
    def passage(passage_id: _PassageId, caller: Caller) -> CitedPageView:
        """The page on which a passage stands, with the passage's place on it. Access is decided anew."""
        return CitedPageView.of(reader.page(caller, passage_id))

    @router.get("/passages/{passage_id}/picture", response_class=Response, responses=_PICTURE)
    def picture(passage_id: _PassageId, caller: Caller) -> Response:
        """The picture of that page, if its format has pages to draw. Access is decided anew."""
        return Response(reader.picture(caller, passage_id), media_type="image/png")

    @router.get("/passages/{passage_id}/pages/{number}", responses=MISSING)
    def turned(passage_id: _PassageId, number: _Number, caller: Caller) -> CitedPageView:
        """Another page of the document in which a passage stands. Access is decided anew; each turn is recorded."""
        return CitedPageView.of(reader.page(caller, passage_id, number=number))

    @router.get("/passages/{passage_id}/pages/{number}/picture", response_class=Response, responses=_PICTURE)
    def turned_picture(passage_id: _PassageId, number: _Number, caller: Caller) -> Response:
        """The picture of another page of that document. Access is decided anew."""
        return Response(reader.picture(caller, passage_id, number=number), media_type="image/png")

    @router.get("/documents/{document_id}/original", response_class=Response, responses=_FILE)
    def original(document_id: _DocumentId, caller: Caller) -> Response:
        """Take away the file behind a document that you may read. Decided anew, and recorded; no emergency opens it."""
        found = reader.original(caller, document_id)
        named = {"Content-Disposition": _attachment(found.name)}
        return Response(found.content, media_type="application/octet-stream", headers=SANDBOXED | named)

    @router.get("/me")
    def me(caller: Caller) -> PersonView:
        """Who you are to the appliance, and what that opens."""
        return PersonView.of(caller, standing(caller))

    return router


def _attachment(name: str) -> str:
    """A file's name for a header (RFC 6266), without what would turn its letters round or hide them."""
    plain = "".join(one for one in name if one.isprintable() and one not in '/\\"') or "document"
    return f"attachment; filename*=UTF-8''{quote(plain, safe='')}"
