"""The routes of the sign-in and the Gate's cookie, with the issuer that can lie behind them."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from appliance.access.sessions import digest
from appliance.api.app import create_app
from appliance.api.gate import OPEN
from appliance.api.sessions import SessionParts
from appliance.api.sessions_cookie import Cookies
from appliance.api.telling import Step
from appliance.errors import SettingsRefused
from appliance.records import Principal
from appliance.settings import Settings
from tests.access.scripted_issuer import issuing
from tests.access.test_signin import House
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import demo_app, oidc_app

API, PORTAL = "http://127.0.0.1:8765", "http://127.0.0.1:8766"
NAME = "muniment-session"
OURS = {"Origin": PORTAL}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with issuing(tmp_path) as (issuer, certificate, end):
        yield House(issuer, end, certificate, tmp_path)


def parts(house: House, *, secure: bool = False) -> SessionParts:
    api, portal = ("https://ask.example",) * 2 if secure else (API, PORTAL)
    cookies = Cookies(secure=secure, origins=frozenset({api, portal}))
    return SessionParts(
        sign_in=house.door, opened=house.open, back_channel=house.back_channel, cookies=cookies, portal=portal, api=api
    )


@pytest.fixture
def browser(house: House) -> TestClient:
    """A browser that has not signed in; its jar keeps what the API sets."""
    return TestClient(oidc_app(house.issuer, parts(house)), base_url=API, follow_redirects=False)


def signed_in(browser: TestClient, house: House) -> str:
    """Sign this browser in; returns its cookie."""
    begun = browser.get("/v1/session/login")
    back = browser.get("/v1/session/callback", params=house.issuer.browse(begun.headers["location"]))
    assert outcome(back) == ""
    return browser.cookies[NAME]


def outcome(response: Response) -> str:
    """The word that the portal is told, "" if all went well."""
    assert response.status_code == 200
    found = re.search(rf'content="0;url={PORTAL}/(?:\?sign-in=(\w+))?"', response.text)
    assert found, response.text
    return found.group(1) or ""


def cookie_line(response: Response, name: str) -> str:
    return next(line for line in response.headers.get_list("set-cookie") if line.startswith(f"{name}="))


def test_from_the_button_to_an_answer(browser: TestClient, house: House) -> None:
    begun = browser.get("/v1/session/login")
    assert begun.status_code == 303
    assert begun.headers["location"].startswith(f"{house.issuer.url}/authorize?")
    line = cookie_line(begun, "muniment-sign-in")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"} <= set(line.split("; "))
    assert browser.get("/v1/me").status_code == 401

    back = browser.get("/v1/session/callback", params=house.issuer.browse(begun.headers["location"]))
    assert outcome(back) == ""
    line = cookie_line(back, NAME)
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(line.split("; "))
    assert not {"Secure", "Domain", "Expires", "Max-Age"} & {part.partition("=")[0] for part in line.split("; ")}
    assert "muniment-sign-in" not in browser.cookies

    assert browser.get("/v1/me").json()["id"] == "mara"
    shown = browser.get("/v1/session").json()
    assert shown["person"]["id"] == "mara"
    assert shown["idle_ends"] < shown["ends"]
    answered = browser.post("/v1/ask", json={"question": "blood"}, headers=OURS)
    assert answered.json()["kind"] == "answer"


def test_no_token_ever_reaches_the_browser(browser: TestClient, house: House) -> None:
    begun = browser.get("/v1/session/login")
    back = browser.get("/v1/session/callback", params=house.issuer.browse(begun.headers["location"]))
    said = f"{begun.headers}{begun.text}{back.headers}{back.text}"
    access = house.open.find(browser.cookies[NAME]).authorization.removeprefix("Bearer ")
    assert access not in said
    assert "refresh-" not in said
    assert back.headers["cache-control"] == "no-store"
    assert back.headers["referrer-policy"] == "no-referrer"


def test_the_portal_passes_the_session_on(browser: TestClient, house: House) -> None:
    cookie = signed_in(browser, house)
    portal = TestClient(browser.app, base_url=API, headers={"Muniment-Session": cookie})
    assert portal.get("/v1/me").json()["id"] == "mara"
    assert portal.post("/v1/ask", json={"question": "blood"}).json()["kind"] == "answer"
    onward = portal.post("/v1/session/logout").json()["onward"]
    assert onward.startswith(f"{house.issuer.url}/end?client_id=muniment-portal&")
    assert onward.endswith("post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8766%2F")
    assert portal.get("/v1/me").status_code == 401
    assert browser.get("/v1/me").status_code == 401  # the browser still has the cookie: it is worth nothing


def test_signed_out_everywhere_is_signed_out_in_every_browser_and_nobody_else_is(
    browser: TestClient, house: House
) -> None:
    """Fails if `remove_of` is deleted from `OpenSessions.end_all`."""
    first = signed_in(browser, house)
    second = signed_in(TestClient(browser.app, base_url=API, follow_redirects=False), house)
    house.issuer.person = "dana"
    other = signed_in(TestClient(browser.app, base_url=API, follow_redirects=False), house)

    def status(cookie: str) -> int:
        return TestClient(browser.app, base_url=API, headers={"Muniment-Session": cookie}).get("/v1/me").status_code

    assert [status(one) for one in (first, second, other)] == [200, 200, 200]
    told = browser.post("/v1/session/logout-everywhere", headers=OURS)
    assert told.json()["onward"].startswith(f"{house.issuer.url}/end?")
    assert [status(one) for one in (first, second, other)] == [401, 401, 200]
    assert browser.post("/v1/session/logout-everywhere", headers=OURS).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer x"},
        {"Muniment-Session": "COOKIE"},
        {"Cookie": "muniment-session=COOKIE; muniment-session=COOKIE"},
        {"Cookie": "muniment-session=COOKIE; a=b; muniment-session="},
    ],
)
def test_two_credentials_are_none(browser: TestClient, house: House, headers: dict[str, str]) -> None:
    """Fails without the count in `credential`."""
    cookie = signed_in(browser, house)
    said = {name: value.replace("COOKIE", cookie) for name, value in headers.items()}
    response = browser.get("/v1/me", headers=said)
    assert (response.status_code, response.json()["code"]) == (400, "bad-request")
    assert browser.post("/v1/session/logout", headers=said | OURS).status_code == 400
    assert browser.get("/v1/me").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.invalid"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "http://localhost:8766"},
        {"Origin": "https://127.0.0.1:8766"},
        {"Origin": PORTAL, "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"{PORTAL}.evil.invalid"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/ask"),
        ("POST", "/v1/session/logout"),
        ("POST", "/v1/session/logout-everywhere"),
        ("DELETE", "/v1/conversations"),
    ],
)
def test_another_site_s_page_may_not_use_the_cookie(
    browser: TestClient, house: House, method: str, path: str, headers: dict[str, str]
) -> None:
    """Fails without `check_page` in `credential`, or if it lets a request pass that names no page."""
    signed_in(browser, house)
    response = browser.request(method, path, json={"question": "blood"}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "not-allowed")
    assert browser.get("/v1/me").status_code == 200


def test_another_site_s_page_may_not_read_with_the_cookie_either(browser: TestClient, house: House) -> None:
    signed_in(browser, house)
    assert browser.get("/v1/me", headers={"Origin": "https://evil.invalid"}).status_code == 403
    assert browser.get("/v1/me", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get("/v1/me", headers={"Sec-Fetch-Site": "same-site"}).status_code == 200


def test_a_preflight_is_not_answered(browser: TestClient, house: House) -> None:
    """The portal's header is safe from other sites because of this: they would have to ask first."""
    signed_in(browser, house)
    asked = {"Origin": "https://evil.invalid", "Access-Control-Request-Headers": "muniment-session"}
    response = browser.options("/v1/ask", headers=asked | {"Access-Control-Request-Method": "POST"})
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("cookie", ["x", "A" * 43, "A" * 5000])
def test_an_invented_cookie_is_nobody(browser: TestClient, cookie: str) -> None:
    for headers in ({"Cookie": f"{NAME}={cookie}"}, {"Muniment-Session": cookie}):
        response = browser.get("/v1/me", headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "not-authenticated")


