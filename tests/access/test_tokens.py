"""Access tokens: everything that a genuine signature does not say."""

import json
import logging
import math
import time
from collections.abc import Callable
from typing import Any

import pytest

from appliance.access.tokens import Expectations, SteadyClock
from appliance.errors import NotAuthenticated
from tests.access.issuer import AUDIENCE, EXPECTED, NULL, URL, Issuer, claims, identity

HOUR = 3600
NOW = int(time.time())


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


def opens(issuer: Issuer, token: str, **more: Any) -> bool:
    try:
        identity(issuer, **more).principal(f"Bearer {token}")
    except NotAuthenticated as error:
        return str(error) != "You are not signed in, or your sign-in has ended."  # and no other words
    return True


WRONG: dict[str, dict[str, Any]] = {
    "expired": {"iat": NOW - 2 * HOUR, "exp": NOW - HOUR},
    "expired beyond the leeway": {"exp": NOW - 31},
    "issued in the future": {"iat": NOW + HOUR, "exp": NOW + 2 * HOUR},
    "not valid yet": {"nbf": NOW + HOUR},
    "another issuer": {"iss": "https://sso.invalid/realms/other"},
    "the issuer with a slash": {"iss": f"{URL}/"},
    "the issuer in capitals": {"iss": URL.upper()},
    "an issuer that is a list": {"iss": [URL]},
    "another audience": {"aud": "account"},
    "several others for an audience": {"aud": ["account", "muniment-api2"]},
    "an audience that is part of a word": {"aud": "muniment-api-and-more"},
    "an audience that is an object": {"aud": {AUDIENCE: True}},
    "an ID token of Keycloak's": {"typ": "ID"},
    "a refresh token of Keycloak's": {"typ": "Refresh"},
    "a logout token of Keycloak's": {"typ": "Logout"},
    "a token bound to a key": {"cnf": {"jkt": "x"}},
    "a token of DPoP": {"typ": "DPoP"},
    "no kind at all": {"typ": None},
    "a kind that is a list": {"typ": ["Bearer"]},
    "a nonce, as ID tokens have": {"nonce": "n"},
    "a hash of another token, as ID tokens have": {"at_hash": "x"},
    "events, as logout tokens have": {"events": {}},
    "no issuer": {"iss": None},
    "no audience": {"aud": None},
    "no client": {"azp": None},
    "no subject": {"sub": None},
    "no time of issue": {"iat": None},
    "no end": {"exp": None},
    "an end that is null": {"exp": NULL},
    "an end that is a word": {"exp": str(NOW + HOUR)},
    "an end that is true": {"exp": True},
    "an end that is infinite": {"exp": math.inf},
    "an end that is no number": {"exp": math.nan},
    "an end beyond any calendar": {"exp": 10**15},
    "an end with 5,000 digits": {"exp": "@"},
    "a beginning that is null": {"nbf": NULL},
    "a time of issue before all time": {"iat": -1},
}


@pytest.mark.parametrize("defect", WRONG)
def test_claims_that_do_not_check_out(issuer: Issuer, defect: str) -> None:
    """Fails if a line of `claims`, `_is_now`, `_is_access_token` or `_is_for` is deleted: each has its rows."""
    assert opens(issuer, issuer.token())
    body = json.dumps(claims(**WRONG[defect])).replace('"@"', "9" * 5_000)
    assert not opens(issuer, issuer.token(body=body.encode()))


def test_what_else_holds(issuer: Issuer) -> None:
    for kind in ("at+jwt", "AT+JWT", "application/at+jwt"):
        assert opens(issuer, issuer.token(head={"typ": kind}, typ=None))
        assert opens(issuer, issuer.token(head={"typ": kind}))
    assert opens(issuer, issuer.token(aud=["account", AUDIENCE]))
    assert opens(issuer, issuer.token(exp=int(time.time()) - 20))
    assert opens(issuer, issuer.token(nbf=int(time.time()) + 20, iat=time.time()))


@pytest.mark.parametrize("kind", ["", "id_token", "logout+jwt", "secevent+jwt", "dpop+jwt", "at+jwt2", 7, None])
def test_only_access_tokens_open(issuer: Issuer, kind: object) -> None:
    """Fails if the kind outside is not looked at: a genuine token of another kind would open."""
    assert not opens(issuer, issuer.token(head={"typ": kind}))
    assert not opens(issuer, issuer.token(head={"typ": kind}, typ=None))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"7", b"{", b"{}", b"\xff\xfe", b"[" * 200_000, b'"x"'],
    ids=["empty", "a list", "null", "a number", "cut", "nothing", "no text", "deep", "a word"],
)
def test_contents_that_are_no_claims(issuer: Issuer, body: bytes) -> None:
    """Fails if `_object` takes anything but an object, or lets a foreign exception through."""
    assert not opens(issuer, issuer.token(body=body))


