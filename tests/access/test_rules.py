"""What `Rules` adds to the engine: nobody is anybody, circumstances from the register, one set for one question."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from appliance.access.cedar import House
from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset
from appliance.errors import NotAllowed, PolicyUnavailable
from appliance.records import Access, Action, Level, Principal
from tests.rules import rules, ruleset

MARA = Principal("mara", "", "aldermoor", frozenset({"staff", "icu"}), Level.INTERNAL, "test", "nursing")
NOTE = Access("aldermoor", Level.INTERNAL, frozenset({"icu"}), "nursing", frozenset({"patient"}), ("nursing",))


def test_what_a_person_may_read_is_decided_each_once() -> None:
    held = {"a": NOTE, "b": replace(NOTE, readers=frozenset({"hr"})), "c": replace(NOTE, level=Level.CONFIDENTIAL)}
    assert rules().readable(MARA, held) == {"a"}
    assert rules().readable(MARA, {}) == frozenset()
    assert rules().may(MARA, Action.READ, NOTE, document="a")
    assert not rules().may(MARA, Action.DELETE, NOTE)
    assert rules().decided(MARA, Action.READ, NOTE).policies == ("read-as-reader",)


NOBODIES = {
    "no id": {"id": ""},
    "no tenant": {"tenant": ""},
    "no group": {"groups": frozenset()},
    "a group without a name": {"groups": frozenset({"icu", ""})},
}


@pytest.mark.parametrize("changed", NOBODIES.values(), ids=NOBODIES)
def test_nobody_may_do_anything_whatever_the_rules_say(changed: dict[str, Any]) -> None:
    """Guards `_is_nobody`, and where each method asks it."""
    nobody = replace(MARA, **changed)
    assert rules().readable(nobody, {"a": NOTE}) == frozenset()
    assert not rules().decided(nobody, Action.READ, NOTE).allowed
    with pytest.raises(NotAllowed):
        rules().scope(nobody)
    with pytest.raises(NotAllowed):
        rules().demand(nobody, Action.ASK)


def test_what_concerns_the_house_is_demanded() -> None:
    rules().demand(MARA, Action.ASK)
    for refused in (Action.VIEW_LEDGER, Action.ERASE):
        with pytest.raises(NotAllowed, match="rules of this house"):
            rules().demand(MARA, refused)
    officer = replace(MARA, groups=frozenset(), roles=frozenset({"security-officer"}))
    rules().demand(officer, Action.VIEW_LEDGER)
    rules().demand(officer, Action.APPROVE_ESCALATION, asker="tobias")
    with pytest.raises(NotAllowed):
        rules().demand(officer, Action.APPROVE_ESCALATION, asker="mara")
    with pytest.raises(NotAllowed):
        rules().demand(officer, Action.APPROVE_ESCALATION)  # without an asker there is nothing to approve
    for nobody in (replace(officer, id=""), replace(officer, tenant="")):
        with pytest.raises(NotAllowed):
            rules().demand(nobody, Action.VIEW_LEDGER)


def test_the_operator_may_not_even_ask() -> None:
    with pytest.raises(NotAllowed):
        rules().demand(replace(MARA, roles=frozenset({"operator"})), Action.ASK)


def test_a_program_that_nobody_registered_reads_public_documents_only() -> None:
    """Guards `ruleset.clients.named` in `rules.circumstances`."""
    stranger = replace(MARA, client="somebody-s-script")
    leaflet = replace(NOTE, level=Level.PUBLIC, labels=frozenset())
    assert rules().readable(stranger, {"a": NOTE, "b": leaflet}) == {"b"}


def test_the_stated_purpose_counts() -> None:
    """Guards `principal.purpose` in `rules.circumstances`."""
    bound = replace(NOTE, purpose="care")
    who = replace(MARA, purposes=frozenset({"care"}))
    assert not rules().may(who, Action.READ, bound)
    assert rules().may(replace(who, purpose="care"), Action.READ, bound)


def test_one_question_is_decided_by_one_set() -> None:
    sets = iter([ruleset(), replace(ruleset(), version="next")])
    found = Rules(lambda: next(sets))
    now = found.now()
    assert now.version == now.version == ruleset().version
    assert found.version == "next"


def _none() -> Ruleset:
    raise PolicyUnavailable("No policy set is in force.")


ASKED: list[Callable[[Rules], object]] = [
    lambda r: r.version,
    lambda r: r.now(),
    lambda r: r.ruleset(),
    lambda r: r.scope(MARA),
    lambda r: r.readable(MARA, {"a": NOTE}),
    lambda r: r.readable(MARA, {}),
    lambda r: r.may(MARA, Action.READ, NOTE),
    lambda r: r.decided(MARA, Action.READ, NOTE),
    lambda r: r.permitted(MARA, Action.ASK),
    lambda r: r.demand(MARA, Action.ASK),
]


@pytest.mark.parametrize("ask", ASKED)
def test_without_rules_nothing_is_answered(ask: Callable[[Rules], object]) -> None:
    with pytest.raises(PolicyUnavailable):
        ask(Rules(_none))


# --- Each attribute in turn missing, null, empty, of the wrong type, at the limits of integers ----------------------

LONG = 2**63
WRONG: dict[str, list[object]] = {
    "tenant": [None, "", 1, [], "Aldermoor", "aldermoor "],
    "level": [None, "", "0", [], -1, 4, LONG - 1, -LONG, LONG, True, 1.0],
    "readers": [
        None,
        "",
        "icu",
        [],
        frozenset(),
        frozenset({""}),
        frozenset({1}),
        frozenset({None}),
        ["icu"],
        {"icu": 1},
    ],
    "department": [None, 1, []],
    "labels": [None, "patient", ["patient"], frozenset({""}), frozenset({1})],
    "ancestors": [None, "nursing", ["nursing"], ("",), (1,)],
    "owner": [None, 1],
    "wall": [None, 1, "deal"],
    "patient": [None, 1, "record-7"],
    "purpose": [None, 1, "care"],
    "hold": [None, 0, 1, "", "false"],
}
WHO: dict[str, list[object]] = {
    "id": [None, "", 1, "\ud800"],
    "tenant": [None, "", 1, "bank"],
    "groups": [None, frozenset(), "icu", ["icu"], frozenset({""}), frozenset({1}), frozenset({"ICU"})],
    "clearance": [None, "", "internal", -1, 0, 4, LONG, LONG - 1, -LONG, True, 1.0],
    "client": [None, "", 1, "nobody-s"],
    "department": [None, 1],
    "kind": [None, "", "robot", "program"],
    "roles": [None, "operator", frozenset({1}), frozenset({"operator"})],
    "walls": [None, "", ["deal"]],
    "treats": [None, ["record-7"]],
    "purposes": [None, ["care"]],
    "purpose": [None, 1],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_document_with_a_wrong_attribute_is_read_by_nobody(name: str, value: object) -> None:
    wrong: Any = {name: value}
    assert rules().readable(MARA, {"a": replace(NOTE, **wrong), "b": NOTE}) == {"b"}
    assert not rules().may(MARA, Action.READ, replace(NOTE, **wrong))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WHO for value in WHO[name]])
def test_a_person_with_a_wrong_attribute_reads_nothing(name: str, value: object) -> None:
    wrong: Any = {name: value}
    assert rules().readable(replace(MARA, **wrong), {"a": NOTE}) == frozenset()


def test_the_house_of_nobody_permits_nothing() -> None:
    engine = ruleset().engine
    stated = rules().permitted(MARA, Action.ASK)
    assert stated.allowed
    from appliance.access.rules import circumstances

    told = circumstances(ruleset(), MARA)
    assert not engine.decide(MARA, Action.ASK, House(""), circumstances=told).allowed