def test_an_ended_session_is_nobody(browser: TestClient, house: House) -> None:
    cookie = signed_in(browser, house)
    assert browser.post("/v1/session/logout", headers=OURS).status_code == 200
    assert browser.get("/v1/me", headers={"Cookie": f"{NAME}={cookie}"}).status_code == 401
    assert browser.post("/v1/session/logout", headers=OURS).status_code == 200


def test_a_session_whose_token_is_no_longer_his_is_refused(browser: TestClient, house: House) -> None:
    """Fails if the Gate no longer compares the token's person with the session's."""
    house.issuer.lives = 10
    signed_in(browser, house)
    house.issuer.person = "dana"
    assert browser.get("/v1/me").status_code == 401


def test_every_request_verifies_the_token(browser: TestClient, house: House) -> None:
    """Fails if the Gate believes a session without asking `Identity`."""
    signed_in(browser, house)
    house.issuer._key = type(house.issuer)()._key  # the issuer's keys are others now
    assert browser.get("/v1/me").status_code == 401


def test_a_token_of_one_s_own_still_counts_and_has_no_session(browser: TestClient, house: House) -> None:
    cookie = signed_in(browser, house)
    token = house.open.find(cookie).authorization
    program = TestClient(browser.app, base_url=API, headers={"Authorization": token})
    assert program.get("/v1/me").json()["id"] == "mara"
    assert program.get("/v1/session").status_code == 404
    assert program.post("/v1/session/logout").status_code == 400


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ({"error": "access_denied", "error_description": "<b>canary</b>"}, "denied"),
        ({"error": "temporarily_unavailable"}, "unavailable"),
        ({"error": "invalid_scope"}, "refused"),
        ({"code": "invented"}, "refused"),
        ({"state": "invented", "code": "x"}, "stale"),
        ({"state": "", "code": ""}, "stale"),
        ({"code": "x", "iss": "https://evil.invalid"}, "refused"),
    ],
)
def test_a_sign_in_that_fails_is_told_in_our_words(browser: TestClient, parameters: dict[str, str], word: str) -> None:
    """The page leads to the portal and nowhere else, and repeats nothing of what it was asked with."""
    location = browser.get("/v1/session/login").headers["location"]
    state = re.search(r"state=([\w-]+)", location)
    assert state is not None
    back = browser.get("/v1/session/callback", params={"state": state.group(1)} | parameters)
    assert outcome(back) == word
    assert "canary" not in back.text
    assert "evil" not in back.text
    assert NAME not in browser.cookies
    assert "muniment-sign-in" not in browser.cookies  # one answer ends a sign-in, however it ends
    assert browser.get("/v1/me").status_code == 401


