"""What an explanation names is true: the change that it names does turn the decision."""

from dataclasses import replace

import pytest

from appliance.access.explaining import explained
from appliance.records import Access, Action, Level, Principal
from tests.rules import ruleset

MARA = Principal(
    "mara", "", "aldermoor", frozenset({"staff", "icu"}), Level.INTERNAL, "test", "nursing", treats=frozenset({"r7"})
)
NOTE = Access("aldermoor", Level.INTERNAL, frozenset({"icu"}), "nursing", frozenset({"patient"}), ("n",), patient="r7")


def told(who: Principal, access: Access, action: Action = Action.READ, **more: str) -> tuple[bool, set[str], set[str]]:
    found = explained(ruleset(), who, action, access, **more)
    return found.decision.allowed, {name for name, _ in found.reasons}, {" + ".join(one) for one in found.changes}


@pytest.mark.parametrize("name", ["wall", "patient"])
def test_the_office_is_told_neither_whose_record_nor_which_deal(name: str) -> None:
    """Guards `discreet and one.discreet`: what is told to officers names no record of a patient and no deal team."""
    who = replace(MARA, walls=frozenset({"north-deal"}), treats=frozenset({"record-7"}))
    closed = replace(NOTE, patient="record-7", wall="north-deal")
    for person in (who, replace(who, walls=frozenset()), replace(who, treats=frozenset())):
        found = explained(ruleset(), person, Action.READ, closed, discreet=True)
        assert "record-7" not in str(found.changes)
        assert "north-deal" not in str(found.changes)
    without = replace(who, **{"walls" if name == "wall" else "treats": frozenset()})
    positive = {"wall": "he belonged to its deal team", "patient": "he treated its patient"}[name]
    negative = {"wall": "he did not belong to its deal team", "patient": "he did not treat its patient"}[name]
    assert (positive,) in explained(ruleset(), without, Action.READ, closed, discreet=True).changes
    assert (negative,) in explained(ruleset(), who, Action.READ, closed, discreet=True).changes


def test_what_is_allowed_and_what_would_take_it_away() -> None:
    allowed, by, changes = told(MARA, NOTE)
    assert allowed
    assert by == {"read-as-reader"}
    assert {
        "he did not belong to the group icu",
        "he were cleared for no more than public",
        "he did not treat the patient of r7",
        "the document were confidential",
        "icu were no reader of the document",
        "he asked through a program that nobody registered",
        "the program's model ran outside",
    } <= changes
    assert "the document were under legal hold" not in changes


DENIED = {
    "group": (MARA, replace(NOTE, readers=frozenset({"hr"})), set(), {"he belonged to the group hr"}),
    "clearance": (MARA, replace(NOTE, level=Level.RESTRICTED), set(), {"he were cleared for restricted"}),
    "tenant": (MARA, replace(NOTE, tenant="bank"), {"other-tenant"}, {"he belonged to the tenant bank"}),
    "wall": (
        MARA,
        replace(NOTE, wall="north"),
        {"behind-a-wall"},
        {"he belonged to the deal team north", "the document lay behind no wall"},
    ),
    "patient": (
        replace(MARA, treats=frozenset()),
        NOTE,
        {"no-treatment"},
        {"he treated the patient of r7", "the document belonged to no patient's record"},
    ),
    "purpose": (
        MARA,
        replace(NOTE, purpose="care"),
        {"other-purpose"},
        {"he stated the purpose care, and might", "the document were bound to no purpose"},
    ),
    "client": (
        replace(MARA, client="nobody-s"),
        replace(NOTE, labels=frozenset()),
        {"unknown-client-reads-public", "model-outside-reads-public"},
        {"he asked through a registered program whose model runs in the house"},
    ),
    "program": (
        replace(MARA, kind="program"),
        NOTE,
        {"programs-and-records-of-people"},
        {"it were a person, not a program", "the document had no label patient"},
    ),
    "operator": (
        replace(MARA, roles=frozenset({"operator"})),
        NOTE,
        {"operator-sees-no-content"},
        {"he did not hold the role operator"},
    ),
}


@pytest.mark.parametrize(("who", "access", "by", "would"), DENIED.values(), ids=DENIED)
def test_what_is_denied_and_what_would_allow_it(who: Principal, access: Access, by: set[str], would: set[str]) -> None:
    allowed, named, changes = told(who, access)
    assert not allowed
    assert named == by
    assert would <= changes


def test_where_one_change_is_not_enough_the_smallest_sets_are_told() -> None:
    _, _, changes = told(MARA, replace(NOTE, level=Level.RESTRICTED, readers=frozenset({"hr-leads"})))
    assert "he were cleared for restricted + he belonged to the group hr-leads" in changes
    assert all(change.count(" + ") == 1 for change in changes)


def test_where_it_would_take_too_much_nothing_is_told() -> None:
    far = replace(
        NOTE, tenant="bank", level=Level.RESTRICTED, readers=frozenset({"x"}), wall="w", patient="p", purpose="q"
    )
    assert told(MARA, far)[2] == set()


def test_other_actions_are_explained_too() -> None:
    own = replace(NOTE, owner="mara", hold=True)
    assert told(MARA, own, Action.DELETE) == (False, {"legal-hold"}, {"the document were not under legal hold"})
    assert "he were the document's owner" in told(MARA, NOTE, Action.DELETE)[2]
    allowed, _, changes = told(MARA, replace(own, hold=False), Action.DELETE)
    assert allowed
    assert {"he were not the document's owner", "the document were under legal hold"} <= changes
    public = replace(NOTE, labels=frozenset(), patient="")
    assert "he held the role trainer" in told(MARA, public, Action.USE_FOR_TRAINING)[2]
    assert (
        "it were a person, not a program"
        in told(replace(MARA, kind="program"), public, Action.ESCALATE, destination="somewhere")[2]
    )
    assert (
        "he belonged to the department pharmacy" in told(MARA, replace(public, department="pharmacy"), Action.UPLOAD)[2]
    )


def test_roles_walls_and_purposes_that_carry_a_decision_are_named() -> None:
    who = replace(
        MARA,
        roles=frozenset({"trainer"}),
        walls=frozenset({"north"}),
        purposes=frozenset({"care"}),
        purpose="care",
    )
    assert "he stated no purpose" in told(who, replace(NOTE, purpose="care"))[2]
    assert "he did not belong to the deal team north" in told(who, replace(NOTE, wall="north"))[2]
    plain = replace(NOTE, labels=frozenset(), patient="")
    assert "he did not hold the role trainer" in told(who, plain, Action.USE_FOR_TRAINING)[2]
    cleared = replace(who, clearance=Level.PUBLIC)
    assert told(cleared, replace(plain, level=Level.PUBLIC))[0]


def test_everything_with_no_clearance_to_lose() -> None:
    leaflet = replace(NOTE, level=Level.PUBLIC, labels=frozenset(), patient="")
    _, _, changes = told(MARA, leaflet)
    assert not any("cleared" in change for change in changes)
    assert "he asked through a program that nobody registered" not in changes  # he would still read what is public
    assert told(MARA, replace(leaflet, hold=True))[0]


def test_a_person_whose_attributes_are_wrong_is_told_so() -> None:
    found = explained(ruleset(), replace(MARA, client=""), Action.READ, NOTE)
    assert not found.decision.allowed
    assert found.decision.errors