def test_claims_that_are_named_twice(issuer: Issuer) -> None:
    """Fails if `_once` is deleted: one reader would take the first audience, another the second."""
    twice = json.dumps(claims()).replace('"aud"', '"aud": "account", "aud"')
    assert not opens(issuer, issuer.token(body=twice.encode()))


def test_a_huge_token_is_refused_unread(issuer: Issuer) -> None:
    """Fails if the check of LONGEST is deleted."""
    assert opens(issuer, issuer.token(padding="x" * 150_000))
    assert not opens(issuer, issuer.token(padding="x" * 200_000))


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer x", "bearer", "Basic bWFyYTo=", "mara"])
def test_no_token_is_nobody(issuer: Issuer, header: str | None) -> None:
    with pytest.raises(NotAuthenticated):
        identity(issuer).principal(header)


def test_the_scheme_must_be_bearer(issuer: Issuer) -> None:
    """Fails if the check of the scheme is deleted."""
    for header in (issuer.token(), f"Basic {issuer.token()}", f"DPoP {issuer.token()}", f"Bearer  {issuer.token()}"):
        with pytest.raises(NotAuthenticated):
            identity(issuer).principal(header)


def test_algorithms_come_from_the_settings_only(issuer: Issuer) -> None:
    """Fails if the token's algorithm is not compared with those of the settings."""
    for algorithms in (frozenset({"RS256"}), frozenset[str]()):
        assert not opens(issuer, issuer.token(), expected=Expectations(URL, AUDIENCE, algorithms))


def test_other_tokens_of_the_issuer_s_are_read_for_those_who_check_the_rest(issuer: Issuer) -> None:
    header, told = identity(issuer).signed(issuer.token(typ="ID", aud="muniment-portal", nonce="n"))
    assert (header["kid"], told["typ"], told["nonce"]) == (issuer.kid, "ID", "n")
    with pytest.raises(NotAuthenticated):
        identity(issuer).signed(issuer.token()[:-4])


class Moment:
    """A wall clock and a stop watch in the test's hand."""

    def __init__(self) -> None:
        self.wall = float(NOW)
        self.passed = 1000.0

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.passed)

    def goes_on(self, seconds: float) -> None:
        self.wall += seconds
        self.passed += seconds


def after(change: Callable[[Moment], None], issuer: Issuer, **token: Any) -> bool:
    moment = Moment()
    clock = moment.clock()
    assert clock.latest() == moment.wall
    change(moment)
    return opens(issuer, issuer.token(**token), clock=clock)


def test_a_clock_that_is_set_back_makes_no_old_token_valid(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    """Fails if `latest` is the system's time alone."""

    def two_hours_then_back(moment: Moment) -> None:
        moment.goes_on(2 * HOUR)
        moment.wall -= 2 * HOUR

    assert not after(two_hours_then_back, issuer, iat=NOW, exp=NOW + HOUR)
    caplog.clear()
    moment = Moment()
    clock = moment.clock()
    two_hours_then_back(moment)
    with caplog.at_level(logging.WARNING):
        assert clock.latest() == clock.latest() == NOW + 2 * HOUR
    assert [record.getMessage() for record in caplog.records] == [
        "The clock was set back by 7200 s; tokens end by the time before."
    ]


def test_a_clock_that_goes_forward_is_believed(issuer: Issuer) -> None:
    """Fails if the anchor never moves: tokens issued after a correction would not have begun."""

    def forward(moment: Moment) -> None:
        moment.wall += HOUR

    assert not after(forward, issuer, iat=NOW, exp=NOW + HOUR // 2)
    assert after(forward, issuer, iat=NOW + HOUR, exp=NOW + 2 * HOUR)
    assert not after(forward, issuer, iat=NOW + 2 * HOUR, exp=NOW + 3 * HOUR)


def test_the_leeway_is_the_settings_(issuer: Issuer) -> None:
    strict = Expectations(URL, AUDIENCE, EXPECTED.algorithms, leeway=0)
    assert not opens(issuer, issuer.token(exp=int(time.time()) - 1), expected=strict)
    assert opens(issuer, issuer.token(exp=int(time.time()) - 1))


def test_a_person_of_another_tenant_is_refused_and_one_of_none_is_nobody(issuer: Issuer) -> None:
    """Guards the comparison of tenants in `OidcIdentity.principal`: one issuer may serve several houses."""
    assert opens(issuer, issuer.token())
    assert not opens(issuer, issuer.token(tenant="weir"))
    assert not opens(issuer, issuer.token(tenant="aldermoor "))
    without = identity(issuer).principal(f"Bearer {issuer.token(tenant=None)}")
    assert without.tenant == ""
