"""Reading in an emergency, pushed into the index, against the engine that decides each document: never wider."""

from dataclasses import replace
from typing import Final

from appliance.access import scope
from appliance.access.cedar import Engine
from appliance.access.rules import circumstances
from appliance.errors import NotAllowed
from appliance.records import Access, Action
from tests.access.emergency_house import DOCTOR, LEAFLET, RECORD
from tests.access.grammar import Grammar
from tests.access.oracle import allowed
from tests.access.people import SCHEMA
from tests.rules import ruleset

SETS: Final = 120
DOCUMENTS: Final = 40


def test_the_union_is_what_either_admits_and_no_more() -> None:
    """4,800 random cases of two random policy sets, one for each action. Guards `either(told)` in `scope._any`, and
    that each set is weighed whole: a forbid of reading does not forbid breaking glass, nor the other way round."""
    grammar, cases, admitted = Grammar(11), 0, 0
    for _ in range(SETS):
        reading, breaking = grammar.policies(), grammar.policies()
        person = grammar.person()
        stated = grammar.circumstances(person)
        broken = replace(person, purpose=grammar.word())
        urgent = replace(stated, purpose=broken.purpose)
        held = [grammar.document() for _ in range(DOCUMENTS)]
        truth = allowed(reading, person, held, stated) | allowed(breaking, broken, held, urgent)
        sets = [
            Engine(reading, SCHEMA).residuals(person, Action.READ, circumstances=stated),
            Engine(breaking, SCHEMA).residuals(broken, Action.READ, circumstances=urgent),
        ]
        try:
            drawn = scope.within(person, *sets)
        except NotAllowed:
            found: set[int] = set()
        else:
            found = {number for number, one in enumerate(held) if drawn.admits(one)}
        assert found <= truth
        assert all(held[number].tenant != person.tenant for number in truth - found)
        cases, admitted = cases + len(held), admitted + len(found)
    assert cases == SETS * DOCUMENTS
    assert 0.1 < admitted / cases < 0.95


def test_by_the_shipped_rules_too() -> None:
    """One by one over documents that differ in one thing from what is opened."""
    engine = ruleset().engine
    stating = replace(DOCTOR, purpose="emergency")
    read = engine.residuals(DOCTOR, Action.READ, circumstances=circumstances(ruleset(), DOCTOR))
    broke = engine.residuals(stating, Action.BREAK_GLASS, circumstances=circumstances(ruleset(), stating))
    drawn = scope.within(DOCTOR, read, broke)
    several: list[Access] = [
        RECORD, LEAFLET, replace(RECORD, tenant="weir"), replace(RECORD, wall="w"), replace(RECORD, labels=frozenset()),
        replace(RECORD, hold=True), replace(RECORD, purpose="research"), replace(LEAFLET, patient="bed-4"),
    ]  # fmt: skip
    for one in several:
        plainly = engine.decide(DOCTOR, Action.READ, one, circumstances=circumstances(ruleset(), DOCTOR)).allowed
        urgently = engine.decide(
            stating, Action.BREAK_GLASS, one, circumstances=circumstances(ruleset(), stating)
        ).allowed
        assert drawn.admits(one) == (plainly or urgently)
