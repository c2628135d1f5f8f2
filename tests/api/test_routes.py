import threading

import pytest
from fastapi.testclient import TestClient

from appliance.access.identity import DemoIdentity
from appliance.api.app import create_app
from appliance.api.gate import OPEN
from appliance.api.pages import _attachment
from appliance.errors import ModelUnavailable, SettingsRefused
from appliance.records import Level, Principal
from appliance.settings import Settings
from tests.api.scripted import DRAWN, HOSTILE, QUOTE, WRITTEN, ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS, all_is_well, client, demo_app

OIDC = Settings(identity="oidc", issuer="https://idp.invalid", audience="muniment")


@pytest.fixture
def mara() -> TestClient:
    app, identity = demo_app()
    return client(app, identity.token("mara"))


class Stranger:
    """An identity that knows one person and no personas."""

    def principal(self, _authorization_header: str | None, _purpose: str = "", /) -> Principal:
        return Principal("p", "P", "aldermoor", frozenset({"staff"}), Level.PUBLIC, "test")


def test_search_returns_passages(mara: TestClient) -> None:
    found = mara.post("/v1/search", json={"question": "blood", "limit": 2}).json()["passages"]
    assert [(p["passage"], p["level"], p["text"]) for p in found] == [(DRAWN, "internal", QUOTE)] * 2


def test_a_broken_store_is_never_an_empty_result(mara: TestClient) -> None:
    response = mara.post("/v1/search", json={"question": "store"})
    assert (response.status_code, response.json()["code"]) == (503, "store-unavailable")
    assert response.json()["title"] == "Service Unavailable"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"null", 422),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"question": null}', 422),
        (b'{"question": 7}', 422),
        (b'{"question": "x", "scope": "all"}', 422),
        (b'{"question": "\\ud800"}', 422),
        (b'{"\\ud800": "x"}', 422),
        (b'{"question": "x", "limit": 0}', 422),
        (b'{"question": "x", "limit": 1e9}', 422),
        (b'{"question": "x", "limit": "5"}', 422),
        (b'{"question": "\xff"}', 400),
        (b"[" * 60_000, 400),
        (b'{"question": ' + b"9" * 50_000 + b"}", 400),
    ],
)
def test_bodies_that_make_no_sense_get_a_clear_error(mara: TestClient, body: bytes, status: int) -> None:
    response = mara.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "code", "advice", "request_id"}
    assert problem["detail"]


def test_unknown_fields_are_refused_and_not_repeated(mara: TestClient) -> None:
    response = mara.post("/v1/ask", json={"question": "blood", "bypass_acl": "yes please"})
    assert response.status_code == 422
    assert "bypass_acl" not in response.text
    assert "yes please" not in response.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/nothing", 404), ("GET", "/v1/ask", 405)])
def test_the_framework_s_errors_are_problems_too(mara: TestClient, method: str, path: str, status: int) -> None:
    response = mara.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_a_cited_page(mara: TestClient) -> None:
    page = mara.get(f"/v1/passages/{DRAWN}").json()
    assert (page["page"], page["pages"], page["level"], page["valid_from"]) == (3, 12, "internal", "2026-03-01")
    assert page["text"][page["start"] : page["end"]] == QUOTE
    assert page["boxes"][0] == {"left": 0.1, "top": 0.24, "right": 0.88, "bottom": 0.27}
    picture = mara.get(page["picture"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_a_page_without_a_picture(mara: TestClient) -> None:
    assert mara.get(f"/v1/passages/{WRITTEN}").json()["picture"] is None
    assert mara.get(f"/v1/passages/{WRITTEN}/picture").status_code == 404


@pytest.mark.parametrize("path", ["", "/picture"])
def test_forbidden_and_missing_are_the_same(path: str) -> None:
    app, identity = demo_app()
    dana = client(app, identity.token("dana"))
    bodies = []
    for passage in (DRAWN, HOSTILE, "00000000-0000-4000-8000-00000000ffff", "nonsense"):
        response = dana.get(f"/v1/passages/{passage}{path}")
        assert response.status_code == 404
        bodies.append({k: v for k, v in response.json().items() if k != "request_id"})
    assert bodies == [bodies[0]] * 4


def test_me_shows_who_i_am(mara: TestClient) -> None:
    me = mara.get("/v1/me").json()
    assert (me["id"], me["clearance"], me["groups"]) == ("mara", "internal", ["icu", "nursing", "staff"])


def test_demo_sign_in() -> None:
    app, _ = demo_app()
    nobody = client(app)
    assert {p["id"] for p in nobody.get("/v1/demo/personas").json()} >= {"mara", "dana"}
    assert "groups" not in nobody.get("/v1/demo/personas").text
    token = nobody.post("/v1/demo/token", json={"persona": "dana"}).json()["access_token"]
    assert client(app, token).get("/v1/me").json()["id"] == "dana"
    assert nobody.post("/v1/demo/token", json={"persona": "nobody"}).status_code == 401


def test_without_identity_demo_its_routes_do_not_exist() -> None:
    app = create_app(settings=OIDC, identity=Stranger(), desk=ScriptedDesk(), reader=ScriptedReader(), checks={})
    outside = TestClient(app, base_url="https://muniment.hospital.invalid")
    assert outside.get("/v1/demo/personas").status_code == 404
    assert outside.post("/v1/demo/token", json={"persona": "mara"}).status_code == 404
    assert outside.get("/v1/me").json()["id"] == "p"


def test_identity_demo_needs_personas() -> None:
    with pytest.raises(SettingsRefused):
        create_app(settings=Settings(), identity=Stranger(), desk=ScriptedDesk(), reader=ScriptedReader(), checks={})


def test_alive_and_ready() -> None:
    nobody = client(demo_app()[0])
    assert nobody.get("/healthz").json() == {"status": "alive"}
    ready = nobody.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]) == (200, {"model": "ok", "registry": "ok", "store": "ok"})


