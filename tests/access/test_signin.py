"""Signing in, word by word, with an issuer that can lie. The certified provider: `tests/identity/`."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from appliance.access.logout import BackChannel
from appliance.access.openid import OpenIdClient
from appliance.access.sessions import OpenSessions, digest
from appliance.access.signin import Answer, Denied, SignIn, Stale
from appliance.errors import IssuerUnavailable, NotAuthenticated, SignInRefused
from appliance.store.database import open_database
from appliance.store.sessions import Sessions, utc_now
from appliance.store.sessions_sealed import KeyRing
from tests.access.scripted_issuer import CLIENT, REDIRECT, SECRET, ScriptedIssuer, issuing
from tests.contracts.journals import ListJournal

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=10)


LATER = "an hour from now"
"""Stands for a time that is reckoned when the test runs: names of tests are the same in every process."""


@dataclass
class House:
    """Sign-in and sessions around the issuer; `later` is how far their clock is ahead of the real one."""

    issuer: ScriptedIssuer
    ended: Callable[[], None]
    certificate: Path
    folder: Path
    later: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self.journal = ListJournal()
        self.keys = KeyRing(self.folder / "keys.json")
        self.kept = Sessions(open_database(f"sqlite:///{self.folder / 'registry.sqlite'}"), self.keys)
        self.client = self.made_client()
        self.open = OpenSessions(
            client=self.client, sessions=self.kept, journal=self.journal, idle=IDLE, longest=LONGEST, clock=self.now,
        )  # fmt: skip
        self.back_channel = BackChannel(
            signed=self.issuer.signed, issuer=self.issuer.url, client_id=CLIENT, sessions=self.open
        )
        self.door = SignIn(
            client=self.client, identity=self.issuer, sessions=self.open, keys=self.keys, journal=self.journal,
            clock=lambda: self.now().timestamp(),
        )  # fmt: skip

    def made_client(self, **other: Any) -> OpenIdClient:
        told = {"issuer": self.issuer.url, "client_secret": SECRET, "ca": self.certificate} | other
        return OpenIdClient(client_id=CLIENT, redirect_uri=REDIRECT, signed=self.issuer.signed, **told)

    def made_door(self, client: OpenIdClient) -> SignIn:
        return SignIn(
            client=client, identity=self.issuer, sessions=self.open, keys=self.keys, journal=self.journal
        )  # fmt: skip

    def now(self) -> datetime:
        return utc_now() + self.later

    def sign_in(self, *, cookie: str = "", **other: str) -> str:
        begun = self.door.begin(cookie=cookie)
        return self.door.complete(Answer(**self.issuer.browse(begun.address) | other), begun=begun.cookie)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with issuing(tmp_path) as (issuer, certificate, end):
        yield House(issuer, end, certificate, tmp_path)


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_a_person_signs_in_and_the_cookie_finds_the_token(house: House) -> None:
    cookie = house.sign_in()
    found = house.open.find(cookie)
    assert house.issuer.principal(found.authorization).id == found.person == "mara"
    assert len(base64.urlsafe_b64decode(cookie + "=")) == 32
    idle_ends, ends = house.open.ends(cookie)
    assert timedelta(minutes=29) < idle_ends - house.now() <= IDLE
    assert timedelta(hours=9) < ends - house.now() <= LONGEST


def test_what_goes_to_the_issuer(house: House) -> None:
    begun = house.door.begin(cookie="")
    parameters = asked(begun.address)
    assert set(parameters) == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip
    again = asked(house.door.begin(cookie="").address)
    assert not {parameters[name] for name in ("state", "nonce", "code_challenge")} & set(again.values())
    assert begun.address.startswith(f"{house.issuer.url}/authorize?")


def test_nothing_is_written_down_before_the_issuer_has_vouched(house: House) -> None:
    for _ in range(3):
        house.door.begin(cookie="")
    assert house.kept.remove_all() == 0


@pytest.mark.parametrize("begun", ["", "x", "AAAA", "é", "A" * 400])
def test_an_answer_without_a_sign_in_of_this_browser_is_stale(house: House, begun: str) -> None:
    answer = Answer(**house.issuer.browse(house.door.begin(cookie="").address))
    with pytest.raises(Stale):
        house.door.complete(answer, begun=begun)


def test_another_browser_s_answer_is_stale(house: House) -> None:
    """Fails without the comparison of `state` in `complete`: a stranger could sign this browser in as himself."""
    mine, his = house.door.begin(cookie=""), house.door.begin(cookie="")
    with pytest.raises(Stale):
        house.door.complete(Answer(**house.issuer.browse(his.address)), begun=mine.cookie)
    assert house.issuer.seen == []


def test_a_sign_in_that_took_too_long_is_stale(house: House) -> None:
    """Fails without the look at the clock in `_begun`."""
    begun = house.door.begin(cookie="")
    answer = Answer(**house.issuer.browse(begun.address))
    house.later = timedelta(seconds=602)
    with pytest.raises(Stale):
        house.door.complete(answer, begun=begun.cookie)
    house.later = timedelta(seconds=-5)
    with pytest.raises(Stale):
        house.door.complete(answer, begun=begun.cookie)


def test_another_installation_s_cookie_is_stale(house: House) -> None:
    begun = house.door.begin(cookie="")
    elsewhere = SignIn(
        client=house.client,
        identity=house.issuer,
        sessions=house.open,
        keys=KeyRing(house.folder / "other.json"),
        journal=house.journal,
    )
    with pytest.raises(Stale):
        elsewhere.complete(Answer(**house.issuer.browse(begun.address)), begun=begun.cookie)


def test_a_session_s_sealed_bytes_begin_no_sign_in(house: House) -> None:
    sealed = house.keys.seal(b"{}", about=f"session {'a' * 64}")
    with pytest.raises(Stale):
        house.door.complete(Answer("s", "c"), begun=base64.urlsafe_b64encode(sealed).decode())


def test_a_code_serves_once(house: House) -> None:
    begun = house.door.begin(cookie="")
    answer = Answer(**house.issuer.browse(begun.address))
    house.door.complete(answer, begun=begun.cookie)
    with pytest.raises(SignInRefused):
        house.door.complete(answer, begun=begun.cookie)


def test_a_stolen_code_is_worth_nothing_without_the_browser_s_proof(house: House) -> None:
    """Fails if the code's verifier is not sent: the issuer compares it with what the browser began with."""
    his = house.door.begin(cookie="")
    mine = house.door.begin(cookie="")
    stolen = house.issuer.browse(his.address)["code"]
    with pytest.raises(SignInRefused):
        house.door.complete(Answer(state=asked(mine.address)["state"], code=stolen), begun=mine.cookie)


