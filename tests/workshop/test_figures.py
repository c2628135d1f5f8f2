from dataclasses import replace

import pytest

from appliance.workshop.evaluation import Case, score
from appliance.workshop.figures import FIGURES, Cause, cause, group, groups
from tests.workshop.invented import LIBRARY, answered, cases, golden, questions, refused

FACT, NEVER = golden(0), golden(4)
GOOD = {"uri": FACT.documents[0], "text": FACT.evidence[0]}
OTHER = {"uri": LIBRARY[3], "text": "Nothing."}


def fact(outcome: dict[str, object], *passages: dict[str, str]) -> Case:
    return score(FACT, outcome, passages or (GOOD,), readable=LIBRARY)


WHOLE = fact(answered("30 cm, dry. [1]", FACT.documents[0]))
HALF = fact(answered("30 cm. [1]", FACT.documents[0], LIBRARY[2], seconds=20))
SILENT = fact(refused())
RIGHTLY = score(NEVER, refused("NO_EVIDENCE"), (), readable=LIBRARY)
WRONGLY = score(NEVER, answered("4 cm. [1]", LIBRARY[4]), (), readable=LIBRARY)


def test_both_ways_of_refusing_are_counted_apart() -> None:
    values = group("all", [WHOLE, HALF, SILENT, RIGHTLY, WRONGLY]).values
    assert values["Answered of answerable"] == pytest.approx(2 / 3)
    assert values["Refused of unanswerable"] == 0.5
    assert values["Answer points"] == pytest.approx(0.5)
    assert values["Citation precision"] == 0.75
    assert values["Gold documents cited"] == pytest.approx(2 / 3)
    assert values["Wholly right"] == pytest.approx(2 / 5)
    assert values["Access violations"] == 0
    assert values["Whole answer, slowest twentieth"] == 20
    assert values["Evidence recall@3"] == values["Document recall@3"] == 1


def test_a_figure_that_speaks_about_no_case_is_left_out() -> None:
    values = group("refusals", [RIGHTLY]).values
    assert "Answer points" not in values
    assert "Evidence nDCG@6" not in values
    assert values["Refused of unanswerable"] == 1
    assert group("none", []).values == {}


def test_groups_divide_the_cases() -> None:
    asked = cases(questions())
    for by in (lambda case: case.kind, lambda case: case.language):
        held = groups(asked, by)
        assert sum(one.questions for one in held) == len(asked)
        assert [one.name for one in held] == sorted({by(case) for case in asked})


def test_targets_of_the_frozen_set_are_its_own() -> None:
    figures = {figure.name: figure for figure in FIGURES}
    points, violations = figures["Answer points"], figures["Access violations"]
    assert (points.reached(0.76, "golden"), points.reached(0.76, "unseen")) == (False, True)
    assert (violations.reached(0, "golden"), violations.reached(1, "unseen")) == (True, False)
    assert figures["Whole answer, median"].reached(3, "golden") is None


def test_every_figure_is_named_once_and_explained() -> None:
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
    assert all(figure.meaning.endswith(".") and len(figure.meaning) > 30 for figure in FIGURES)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (WHOLE, None),
        (RIGHTLY, None),
        (WRONGLY, Cause.NOT_REFUSED),
        (HALF, Cause.MODEL_MISSED),
        (replace(HALF, withheld=1), Cause.PARTLY_WITHHELD),
        (SILENT, Cause.MODEL_SILENT),
        (fact(refused("NOT_VERIFIED")), Cause.WITHHELD),
        (fact(refused("NO_EVIDENCE")), Cause.REFUSED_EARLY),
        (fact(refused("NO_EVIDENCE"), *[OTHER] * 6, GOOD), Cause.MISSED),
        (fact(answered("30 cm, dry.", FACT.documents[0], LIBRARY[2])), Cause.CITED_WRONG),
        (replace(WHOLE, violation=True), Cause.VIOLATION),
    ],
)
def test_the_cause_is_the_first_thing_that_went_wrong(case: Case, why: Cause | None) -> None:
    assert cause(case, shown=6) is why
