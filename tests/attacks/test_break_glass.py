"""Break-glass under attack: each of these was tried, and what stops it.

- a reason that is empty, short, huge, one letter over and over, or holds control characters; HTML stays text
- minutes that are negative, none, or more than the operator lets
- somebody without the role, without the purpose, with another purpose; a program; an unknown program
- doing anything but read: escalate, train, upload, delete, change access
- what the policies forbid in an emergency too: another tenant, a wall, a level above one's own
- going on after the end: ended early, run out, ended by an officer, the clock set back, a new start, another worker
- the box of another person, tenant or program; two boxes at once from two tabs
- a directory that takes the role away meanwhile, or is silent
- losing the ledger or the database and being let in all the same
"""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from appliance.access.presence import narrowed
from appliance.errors import BadRequest, Conflict, LedgerUnavailable, NotAllowed, NotFound, RegistryUnavailable
from appliance.records import Access, Action, Event, Level, Principal
from tests.access.emergency_house import (
    DOCTOR,
    LEAFLET,
    MINUTE,
    NOON,
    OFFICER,
    REASON,
    RECORD,
    House,
)

OTHER = replace(DOCTOR, tenant="weir")


@pytest.fixture
def house(database: str) -> House:
    return House(database)


# --- Opening ----------------------------------------------------------------------------------------------------------


EMPTY = (
    "", " " * 40, "emergency", "a" * 400, "aa bb aa bb aa bb aa bb aa bb", "1234567890 1234567890 1234567890",
    "x" * 3_000, f"{REASON}\x00", f"{REASON}\u202e", f"{REASON} " * 12, "... ... ... ... ... ... ... ...",
)  # fmt: skip


def test_a_reason_that_says_nothing_opens_nothing(house: House) -> None:
    """Guards `said = worded(reason)` in `Emergencies.open`, and each condition in `worded`."""
    for reason in EMPTY:
        with pytest.raises(BadRequest):
            house.open(reason=reason)
    assert not house.reads()
    assert house.journal.entries == []


BEYOND = (-1, 0, 31, 60, 10**9,)  # fmt: skip


def test_nobody_takes_more_time_than_the_operator_lets(house: House) -> None:
    """Guards `if not 1 <= minutes <= self._bounds.minutes` in `Emergencies.open`."""
    for minutes in BEYOND:
        with pytest.raises(BadRequest):
            house.open(minutes=minutes)
    assert not house.reads()


@pytest.mark.parametrize(
    "changed",
    [
        {"roles": frozenset()}, {"purposes": frozenset()}, {"kind": "program"}, {"client": "nobody-knows-it"},
        {"roles": frozenset({"emergency", "operator"})}, {"groups": frozenset()}, {"narrowed": True},
    ],
)  # fmt: skip
def test_whom_the_policies_open_nothing_opens_nothing(house: House, changed: dict[str, Any]) -> None:
    """Guards `not self._rules.breaks_glass(stating)` in `Emergencies.open`, and `claims.stating` before it."""
    with pytest.raises(NotAllowed):
        house.open(replace(DOCTOR, **changed))
    assert house.journal.entries == []


def test_it_is_in_the_ledger_before_it_works_and_told_at_once(house: House) -> None:
    """Guards `self._journal.append(replace(entry, …))` before `self._kept.add` in `Emergencies.open`."""
    house.journal.fails_at = 1
    with pytest.raises(LedgerUnavailable):
        house.open()
    assert not house.reads()
    assert house.told == []
    house.journal.fails_at = 0
    opened = house.open()
    (entry,) = house.journal.entries
    assert (entry.event, entry.about, entry.reason, entry.question) == (
        Event.EMERGENCY_OPENED, opened.id, "minutes 30", REASON,
    )  # fmt: skip
    assert house.told == [opened]
    assert [one.kind for one in house.urgent.notices(DOCTOR)] == ["yours-runs"]
    assert [one.kind for one in house.urgent.notices(OFFICER)] == ["runs"]
    assert house.urgent.notices(replace(DOCTOR, id="somebody", roles=frozenset())) == []