@pytest.mark.parametrize(
    ("lie", "value"),
    [
        ("iss", "https://other.invalid"), ("iss", None), ("aud", "somebody-else"), ("aud", None), ("aud", []),
        ("aud", ["somebody-else"]), ("sub", None), ("sub", "dana"), ("sub", ""), ("nonce", "another"), ("nonce", None),
        ("exp", 1), ("exp", None), ("exp", "soon"), ("iat", None), ("iat", LATER),
        ("azp", "somebody-else"), ("at_hash", "AAAA"), ("nbf", LATER),
    ],
)  # fmt: skip
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(house: House, lie: str, value: object) -> None:
    """Fails if `_subject` does not validate, or leaves out what is compared: iss, aud, nonce, azp, at_hash, times."""
    house.issuer.lies = {lie: int(time.time()) + 3600 if value is LATER else value}
    with pytest.raises(SignInRefused):
        house.sign_in()
    assert house.kept.remove_all() == 0


def test_an_id_token_for_several_needs_us_as_its_party(house: House) -> None:
    house.issuer.lies = {"aud": [CLIENT, "somebody-else"]}
    with pytest.raises(SignInRefused):
        house.sign_in()
    house.issuer.lies = {"aud": [CLIENT, "somebody-else"], "azp": CLIENT}
    house.sign_in()


