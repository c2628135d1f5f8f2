"""What the ledger is told of sign-ins and of the ends of sessions."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.access.signin import Answer, SignIn
from appliance.errors import LedgerUnavailable, NotAllowed, NotAuthenticated, SignInRefused
from appliance.records import Entry, Event, Principal
from tests.access.scripted_issuer import CLIENT, ScriptedIssuer, issuing
from tests.access.test_signin import IDLE, House

IN = Entry(Event.SIGNED_IN, "mara", tenant="aldermoor", client=CLIENT)
OUT = Entry(Event.SIGNED_OUT, "mara", tenant="aldermoor")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with issuing(tmp_path) as (issuer, certificate, end):
        yield House(issuer, end, certificate, tmp_path)


class Doorkeeper:
    """An identity that knows the issuer's people and lets `let_in` decide who they are here."""

    def __init__(self, issuer: ScriptedIssuer, *, nobody: bool = False, kind: str = "person") -> None:
        self._issuer, self._nobody, self._kind = issuer, nobody, kind

    def principal(self, authorization_header: str | None, _purpose: str = "", /) -> Principal:
        if self._nobody:
            raise NotAllowed("Not here.")
        return replace(self._issuer.principal(authorization_header), kind=self._kind)  # type: ignore[arg-type]


def test_signing_in_and_out_are_recorded(house: House) -> None:
    cookie = house.sign_in()
    house.open.find(cookie)
    house.open.end(cookie)
    house.open.end(cookie)
    assert house.journal.entries == [IN, OUT]


def test_nobody_is_signed_in_whom_the_ledger_does_not_know(house: House) -> None:
    """Fails without the first `append` in `begin` of `OpenSessions`, or with it after the session is kept."""
    house.journal.fails_at = 1
    with pytest.raises(LedgerUnavailable):
        house.sign_in()
    assert house.kept.remove_all() == 0


def test_whoever_signs_out_is_out_though_the_ledger_cannot_be_written(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Fails without the `except` in `_recorded`: the issuer would keep the refresh token."""
    cookie = house.sign_in()
    house.journal.fails_at = 1
    with caplog.at_level(logging.ERROR):
        house.open.end(cookie)
    assert house.issuer.revoked == ["refresh-3-canary"]
    assert "the ledger could not be told" in caplog.text
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)


def test_why_a_session_ended_is_recorded(house: House) -> None:
    house.issuer.lives = 36_000
    planted = house.sign_in()
    cookie = house.sign_in(cookie=planted)
    house.later = IDLE
    with pytest.raises(NotAuthenticated):
        house.open.find(cookie)
    assert house.journal.entries == [IN, IN, replace(OUT, reason="replaced"), replace(OUT, reason="over")]


def test_a_session_that_the_issuer_ends_is_recorded_once(house: House) -> None:
    house.issuer.lives = 10
    cookie = house.sign_in()
    house.issuer.answer = (400, b'{"error": "invalid_grant"}')

    def use() -> None:
        with pytest.raises(NotAuthenticated):
            house.open.find(cookie)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert house.journal.entries == [IN, replace(OUT, reason="issuer")]


@pytest.mark.parametrize(
    ("other", "code"),
    [({"nobody": True}, "not-allowed"), ({"kind": "program"}, "sign-in-refused")],
)
def test_whom_the_house_refuses_although_the_issuer_vouched(house: House, other: dict[str, object], code: str) -> None:
    """Fails without the `append` in `_vouched`. Nobody is named: he is not known here."""
    door = SignIn(
        client=house.client,
        identity=Doorkeeper(house.issuer, **other),  # type: ignore[arg-type]
        sessions=house.open,
        keys=house.keys,
        journal=house.journal,
    )
    begun = door.begin(cookie="")
    with pytest.raises((NotAllowed, SignInRefused)):
        door.complete(Answer(**house.issuer.browse(begun.address)), begun=begun.cookie)
    assert house.journal.entries == [Entry(Event.SIGN_IN_REFUSED, "", reason=code)]


def test_what_anyone_can_send_fills_no_ledger(house: House) -> None:
    begun = house.door.begin(cookie="")
    for answer in (Answer(), Answer("x", "y"), Answer(**house.issuer.browse(begun.address) | {"error": "z"})):
        with pytest.raises(SignInRefused):
            house.door.complete(answer, begun=begun.cookie)
    house.open.end("A" * 43)
    house.later = timedelta(hours=1)
    assert not house.open.is_open("A" * 43)
    assert house.journal.entries == []