def test_two_tabs_at_once_open_one(house: House) -> None:
    """Guards the count in `EmergencyTable.add`, under its lock."""
    came: list[str] = []

    def press() -> None:
        try:
            came.append(house.open().id)
        except Conflict:
            came.append("")

    presses = [threading.Thread(target=press) for _ in range(4)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(map(bool, came)) == [False, False, False, True]


def test_html_stays_text_and_says_what_it_says(house: House) -> None:
    said = "<script>alert(1)</script> patient unconscious in bay two"
    assert house.open(reason=said).reason == said


# --- What it opens ----------------------------------------------------------------------------------------------------


def test_it_opens_what_the_policies_name_and_only_while_it_runs(house: House) -> None:
    """Guards `if action is Action.READ and (broken := …)` in `Rules.scope`, and its like in `decided` and `_parted`:
    without any of them `House.reads` finds ways of deciding that do not agree."""
    assert not house.reads()
    assert house.reads(LEAFLET)
    house.open()
    assert house.reads()
    assert house.reads(LEAFLET)
    assert not house.reads(replace(RECORD, labels=frozenset({"personnel"})))


@pytest.mark.parametrize(
    "forbidden",
    [
        replace(RECORD, tenant="weir"), replace(RECORD, wall="ventilators"), replace(RECORD, level=Level.RESTRICTED),
        replace(RECORD, labels=frozenset()),
    ],
)  # fmt: skip
def test_what_the_policies_forbid_in_an_emergency_too_stays_shut(house: House, forbidden: Access) -> None:
    house.open()
    assert not house.reads(forbidden)


@pytest.mark.parametrize("action", [one for one in Action if one is not Action.READ and one is not Action.BREAK_GLASS])
def test_it_is_for_reading_alone(house: House, action: Action) -> None:
    """Guards `if action is Action.READ` in `Rules.decided` and `Rules._parted`."""
    with_readers = replace(RECORD, owner="somebody")
    on_documents = {Action.UPLOAD, Action.DELETE, Action.CHANGE_ACCESS, Action.USE_FOR_TRAINING}
    before = house.plain.permitted(DOCTOR, action, **_more(action)).allowed if action not in on_documents else False
    house.open()
    if action in on_documents:
        assert not house.reading.may(DOCTOR, action, with_readers)
        assert house.reading.readable(DOCTOR, {"d": with_readers}, action) == frozenset()
    elif action is not Action.ESCALATE:
        assert house.reading.permitted(DOCTOR, action, **_more(action)).allowed == before


def _more(action: Action) -> dict[str, str]:
    return {Action.USE_SPECIALIST: {"specialist": "x"}, Action.APPROVE_ESCALATION: {"asker": "x"}}.get(action, {})


def test_rules_that_were_not_made_for_it_know_no_emergency(house: House) -> None:
    """Guards `urgency or Calm()` in `Rules`: uploads, listings and kept conversations are decided as ever."""
    house.open()
    assert not house.plain.may(DOCTOR, Action.READ, RECORD)
    assert not house.plain.scope(DOCTOR).admits(RECORD)


# --- After its end ----------------------------------------------------------------------------------------------------


def test_it_ends_with_its_last_moment(house: House) -> None:
    """Guarded twice: `now >= box.until` in `Running._over`, and `box.running` in `Running.running`."""
    house.open(minutes=10)
    house.clock.go(10 * MINUTE - timedelta(microseconds=1))
    assert house.reads()
    house.clock.go(timedelta(microseconds=1))
    assert not house.reads()


def test_a_clock_that_is_set_back_prolongs_nothing(house: House) -> None:
    """Guards `counted >= ends` in `Running._over`, and `box.running(self._clock())` in `Running.running`."""
    house.open(minutes=10)
    assert house.reads()
    house.clock.now = NOON - MINUTE  # before it began
    assert not house.reads()
    house.clock.now = NOON
    assert house.reads()
    house.clock.seconds += 600  # ten minutes have passed, whatever the clock says
    assert not house.reads()


def test_what_was_seen_to_be_over_does_not_come_back(house: House, database: str) -> None:
    """Guards `self._kept.end(box.tenant, box.id, box.until)` in `Running.running`."""
    house.open(minutes=10)
    house.clock.go(10 * MINUTE)
    assert not house.reads()
    house.clock.now = NOON
    assert not House(database, house.clock).reads()  # another worker, which never saw it run


def test_ended_is_ended_for_every_worker(house: House, database: str) -> None:
    """Guarded twice: `EmergencyRow.ended.is_(None)` in `EmergencyTable.unended`, and `Emergency.running`."""
    opened = house.open()
    other = House(database, house.clock)
    assert other.reads()
    house.urgent.end(DOCTOR, opened.id)
    assert not other.reads()
    assert not house.reads()
    with pytest.raises(Conflict):
        house.urgent.end(DOCTOR, opened.id)
    assert house.events() == [Event.EMERGENCY_OPENED, Event.EMERGENCY_ENDED]


def test_it_survives_a_new_start(house: House, database: str) -> None:
    house.open()
    assert House(database, house.clock).reads()


# --- Whose it is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [{"id": "mallory"}, {"client": "test"}, {"kind": "program"}, {"narrowed": True}])
def test_it_is_the_persons_own_and_his_programs(house: House, changed: dict[str, Any]) -> None:
    """Guards `box.client == principal.client` in `Running.running`. A program and a silent directory are stopped by the
    policies too, so that those conditions are guarded twice."""
    house.open()
    assert not house.reads(who=replace(DOCTOR, **changed))


def test_another_tenant_has_no_part_in_it(house: House) -> None:
    opened = house.open()
    assert house.reading.readable(OTHER, {"d": RECORD, "w": replace(RECORD, tenant="weir")}) == frozenset()
    with pytest.raises(NotFound):
        house.urgent.end(OTHER, opened.id)
    assert house.urgent.reviews(replace(OFFICER, tenant="weir")) == []


class _Directory:
    """Says of everybody what the test says."""

    def __init__(self) -> None:
        self.roles = DOCTOR.roles
        self.silent = False

    def effective(self, principal: Principal, /) -> Principal:
        said = replace(principal, roles=principal.roles & self.roles)
        return narrowed(said) if self.silent else said


def test_what_the_directory_takes_away_ends_it(database: str) -> None:
    """Guards that `Rules._stating` is handed what the directory knows now: `known`, never the token's principal."""
    directory = _Directory()
    house = House(database, presence=directory)
    house.open()
    assert house.reads()
    directory.silent = True
    assert not house.reads()
    directory.silent, directory.roles = False, frozenset()
    assert not house.reads()


# --- Recorded ---------------------------------------------------------------------------------------------------------


def test_what_is_opened_is_recorded_and_counted_once(house: House) -> None:
    """Guards both lines of `Running.used` that count, and the ledger before them."""
    assert house.reading.opened(DOCTOR, {"d": RECORD, "l": LEAFLET}, "Which allergies?") == ""
    opened = house.open()
    for _ in range(2):
        assert house.reading.opened(DOCTOR, {"d": RECORD, "l": LEAFLET}, "Which allergies?") == opened.id
    assert house.reading.opened(DOCTOR, {"l": LEAFLET}, "Visits?") == ""
    assert house.events() == [Event.EMERGENCY_OPENED, Event.BROKE_GLASS, Event.BROKE_GLASS]
    assert [entry.documents for entry in house.journal.entries[1:]] == [("d",), ("d",)]
    (seen,) = house.urgent.reviews(OFFICER)
    assert (seen.questions, seen.documents) == (1, 1)
    with house.engine.connect() as connection:
        rows = str(connection.execute(text("SELECT * FROM emergency_uses")).all())
    assert "allergies" not in rows


def test_what_cannot_be_recorded_is_not_shown(house: House) -> None:
    """Guards `self._journal.append(entry)` in `Running.used`."""
    house.open()
    house.journal.fails_at = 1
    with pytest.raises(LedgerUnavailable):
        house.reading.opened(DOCTOR, {"d": RECORD})


def test_a_database_that_is_away_is_an_error_and_opens_nothing(house: House) -> None:
    """Guards `_ours()` in `EmergencyTable`: never an empty list, never "no emergency"."""
    house.open()
    with house.engine.begin() as connection:
        connection.execute(text("DROP TABLE emergency_uses"))
        connection.execute(text("DROP TABLE emergencies"))
    for ask in (
        lambda: house.reading.may(DOCTOR, Action.READ, RECORD),
        lambda: house.reading.scope(DOCTOR),
        lambda: house.urgent.reviews(OFFICER),
        house.open,
    ):
        with pytest.raises(RegistryUnavailable):
            ask()