def test_a_forged_token_signs_nobody_in(house: House) -> None:
    house.issuer.forged = True
    with pytest.raises(NotAuthenticated):
        house.sign_in()


def test_an_answer_without_an_id_token_signs_nobody_in(house: House) -> None:
    access = {"access_token": "x", "token_type": "Bearer", "expires_in": 60}
    house.issuer.answer = (200, json.dumps(access).encode())
    with pytest.raises(NotAuthenticated):
        house.sign_in()


@pytest.mark.parametrize(
    ("error", "kind"),
    [("access_denied", Denied), ("login_required", SignInRefused), ("<script>", SignInRefused), ("", SignInRefused),
     ("temporarily_unavailable", IssuerUnavailable), ("server_error", IssuerUnavailable)],
)  # fmt: skip
def test_the_issuer_says_no(house: House, error: str, kind: type[Exception]) -> None:
    begun = house.door.begin(cookie="")
    with pytest.raises(kind) as refused:
        house.door.complete(Answer(state=asked(begun.address)["state"], error=error), begun=begun.cookie)
    assert not error or error not in str(refused.value)


def test_an_error_with_a_code_is_an_error(house: House) -> None:
    """Fails if `complete` looks at the code alone."""
    with pytest.raises(Denied):
        house.sign_in(error="access_denied")


def test_an_answer_in_another_issuer_s_name_is_refused(house: House) -> None:
    """Fails without `check_sender` (RFC 9207)."""
    with pytest.raises(SignInRefused):
        house.sign_in(iss="https://other.invalid")
    house.sign_in(iss=house.issuer.url)
    house.issuer.described = {"authorization_response_iss_parameter_supported": True}
    strict = SignIn(
        client=house.made_client(), identity=house.issuer, sessions=house.open, keys=house.keys, journal=house.journal
    )
    begun = strict.begin(cookie="")
    with pytest.raises(SignInRefused):
        strict.complete(Answer(**house.issuer.browse(begun.address)), begun=begun.cookie)


def test_a_new_sign_in_is_a_new_cookie_and_ends_the_session_before(house: House) -> None:
    """Session fixation. Fails if `begin` of `OpenSessions` does not make a cookie of its own, or drops `instead_of`."""
    planted = house.sign_in()
    cookie = house.sign_in(cookie=planted)
    assert cookie != planted
    house.open.find(cookie)
    with pytest.raises(NotAuthenticated):
        house.open.find(planted)


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 4000, "ü" * 43, "a" * 64])
def test_a_cookie_that_was_never_given_is_nobody_s(house: House, cookie: str) -> None:
    house.sign_in()
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)


def test_the_database_s_own_name_of_a_session_is_no_cookie(house: House) -> None:
    cookie = house.sign_in()
    with pytest.raises(NotAuthenticated):
        house.open.find(digest(cookie)[:43])


def test_a_cookie_is_worth_nothing_after_sign_out(house: House) -> None:
    """Fails if `end` leaves the row, or the issuer with the refresh token."""
    cookie = house.sign_in()
    house.open.end(cookie)
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)
    assert house.issuer.revoked == ["refresh-3-canary"]
    house.open.end(cookie)
    assert len(house.issuer.revoked) == 1


def test_signing_out_needs_no_issuer(house: House) -> None:
    cookie = house.sign_in()
    house.ended()
    house.open.end(cookie)
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)


