"""What every request passes first: Record, Crowd, LocalOnly (demo), Beat, Gate, Bounded, the outermost first.

These are plain ASGI layers, not dependencies of routes, so that a route added tomorrow is closed without anyone
remembering it, and so that nobody's body is read before he has said who he is.
"""

import logging
import time
from dataclasses import replace
from typing import Final, Protocol
from uuid import uuid4

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from appliance.api import problems
from appliance.api.sessions_cookie import Cookies
from appliance.errors import BadRequest, MunimentError, NotAllowed, NotAuthenticated
from appliance.records import Principal
from appliance.telemetry import Figures

OPEN: Final = frozenset(
    {
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),  # counts and times; checks for itself who reads (`api/metrics.py`)
        ("GET", "/openapi.json"),  # the shape of the API, the same in every installation; it names nothing of the house
        ("GET", "/v1/demo/personas"),  # exists only with identity=demo
        ("POST", "/v1/demo/token"),  # exists only with identity=demo
        ("GET", "/v1/session/kind"),  # how people sign in: the same words in every installation
        ("GET", "/v1/session/login"),  # exists only with identity=oidc, as the next two do
        ("GET", "/v1/session/callback"),
        ("POST", "/v1/session/logout"),  # must work although the issuer is away and no token can be verified
        ("POST", "/v1/session/back-channel"),  # the issuer himself; what he sends is verified like any token
    }
)
"""Every method and path that answers without a token. Whatever is not listed here is closed."""

LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
FORWARDING: Final = ("forwarded", "via", "x-real-ip", "x-forwarded-")
GUARD_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
SANDBOXED: Final = {"content-security-policy": f"sandbox; {GUARD_HEADERS['content-security-policy']}"}
"""Besides, for what came into the house as a file: whatever a browser makes of it, it runs nothing."""
PURPOSE: Final = "Muniment-Purpose"
"""The header in which a person states why he asks, one of the purposes that he may state."""
NARROWED: Final = "Muniment-Narrowed"
"""The header of every response to a person of whom nothing can be known now."""
PURPOSE_CHARACTERS: Final = 256
GONE: Final = 499
"""Logged when the caller left before the response began."""

access_log = logging.getLogger("appliance.api.access")
log = logging.getLogger(__name__)


class Identity(Protocol):
    """Who stands behind a request (`appliance.access.identity`)."""

    def principal(self, authorization_header: str | None, purpose: str, /) -> Principal:
        """The person, stating a purpose or "". Raises NotAuthenticated, NotAllowed if the purpose is not his."""


class Session(Protocol):
    """What stands behind a session's cookie (`appliance.access.sessions.Found`)."""

    @property
    def authorization(self) -> str: ...  # noqa: D102
    @property
    def person(self) -> str: ...  # noqa: D102
    @property
    def session(self) -> str: ...  # noqa: D102


class OpenSessions(Protocol):
    """The sessions that are open (`appliance.access.sessions.OpenSessions`)."""

    def find(self, cookie: str, /) -> Session:
        """The session. Raises NotAuthenticated, IssuerUnavailable."""


class Record:
    """Numbers each request, logs id, route template, status and milliseconds, and ends every unforeseen error here.

    Neither path, query nor body is logged: they may hold a question or a name. Nor is an exception's message, since a
    library may have put content into it: its type and the place in our code are enough to find the fault.
    """

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its response back with the request's id and the guarding headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began, status = uuid4().hex, time.perf_counter(), GONE
        scope["state"] = {**scope.get("state", {}), "request_id": request_id}

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                closed = (
                    SANDBOXED if headers.get("content-security-policy") == SANDBOXED["content-security-policy"] else {}
                )
                headers.update({**GUARD_HEADERS, **closed, "x-request-id": request_id})
            await send(message)

        try:
            await self._app(scope, receive, stamped)
        except Exception as error:  # noqa: BLE001  # the edge: beyond it the server would log message and stack
            log.error("request id=%s failed: %s", request_id, _place(error))  # noqa: TRY400 - a stack may quote
            if status == GONE:
                await problems.response(_unforeseen(), scope)(scope, receive, stamped)
        finally:
            route = getattr(scope.get("route"), "path", "(none)")
            took = time.perf_counter() - began
            self._figures.requested(route, took)
            access_log.info("id=%s %s %s status=%d ms=%.0f", request_id, _method(scope), route, status, took * 1000)


