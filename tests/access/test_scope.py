import copy
import dataclasses
import itertools
import pickle

import pytest

from appliance.access import scope
from appliance.errors import NotAllowed
from appliance.records import Access, Action, All, Any, AnyOf, AtMost, Equals, Level, Not, Principal, Under
from tests.rules import rules


def person(
    *, tenant: str = "aldermoor", groups: tuple[str, ...] = ("staff",), clearance: Level = Level.INTERNAL
) -> Principal:
    return Principal("mara", "Mara", tenant, frozenset(groups), clearance, "portal")


def document(
    *, tenant: str = "aldermoor", level: Level = Level.INTERNAL, readers: tuple[str, ...] = ("staff",)
) -> Access:
    return Access(tenant, level, frozenset(readers), "nursing", frozenset({"patient"}), ("nursing", "nursing/icu"))


@pytest.mark.parametrize(
    "refused",
    [person(tenant=""), person(groups=()), person(groups=("staff", "")), dataclasses.replace(person(), id="")],
)
def test_empty_means_no(refused: Principal) -> None:
    """Guards the `raise NotAllowed` in `Rules.scope`."""
    with pytest.raises(NotAllowed):
        rules().scope(refused)


def test_a_scope_is_built_nowhere_else() -> None:
    """Guards `if seal is not _SEAL`."""
    made = rules().scope(person())
    everything = Equals("tenant", "aldermoor")
    with pytest.raises(TypeError):
        scope.Scope(person(), everything, "", seal=object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(made, clause=everything)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.clause = everything  # type: ignore[misc]  # that it cannot be assigned is the point
    assert copy.copy(made).clause == made.clause
    assert pickle.loads(pickle.dumps(made)).clause == made.clause  # noqa: S301  # our own bytes


CASES = list(
    itertools.product(
        ["aldermoor", "corvane", ""],
        list(Level),
        [("staff",), ("staff", "hr"), ("hr",), ("Staff",), ()],
    )
)


@pytest.mark.parametrize(("tenant", "level", "readers"), CASES)
def test_scope_and_rules_agree_on_every_case(tenant: str, level: Level, readers: tuple[str, ...]) -> None:
    """The index's condition and the full decision are made from the same text, and say the same."""
    access = document(tenant=tenant, level=level, readers=readers)
    for clearance in Level:
        who = person(clearance=clearance)
        expected = tenant == "aldermoor" and level <= clearance and "staff" in readers
        assert rules().scope(who).admits(access) is expected
        assert rules().may(who, Action.READ, access) is expected


OTHERS = list(
    itertools.product(
        ["", "north"], ["", "r7"], ["", "care"], [frozenset(), frozenset({"personnel"})], ["portal", "nobody-s"]
    )
)


@pytest.mark.parametrize(("wall", "patient", "purpose", "labels", "client"), OTHERS)
def test_they_agree_on_walls_patients_purposes_labels_and_clients(
    wall: str, patient: str, purpose: str, labels: frozenset[str], client: str
) -> None:
    plain = document()
    access = dataclasses.replace(plain, wall=wall, patient=patient, purpose=purpose, labels=labels)
    inside = dataclasses.replace(
        person(), client=client, walls=frozenset({"north"}), treats=frozenset({"r7"}), purposes=frozenset({"care"}),
        purpose="care",
    )  # fmt: skip
    outside = dataclasses.replace(person(), client=client)
    for who, kind in itertools.product((inside, outside), ("person", "program")):
        asking = dataclasses.replace(who, kind=kind)  # type: ignore[arg-type]  # one of the two
        expected = client == "portal" and (who is inside or not (wall or patient or purpose))
        expected = expected and not (kind == "program" and labels)
        assert rules().scope(asking).admits(access) is expected
        assert rules().may(asking, Action.READ, access) is expected


def test_every_kind_of_clause_means_what_it_says() -> None:
    inside = document()
    assert scope.holds(Under("nursing"), inside)
    assert not scope.holds(Under("nurs"), inside)
    assert scope.holds(Any((Equals("department", "hr"), AtMost("level", 1))), inside)
    assert scope.holds(Not(AnyOf("labels", frozenset({"deal"}))), inside)
    assert not scope.holds(Not(AnyOf("labels", frozenset({"patient"}))), inside)
    assert scope.holds(AnyOf("department", frozenset({"nursing"})), inside)


@pytest.mark.parametrize("nothing", [All(()), Any(()), AnyOf("readers", frozenset())])
def test_an_empty_clause_admits_nothing(nothing: All | Any | AnyOf) -> None:
    """Guards `bool(clauses) and` in `scope.holds`."""
    assert not scope.holds(nothing, document())


def test_equal_scopes_have_equal_digests_and_others_do_not() -> None:
    one = rules().scope(person(groups=("staff", "icu", "hr")))
    same = rules().scope(person(groups=("hr", "icu", "staff")))
    other = rules().scope(person(groups=("staff",)))
    assert one.digest == same.digest != other.digest