def test_an_answer_in_another_browser_signs_nobody_in(browser: TestClient, house: House) -> None:
    """Login CSRF: a stranger's answer, given to a browser that has begun nothing, or something else."""
    answer = house.issuer.browse(browser.get("/v1/session/login").headers["location"])
    victim = TestClient(browser.app, base_url=API, follow_redirects=False)
    assert outcome(victim.get("/v1/session/callback", params=answer)) == "stale"
    victim.get("/v1/session/login")
    assert outcome(victim.get("/v1/session/callback", params=answer)) == "stale"
    assert NAME not in victim.cookies


def test_a_planted_cookie_is_not_taken_over(browser: TestClient, house: House) -> None:
    """Session fixation: what the browser brings is never what it gets."""
    browser.cookies.set(NAME, "A" * 43, domain="127.0.0.1")
    begun = browser.get("/v1/session/login")
    back = browser.get("/v1/session/callback", params=house.issuer.browse(begun.headers["location"]))
    assert outcome(back) == ""
    assert f"{NAME}=AAAA" not in cookie_line(back, NAME)


@pytest.mark.parametrize("extra", ["?next=https://evil.invalid", "?redirect_uri=https://evil.invalid", "?login=x"])
def test_nobody_chooses_where_a_sign_in_leads(browser: TestClient, house: House, extra: str) -> None:
    headers = {"Host": "evil.invalid", "X-Forwarded-Host": "evil.invalid", "Referer": "https://evil.invalid/"}
    begun = browser.get(f"/v1/session/login{extra}", headers=headers)
    assert begun.headers["location"].startswith(f"{house.issuer.url}/")
    assert "evil" not in begun.headers["location"]
    back = browser.get("/v1/session/callback" + extra, headers=headers)
    assert outcome(back) == "stale"
    assert "evil" not in back.text