class LocalOnly:
    """With identity=demo only this machine is served, and no page of another site in its browser.

    Refuses anything that came through a proxy, a Host that is not this machine's own name (a name rebound by DNS), and
    a browser acting for a foreign page. `tests/api/test_gate.py` fails if one of the three checks is deleted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it is local."""
        if scope["type"] == "http":
            try:
                check_local(Headers(scope=scope))
            except (BadRequest, NotAllowed) as error:
                await problems.response(error, scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Gate:
    """Asks everyone who he is, except at what OPEN lists. Web sockets are refused: there are none.

    With `sessions` and `cookies` the portal's sessions count too. A session only finds the access token: it is verified
    like any other, at every request.
    """

    def __init__(
        self,
        app: ASGIApp,
        identity: Identity,
        sessions: OpenSessions | None = None,
        cookies: Cookies | None = None,
    ) -> None:
        self._app = app
        self._identity = identity
        self._sessions = sessions
        self._cookies = cookies
        self._places = anyio.CapacityLimiter(8)
        self._session_places = anyio.CapacityLimiter(8)  # of their own: they may wait for the issuer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its principal, or answer 401 without reading the body."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http" and (scope["method"], scope["path"]) not in OPEN:
            try:
                principal = await self._principal(Headers(scope=scope), scope["method"])
            except MunimentError as error:
                await problems.response(error, scope)(scope, receive, send)
                return
            scope["state"]["principal"] = principal
            send = _telling(send) if principal.narrowed else send
        await self._app(scope, receive, send)

    async def _principal(self, headers: Headers, method: str) -> Principal:
        cookie = "" if self._cookies is None else self._cookies.credential(headers, method)
        if cookie and self._sessions is not None:
            found = await anyio.to_thread.run_sync(self._sessions.find, cookie, limiter=self._session_places)
            principal = await self._verified(found.authorization, headers)
            if principal.id != found.person:
                raise NotAuthenticated("You are not signed in, or your sign-in has ended.")
            return replace(principal, session=found.session)
        return await self._verified(headers.get("authorization"), headers)

    async def _verified(self, credentials: str | None, headers: Headers) -> Principal:
        purpose = _purpose(headers)
        return await anyio.to_thread.run_sync(self._identity.principal, credentials, purpose, limiter=self._places)


def _telling(send: Send) -> Send:
    """`send`, with a header that says that this person is served what is public, whatever the route."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)[NARROWED] = "directory-silent"
        await send(message)

    return told


def _purpose(headers: Headers) -> str:
    """What the caller states as his purpose; "" is nothing."""
    stated = headers.getlist(PURPOSE)
    if len(stated) > 1 or len("".join(stated)) > PURPOSE_CHARACTERS:
        raise BadRequest("State one purpose, or none.", advice=f"Send the header {PURPOSE} once, with a short word.")
    return "".join(stated)


def check_local(headers: Headers) -> None:
    """Return only for a request to this machine's own name, from no other site's page and through no proxy.

    Raises BadRequest, NotAllowed.
    """
    if any(name.startswith(FORWARDING) for name in headers):
        raise BadRequest("The demonstration is not served through a proxy.", advice="Open it on its own machine.")
    hosts = headers.getlist("host")
    if len(hosts) != 1 or _name(hosts[0]) not in LOCAL_NAMES:
        raise NotAllowed("The demonstration answers to localhost only.", advice="Open it on its own machine.")
    origins = headers.getlist("origin")
    foreign = any(_name(origin.removeprefix("http://")) not in LOCAL_NAMES for origin in origins)
    if foreign or headers.get("sec-fetch-site", "none") not in {"none", "same-origin", "same-site"}:
        raise NotAllowed("Another site may not use the demonstration.", advice="Use the portal or a program.")


def _name(host: str) -> str:
    """The host's name without its port: "localhost:8765" -> "localhost", "[::1]:80" -> "[::1]"."""
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdecimal() else host.lower()


def _unforeseen() -> MunimentError:
    return MunimentError("Something went wrong inside the appliance.", advice="Tell the operator the request's id.")


def _method(scope: Scope) -> str:
    """The method, unless it is an invention of the caller's."""
    method = str(scope["method"])
    return method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} else "(other)"


def _place(error: BaseException) -> str:
    """Where it happened: exception type, file and line of the innermost frame. Groups are named by their first leaf."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "nowhere"
    return f"{type(error).__name__} at {where}"
