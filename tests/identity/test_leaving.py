"""Who leaves is out: in the middle of an answer, with every cookie, in every browser; over HTTP, with everything real.

The certified provider signs people in and says who has signed out; the stand-in for Keycloak says who is in the house.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

import httpx
import pytest

from tests.benchmarks.changing_house import BRIEF, MARK, SILENT, TALKING
from tests.identity import provider as providers
from tests.identity.site import NAME, Site, site
from tests.identity.test_keycloak import pytestmark as pytestmark  # noqa: PLC0414  # for the same library

FRESH: Final = 1.0
WITHIN: Final = 60.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site"), fresh=FRESH, grace=2.0) as made:
        made.house.fresh()
        yield made


@pytest.fixture
def rhea(place: Site) -> str:
    return place.person("staff", "stores")


def status(place: Site, cookie: str, path: str = "/v1/me") -> int:
    return httpx.get(f"{place.house.address}{path}", headers=place.headers(cookie), trust_env=False).status_code


def sign_out(place: Site, _person: str, cookie: str) -> None:
    url = f"{place.house.address}/v1/session/logout"
    httpx.post(url, headers=place.headers(cookie), trust_env=False).raise_for_status()


def back_channel(place: Site, person: str, cookie: str) -> None:
    place.provider.log_out(person, providers.PORTAL, place.sid(cookie))


LEAVING: Final[dict[str, Callable[[Site, str, str], object]]] = {
    "disabled": lambda place, person, _: place.disable(person),
    "removed": lambda place, person, _: place.admin.delete_user(person),
    "signed out": sign_out,
    "signed out at the issuer": back_channel,
}
LOSING: Final[dict[str, Callable[[Site, str, str], object]]] = LEAVING | {
    "a group removed": lambda place, person, _: place.leave(person, "staff"),
    "the last group removed": lambda place, person, _: (place.leave(person, "stores"), place.leave(person, "staff")),
}


@pytest.mark.parametrize("question", [TALKING, SILENT], ids=["a model that speaks", "a silent model"])
@pytest.mark.parametrize("change", LOSING.values(), ids=LOSING)
def test_an_answer_that_has_begun_is_cut(
    place: Site, rhea: str, change: Callable[[Site, str, str], object], question: str
) -> None:
    """Guards `_effective` in `Rules`, `WhileSignedIn`, and the decision before each sentence and in each silence."""
    cookie = place.sign_in(rhea)
    begun, lines = threading.Event(), list[str]()

    def ask() -> None:
        headers = place.headers(cookie) | {"Accept": "text/event-stream"}
        with httpx.stream(
            "POST", f"{place.house.address}/v1/ask", json={"question": question}, headers=headers, timeout=60,
            trust_env=False,
        ) as answer:  # fmt: skip
            for line in answer.iter_lines():
                lines.append(line)
                if MARK in line:
                    begun.set()

    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(30)
    change(place, rhea, cookie)
    thread.join(WITHIN)
    assert not thread.is_alive()
    assert "event: answer" not in lines, "it ran on to its end"  # how soon: tests/benchmarks/bench_revocation_people.py
    assert {"event: refusal", "event: error"} & set(lines), "it was cut, and it said so"


@pytest.mark.parametrize("change", LEAVING.values(), ids=LEAVING)
def test_a_cookie_is_dead_in_every_browser(place: Site, rhea: str, change: Callable[[Site, str, str], object]) -> None:
    """The cookie itself, told again: after signing out, here or there, and after disabling."""
    cookie = place.sign_in(rhea)
    assert status(place, cookie) == 200
    change(place, rhea, cookie)
    time.sleep(FRESH)
    for path in ("/v1/me", "/v1/session", "/v1/conversations", "/v1/documents"):
        assert status(place, cookie, path) == 401
    stolen = {"Muniment-Session": cookie}
    assert httpx.get(f"{place.house.address}/v1/me", headers=stolen, trust_env=False).status_code == 401
    answer = httpx.post(
        f"{place.house.address}/v1/ask", json={"question": BRIEF}, headers=place.headers(cookie), trust_env=False
    )
    assert (answer.status_code, MARK in answer.text) == (401, False)


def test_signing_out_in_one_browser_leaves_the_other(place: Site, rhea: str) -> None:
    one, other = place.sign_in(rhea), place.sign_in(rhea)
    assert place.sid(one) != place.sid(other)
    back_channel(place, rhea, one)
    assert (status(place, one), status(place, other)) == (401, 200)


def test_who_was_disabled_does_not_sign_in(place: Site, rhea: str) -> None:
    place.sign_in(rhea)
    place.disable(rhea)
    time.sleep(FRESH)
    with pytest.raises(AssertionError, match="sign-in=refused"):
        place.sign_in(rhea)


def test_a_token_of_somebody_who_left_opens_nothing(place: Site, rhea: str) -> None:
    bearer = {"Authorization": f"Bearer {place.provider.token(rhea)}"}
    url = f"{place.house.address}/v1/ask"
    assert MARK in httpx.post(url, json={"question": BRIEF}, headers=bearer, timeout=60, trust_env=False).text
    place.leave(rhea, "staff")
    time.sleep(FRESH)
    told = httpx.post(url, json={"question": BRIEF}, headers=bearer, timeout=60, trust_env=False)
    assert (told.status_code, MARK in told.text) == (200, False)
    place.admin.delete_user(rhea)
    time.sleep(FRESH)
    assert httpx.post(url, json={"question": BRIEF}, headers=bearer, trust_env=False).status_code == 401


def test_a_silent_directory_leaves_what_is_public_and_says_so(place: Site, rhea: str) -> None:
    cookie = place.sign_in(rhea)
    assert status(place, cookie, "/v1/conversations") == 200
    place.directory.answers = {"": (503, {})}
    try:
        until = time.monotonic() + 10
        while not place.watched.is_silent and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(FRESH)
        me = httpx.get(f"{place.house.address}/v1/me", headers=place.headers(cookie), trust_env=False)
        assert (me.status_code, me.json()["narrowed"]) == (200, True)
        url = f"{place.house.address}/v1/ask"
        told = httpx.post(url, json={"question": BRIEF}, headers=place.headers(cookie), timeout=60, trust_env=False)
        assert (told.status_code, told.json()["narrowed"], MARK in told.text) == (200, True, False)
    finally:
        place.directory.answers = {}
    until = time.monotonic() + 10
    while place.watched.is_silent and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(FRESH)
    again = httpx.get(f"{place.house.address}/v1/me", headers=place.headers(cookie), trust_env=False)
    assert (again.status_code, again.json()["narrowed"]) == (200, False)


def test_the_cookie_s_name_is_the_one_of_this_installation(place: Site) -> None:
    kind = httpx.get(f"{place.house.address}/v1/session/kind", trust_env=False).json()
    assert (kind["kind"], kind["cookie"]) == ("oidc", NAME)
