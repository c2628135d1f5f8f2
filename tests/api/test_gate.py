import logging
import re
import socket

import httpx
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from starlette.routing import Mount, Route

from appliance.api.gate import OPEN
from tests.api.scripted import DRAWN, ScriptedDesk
from tests.api.serving import client, demo_app, served


@pytest.fixture
def nobody() -> TestClient:
    return client(demo_app()[0])


@pytest.fixture
def mara() -> TestClient:
    app, identity = demo_app()
    return client(app, identity.token("mara"))


def every_route() -> list[tuple[str, str]]:
    """Each method and path of the app: from its OpenAPI document, and from the routes that stand outside of it."""
    app, _ = demo_app()
    documented = {(m.upper(), path) for path, methods in app.openapi()["paths"].items() for m in methods}
    bare = {(m, r.path) for r in app.routes if isinstance(r, Route) for m in (r.methods or ()) if m != "HEAD"}
    assert not [route for route in app.routes if isinstance(route, Mount)]
    return sorted(documented | bare)


@pytest.mark.parametrize(("method", "path"), every_route())
def test_every_route_is_closed_unless_listed(nobody: TestClient, method: str, path: str) -> None:
    """Fails if the Gate is taken out of `_layers`, or asks only where a route remembers to."""
    response = nobody.request(method, re.sub(r"\{\w+\}", DRAWN, path), json={})
    if (method, path) in OPEN:
        assert response.status_code in {200, 422}
    else:
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        problem = response.json()
        assert problem.get("error", problem)["code"] == "not-authenticated"


def test_what_is_open_is_known() -> None:
    sign_in = {("GET", "/v1/session/login"), ("GET", "/v1/session/callback"), ("POST", "/v1/session/logout")}
    sign_in |= {("POST", "/v1/session/back-channel")}
    assert len(OPEN) == 11
    assert set(every_route()) | sign_in >= OPEN  # those of the sign-in: `tests/api/test_sessions.py`


def test_a_route_added_tomorrow_is_closed() -> None:
    app, identity = demo_app()
    router = APIRouter()
    router.add_api_route("/v1/tomorrow", lambda: "secret", methods=["GET"])
    app.include_router(router)
    assert client(app).get("/v1/tomorrow").status_code == 401
    assert client(app, identity.token("mara")).get("/v1/tomorrow").json() == "secret"


@pytest.mark.parametrize("path", ["/healthz/", "//healthz", "/healthz/../v1/me", "/HEALTHZ", "/v1/me", "/nothing"])
def test_look_alikes_of_open_paths_are_closed(nobody: TestClient, path: str) -> None:
    assert nobody.get(path).status_code == 401


def test_nobody_s_body_is_not_looked_at(nobody: TestClient) -> None:
    assert nobody.post("/v1/ask", content=b"{" * 100_000).status_code == 401
    assert nobody.post("/v1/ask", content=b"no json").status_code == 401


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"])
def test_the_demonstration_stands_behind_no_proxy(mara: TestClient, header: str) -> None:
    """Fails if the first check of `_check_local` is deleted."""
    response = mara.get("/v1/me", headers={header: "127.0.0.1"})
    assert (response.status_code, response.json()["code"]) == (400, "bad-request")
    assert mara.get("/healthz", headers={header: "127.0.0.1"}).status_code == 400


@pytest.mark.parametrize(
    "host", ["evil.invalid", "localhost.evil.invalid", "127.0.0.1.nip.invalid", "10.0.0.4:8765", ""]
)
def test_the_demonstration_answers_to_localhost_only(mara: TestClient, host: str) -> None:
    """Fails if the second check of `_check_local` is deleted."""
    assert mara.get("/v1/demo/personas", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8765", "127.0.0.1:8765", "[::1]:8765", "[::1]"])
def test_the_names_of_this_machine(mara: TestClient, host: str) -> None:
    assert mara.get("/v1/me", headers={"Host": host}).json()["id"] == "mara"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.invalid"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.invalid"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "anything"},
    ],
)
def test_another_site_s_page_may_not_sign_in(nobody: TestClient, headers: dict[str, str]) -> None:
    """Fails if the third check of `_check_local` is deleted."""
    assert nobody.post("/v1/demo/token", json={"persona": "mara"}, headers=headers).status_code == 403


def test_no_other_site_may_read_anything(mara: TestClient) -> None:
    response = mara.get("/v1/me", headers={"Origin": "http://localhost:8766", "Sec-Fetch-Site": "same-site"})
    assert response.status_code == 200
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_large_body_is_refused(mara: TestClient) -> None:
    """Fails if `Bounded` is taken out of `_layers`."""
    response = mara.post("/v1/ask", json={"question": "x" * 100_000})
    assert (response.status_code, response.json()["code"]) == (413, "too-large")
    assert response.headers["content-type"] == "application/problem+json"


def test_a_large_body_that_does_not_say_so_is_refused() -> None:
    """Fails if `Bounded` counts only what Content-Length claims."""
    app, identity = demo_app()
    with served(app) as address:
        response = httpx.post(
            f"{address}/v1/ask",
            content=iter([b'{"question": "'] + [b"x" * 10_000] * 10 + [b'"}']),
            headers={"Authorization": f"Bearer {identity.token('mara')}", "Content-Type": "application/json"},
            trust_env=False,
        )
    assert (response.status_code, response.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize("claimed", [b"1000000000", b"-1", b"many"])
def test_a_body_that_claims_too_much_is_not_waited_for(claimed: bytes) -> None:
    """Fails if `Bounded` no longer looks at Content-Length: the answer would wait for a body that never comes."""
    app, identity = demo_app()
    head = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
    token = f"\r\nAuthorization: Bearer {identity.token('mara')}\r\n\r\n".encode()
    with served(app) as address, socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 5) as raw:
        raw.sendall(head + claimed + token)
        assert raw.recv(64).split()[1] in {b"413", b"400"}


def test_the_log_tells_ids_and_counts_and_no_content(mara: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Fails if `Record` logs the path, the query or an exception's message instead of template and place."""
    caplog.set_level(logging.DEBUG)
    response = mara.post("/v1/ask?secret=querystring", json={"question": "bug in my question"})
    mara.get(f"/v1/passages/{DRAWN}")
    mara.request("SECRET", "/v1/hidden")
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("appliance"))
    assert response.headers["x-request-id"] in said
    assert "POST /v1/ask status=500" in said
    assert "GET /v1/passages/{passage_id} status=200" in said
    assert "RuntimeError at" in said
    assert not [word for word in ("secret", "querystring", "my question", DRAWN, "hidden", "SECRET") if word in said]
    assert not [record for record in caplog.records if record.exc_info and record.name.startswith("appliance")]


def test_a_fault_of_ours_shows_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    """Fails if `Record` lets an unforeseen exception through to the server, which would log its message."""
    app, identity = demo_app(ScriptedDesk())
    with served(app) as address:
        response = httpx.post(
            f"{address}/v1/ask",
            json={"question": "bug"},
            headers={"Authorization": f"Bearer {identity.token('mara')}"},
            trust_env=False,
        )
    assert response.status_code == 500
    assert response.json()["code"] == "internal"
    assert response.json()["request_id"] == response.headers["x-request-id"]
    assert "secret" not in response.text
    assert "secret" not in caplog.text


def test_numbers_of_requests_are_ours(mara: TestClient) -> None:
    assert mara.get("/v1/me", headers={"X-Request-Id": "mine"}).headers["x-request-id"] != "mine"
