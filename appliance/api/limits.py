"""How much and how long: requests at once, bytes and seconds of a body, seconds of a head. ASGI layers and a protocol.

uvicorn itself waits for ever for the rest of a head, for the rest of a body, and for a caller who does not read his
answer; and its own bound on connections refuses the health routes with the rest.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import anyio
import h11
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from appliance.api import problems
from appliance.errors import TooManyConnections

HEALTH: Final = frozenset({"/healthz", "/readyz"})
BYTES_PER_SECOND: Final = 32 * 1024
"""A body may take the operator's time, and a second more for so many bytes that have come."""
IDLE: Final = 64
"""Connections beyond those that are served: for the health routes, and for callers who hear that there is no room."""
_NO_ROOM: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n"
)


class Crowd:
    """Serves at most `limit` requests at once; one more is told 503. The health routes are not counted.

    `tests/api/test_load.py` fails if the check is deleted.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if there is room."""
        if scope["type"] != "http" or scope["path"] in HEALTH:
            await self._app(scope, receive, send)
            return
        if self._inside >= self._limit:
            error = TooManyConnections("So many requests are being served that no more are taken at this moment.")
            await problems.response(error, scope)(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1


class Bounded:
    """Reads at most `limit` bytes of a body, counted as they come, whatever Content-Length claims, and in time.

    `larger` holds the limits of single paths. A body gets `seconds`, and one more for each BYTES_PER_SECOND of it that
    have come: a large one over a slow line is read to its end, and one that stands still or trickles is not.
    """

    def __init__(self, app: ASGIApp, limit: int, seconds: float, larger: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what is too large or too slow raises the framework's 413 or 408 where it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._limit)
        claimed = Headers(scope=scope).get("content-length", "0")
        if not claimed.isdecimal() or int(claimed) > limit:
            await problems.response(problems.too_large(), scope)(scope, receive, send)
            return
        read, began, more = 0, time.monotonic(), True

        async def counted() -> Message:
            nonlocal read, more
            if not more:
                return await receive()  # what comes now is only that the caller has left
            left = began + self._seconds + read / BYTES_PER_SECOND - time.monotonic()
            with anyio.move_on_after(left) as patience:
                message = await receive()
            if patience.cancelled_caught:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT)
            read += len(message.get("body", b""))
            more = bool(message.get("more_body", False))
            if read > limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, counted, send)


class Patient(H11Protocol):
    """uvicorn's HTTP protocol with a clock.

    A connection that has not sent a whole head within `seconds` is closed, and so is one whose caller has not read
    anything for so long while there is something for him to read. Beyond `limit` connections and IDLE more, a new one
    is told 503 and closed before anything of it is read.
    """

    _head: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None

    def __init__(self, *given: Any, seconds: float, limit: int, **named: Any) -> None:  # the rest is uvicorn's own
        super().__init__(*given, **named)
        self.seconds = seconds
        self.limit = limit

    def connection_made(self, transport: Any) -> None:  # asyncio.Transport, as uvicorn has it
        """Start the clock, or turn the connection away."""
        super().connection_made(transport)
        if len(self.connections) > self.limit + IDLE:
            transport.write(_NO_ROOM)
            transport.close()
            return
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        """Read on; the clock stops with the end of a head."""
        super().data_received(data)
        self._watch_head()

    def on_response_complete(self) -> None:
        """Await the next head on this connection."""
        super().on_response_complete()
        self._watch_head()

    def pause_writing(self) -> None:
        """The caller does not read as fast as we write: he has some seconds."""
        super().pause_writing()
        if self._reader is None:
            self._reader = self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """He reads again."""
        super().resume_writing()
        self._stop_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop every clock."""
        super().connection_lost(exc)
        self._stop_head()
        self._stop_reader()

    def _watch_head(self) -> None:
        """The clock runs while a head is awaited, and is not set back by a byte of it.

        It runs too while a body goes on after its answer (413, 408, 401): to close at once would make the system take
        the answer back from a caller who is still sending, and his program would see a broken connection instead.
        """
        unread = self.cycle is not None and self.cycle.response_complete and self.conn.their_state is h11.SEND_BODY
        if self.conn.their_state is h11.IDLE or unread:
            self._head = self._head or self.loop.call_later(self.seconds, self.transport.abort)
        else:
            self._stop_head()

    def _stop_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _stop_reader(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None


def protocol(*, seconds: float, connections: int) -> "partial[Patient]":
    """The protocol with these limits, for `uvicorn.Config(http=…)`; it can be sent to a worker."""
    return partial(Patient, seconds=seconds, limit=connections)
