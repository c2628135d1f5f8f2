from dataclasses import replace

import pytest

from appliance.workshop.comparison import LEVEL, chance, compare
from appliance.workshop.evaluation import Case
from tests.workshop.invented import cases, questions

RUN = cases(questions())


def lost(number: int) -> tuple[Case, ...]:
    """The run with so many of its right answers lost."""
    right = [case.id for case in RUN if case.right and case.expect == "answer"][:number]
    return tuple(replace(case, answered=False, points=0.0) if case.id in right else case for case in RUN)


def test_a_run_compared_with_itself_has_changed_nothing() -> None:
    same = compare("first", RUN, RUN)
    assert same.regressions == []
    assert same.newly_wrong == same.newly_right == ()
    assert all(change.before == change.now for change in same.changes)
    assert same.questions == len(RUN)


@pytest.mark.parametrize(("number", "regression"), [(1, False), (4, False), (5, True), (9, True)])
def test_five_lost_questions_are_a_regression_and_four_are_chance(number: int, regression: bool) -> None:
    since = compare("first", RUN, lost(number))
    assert len(since.newly_wrong) == number
    assert ("Wholly right" in since.regressions) is regression
    assert ("Answered of answerable" in since.regressions) is regression


def test_a_gain_is_no_regression() -> None:
    since = compare("first", lost(9), RUN)
    assert since.regressions == []
    assert len(since.newly_right) == 9


def test_seconds_are_shown_and_not_judged() -> None:
    slow = tuple(replace(case, total_s=case.total_s * 9) for case in RUN)
    since = compare("first", RUN, slow)
    change = since.change("Whole answer, median")
    assert change is not None
    assert change.now > change.before
    assert since.regressions == []


def test_a_question_that_was_changed_is_not_compared() -> None:
    changed = (replace(RUN[0], digest="other"), *RUN[1:])
    assert compare("first", changed, RUN).questions == len(RUN) - 1
    assert compare("first", [], RUN).changes == ()


def test_chance_is_exact_for_few_and_the_same_each_time_for_many() -> None:
    assert chance([-1.0] * 5) == 1 / 32
    assert chance([-0.5, 0.0, 0.0]) == 0.5
    assert chance([]) == chance([1.0, -1.0]) == 1
    many = [-1.0] * 20 + [1.0] * 3
    assert chance(many) == chance(many) < LEVEL
