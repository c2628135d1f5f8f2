"""Reviews of emergencies under attack: each of these was tried, and what stops it.

- reviewing or lifting one's own, reviewing twice, reviewing what runs
- reviewing without being an officer, through a program outside, in another tenant
- never reviewing at all
"""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from appliance.errors import BadRequest, Conflict, NotAllowed, NotFound
from appliance.records import Judgement, Principal
from tests.access.emergency_house import DOCTOR, FOUND, MINUTE, NOON, OFFICER, SECOND, House


@pytest.fixture
def house(database: str) -> House:
    return House(database)


def test_nobody_reviews_or_lifts_his_own(house: House) -> None:
    """Guards `if found.person == principal.id` in `Emergencies._other`, and `EmergencyRow.person != reviewer`."""
    both = replace(OFFICER, id=DOCTOR.id, roles=DOCTOR.roles | OFFICER.roles)
    opened = house.open()
    house.urgent.end(DOCTOR, opened.id)
    assert house.urgent.reviews(both) == []
    with pytest.raises(NotAllowed):
        house.urgent.review(both, opened.id, Judgement.JUSTIFIED, FOUND)
    justified = Judgement.JUSTIFIED
    assert not house.kept.review("aldermoor", opened.id, reviewer=DOCTOR.id, verdict=justified, note="", at=NOON)
    house.urgent.review(OFFICER, opened.id, Judgement.NOT_JUSTIFIED, FOUND)
    with pytest.raises(NotAllowed):
        house.urgent.lift(both, opened.id)
    assert not house.kept.lift("aldermoor", opened.id, by=DOCTOR.id)


def test_it_is_reviewed_once(house: House) -> None:
    """Guards `EmergencyRow.verdict == ""` in `EmergencyTable.review`: of two at once one counts."""
    opened = house.open()
    house.clock.go(30 * MINUTE)
    came: list[str] = []

    def judge(who: Principal, verdict: Judgement) -> None:
        try:
            came.append(house.urgent.review(who, opened.id, verdict, FOUND).verdict or "")
        except Conflict:
            came.append("")

    judges = [
        threading.Thread(target=judge, args=one)
        for one in ((OFFICER, Judgement.JUSTIFIED), (SECOND, Judgement.NOT_JUSTIFIED))
    ]
    for one in judges:
        one.start()
    for one in judges:
        one.join()
    assert sorted(map(bool, came)) == [False, True]
    with pytest.raises(Conflict):
        house.urgent.review(SECOND, opened.id, Judgement.NOT_JUSTIFIED, FOUND)
    found = house.kept.find("aldermoor", opened.id)
    assert found is not None
    assert found.verdict in came


def test_what_runs_is_not_reviewed_but_ended(house: House) -> None:
    """Guarded twice: `if found.running(now)` in `Emergencies.review`, and the time in `EmergencyTable.review`: what
    comes after a review would be nobody's."""
    opened = house.open()
    with pytest.raises(Conflict):
        house.urgent.review(OFFICER, opened.id, Judgement.JUSTIFIED, FOUND)
    house.urgent.end(OFFICER, opened.id)
    assert not house.reads()
    with pytest.raises(BadRequest):
        house.urgent.review(OFFICER, opened.id, Judgement.JUSTIFIED, "ok")
    assert house.urgent.review(OFFICER, opened.id, Judgement.JUSTIFIED, FOUND).reviewer == OFFICER.id
    assert [one.kind for one in house.urgent.notices(DOCTOR)] == ["yours-reviewed"]


def test_an_officer_without_a_group_is_told_too(house: House) -> None:
    """Where duties are kept apart, an officer belongs to no group that reads documents."""
    house.open()
    alone = replace(OFFICER, groups=frozenset())
    assert [one.kind for one in house.urgent.notices(alone)] == ["runs"]
    assert house.urgent.offer(alone).reviews


@pytest.mark.parametrize(
    "who",
    [
        replace(DOCTOR, id="colleague"), replace(OFFICER, client="nobody-knows-it"), replace(OFFICER, kind="program"),
        replace(OFFICER, roles=OFFICER.roles | {"operator"}), replace(OFFICER, narrowed=True),
    ],
)  # fmt: skip
def test_only_officers_see_and_review(house: House, who: Principal) -> None:
    """Guards `self._rules.demand(principal, Action.VIEW_LEDGER)` in `_demand_officer`."""
    opened = house.open()
    house.clock.go(30 * MINUTE)
    for ask in (
        lambda: house.urgent.reviews(who),
        lambda: house.urgent.review(who, opened.id, Judgement.JUSTIFIED, FOUND),
        lambda: house.urgent.lift(who, opened.id),
    ):
        with pytest.raises(NotAllowed):
            ask()
    with pytest.raises(NotFound):
        house.urgent.end(who, opened.id)


def test_names_and_reasons_of_others_go_to_no_program_outside(house: House) -> None:
    """Guards `if not self._rules.keeps(principal)` in `_demand_officer`: he is an officer, his program's model is not
    in the house."""
    opened = house.open()
    house.clock.go(30 * MINUTE)
    outside = replace(OFFICER, client="elsewhere")
    for ask in (
        lambda: house.urgent.reviews(outside),
        lambda: house.urgent.review(outside, opened.id, Judgement.JUSTIFIED, FOUND),
        lambda: house.urgent.lift(outside, opened.id),
    ):
        with pytest.raises(NotAllowed, match="not shown through this program"):
            ask()
    assert house.urgent.notices(outside) == []
    assert len(house.urgent.reviews(OFFICER)) == 1


def test_not_justified_bars_until_an_officer_lifts_it(house: House) -> None:
    """Guards `if self._bounds.bar and self._kept.barred(…)` in `Emergencies.open`."""
    opened = house.open()
    house.urgent.end(DOCTOR, opened.id)
    house.urgent.review(OFFICER, opened.id, Judgement.NOT_JUSTIFIED, FOUND)
    with pytest.raises(NotAllowed):
        house.open()
    assert [one.kind for one in house.urgent.notices(OFFICER)] == ["barred"]
    house.urgent.lift(OFFICER, opened.id)
    with pytest.raises(Conflict):
        house.urgent.lift(OFFICER, opened.id)
    house.open()
    assert house.reads()


def test_a_house_may_choose_not_to_bar(database: str) -> None:
    house = House(database, bar=False)
    opened = house.open()
    house.urgent.end(DOCTOR, opened.id)
    house.urgent.review(OFFICER, opened.id, Judgement.NOT_JUSTIFIED, FOUND)
    house.open()
    assert house.reads()


def test_what_nobody_reviews_is_overdue_and_says_so(house: House) -> None:
    house.open()
    assert house.urgent.unreviewed("aldermoor") == 0
    house.clock.go(30 * MINUTE)
    assert [one.kind for one in house.urgent.notices(OFFICER)] == ["to-review"]
    assert (house.urgent.unreviewed("aldermoor"), house.urgent.overdue("aldermoor")) == (1, 0)
    house.clock.go(timedelta(hours=72))
    assert [one.kind for one in house.urgent.notices(OFFICER)] == ["overdue"]
    assert (house.urgent.unreviewed("aldermoor"), house.urgent.overdue("aldermoor")) == (1, 1)
    assert house.urgent.overdue("weir") == 0
