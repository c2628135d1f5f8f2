"""Names of groups that look like filters, policies or each other: the real engine and the real rules agree on each."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.errors import NotAllowed
from appliance.records import Access, Action, Level, Principal
from appliance.retrieval.rendering import PRESENT, attributes, render
from tests.retrieval.points import Points
from tests.rules import rules

SYNTAX = [
    "nursing",
    "Nursing",
    "nursing ",
    " nursing",
    "nurѕing",
    "ｎursing",
    "nursing\u200b",
    "nursing\x00",
    "nursing\n",
    "nurs",
    "nursing/icu",
    "*",
    "%",
    ".*",
    "[]",
    "{}",
    "null",
    "true",
    "0",
    "-1",
    '["nursing"]',
    '{"any": []}',
    'a"b',
    "a'b",
    "a\\",
    '\\"',
    "\\u006eursing",
    '", "hr',
    '"] }, {"must": []',
    "principal",
    "resource",
    'Group::"hr"',
    'hr"};permit(principal,action,resource);//',
    '@id("x")',
    "unless { true }",
    "${hr}",
    "{{hr}}",
    "hr' OR '1'='1",
    "é",
    "e\u0301",
    "ẞ",
    "ss",
    "ﬁ",
    "fi",
    "\u202ehr",
    "😀",
    PRESENT,
]
"""Quotes and syntax of JSON, Cedar and SQL; look-alikes of one name; the index's own mark."""

names = st.sampled_from(SYNTAX) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
groups = st.frozensets(names, min_size=1, max_size=4)
ANYONE = Principal("p", "P", "aldermoor", frozenset({"x"}), Level.INTERNAL, "test")
PAPER = Access("aldermoor", Level.INTERNAL, frozenset({"x"}), "nursing", frozenset(), ("nursing",))


@pytest.fixture(scope="module")
def points() -> Iterator[Points]:
    with tempfile.TemporaryDirectory() as folder:
        yield Points(Path(folder) / "shard")


def stored(points: Points, held: list[frozenset[str]]) -> dict[int, Access]:
    """Documents for these readers, as far as such readers are written at all, by their number."""
    papers = [replace(PAPER, readers=readers) for readers in held if PRESENT not in readers]
    points.store([attributes(one) for one in papers])
    return dict(enumerate(papers))


def admitted(points: Points, person: Principal) -> set[int]:
    """What the index gives to this person; nothing where he may read nothing at all."""
    try:
        return points.admitted(render(rules().scope(person).clause))
    except NotAllowed:
        return set()


@given(mine=groups, held=st.lists(groups, min_size=1, max_size=6))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_group_is_called_it_is_that_group_and_no_other(
    points: Points, mine: frozenset[str], held: list[frozenset[str]]
) -> None:
    """Guards that every name is handed on as a value: byte for byte the same name, or none."""
    papers, person = stored(points, held), replace(ANYONE, groups=mine)
    shared = {number for number, one in papers.items() if one.readers & mine}
    assert admitted(points, person) == shared
    assert {number for number, one in papers.items() if rules().may(person, Action.READ, one)} == shared


def test_names_that_look_alike_are_different_groups(points: Points) -> None:
    """Guards that nothing folds, trims or normalises a name: each of the names above opens its own document alone."""
    papers = stored(points, [frozenset({name}) for name in SYNTAX])
    for number, paper in papers.items():
        (name,) = paper.readers
        assert admitted(points, replace(ANYONE, groups=frozenset({name}))) == {number}, ascii(name)


def test_the_index_s_own_mark_is_nobody_s_group(points: Points) -> None:
    """Guards `set(values) - {PRESENT}` in `rendering._holds_any`: every stored list holds that mark."""
    stored(points, [frozenset({"hr"}), frozenset({"nursing"})])
    assert admitted(points, replace(ANYONE, groups=frozenset({PRESENT}))) == set()
    with pytest.raises(ValueError, match="never written"):
        attributes(replace(PAPER, readers=frozenset({PRESENT})))


def test_five_thousand_groups_open_what_is_theirs_and_nothing_else(points: Points) -> None:
    """Guards that no list of groups is cut short, anywhere between the token and the index."""
    mine = frozenset(f"group-{number}" for number in range(5_000))
    papers = stored(points, [frozenset({one}) for one in ("group-0", "group-4999", "group-5000", "group", "hr")])
    person = replace(ANYONE, groups=mine)
    assert admitted(points, person) == {0, 1}
    assert {number for number, one in papers.items() if rules().may(person, Action.READ, one)} == {0, 1}


@pytest.mark.parametrize("mine", [frozenset(), frozenset({""}), frozenset({"", "nursing"})])
def test_no_name_is_no_group(points: Points, mine: frozenset[str]) -> None:
    """Guarded twice, in `rules._is_nobody` and where attributes are checked: the loss of one is not seen here."""
    stored(points, [frozenset({"nursing"})])
    person = replace(ANYONE, groups=mine)
    assert admitted(points, person) == set()
    assert not rules().may(person, Action.READ, replace(PAPER, readers=frozenset({"nursing"})))
