"""The vector store of one machine: Qdrant Edge in a process of its own, behind the Qdrant REST calls that we use.

`python -m appliance.retrieval.edge_store --folder FOLDER --socket SOCKET`

It listens on a unix socket of mode 0600 in a folder of mode 0700 and nowhere else, so whoever may not read the files
cannot ask for them either. A write is acknowledged after `flush()`, never before. The engine holds Python's lock while
it works, so calls are served one after another.
"""

import argparse
import logging
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import NoReturn, TypeVar

import uvicorn
from pydantic import BaseModel, RootModel, TypeAdapter, ValidationError
from qdrant_client.http import models
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appliance.errors import MunimentError
from appliance.retrieval.edge_folder import Collection, EngineFailed, Folder, Refused
from appliance.retrieval.edge_socket import listen

log = logging.getLogger(__name__)

BODY_BYTES = 64 * 2**20
NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
Body = TypeVar("Body")
Answering = Callable[[Request], Awaitable[object]]


class Routes:
    """The calls, by name. Each parses with the client's own models and answers with a value that goes into `result`."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def exists(self, request: Request) -> object:
        """Whether a collection is there."""
        return models.CollectionExistence(exists=self._name(request) in self._folder.collections)

    async def create(self, request: Request) -> object:
        """Create a collection; 409 if it exists."""
        self._folder.create(self._name(request), await _body(request, models.CreateCollection))
        return True

    async def collection(self, request: Request) -> object:
        """What a collection is made of, and how many points it holds."""
        return self._collection(request).info()

    async def index(self, request: Request) -> object:
        """Create an index over a payload field."""
        return self._collection(request).create_index(await _body(request, models.CreateFieldIndex))

    async def upsert(self, request: Request) -> object:
        """Write points."""
        return self._collection(request).upsert(await _body(request, models.PointsList))

    async def retrieve(self, request: Request) -> object:
        """Points by their ids."""
        return self._collection(request).retrieve(await _body(request, models.PointRequest))

    async def delete(self, request: Request) -> object:
        """Delete points by ids or by a filter."""
        return self._collection(request).delete((await _body(request, Selection)).root)

    async def set_payload(self, request: Request) -> object:
        """Merge fields into the payload of points."""
        return self._collection(request).set_payload(await _body(request, models.SetPayload))

    async def overwrite_payload(self, request: Request) -> object:
        """Replace the payload of points."""
        return self._collection(request).set_payload(await _body(request, models.SetPayload), whole=True)

    async def query(self, request: Request) -> object:
        """Prefetch, fuse, filter."""
        return self._collection(request).query(await _body(request, models.QueryRequest))

    async def scroll(self, request: Request) -> object:
        """Points in the order of their ids, page by page."""
        return self._collection(request).scroll(await _body(request, models.ScrollRequest))

    async def count(self, request: Request) -> object:
        """How many points match."""
        return self._collection(request).count(await _body(request, models.CountRequest))

    async def facet(self, request: Request) -> object:
        """Which values a payload field has, and how often."""
        return self._collection(request).facet(await _body(request, models.FacetRequest))

    def _name(self, request: Request) -> str:
        name: str = request.path_params["name"]
        if not NAME.fullmatch(name):
            raise Refused(HTTPStatus.BAD_REQUEST, "A collection's name holds letters, digits, - and _ only.")
        return name

    def _collection(self, request: Request) -> Collection:
        name = self._name(request)
        if name not in self._folder.collections:
            raise Refused(HTTPStatus.NOT_FOUND, f"Not found: Collection `{name}` doesn't exist!")
        return self._folder.collections[name]


class Selection(RootModel[models.PointsSelector]):
    """Which points a deletion means: ids, or a filter."""


async def _body(request: Request, shape: type[Body]) -> Body:
    """The request's body in `shape`. Raises Refused (400, 413) without repeating what was sent."""
    received = bytearray()
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > BODY_BYTES:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is over {BODY_BYTES} bytes.")
    async for piece in request.stream():
        received += piece
        if len(received) > BODY_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is over {BODY_BYTES} bytes.")
    try:
        parsed = TypeAdapter(shape).validate_json(bytes(received))
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise Refused(HTTPStatus.BAD_REQUEST, f"Format error in JSON body: {fault['type']} at {where}") from None
    return parsed