def test_another_site_s_page_begins_no_sign_in(browser: TestClient) -> None:
    """Its request brings no Strict cookie, so nobody could tell whether the person must prove himself anew."""
    response = browser.get("/v1/session/login", headers={"Sec-Fetch-Site": "cross-site"})
    assert outcome(response) == ""
    assert "set-cookie" not in response.headers


def test_an_issuer_that_is_gone_is_told(browser: TestClient, house: House) -> None:
    location = browser.get("/v1/session/login").headers["location"]
    answer = house.issuer.browse(location)
    house.ended()
    assert outcome(browser.get("/v1/session/callback", params=answer)) == "unavailable"


def test_a_session_outlives_its_issuer_for_as_long_as_its_token_holds(browser: TestClient, house: House) -> None:
    house.issuer.lives = 15
    signed_in(browser, house)
    house.ended()
    assert browser.get("/v1/me").status_code == 200
    house.later += house.open._idle / 4  # the token ends; the session does not
    response = browser.get("/v1/me")
    assert (response.status_code, response.json()["code"]) == (503, "issuer-unavailable")
    assert browser.post("/v1/session/logout", headers=OURS).status_code == 200


def test_behind_tls_the_cookies_are_this_host_s_alone(house: House) -> None:
    """Fails if `secure` no longer decides the names and flags."""
    browser = TestClient(oidc_app(house.issuer, parts(house, secure=True)), base_url=API, follow_redirects=False)
    begun = browser.get("/v1/session/login")
    line = cookie_line(begun, "__Host-muniment-sign-in")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(line.split("; "))
    brought = {"Cookie": line.partition(";")[0]}  # the client sends no Secure cookie over http, as a browser would not
    answer = house.issuer.browse(begun.headers["location"])
    back = browser.get("/v1/session/callback", params=answer, headers=brought)
    line = cookie_line(back, "__Host-muniment-session")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(line.split("; "))
    assert "Domain" not in line
    cookie = line.partition(";")[0]
    assert browser.get("/v1/me", headers={"Cookie": cookie}).status_code == 200
    assert browser.get("/v1/me", headers={"Cookie": cookie.removeprefix("__Host-")}).status_code == 401


def test_how_people_sign_in_is_open_and_names_nothing(browser: TestClient, house: House) -> None:
    assert browser.get("/v1/session/kind").json() == {
        "kind": "oidc",
        "login": f"{API}/v1/session/login",
        "cookie": NAME,
    }
    demo = TestClient(demo_app()[0], base_url="http://localhost")
    assert demo.get("/v1/session/kind").json() == {"kind": "demo", "login": "", "cookie": ""}
    programs = TestClient(oidc_app(house.issuer, None), base_url=API)
    assert programs.get("/v1/session/kind").json()["kind"] == "programs"


def test_without_a_sign_in_its_routes_do_not_exist_and_cookies_are_nothing(house: House) -> None:
    app, identity = demo_app()
    for nobody in (TestClient(app, base_url="http://localhost"), TestClient(oidc_app(house.issuer, None))):
        for path in ("login", "callback"):
            assert nobody.get(f"/v1/session/{path}").status_code == 404
        assert nobody.post("/v1/session/logout").status_code == 404
    mara = TestClient(app, base_url="http://localhost", headers={"Authorization": f"Bearer {identity.token('mara')}"})
    assert mara.get("/v1/me", headers={"Cookie": "muniment-session=x"}).status_code == 200


