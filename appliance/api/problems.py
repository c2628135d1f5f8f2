"""Errors on their way out: `application/problem+json`, or the shape that OpenAI's clients read, never a stack trace.

Which of the two is decided by the path alone, so that whatever refuses a request, the gate included, speaks the
language of the caller's program, and an official client raises its own right exception.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from appliance.api.views import OpenAIErrorView, OpenAIProblem, Problem
from appliance.errors import LoadError, MunimentError, NotAuthenticated, NotFound, NotSupported, TooLarge, TooSlow

MEDIA_TYPE: Final = "application/problem+json"
OPENAI_PATHS: Final = ("/v1/chat/", "/v1/models")
"""Paths of OpenAI's wire format; their errors have its shape."""
_KINDS: Final = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}


def problem(error: MunimentError, request_id: str) -> Problem:
    """The words of one of our own errors, as the caller reads them."""
    return Problem(
        type=f"urn:muniment:problem:{error.code}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        detail=str(error),
        code=error.code,
        advice=error.advice,
        request_id=request_id,
    )


def openai_error(error: MunimentError) -> OpenAIProblem:
    """The same words in OpenAI's shape."""
    parameter = error.parameter if isinstance(error, NotSupported) else None
    return _openai(problem(error, ""), parameter)


def response(error: MunimentError, scope: Scope) -> Response:
    """The whole response for one of our own errors."""
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotAuthenticated) else {}
    if isinstance(error, LoadError):
        headers["Retry-After"] = str(error.retry_after)
    parameter = error.parameter if isinstance(error, NotSupported) else None
    return _sent(problem(error, request_id_of(scope)), scope, headers, parameter=parameter)


def request_id_of(scope: Scope) -> str:
    """The id that the record gave to this request; "" outside of any."""
    return str(scope.get("state", {}).get("request_id", ""))


def too_large() -> TooLarge:
    """A body over the limit."""
    return TooLarge("The request is too large.", advice="Ask a shorter question, or send less of the conversation.")


def install(app: FastAPI) -> None:
    """Answer our own errors, and the framework's, as problems."""
    app.add_exception_handler(MunimentError, _ours)
    app.add_exception_handler(RequestValidationError, _fields)
    app.add_exception_handler(HTTPException, _framework)


def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, MunimentError):
        raise error
    return response(error, request.scope)


def _fields(request: Request, error: Exception) -> Response:
    """A body or a parameter of the wrong shape. Neither values nor unknown names are repeated."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = error.errors()
    status = HTTPStatus.BAD_REQUEST if _is_openai(request.scope) else HTTPStatus.UNPROCESSABLE_ENTITY
    body = Problem(
        type="urn:muniment:problem:wrong-fields",
        title=status.phrase,
        status=status,
        detail=" ".join(sorted({_fault(fault["type"], fault["loc"], fault["msg"]) for fault in faults})),
        code="wrong-fields",
        advice="The shape of every request stands in /openapi.json.",
        request_id=request_id_of(request.scope),
    )
    known = [fault["loc"] for fault in faults if fault["type"] not in {"extra_forbidden", "json_invalid"}]
    return _sent(body, request.scope, parameter=_name(known[0]) if known else None)


def _fault(kind: str, location: tuple[str | int, ...], message: str) -> str:
    if kind == "extra_forbidden":
        return "There is a field that this request does not have."
    if kind == "json_invalid":
        return "The body is no JSON."
    return f"{'.'.join(str(part) for part in location)}: {message}."


def _name(location: tuple[str | int, ...]) -> str | None:
    """The top-level field of a body that is at fault."""
    return str(location[1]) if len(location) > 1 else None


def _framework(request: Request, error: Exception) -> Response:
    """The framework's own errors: no such path, wrong method, a body that cannot be read."""
    if not isinstance(error, HTTPException):
        raise error
    ours: dict[int, MunimentError] = {
        HTTPStatus.NOT_FOUND: NotFound(),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: too_large(),
        HTTPStatus.REQUEST_TIMEOUT: TooSlow("The request did not come in time."),
    }
    if error.status_code in ours:
        return response(ours[error.status_code], request.scope)
    phrase = HTTPStatus(error.status_code).phrase
    slug = phrase.lower().replace(" ", "-")
    body = Problem(
        type=f"urn:muniment:problem:{slug}",
        title=phrase,
        status=error.status_code,
        detail=f"{phrase}.",
        code=slug,
        advice="The paths and methods stand in /openapi.json.",
        request_id=request_id_of(request.scope),
    )
    return _sent(body, request.scope, error.headers)


def _is_openai(scope: Scope) -> bool:
    return str(scope.get("path", "")).startswith(OPENAI_PATHS)


def _openai(body: Problem, parameter: str | None) -> OpenAIProblem:
    default = "server_error" if body.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    words = f"{body.detail} {body.advice}".strip()
    kind = _KINDS.get(HTTPStatus(body.status), default)
    return OpenAIProblem(error=OpenAIErrorView(message=words, type=kind, param=parameter, code=body.code))


def _sent(
    body: Problem, scope: Scope, headers: Mapping[str, str] | None = None, *, parameter: str | None = None
) -> Response:
    content, media_type = body.model_dump_json(), MEDIA_TYPE
    if _is_openai(scope):
        content, media_type = _openai(body, parameter).model_dump_json(), "application/json"
    return Response(content, status_code=body.status, media_type=media_type, headers=headers)
