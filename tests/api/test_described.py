"""The OpenAPI document: whole for every route, whoever added it."""

from datetime import datetime
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from appliance.access.sessions import Found
from appliance.access.signin import Answer, Begun
from appliance.api import problems
from appliance.api.gate import OPEN
from appliance.api.limits import HEALTH
from appliance.api.sessions import SessionParts
from appliance.api.sessions_cookie import Cookies
from appliance.errors import NotAuthenticated
from tests.api.serving import client, demo_app, oidc_app


class NobodySignsIn:
    """The portal's sign-in as far as its routes are described: nobody comes."""

    def begin(self, *, cookie: str) -> Begun:
        raise NotAuthenticated(cookie)

    def complete(self, _answer: Answer, *, begun: str) -> str:
        raise NotAuthenticated(begun)

    def leaving(self, _back_to: str) -> str:
        return ""

    def find(self, _cookie: str) -> Found:
        raise NotAuthenticated("Nobody.")

    def ends(self, _cookie: str) -> tuple[datetime, datetime]:
        raise NotAuthenticated("Nobody.")

    def end(self, _cookie: str) -> None:
        """Nothing."""


NOBODY = SessionParts(
    NobodySignsIn(), NobodySignsIn(), NobodySignsIn(), Cookies(secure=True, origins=frozenset()), "", ""
)
DOCUMENT: dict[str, Any] = demo_app()[0].openapi()
WITH_SIGN_IN: dict[str, Any] = oidc_app(demo_app()[1], NOBODY).openapi()
SCHEMAS = DOCUMENT["components"]["schemas"] | WITH_SIGN_IN["components"]["schemas"]
OPERATIONS = [
    pytest.param(method.upper(), path, operation, id=f"{method.upper()} {path}")
    for path, methods in (DOCUMENT["paths"] | WITH_SIGN_IN["paths"]).items()
    for method, operation in methods.items()
]


def matches(value: object, schema: dict[str, Any]) -> None:
    OAS31Validator({**schema, "components": {"schemas": SCHEMAS}}).validate(value)


def bodies(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every body of an operation, with its media type."""
    holders = [operation.get("requestBody", {}), *operation["responses"].values()]
    return [(kind, body) for holder in holders for kind, body in holder.get("content", {}).items()]


def test_the_document_is_valid_and_open_to_all() -> None:
    fetched = client(demo_app()[0]).get("/openapi.json").json()
    assert fetched == DOCUMENT
    validate(fetched)
    validate(WITH_SIGN_IN)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_route_has_words_and_examples_that_fit(method: str, path: str, operation: dict[str, Any]) -> None:
    """Fails without `_example` for any body of any route."""
    assert operation["summary"]
    assert operation["description"]
    for kind, body in bodies(operation):
        if kind in {"image/png", "multipart/form-data", "application/octet-stream"}:
            continue
        examples = [body["example"]] if "example" in body else [e["value"] for e in body["examples"].values()]
        assert examples
        for example in examples:
            assert example != {}
            matches(example, body["schema"])


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_route_names_its_errors(method: str, path: str, operation: dict[str, Any]) -> None:
    """Fails without `_errors`."""
    responses = operation["responses"]
    needed = set() if path in HEALTH else {"400", "403", "500", "503"}
    needed |= set() if (method, path) in OPEN else {"401"}
    needed |= {"408", "413"} if "requestBody" in operation else set()
    needed |= {"404"} if "{" in path else set()
    needed |= {"429"} if path in {"/v1/ask", "/v1/chat/completions"} else set()
    assert needed <= set(responses)
    openai = path.startswith(problems.OPENAI_PATHS)
    for status, response in responses.items():
        if status >= "400" and path not in HEALTH:
            assert response["description"]
            assert set(response["content"]) == {"application/json" if openai else problems.MEDIA_TYPE}
            if not openai:
                assert next(iter(response["content"].values()))["example"]["status"] == int(status)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_closed_route_says_what_a_caller_brings(method: str, path: str, operation: dict[str, Any]) -> None:
    """Fails for a route that the gate closes and the document shows as open, or the other way round."""
    purpose = {"$ref": "#/components/parameters/Purpose"}
    closed = (method, path) not in OPEN
    assert ("security" in operation, purpose in operation.get("parameters", [])) == (closed, closed)


def test_a_session_is_a_credential_where_people_sign_in() -> None:
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"token"}
    assert set(WITH_SIGN_IN["components"]["securitySchemes"]) == {"token", "session"}


def test_the_framework_s_own_error_is_not_described() -> None:
    assert "HTTPValidationError" not in DOCUMENT["components"]["schemas"]
    assert "HTTPValidationError" not in str(DOCUMENT["paths"])
