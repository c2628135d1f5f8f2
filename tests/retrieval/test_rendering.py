"""A clause as a filter: what the real engine returns under it is what the clause admits."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qdrant_client.http import models

from appliance.access.attributes import FLAG, SETS, TEXTS
from appliance.access.scope import holds
from appliance.records import Access, All, Any, AnyOf, AtMost, Clause, Equals, Level, Not, Under
from appliance.retrieval.rendering import ACL, PRESENT, attributes, read_attributes, render
from tests.retrieval.conftest import access
from tests.retrieval.points import Points

TENANTS = ["aldermoor", "other"]
NAMES = ["nursing", "icu", "hr", 'it\'s "odd"']
FOLDERS = ["nursing", "nursing/icu", "hr"]

texts = st.sampled_from([*NAMES, *TENANTS, *FOLDERS, ""])
sets = st.frozensets(texts, max_size=3)
accesses = st.builds(
    Access,
    tenant=st.sampled_from(TENANTS),
    level=st.sampled_from(list(Level)),
    readers=st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=3),
    department=st.sampled_from([*NAMES, ""]),
    labels=st.frozensets(st.sampled_from(NAMES), max_size=2),
    ancestors=st.lists(st.sampled_from(FOLDERS), max_size=2).map(tuple),
    owner=st.sampled_from([*NAMES, ""]),
    wall=st.sampled_from([*NAMES, ""]),
    patient=st.sampled_from([*NAMES, ""]),
    purpose=st.sampled_from([*NAMES, ""]),
    hold=st.booleans(),
)
leaves = st.one_of(
    st.builds(Equals, st.sampled_from(sorted(TEXTS)), texts),
    st.builds(Equals, st.just("hold"), st.booleans()),
    st.builds(Equals, st.sampled_from(["readers", "labels", "ancestors"]), texts),
    st.builds(Equals, st.just("level"), st.one_of(st.integers(-1, 5), st.sampled_from([10**30, "2"]))),
    st.builds(Equals, st.just("tenant"), st.integers(0, 3)),
    st.builds(AnyOf, st.sampled_from(sorted(TEXTS | SETS)), sets),
    st.builds(AtMost, st.just("level"), st.one_of(st.integers(-2, 5), st.sampled_from([10**30, -(10**30)]))),
    st.builds(Under, texts),
)


def combined(inner: st.SearchStrategy[Clause]) -> st.SearchStrategy[Clause]:
    many = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(st.builds(All, many), st.builds(Any, many), st.builds(Not, inner))


clauses: st.SearchStrategy[Clause] = st.recursive(leaves, combined, max_leaves=8)


@pytest.fixture(scope="module")
def points() -> Iterator[Points]:
    with tempfile.TemporaryDirectory() as folder:
        yield Points(Path(folder) / "shard")


@given(clause=clauses, held=st.lists(accesses, min_size=1, max_size=8))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_index_returns_what_the_clause_admits(points: Points, clause: Clause, held: list[Access]) -> None:
    """Guards every branch of `rendering._condition` and its leaves: swap `must` and `should`, drop the `not` of
    `wanted=not wanted`, or drop PRESENT from `_holds_any`, and this fails."""
    points.store([attributes(one) for one in held])
    assert points.admitted(render(clause)) == {number for number, one in enumerate(held) if holds(clause, one)}


BROKEN: dict[str, dict[str, object]] = {
    "no lock": {"acl": None},
    "another schema's lock": {"acl": "0" * 16},
    "a lock of the wrong type": {"acl": 1},
}
NEGATED = [
    Not(AnyOf("labels", frozenset({"secret"}))),
    Not(AnyOf("readers", frozenset({"hr"}))),
    Not(Equals("tenant", "other")),
    Not(AnyOf("department", frozenset({"hr"}))),
    Not(Under("hr")),
    Not(AtMost("level", -1)),
    Not(Equals("level", 3)),
    *(Not(Equals(name, "x")) for name in ("owner", "wall", "patient", "purpose")),
    Not(Equals("hold", value=True)),
]


@pytest.mark.parametrize("fault", BROKEN)
def test_a_point_without_the_lock_never_comes_back(points: Points, fault: str) -> None:
    """Guards `LOCK` in `rendering.render`."""
    points.store([attributes(access()) | BROKEN[fault]])
    for clause in [*NEGATED, All(()), Not(All(())), Not(Any(())), Not(AnyOf("labels", frozenset()))]:
        assert points.admitted(render(clause)) == set()


@pytest.mark.parametrize("clause", NEGATED, ids=repr)
def test_a_locked_point_without_the_attribute_passes_no_negation_of_it(points: Points, clause: Not) -> None:
    """Guards `field(attribute, PRESENT)` in `_holds_any` and `MatchExcept` in `_is_any`: with the lock alone, a point
    whose list was lost by a torn write would pass."""
    whole = attributes(access())
    name = getattr(clause.clause, "attribute", "ancestors")
    lost = [{key: value for key, value in whole.items() if key != name}, whole | {name: None}, whole | {name: []}]
    points.store([whole, *lost])
    assert points.admitted(render(clause)) == {0}


@pytest.mark.parametrize("value", [5, True, {"a": 1}, [7]])
def test_a_locked_point_with_an_attribute_of_the_wrong_type_passes_no_negation_of_it(
    points: Points, value: object
) -> None:
    for clause in NEGATED:
        name = getattr(clause.clause, "attribute", "ancestors")
        points.store([attributes(access()) | {name: value}])
        assert points.admitted(render(clause)) == set()


WRONG: dict[str, list[object]] = {
    "text": [None, [], {}, 0, 1.5, True, [None]],
    "set": [None, [], {}, "", 0, True, [None], [[]]],
    "level": [None, [], "", "1", {}, True, 1.5, -1, 4, 2**31, 2**63 - 1, -(2**63)],
}
_KIND = {"level": "level", **dict.fromkeys(("readers", "labels", "ancestors"), "set")}
ATTRIBUTES = ["acl", "level", "ancestors", FLAG, *sorted(TEXTS | SETS)]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_no_attribute_may_be_missing_null_empty_or_of_another_type(points: Points, name: str) -> None:
    """Every attribute in turn, in the index itself: a filter that asks for it, or for its opposite, has no hit."""
    whole = attributes(access())
    wrong = WRONG[_KIND.get(name, "text")]
    payloads = [{key: value for key, value in whole.items() if key != name}]
    points.store([whole, *payloads, *(whole | {name: value} for value in wrong)])
    for clause in _about(name):
        assert points.admitted(render(clause)) <= {0}
        assert points.admitted(render(Not(clause))) <= {0}


def _about(name: str) -> list[Clause]:
    """Conditions on one attribute, none of which an absent or a wrong value meets, nor its opposite."""
    match name:
        case "acl":
            return [Equals("tenant", "aldermoor")]
        case "level":
            return [AtMost("level", 3), AtMost("level", 1), AtMost("level", 10**30), Equals("level", 1)]
        case "hold":
            return [Equals("hold", value=True), Equals("hold", value=False)]
        case "ancestors":
            return [Under("nursing"), Under("elsewhere")]
        case "readers" | "labels":
            return [AnyOf(name, frozenset({"staff"})), AnyOf(name, frozenset({"x", "y"}))]
        case _:
            return [Equals(name, "x"), AnyOf(name, frozenset({"x", "y"}))]


@pytest.mark.parametrize(
    "clause", [Equals("shelf", "x"), AnyOf("level", frozenset({"1"})), AtMost("tenant", 1), AnyOf("shelf", frozenset())]
)
def test_a_clause_over_what_an_attribute_cannot_be_is_an_error(clause: Clause) -> None:
    with pytest.raises(ValueError, match=r"attribute|order|neither"):
        render(Not(clause))


def filters(rendered: models.Filter) -> Iterator[models.Filter]:
    yield rendered
    for listed in (rendered.must, rendered.should, rendered.must_not):
        for inner in listed or []:  # type: ignore[union-attr]  # their types are wide
            if isinstance(inner, models.Filter):
                yield from filters(inner)


@given(clauses)
def test_no_filter_is_ever_empty(clause: Clause) -> None:
    """Guards the case of `All(())` and `Any(())`: an empty filter matches everything."""
    for one in filters(render(clause)):
        assert one.must or one.should
        assert one.must != []
        assert one.should != []
    assert '"any":[]' not in render(clause).model_dump_json()


@pytest.mark.parametrize(
    "unsound",
    [
        replace(access(), readers=frozenset()),
        replace(access(), readers=frozenset({""})),
        replace(access(), tenant=""),
        replace(access(), level=4),
        replace(access(), level="1"),
        replace(access(), labels=["x"]),
        replace(access(), ancestors=("",)),
        replace(access(), department=None),
        replace(access(), readers=frozenset({1})),
        replace(access(), hold=0),
        replace(access(), labels=frozenset({PRESENT})),
        *(replace(access(), **{name: None}) for name in ("owner", "wall", "patient", "purpose")),
    ],
    ids=repr,
)
def test_attributes_that_break_the_schema_are_never_written(unsound: Access) -> None:
    """Guards the first two lines of `rendering.attributes`."""
    with pytest.raises(ValueError, match="schema"):
        attributes(unsound)


@given(accesses)
def test_attributes_are_read_back_as_they_were_written(held: Access) -> None:
    assert read_attributes(attributes(held)) == held


@pytest.mark.parametrize("lost", ["acl", "level", "ancestors", FLAG, *sorted(TEXTS | SETS)])
def test_a_payload_with_a_part_missing_is_not_read(lost: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_attributes({key: value for key, value in attributes(access()).items() if key != lost})


def test_the_lock_is_the_digest_of_the_schema() -> None:
    assert attributes(access())["acl"] == ACL
    assert len(ACL) == 16