def test_readiness_names_what_is_broken_and_what_hangs() -> None:
    release, done = threading.Event(), threading.Event()

    def broken() -> None:
        raise ModelUnavailable("The chat model does not answer.")

    def hanging() -> None:
        release.wait(120)
        done.set()

    app = create_app(
        settings=Settings(),
        identity=DemoIdentity(PERSONAS, "aldermoor"),
        desk=ScriptedDesk(),
        reader=ScriptedReader(),
        checks={"store": hanging, "model": broken, "registry": all_is_well},
    )
    response = client(app).get("/readyz")
    assert not done.is_set(), "the answer waited for the check that hangs"
    release.set()
    assert response.status_code == 503
    assert response.json() == {
        "ready": False,
        "parts": {"model": "model-unavailable", "registry": "ok", "store": "timed-out"},
    }


def test_an_appliance_that_checks_nothing_is_not_ready() -> None:
    app = create_app(settings=OIDC, identity=Stranger(), desk=ScriptedDesk(), reader=ScriptedReader(), checks={})
    assert TestClient(app).get("/readyz").status_code == 503


def test_the_openapi_document_is_complete_and_loads_nothing() -> None:
    nobody = client(demo_app()[0])
    document = nobody.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            if (method.upper(), path) not in OPEN:
                assert {"401", "403", "503"} <= set(operation["responses"]), path
    assert "text/event-stream" in document["paths"]["/v1/ask"]["post"]["responses"]["200"]["content"]
    assert document["components"]["schemas"]["QuestionAsked"]["additionalProperties"] is False
    for closed in ("/docs", "/redoc"):
        assert nobody.get(closed).status_code == 401


def test_pages_are_turned(mara: TestClient) -> None:
    page = mara.get(f"/v1/passages/{DRAWN}/pages/4").json()
    assert (page["page"], page["pages"], page["start"], page["end"], page["boxes"]) == (4, 12, 0, 0, [])
    assert mara.get(page["picture"]).content.startswith(b"\x89PNG")
    for beyond, status in (("13", 404), ("0", 422), ("-1", 422), ("all", 422)):
        assert mara.get(f"/v1/passages/{DRAWN}/pages/{beyond}").status_code == status


def test_an_original_is_a_closed_attachment(mara: TestClient) -> None:
    """Guards `media_type`, `SANDBOXED` and the disposition in `pages.original`: no browser runs what is in it."""
    response = mara.get("/v1/documents/d-1/original")
    assert response.content == b"<script>window.pwned=1</script>"
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''transfusion.html"
    assert response.headers["content-security-policy"].startswith("sandbox;")
    assert (response.headers["x-content-type-options"], response.headers["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Übersicht.pdf", "%C3%9Cbersicht.pdf"),
        ('a"b\r\nX: y.pdf', "abX%3A%20y.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("..", ".."),
        ("\u202e", "document"),
    ],
    ids=["umlaut", "header", "right to left", "dots", "nothing left"],
)
def test_a_file_s_name_says_nothing_else(name: str, told: str) -> None:
    assert _attachment(name) == f"attachment; filename*=UTF-8''{told}"
