"""Errors on their way out: `application/problem+json`, never a stack trace, never content."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from appliance.api.views import Problem
from appliance.errors import MunimentError, NotAuthenticated, NotFound, TooLarge

MEDIA_TYPE = "application/problem+json"


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


def response(error: MunimentError, scope: Scope) -> Response:
    """The whole response for one of our own errors."""
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotAuthenticated) else {}
    return _sent(problem(error, request_id_of(scope)), headers)


def request_id_of(scope: Scope) -> str:
    """The id that the record gave to this request; "" outside of any."""
    return str(scope.get("state", {}).get("request_id", ""))


def too_large() -> TooLarge:
    """A body over the limit."""
    return TooLarge("The request is too large.", advice="Ask a shorter question.")


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
    return _sent(
        Problem(
            type="urn:muniment:problem:wrong-fields",
            title=HTTPStatus.UNPROCESSABLE_ENTITY.phrase,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            detail=" ".join(sorted({_fault(fault["type"], fault["loc"], fault["msg"]) for fault in error.errors()})),
            code="wrong-fields",
            advice="The shape of every request stands in /openapi.json.",
            request_id=request_id_of(request.scope),
        )
    )


def _fault(kind: str, location: tuple[str | int, ...], message: str) -> str:
    if kind == "extra_forbidden":
        return "There is a field that this request does not have."
    if kind == "json_invalid":
        return "The body is no JSON."
    return f"{'.'.join(str(part) for part in location)}: {message}."


def _framework(request: Request, error: Exception) -> Response:
    """The framework's own errors: no such path, wrong method, a body that cannot be read."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.NOT_FOUND:
        return response(NotFound(), request.scope)
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return response(too_large(), request.scope)
    phrase = HTTPStatus(error.status_code).phrase
    slug = phrase.lower().replace(" ", "-")
    return _sent(
        Problem(
            type=f"urn:muniment:problem:{slug}",
            title=phrase,
            status=error.status_code,
            detail=f"{phrase}.",
            code=slug,
            advice="The paths and methods stand in /openapi.json.",
            request_id=request_id_of(request.scope),
        ),
        error.headers,
    )


def _sent(body: Problem, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body.model_dump_json(), status_code=body.status, media_type=MEDIA_TYPE, headers=headers)