def test_a_session_ends_when_nobody_uses_it(house: House) -> None:
    """Fails without the look at `used` in `_open`."""
    cookie = house.sign_in()
    house.issuer.lives = 36_000
    house.later = IDLE - timedelta(seconds=30)
    house.open.find(cookie)
    house.later = 2 * IDLE - timedelta(seconds=60)
    house.open.find(cookie)
    house.later = 3 * IDLE
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)
    house.later = timedelta(0)  # what has ended does not come back, whatever the clock does
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)


def test_a_session_ends_in_any_case(house: House) -> None:
    """Fails without the look at `ends` in `_open`."""
    house.issuer.lives = 86_000
    cookie = house.sign_in()
    for _ in range(29):
        house.later += timedelta(minutes=20)
        house.open.find(cookie)
    house.later = LONGEST
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)


def test_a_session_from_the_future_is_none(house: House) -> None:
    """Fails without the look at `began`: with the clock set back, a session would live longer than it may."""
    cookie = house.sign_in()
    house.later = -timedelta(hours=1)
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)


def test_whoever_comes_with_an_ended_session_proves_himself_anew(house: House) -> None:
    """Fails if `begin` no longer asks whether the session is open, or `_subject` whether the issuer did ask."""
    cookie = house.sign_in()
    assert "prompt" not in asked(house.door.begin(cookie=cookie).address)
    house.open.end(cookie)
    begun = house.door.begin(cookie=cookie)
    assert (asked(begun.address)["prompt"], asked(begun.address)["max_age"]) == ("login", "0")
    for auth_time in (int(time.time()) - 120, None, True, "now"):
        house.issuer.lies = {"auth_time": auth_time}
        with pytest.raises(SignInRefused):
            house.sign_in(cookie=cookie)
    house.issuer.lies = {}
    house.open.find(house.sign_in(cookie=cookie))


def test_a_token_is_renewed_in_time_by_one_alone(house: House) -> None:
    """Fails without the claim in `_renewed`: an issuer that rotates refresh tokens takes the second for a thief."""
    house.issuer.lives = 10
    cookie = house.sign_in()
    house.issuer.lives = 300
    house.issuer.slow = 0.3
    house.issuer.seen.clear()
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(house.open.find(cookie).authorization)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 6
    assert len(set(found)) == 1
    assert [form["grant_type"] for form in house.issuer.seen] == ["refresh_token"]
    house.open.find(cookie)
    assert len(house.issuer.seen) == 1


def test_a_session_that_the_issuer_has_ended_ends(house: House) -> None:
    house.issuer.lives = 10
    cookie = house.sign_in()
    house.issuer.answer = (400, b'{"error": "invalid_grant", "error_description": "canary"}')
    with pytest.raises(NotAuthenticated) as refused:
        house.open.find(cookie)
    assert "canary" not in str(refused.value)
    house.issuer.answer = None
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)


def test_without_a_refresh_token_the_session_ends_with_its_token(house: House) -> None:
    house.issuer.lives, house.issuer.gives_refresh = 10, False
    cookie = house.sign_in()
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)


@pytest.mark.parametrize(
    "said",
    [(500, b"down"), (200, b"no json"), (200, b"[]"), (200, b"{}"), (302, b""), (401, b'{"error": "invalid_client"}'),
     (200, b'{"access_token": "", "token_type": "Bearer", "expires_in": 5}'),
     (200, b'{"access_token": "x", "token_type": "mac", "expires_in": 5}'),
     (200, b'{"access_token": "x", "token_type": "Bearer"}'),
     (200, b'{"access_token": "x", "token_type": "Bearer", "expires_in": -1}'),
     (400, b'{"error": 7}'), (200, b"x" * 300_000)],
)  # fmt: skip
def test_an_issuer_that_cannot_answer_ends_no_session(house: House, said: tuple[int, bytes]) -> None:
    """The token that holds serves to its end; then the request fails, and the session is there when the issuer is."""
    house.issuer.lives = 10
    cookie = house.sign_in()
    house.issuer.answer = said
    assert house.open.find(cookie).person == "mara"
    house.later = timedelta(seconds=11)
    with pytest.raises(IssuerUnavailable):
        house.open.find(cookie)
    house.issuer.answer, house.issuer.lives = None, 300
    assert house.open.find(cookie).person == "mara"


