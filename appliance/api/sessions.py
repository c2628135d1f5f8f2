"""The routes of the portal's sign-in. They exist only with identity=oidc; every address that they lead to is fixed.

The session's cookie is SameSite=Strict, so a browser that comes straight from the issuer does not send it. Therefore
the callback ends on a page of our own, which then moves on by itself: that step is ours, and the cookie goes along.
"""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Annotated, Any, Final, Literal, Protocol

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from appliance.access.sessions import Found
from appliance.access.signin import Answer, Begun, Denied, Stale
from appliance.api.back_channel import BackChannelPort
from appliance.api.routes import PROBLEMS, Caller, Standing
from appliance.api.sessions_cookie import Cookies
from appliance.api.views import PersonView
from appliance.errors import DependencyError, MunimentError, NotFound

Outcome = Literal["denied", "stale", "refused", "unavailable"]
"""How a sign-in ended that did not end in a session, in the word that the portal is told."""
LOGIN: Final = "/v1/session/login"
CALLBACK: Final = "/v1/session/callback"


class SignInPort(Protocol):
    """Sign-ins (`appliance.access.signin.SignIn`)."""

    def begin(self, *, cookie: str) -> Begun: ...  # noqa: D102
    def complete(self, answer: Answer, /, *, begun: str) -> str: ...  # noqa: D102
    def leaving(self, back_to: str, /) -> str: ...  # noqa: D102


class OpenPort(Protocol):
    """Sessions that are open (`appliance.access.sessions.OpenSessions`)."""

    def find(self, cookie: str, /) -> Found: ...  # noqa: D102
    def ends(self, cookie: str, /) -> tuple[datetime, datetime]: ...  # noqa: D102
    def end(self, cookie: str, /) -> None: ...  # noqa: D102
    def end_all(self, cookie: str, /) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class SessionParts:
    """What the portal's sign-in is made of. `portal` is its address in a browser, `api` this API's."""

    sign_in: SignInPort
    opened: OpenPort
    back_channel: BackChannelPort
    cookies: Cookies
    portal: str
    api: str