def application(folder: Folder) -> Starlette:
    """The REST interface over an open folder."""
    routes = Routes(folder)
    base, points = "/collections/{name}", "/collections/{name}/points"

    def route(path: str, method: str, answering: Answering) -> Route:
        return Route(path, _answered(answering), methods=[method])

    return Starlette(
        routes=[
            Route("/healthz", _healthy, methods=["GET"]),
            Route("/readyz", _healthy, methods=["GET"]),
            Route("/", _version, methods=["GET"]),
            route(base, "GET", routes.collection),
            route(base, "PUT", routes.create),
            route(f"{base}/exists", "GET", routes.exists),
            route(f"{base}/index", "PUT", routes.index),
            route(f"{base}/facet", "POST", routes.facet),
            route(points, "PUT", routes.upsert),
            route(points, "POST", routes.retrieve),
            route(f"{points}/delete", "POST", routes.delete),
            route(f"{points}/payload", "POST", routes.set_payload),
            route(f"{points}/payload", "PUT", routes.overwrite_payload),
            route(f"{points}/query", "POST", routes.query),
            route(f"{points}/scroll", "POST", routes.scroll),
            route(f"{points}/count", "POST", routes.count),
        ],
        exception_handlers={HTTPException: _unknown},
    )


class Reply(BaseModel):
    """What every call answers with."""

    time: float
    status: str
    result: object


def _answered(answering: Answering) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        start = perf_counter()
        try:
            result = await answering(request)
        except (Refused, MunimentError) as error:
            return _failed(error.status, str(error))
        except EngineFailed as error:
            log.exception("the engine failed in %s", answering.__name__)
            return _failed(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
        reply = Reply(time=perf_counter() - start, status="ok", result=result)
        return _json(HTTPStatus.OK, reply)

    return answer


async def _healthy(_: Request) -> Response:
    return Response("healthz check passed", media_type="text/plain")


async def _version(_: Request) -> Response:
    return _json(HTTPStatus.OK, models.VersionInfo(title="muniment - qdrant edge", version="1.18.0"))


async def _unknown(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    return _failed(status, "This store does not offer the call.")


def _failed(status: int, message: str) -> Response:
    return _json(status, models.ErrorResponse(time=0.0, status=models.ErrorResponseStatus(error=message)))


def _json(status: int, value: BaseModel) -> Response:
    text = value.model_dump_json(exclude_none=True, by_alias=True, serialize_as_any=True)
    return Response(text, status_code=status, media_type="application/json")


def _leave(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the shape of a signal's receiver
    raise SystemExit(0)


def serve(folder: Path, socket_path: Path) -> None:
    """Open `folder`, listen on `socket_path`, and serve until SIGTERM. Raises AlreadyRunning, SettingsRefused."""
    # uvicorn raises the signal once more after its own shutdown: it must unwind this frame, not end the process
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    with closing(Folder(folder)) as opened, listen(socket_path) as listener:
        config = uvicorn.Config(
            application(opened), log_config=None, access_log=False, lifespan="off", ws="none", loop="asyncio",
            timeout_graceful_shutdown=10, timeout_keep_alive=60, server_header=False,
        )  # fmt: skip
        log.info("store ready with %d collections", len(opened.collections))
        uvicorn.Server(config).run(sockets=[listener])


def main(arguments: list[str] | None = None) -> int:
    """Run the store. Returns 1, with the reason on standard error, if it cannot start."""
    parser = argparse.ArgumentParser(prog="appliance.retrieval.edge_store", description="The vector store.")
    parser.add_argument("--folder", type=Path, required=True, help="where the vectors lie")
    parser.add_argument("--socket", type=Path, required=True, help="the unix socket to listen on")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        serve(chosen.folder, chosen.socket)
    except MunimentError as error:
        log.error("%s %s", error, error.advice)  # noqa: TRY400 - the operator needs the reason, not the traceback
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
