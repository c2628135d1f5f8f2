"""Purposes end: what was stated while it lasted is stated no more when it is over, in the middle of an answer too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appliance.access.claims import stating
from appliance.access.presence import Known, met
from appliance.access.purposes import lasting, now, read, stated
from appliance.access.rules import Rules
from appliance.errors import NotAllowed
from appliance.records import Access, Action, Level, Principal
from tests.rules import ruleset

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
AUDIT = "audit until 2026-06-01T14:00:00+02:00"
HELEN = Principal("helen", "", "aldermoor", frozenset({"hr"}), Level.INTERNAL, "test", purposes=frozenset({AUDIT}))
NOTE = Access("aldermoor", Level.INTERNAL, frozenset({"hr"}), "hr", frozenset(), ("hr",), purpose="audit")


@pytest.mark.parametrize(
    "written",
    [
        "audit until ",
        "audit until tomorrow",
        "audit until 2026-06-01T12:00:00",
        "audit until 2999-01-01",
        "a until b until c",
    ],
)
def test_an_end_that_is_no_moment_is_over(written: str) -> None:
    """Guards both `_OVER` in `purposes.read`: an end without an offset could be anybody's."""
    name, end = read(written)
    assert name in {"audit", "a"}
    assert end < NOON - timedelta(days=36_500)


def test_a_purpose_without_an_end_has_none() -> None:
    assert read("until")[0] == "until"
    assert stated({"care", "untilled"}, "care", NOON) == "care"
    assert lasting(replace(HELEN, purposes=frozenset({"care"}), purpose="care"), NOON).purpose == "care"


def test_the_one_that_ends_last_is_stated() -> None:
    later = "audit until 2026-06-02T00:00:00Z"
    assert stated({AUDIT, later}, "audit", NOON - timedelta(hours=1)) == later
    assert stated({AUDIT}, "audit", NOON - timedelta(seconds=1)) == AUDIT
    assert stated({AUDIT}, "audit", NOON) == ""
    assert stated({AUDIT}, "", NOON) == ""


def test_what_is_over_can_not_be_stated() -> None:
    """Guards `end > at` in `purposes.stated`."""
    with pytest.raises(NotAllowed):
        stating(replace(HELEN, purposes=frozenset({"audit until 2020-01-01T00:00:00Z"})), "audit")
    soon = f"audit until {(now() + timedelta(hours=1)).isoformat()}"
    assert stating(replace(HELEN, purposes=frozenset({soon})), "audit").purpose == soon
    with pytest.raises(NotAllowed):  # what is stated is a name, never a name with an end of the caller's
        stating(replace(HELEN, purposes=frozenset({soon})), soon)


def test_a_purpose_that_ends_is_not_held_at_the_next_decision() -> None:
    """Guards `end > at` in `purposes.lasting`, and `lasting` in `Rules`: he and his scope are as before."""
    time = [NOON - timedelta(seconds=1)]
    told = Rules(ruleset, clock=lambda: time[0])
    helen = replace(HELEN, purpose=AUDIT)
    scope = told.scope(helen)
    assert scope.admits(NOTE)
    assert told.readable(scope.principal, {"note": NOTE}) == {"note"}
    assert told.now().may(helen, Action.READ, NOTE)
    assert told.purpose(scope.principal) == "audit"
    time[0] = NOON
    assert told.readable(scope.principal, {"note": NOTE}) == frozenset()
    assert not told.now().may(helen, Action.READ, NOTE)
    assert not told.scope(helen).admits(NOTE)
    assert told.purpose(scope.principal) == ""


def test_one_that_is_not_his_is_not_stated() -> None:
    assert lasting(replace(HELEN, purpose="care"), NOON).purpose == ""


def test_the_directory_takes_a_purpose_with_an_end_away() -> None:
    known = Known(enabled=True, groups={"hr"}, clearance=Level.INTERNAL, purposes={AUDIT})
    helen = replace(HELEN, purpose=AUDIT)
    assert met(helen, known).purpose == AUDIT
    assert met(helen, replace(known, purposes=frozenset())).purpose == ""