class KindView(BaseModel):
    """How people sign in here: the same words in every installation."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["demo", "oidc", "programs"] = Field(
        description="`demo`: personas. `oidc`: at `login`. `programs`: nobody signs in here, programs bring tokens."
    )
    login: str = Field(description="Where the browser goes to sign in.", examples=[f"http://127.0.0.1:8765{LOGIN}"])
    cookie: str = Field(description="The name of the session's cookie.", examples=["muniment-session"])


class SessionView(BaseModel):
    """Who is signed in, and until when."""

    model_config = ConfigDict(frozen=True)

    person: PersonView
    idle_ends: datetime = Field(description="When the session ends if it is not used before.")
    ends: datetime = Field(description="When it ends in any case.")


class SignedOutView(BaseModel):
    """The session is over here."""

    model_config = ConfigDict(frozen=True)

    onward: str = Field(
        description='Where the browser may end the sign-in at the issuer too; "" if there is no such place.',
        examples=["https://login.example.org/realms/house/logout?client_id=muniment-portal"],
    )


def kind(parts: SessionParts | None, *, demo: bool) -> APIRouter:
    """How people sign in: open, and it exists always."""
    router = APIRouter(prefix="/v1/session", tags=["session"])
    view = KindView(kind="demo" if demo else "programs", login="", cookie="")
    if parts is not None:
        view = KindView(kind="oidc", login=f"{parts.api}{LOGIN}", cookie=parts.cookies.session)

    @router.get("/kind")
    def said() -> KindView:
        """How people sign in here. Names nothing of the house."""
        return view

    return router


_Text = Annotated[str, Query(max_length=4_096)]
_PAGE: dict[str, Any] = {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}}
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page that moves on to the portal by itself.", "content": _PAGE},
}
_ONWARD: dict[int | str, dict[str, Any]] = {
    **_PAGES,
    303: {"description": "To the issuer, with a cookie that this browser must bring back."},
}


_NO_SESSION: dict[int | str, dict[str, Any]] = {
    401: PROBLEMS[401],
    404: {"description": "You came with a token, not with a session."},
}


def sessions(parts: SessionParts, standing: Standing) -> APIRouter:
    """Sign in, sign out, and who is signed in."""
    router = APIRouter(prefix="/v1/session", tags=["session"], responses={403: PROBLEMS[403], 503: PROBLEMS[503]})
    cookies = parts.cookies

    @router.get("/login", status_code=303, response_class=Response, responses=_ONWARD)
    def login(request: Request) -> Response:
        """Begin a sign-in: the browser goes to the issuer. A page of another site is sent to the portal instead."""
        if request.headers.get("sec-fetch-site", "none") == "cross-site":
            return _onward(parts.portal)
        before = cookies.values(request.headers, cookies.session)
        try:
            begun = parts.sign_in.begin(cookie=before[0] if before else "")
        except MunimentError as error:
            return _onward(parts.portal, _outcome(error))
        response = RedirectResponse(begun.address, status_code=303)
        cookies.keep_sign_in(response, begun.cookie)
        return response

    @router.get("/callback", response_class=HTMLResponse, responses=_PAGES)
    def callback(  # the parameters of the protocol
        request: Request,
        state: _Text = "",
        code: _Text = "",
        error: _Text = "",
        iss: Annotated[str | None, Query(max_length=2_048)] = None,
    ) -> Response:
        """End a sign-in: the issuer sends the browser here, with a code or an error."""
        begun = cookies.values(request.headers, cookies.sign_in)
        try:
            cookie = parts.sign_in.complete(Answer(state, code, error, iss), begun=begun[0] if len(begun) == 1 else "")
            response = _onward(parts.portal)
            cookies.keep(response, cookie)
        except MunimentError as refused:
            response = _onward(parts.portal, _outcome(refused))
        cookies.forget_sign_in(response)
        return response

    @router.post("/logout")
    def logout(request: Request) -> SignedOutView:
        """Sign out: the session ends here at once. Works without the issuer, and for a session that is over."""
        cookie = cookies.ending(request.headers, request.method)
        if cookie:
            parts.opened.end(cookie)
        return SignedOutView(onward=parts.sign_in.leaving(f"{parts.portal}/"))

    _for_those_inside(router, parts, standing)
    return router


def _for_those_inside(router: APIRouter, parts: SessionParts, standing: Standing) -> None:
    """What only somebody with an open session may ask."""
    cookies = parts.cookies

    @router.post("/logout-everywhere", responses=_NO_SESSION)
    def logout_everywhere(request: Request, _: Caller) -> SignedOutView:
        """Sign out in every browser in which you are signed in, this one included."""
        cookie = cookies.credential(request.headers, request.method)
        if not cookie:
            raise NotFound
        parts.opened.end_all(cookie)
        return SignedOutView(onward=parts.sign_in.leaving(f"{parts.portal}/"))

    @router.get("", responses=_NO_SESSION)
    def session(request: Request, caller: Caller) -> SessionView:
        """Who is signed in, and until when."""
        cookie = cookies.credential(request.headers, request.method)
        if not cookie:
            raise NotFound
        idle_ends, ends = parts.opened.ends(cookie)
        return SessionView(person=PersonView.of(caller, standing(caller)), idle_ends=idle_ends, ends=ends)


def _outcome(error: MunimentError) -> Outcome:
    """An error of ours in the portal's word. Anything that is not foreseen is a refusal."""
    if isinstance(error, DependencyError):
        return "unavailable"
    if isinstance(error, Stale):
        return "stale"
    return "denied" if isinstance(error, Denied) else "refused"


def _onward(portal: str, outcome: Outcome | None = None) -> HTMLResponse:
    """A page of ours that moves on to the portal: no script, and nothing of the request in it."""
    address = escape(f"{portal}/?sign-in={outcome}" if outcome else f"{portal}/")
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Muniment</title>'
        f'<meta http-equiv="refresh" content="0;url={address}"><p><a href="{address}">On to the portal</a></p></html>'
    )
