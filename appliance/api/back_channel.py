"""Where the issuer tells that somebody has signed out: open to all, since what counts is the token that comes along."""

from typing import Annotated, Any, Final, Protocol
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from appliance.api.routes import PROBLEM, PROBLEMS
from appliance.errors import BadRequest, NotAuthenticated


class BackChannelPort(Protocol):
    """What the issuer tells by himself (`appliance.access.logout.BackChannel`)."""

    def end(self, token: str, /) -> int: ...  # noqa: D102


async def _logout_token(request: Request) -> str:
    """The one field of the issuer's form. It is read by hand: forms are asked of nobody else here."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM_TYPE:
        raise _no_logout()
    try:
        told = parse_qs((await request.body()).decode("ascii"), max_num_fields=16)
    except ValueError as error:
        raise _no_logout() from error
    tokens = told.get("logout_token", [])
    if len(tokens) != 1:
        raise _no_logout()
    return tokens[0]


LogoutToken = Annotated[str, Depends(_logout_token)]
_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            _FORM_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["logout_token"],
                    "properties": {"logout_token": {"type": "string"}},
                },
                "example": {"logout_token": "eyJ0eXAiOiJsb2dvdXQrand0In0…"},
            }
        },
    }
}
_TOLD: dict[int | str, dict[str, Any]] = {
    204: {"description": "What it names has ended, if there was anything."},
    400: {**PROBLEM, "description": "No logout token of the issuer's."},
}


def back_channel(port: BackChannelPort) -> APIRouter:
    """The one route. It exists only where people sign in at an issuer."""
    router = APIRouter(prefix="/v1/session", tags=["session"], responses={503: PROBLEMS[503]})

    @router.post("/back-channel", status_code=204, response_class=Response, openapi_extra=_FORM, responses=_TOLD)
    def told(token: LogoutToken) -> None:
        """The issuer says that somebody has signed out (OpenID Connect Back-Channel Logout 1.0): his sessions end."""
        try:
            port.end(token)
        except NotAuthenticated as error:
            raise _no_logout() from error

    return router


def _no_logout() -> BadRequest:
    """The one refusal; the specification wants status 400."""
    return BadRequest("This is no logout token of the issuer's.", advice="Nothing has changed.")