def test_an_issuer_that_is_gone(house: House) -> None:
    cookie = house.sign_in()
    stranger = house.made_client()
    house.ended()
    assert house.open.find(cookie).person == "mara"
    door = house.made_door(stranger)
    with pytest.raises(IssuerUnavailable):
        door.begin(cookie="")
    assert door.leaving("http://127.0.0.1:8766/") == ""


def test_another_authority_s_certificate_is_no_issuer(house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Fails if the client does not verify TLS."""
    client = house.made_client(ca=None)
    with pytest.raises(IssuerUnavailable):
        house.made_door(client).begin(cookie="")


@pytest.mark.parametrize(
    "described",
    [{"issuer": "https://other.invalid"}, {"token_endpoint": "http://127.0.0.1:1/token"},
     {"authorization_endpoint": "javascript:alert(1)"}, {"end_session_endpoint": "http://x"},
     {"token_endpoint": None}, {"revocation_endpoint": "ftp://x"}],
)  # fmt: skip
def test_a_description_that_is_not_the_issuer_s_own_is_not_used(house: House, described: dict[str, object]) -> None:
    """Fails without `_checked`."""
    house.issuer.described = described
    with pytest.raises(IssuerUnavailable):
        SignIn(
            client=house.made_client(),
            identity=house.issuer,
            sessions=house.open,
            keys=house.keys,
            journal=house.journal,
        ).begin(cookie="")


def test_signed_out_while_the_token_is_renewed(house: House) -> None:
    """Fails if `_with` does not revoke: what the issuer gave meanwhile would live on without a session."""
    house.issuer.lives = 10
    cookie = house.sign_in()
    house.issuer.slow = 0.4
    failed: list[Exception] = []

    def use() -> None:
        try:
            house.open.find(cookie)
        except NotAuthenticated as error:
            failed.append(error)

    using = threading.Thread(target=use)
    using.start()
    time.sleep(0.15)
    house.kept.remove(digest(cookie))
    using.join(30)
    assert len(failed) == 1
    assert house.issuer.revoked == ["refresh-5-canary"]


def test_where_the_issuer_s_own_session_can_be_ended(house: House) -> None:
    address = house.door.leaving("http://127.0.0.1:8766/")
    assert address.startswith(f"{house.issuer.url}/end?")
    assert asked(address) == {"client_id": CLIENT, "post_logout_redirect_uri": "http://127.0.0.1:8766/"}


def test_whoever_waits_for_a_renewal_takes_what_came_of_it(house: House) -> None:
    """Another process has the claim: it renews the token, ends the session, or takes too long."""
    house.issuer.lives = 10
    cookie = house.sign_in()
    session_id = digest(cookie)
    assert house.kept.claim(session_id, now=house.now(), until=house.now() + timedelta(minutes=1))
    fresh = house.now() + timedelta(minutes=5)
    other = threading.Timer(0.3, house.kept.change, (session_id, lambda it: replace(it, expires=fresh)))
    other.start()
    assert house.open.find(cookie).person == "mara"
    other.join(10)
    house.kept.change(session_id, lambda it: replace(it, expires=house.now()))
    other = threading.Timer(0.3, house.kept.remove, (session_id,))
    other.start()
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)
    other.join(10)
    assert [form["grant_type"] for form in house.issuer.seen] == ["authorization_code"]


def test_an_issuer_without_these_places_is_asked_for_nothing(house: House) -> None:
    house.issuer.described = {"revocation_endpoint": "", "end_session_endpoint": ""}
    bare = house.made_client()
    bare.revoke("x")
    assert bare.leaving("http://127.0.0.1:8766/") == ""
    assert house.issuer.revoked == []
