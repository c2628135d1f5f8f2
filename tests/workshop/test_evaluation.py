from pathlib import Path
from typing import Any

import pytest

from appliance.cli.evaluation import SETS
from appliance.errors import BadRequest
from appliance.workshop.evaluation import Case, Golden, from_line, holds, read, score, to_line
from tests.workshop.invented import answered, refused

GOLDEN = SETS["golden"]
EVIDENCE = ("Red cells run through within four hours on ward B3.",)
POINTS = (("4 hours", "four hours"), ("B3",))
ASKED = Golden("g", "mara", "en", "fact", "How long?", "answer", ("a.md",), POINTS, "", EVIDENCE)
NEVER = Golden("r", "mara", "en", "refuse-absent", "How?", "refuse", (), (), "b.md")
READABLE = {"a.md", "b.md", "c.md"}


def weigh(golden: Golden, outcome: dict[str, Any], *passages: tuple[str, str]) -> Case:
    found = [{"uri": uri, "text": text} for uri, text in passages]
    return score(golden, outcome, found, readable=READABLE)


@pytest.mark.parametrize(
    ("golden", "outcome", "points", "citations", "right"),
    [
        (ASKED, answered("Four\u00a0hours on ward b3.", "a.md"), 1.0, 1.0, True),
        (ASKED, answered("Four hours.", "a.md"), 0.5, 1.0, False),
        (ASKED, answered("Four hours on ward B3.", "a.md", "c.md"), 1.0, 0.5, False),
        (ASKED, refused(), 0.0, 0.0, False),
        (NEVER, refused(), 0.0, 0.0, True),
        (NEVER, answered("Nine.", "b.md"), 0.0, 0.0, False),
    ],
)
def test_scores(golden: Golden, outcome: dict[str, Any], points: float, citations: float, right: bool) -> None:
    case = weigh(golden, outcome, ("a.md", EVIDENCE[0]))
    assert (case.points, case.citations, case.right, case.violation) == (points, citations, right, False)
    assert from_line(to_line(case)) == case


@pytest.mark.parametrize(
    ("text", "point", "held"),
    [
        ("It is 45 mm.", "45", True),
        ("It is 145 mm.", "45", False),
        ("It is 450 mm.", "45", False),
        ("It is 1.45 mm.", "45", False),
        ("It is 45.5 mm.", "45", False),
        ("At 20:00.", "20:00", True),
        ("From 13:00-20:00", "20:00", True),
        ("At 1,500 euro", "500 euro", False),
        ("FOUR  Hours", "four hours", True),
    ],
)
def test_a_number_is_not_held_by_a_longer_one(text: str, point: str, held: bool) -> None:
    assert holds(text, point) is held


def test_a_citation_mark_is_no_answer_point() -> None:
    one = Golden("g", "mara", "en", "fact", "How many?", "answer", ("a.md",), (("1",),), "")
    assert weigh(one, answered("Some are there. [1]", "a.md")).points == 0
    assert weigh(one, answered("There is 1 there. [1]", "a.md")).points == 1


def test_a_citation_or_a_found_passage_that_the_person_may_not_read_is_a_violation() -> None:
    """Guards `violation=` in `score`: without the citations, or without the hits, one of the two passes unseen."""
    assert weigh(ASKED, answered("Four hours.", "secret.md")).violation
    seen = weigh(ASKED, answered("Four hours on B3.", "a.md"), ("secret.md", "Hush."))
    assert seen.violation
    assert not seen.right


def test_a_digest_changes_with_what_the_score_depends_on() -> None:
    other = Golden("g", "mara", "en", "fact", "How long?", "answer", ("b.md",), POINTS, "", EVIDENCE)
    assert ASKED.digest != other.digest
    assert weigh(ASKED, refused()).digest == ASKED.digest


@pytest.mark.parametrize("second", ['{"id": "x"}', "no JSON", "[]"])
def test_a_line_that_does_not_fit_is_named(second: str, tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(GOLDEN.read_text("utf-8").splitlines()[0] + f"\n{second}\n")
    with pytest.raises(BadRequest, match="Line 2"):
        read(file)


def test_an_empty_set_and_an_id_that_stands_twice_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text("")
    with pytest.raises(BadRequest, match="no question"):
        read(file)
    file.write_text((GOLDEN.read_text("utf-8").splitlines()[0] + "\n") * 2)
    with pytest.raises(BadRequest, match="twice"):
        read(file)


@pytest.mark.parametrize(("name", "count"), [("golden", 60), ("unseen", 40)])
def test_the_shipped_questions_can_be_read(name: str, count: int) -> None:
    golden = read(SETS[name])
    assert len(golden) == count
    assert all(bool(one.documents and one.evidence) == (one.expect == "answer") for one in golden)
