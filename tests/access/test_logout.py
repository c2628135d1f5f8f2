"""Logout tokens, word by word, with an issuer that can lie. The certified provider: `tests/identity/`."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from appliance.access.logout import YOUNG
from appliance.access.presence import TokenAlone, WhileSignedIn
from appliance.errors import NotAuthenticated
from appliance.records import Event
from tests.access.scripted_issuer import CLIENT, issuing
from tests.access.test_presence import MARA
from tests.access.test_signin import House

EVENTS: Final = {"http://schemas.openid.net/event/backchannel-logout": {}}
NOW: Final = "now"
"""Stands for the time when the test runs, with seconds added: names of tests are the same in every process."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with issuing(tmp_path) as (issuer, certificate, end):
        yield House(issuer, end, certificate, tmp_path)


def test_the_issuer_s_session_ends_ours(house: House) -> None:
    cookie = house.sign_in()
    token = house.issuer.logout(sub=None, sid=house.issuer.sid)
    assert house.back_channel.end(token) == 1
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)
    last = house.journal.entries[-1]
    assert (last.event, last.subject, last.reason) == (Event.SIGNED_OUT, "mara", "elsewhere")


def test_another_session_of_the_same_person_goes_on(house: House) -> None:
    """Guards `at_issuer` in `Sessions.remove_of`: signing out at one machine would end all."""
    here = house.sign_in()
    house.issuer.sid = "another-session"
    there = house.sign_in()
    assert house.back_channel.end(house.issuer.logout(sid="another-session")) == 1
    assert house.open.find(here).person == "mara"
    with pytest.raises(NotAuthenticated):
        house.open.find(there)


def test_without_a_session_all_of_the_person_s_end_and_nobody_else_s(house: House) -> None:
    """Guards `one.person` in `Sessions.remove_of`."""
    mine = [house.sign_in(), house.sign_in()]
    house.issuer.person, house.issuer.sid = "tobias", "his"
    his = house.sign_in()
    assert house.back_channel.end(house.issuer.logout(sub="mara")) == 2
    for cookie in mine:
        with pytest.raises(NotAuthenticated):
            house.open.find(cookie)
    assert house.open.find(his).person == "tobias"


def test_a_session_of_somebody_else_is_not_ended_in_his_name(house: House) -> None:
    """Guards `one.person` where a session is named too."""
    cookie = house.sign_in()
    assert house.back_channel.end(house.issuer.logout(sub="tobias", sid=house.issuer.sid)) == 0
    assert house.open.find(cookie).person == "mara"


def test_an_issuer_that_names_no_sessions(house: House) -> None:
    house.issuer.sid = None
    cookie = house.sign_in()
    assert house.back_channel.end(house.issuer.logout(sub=None, sid="some-session")) == 0
    assert house.back_channel.end(house.issuer.logout(sub="mara")) == 1
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)


def test_ending_nothing_is_no_error(house: House) -> None:
    assert house.back_channel.end(house.issuer.logout()) == 0


def test_a_token_serves_once(house: House) -> None:
    """Guards `_serve_once`."""
    token = house.issuer.logout()
    house.back_channel.end(token)
    with pytest.raises(NotAuthenticated):
        house.back_channel.end(token)


def test_what_began_after_it_goes_on(house: House) -> None:
    """Guards `one.began <= before`: told again to another process, a token would end the next session."""
    house.later = timedelta(minutes=2)
    cookie = house.sign_in()
    assert house.back_channel.end(house.issuer.logout(sub="mara")) == 0
    assert house.open.find(cookie).person == "mara"


REFUSED: Final[dict[str, dict[str, Any]]] = {
    "of another issuer": {"iss": "https://evil.invalid"},
    "of no issuer": {"iss": None},
    "for another client": {"aud": "another"},
    "for others besides": {"aud": [CLIENT, "another"]},
    "for nobody": {"aud": None},
    "without the event": {"events": None},
    "with another event": {"events": {"urn:other": {}}},
    "with the event's name for an event": {"events": list(EVENTS)},
    "with an event that is no object": {"events": dict.fromkeys(EVENTS, "")},
    "with a nonce": {"nonce": "n"},
    "with an empty nonce": {"nonce": ""},
    "naming nobody": {"sub": None},
    "naming empty nobodies": {"sub": "", "sid": ""},
    "naming a number": {"sub": 7},
    "naming a list": {"sid": ["a"]},
    "naming too much": {"sid": "x" * 256},
    "without a number of its own": {"jti": None},
    "with a number of another kind": {"jti": 7},
    "without an issue": {"iat": None},
    "without an end": {"exp": None},
    "ended": {"iat": (NOW, -100), "exp": (NOW, -40)},
    "old, whatever its end": {"iat": (NOW, -YOUNG - 40), "exp": (NOW, 3_600)},
    "yet to come": {"iat": (NOW, 60)},
    "issued at a word": {"iat": "1"},
    "ending at a truth": {"exp": True},
    "an access token inside": {"typ": "Bearer"},
    "an ID token inside": {"typ": "ID"},
}


@pytest.mark.parametrize("changed", REFUSED.values(), ids=REFUSED)
def test_what_is_no_logout_token_ends_nothing(house: House, changed: dict[str, Any]) -> None:
    """Guards each check of `BackChannel._left`, row by row."""
    cookie = house.sign_in()
    reckoned = {name: time.time() + v[1] if isinstance(v, tuple) else v for name, v in changed.items()}
    with pytest.raises(NotAuthenticated):
        house.back_channel.end(house.issuer.logout(**reckoned))
    assert house.open.find(cookie).person == "mara"


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "", "logout", "logout+jwt2", "jwt"])
def test_another_kind_of_token_ends_nothing(house: House, kind: str) -> None:
    """Guards `marked` in `_is_logout`."""
    with pytest.raises(NotAuthenticated):
        house.back_channel.end(house.issuer.logout(kind))


@pytest.mark.parametrize(
    ("kind", "inside"),
    [("logout+jwt", None), ("application/logout+jwt", None), ("logout+jwt", "Logout"), ("JWT", "Logout")],
)
def test_the_kinds_that_there_are(house: House, kind: str, inside: str | None) -> None:
    house.sign_in()
    assert house.back_channel.end(house.issuer.logout(kind, typ=inside)) == 1


def test_a_forged_one_ends_nothing(house: House) -> None:
    cookie = house.sign_in()
    house.issuer.forged = True
    with pytest.raises(NotAuthenticated):
        house.back_channel.end(house.issuer.logout())
    assert house.open.find(cookie).person == "mara"


def test_who_asks_through_a_session_is_there_no_longer_than_it_is(house: House) -> None:
    """Guards the refusal in `WhileSignedIn`: a stream that began before would go on to its end."""
    cookie = house.sign_in()
    presence = WhileSignedIn(TokenAlone(), house.kept.has)
    through = replace(MARA, session=house.open.find(cookie).session)
    assert presence.effective(through) == through
    house.back_channel.end(house.issuer.logout())
    with pytest.raises(NotAuthenticated):
        presence.effective(through)
    assert presence.effective(MARA) == MARA  # who brings a token has no session to end