def test_the_demonstration_has_no_sign_in(house: House) -> None:
    _, identity = demo_app()
    with pytest.raises(SettingsRefused):
        create_app(
            settings=Settings(), identity=identity, desk=ScriptedDesk(), reader=ScriptedReader(), checks={},
            signing=parts(house),
        )  # fmt: skip


def test_every_open_route_of_the_sign_in_is_known(browser: TestClient, house: House) -> None:
    app = oidc_app(house.issuer, parts(house))
    paths = {(m.upper(), path) for path, methods in app.openapi()["paths"].items() for m in methods}
    mine = {(method, path) for method, path in paths if path.startswith("/v1/session")}
    assert mine - OPEN == {("GET", "/v1/session"), ("POST", "/v1/session/logout-everywhere")}
    assert browser.get("/v1/session").status_code == 401


def test_neither_cookie_nor_token_nor_code_is_logged(
    browser: TestClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.issuer.lives = 10
    with caplog.at_level(logging.DEBUG):
        cookie = signed_in(browser, house)
        browser.get("/v1/me")
        house.issuer.answer = (400, b'{"error": "invalid_grant", "error_description": "canary"}')
        browser.get("/v1/me")
        browser.get("/v1/session/callback", params={"code": "code-canary", "state": "x", "error_description": "canary"})
    ours = [record for record in caplog.records if record.name.startswith(("appliance", "authlib"))]
    said = " ".join(record.getMessage() for record in ours)
    assert cookie not in said
    assert "canary" not in said
    assert "eyJ" not in said


def test_the_issuer_ends_a_session_behind_the_browser_s_back(browser: TestClient, house: House) -> None:
    signed_in(browser, house)
    assert browser.get("/v1/me").status_code == 200
    told = browser.post("/v1/session/back-channel", data={"logout_token": house.issuer.logout()})
    assert (told.status_code, told.content, told.headers["cache-control"]) == (204, b"", "no-store")
    assert browser.get("/v1/me").status_code == 401


BAD_FORMS = {
    "no token": {"data": {"other": "x"}},
    "an empty one": {"data": {"logout_token": ""}},
    "two": {
        "content": "logout_token=a&logout_token=b",
        "headers": {"content-type": "application/x-www-form-urlencoded"},
    },
    "JSON": {"json": {"logout_token": "a"}},
    "nothing": {},
    "no text": {"content": b"\xff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
    "many fields": {"data": {f"a{n}": "x" for n in range(40)}},
    "an unsigned one": {"data": {"logout_token": "eyJhbGciOiJub25lIn0.e30."}},
}


@pytest.mark.parametrize("form", BAD_FORMS.values(), ids=BAD_FORMS)
def test_no_logout_token_is_a_bad_request(browser: TestClient, house: House, form: dict[str, object]) -> None:
    signed_in(browser, house)
    told = browser.post("/v1/session/back-channel", **form)  # type: ignore[arg-type]
    assert (told.status_code, told.json()["code"]) == (400, "bad-request")
    assert browser.get("/v1/me").status_code == 200


def test_the_session_comes_along_with_the_person(house: House, browser: TestClient) -> None:
    """Fails if the Gate does not say through which session somebody asks: then its end would cut no stream."""
    cookie = signed_in(browser, house)
    desk = AskedThrough()
    app = oidc_app(house.issuer, parts(house), desk)
    with TestClient(app, base_url=API) as client:
        client.post("/v1/ask", json={"question": "blood"}, headers={"Muniment-Session": cookie})
        client.post(
            "/v1/ask", json={"question": "blood"}, headers={"Authorization": house.open.find(cookie).authorization}
        )
    assert desk.through == [digest(cookie), ""]


class AskedThrough(ScriptedDesk):
    """Notes through which session it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.through: list[str] = []

    def answer(self, principal: Principal, question: str, **_filters: object) -> Iterator[Step]:
        self.through.append(principal.session)
        return super().answer(principal, question)
