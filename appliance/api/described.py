"""The OpenAPI document, complete: every route with its errors, and every request and response with an example.

Routes name only what is peculiar to them. What the gate and its layers may answer is the same everywhere, so it is
filled in here, from the errors themselves: a route added tomorrow is documented without anyone remembering it.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from appliance.api import problems
from appliance.api.gate import OPEN, PURPOSE, PURPOSE_CHARACTERS
from appliance.api.limits import HEALTH
from appliance.api.sessions_cookie import HEADER
from appliance.api.views import OpenAIProblem, Problem
from appliance.errors import (
    BadRequest,
    ModelUnavailable,
    MunimentError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotSupported,
    QueueFull,
    TooSlow,
)

ASKING: Final = frozenset({"/v1/ask", "/v1/chat/completions"})
"""Paths whose answers wait for their turn."""
REFERENCE: Final = "#/components/schemas/{model}"
REQUEST_ID: Final = "2f6c1e0a9d3b4c7f8a5e6d7c8b9a0f1e"
Json = dict[str, Any]
CREDENTIALS: Final[Json] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token of the issuer's, or one of the demonstration's.",
    },
    "session": {
        "type": "apiKey",
        "in": "header",
        "name": HEADER.title(),
        "description": "The session of who signed in at the portal; a browser sends the same value as a cookie.",
    },
}
PURPOSE_STATED: Final[Json] = {
    "name": PURPOSE,
    "in": "header",
    "required": False,
    "description": "Why the caller asks: one of the purposes that the person may state (another is 403).",
    "schema": {"type": "string", "maxLength": PURPOSE_CHARACTERS},
    "example": "treatment",
}
"""What a caller may state wherever he must say who he is."""


class _WrongFields(MunimentError):
    """Only an example of what `problems` says of fields of the wrong shape."""

    status = 422
    code = "wrong-fields"
    advice = "The shape of every request stands in /openapi.json."


def describe(app: FastAPI) -> None:
    """From now on `app.openapi()` is complete."""
    bare = app.openapi

    def complete() -> Json:
        if app.openapi_schema is None:
            _complete(bare())
        return bare()

    app.openapi = complete  # type: ignore[method-assign]  # FastAPI's own way of changing the document


def _complete(document: Json) -> None:
    schemas = document["components"]["schemas"]
    _, made = models_json_schema([(Problem, "serialization"), (OpenAIProblem, "serialization")], ref_template=REFERENCE)
    schemas.update(made["$defs"])
    credentials = CREDENTIALS if "/v1/session/login" in document["paths"] else {"token": CREDENTIALS["token"]}
    document["components"] |= {"securitySchemes": credentials, "parameters": {"Purpose": PURPOSE_STATED}}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _errors(method.upper(), path, operation)
            for content in _contents(operation):
                _example(content, schemas)
            if (method.upper(), path) not in OPEN:
                operation["security"] = [{name: []} for name in credentials]
                operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/Purpose"})
    for framework_s in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework_s, None)


def _errors(method: str, path: str, operation: Json) -> None:
    """Fill in the errors of one operation; words that a route has for one of them stay."""
    responses: Json = operation["responses"]
    openai = path.startswith(problems.OPENAI_PATHS)
    wrong_fields = responses.pop("422", {}).get("description", "Fields of the wrong shape.")
    for error in _possible(method, path, operation):
        words = responses.get(str(error.status), {}).get("description", str(error))
        words = wrong_fields if error.status == HTTPStatus.UNPROCESSABLE_ENTITY else words
        body = problems.openai_error(error) if openai else problems.problem(error, REQUEST_ID)
        media_type, name = ("application/json", "OpenAIProblem") if openai else (problems.MEDIA_TYPE, "Problem")
        schema = {"$ref": REFERENCE.format(model=name)}
        responses[str(error.status)] = {
            "description": words,
            "content": {media_type: {"schema": schema, "example": body.model_dump(mode="json")}},
        }
    operation["responses"] = dict(sorted(responses.items()))


def _possible(method: str, path: str, operation: Json) -> Iterator[MunimentError]:
    """Each error that an operation may end in, one for each status."""
    openai = path.startswith(problems.OPENAI_PATHS)
    if path in HEALTH:
        return
    yield NotAllowed("The demonstration answers to localhost only.")
    yield MunimentError("Something went wrong inside the appliance.")
    yield ModelUnavailable("The chat model's engine does not answer.")
    if (method, path) not in OPEN or "401" in operation["responses"]:
        yield NotAuthenticated("You are not signed in, or your sign-in has ended.")
    if "{" in path or "404" in operation["responses"]:
        yield NotFound()
    if path in ASKING:
        yield QueueFull("So many questions are waiting that no more are taken at this moment.")
    if "requestBody" in operation:
        yield TooSlow("The request did not come in time.")
        yield problems.too_large()
    if openai:
        yield NotSupported("The parameter tools is not supported here with this value.", parameter="tools")
    else:
        yield BadRequest("The question is empty.", advice="Type what you would like to know.")
    if not openai and ("requestBody" in operation or "parameters" in operation):
        yield _WrongFields("body.question: Field required.")


def _contents(operation: Json) -> Iterator[Json]:
    """Every JSON body of an operation that has no example yet."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for body in bodies:
        content = body.get("content", {}).get("application/json")
        if content is not None and not {"example", "examples"} & set(content):
            yield content


def _example(content: Json, schemas: Json) -> None:
    """An example made of those of the fields; where there are several shapes, one of each."""
    schema = content["schema"]
    shapes = schema.get("oneOf") or schema.get("anyOf")
    if shapes:
        named = {shape.get("$ref", "").rpartition("/")[2] or str(n): shape for n, shape in enumerate(shapes)}
        content["examples"] = {name: {"value": sample(shape, schemas)} for name, shape in named.items()}
    else:
        content["example"] = sample(schema, schemas)


def sample(schema: Json, schemas: Json) -> Any:  # JSON has no type
    """A value of `schema`: its own first example, or one put together from those of its parts."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for own in ("examples", "enum"):
        if own in schema:
            return schema[own][0]
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if "properties" in schema:
        values = {name: sample(part, schemas) for name, part in schema["properties"].items()}
        needed = schema.get("required", ())
        return {name: value for name, value in values.items() if value is not None or name in needed}
    return _plain(schema, schemas)


def _plain(schema: Json, schemas: Json) -> Any:  # JSON has no type
    shapes = schema.get("anyOf") or schema.get("oneOf")
    if shapes:
        return sample(shapes[0], schemas)
    kind = schema.get("type")
    if kind == "array":
        return [sample(schema["items"], schemas)]
    if kind == "object":
        inner = schema.get("additionalProperties")
        return {"name": sample(inner, schemas)} if isinstance(inner, dict) else {}
    by_format = {"date": "2026-03-01", "date-time": "2026-03-01T08:00:00Z", "binary": "…"}
    by_kind: Json = {"string": by_format.get(schema.get("format", ""), "text"), "integer": 1, "number": 0.5}
    return by_kind.get(str(kind), False if kind == "boolean" else None)
