from pathlib import Path
from typing import Any

import pytest

from appliance.cli.evaluation import GOLDEN
from appliance.errors import BadRequest
from appliance.workshop.evaluation import Golden, from_line, read, score, summary, to_line

ASKED = Golden("g", "mara", "en", "fact", "How long?", "answer", ("a.md",), (("4 hours", "four hours"), ("B3",)), "")
NEVER = Golden("r", "mara", "en", "refuse-absent", "How?", "refuse", (), (), "b.md")
USAGE = {"prompt_tokens": 700, "answer_tokens": 20, "first_sentence_s": 5.0, "total_s": 6.0}


def answer(text: str, *uris: str) -> dict[str, Any]:
    return {"kind": "answer", "text": text, "citations": [{"uri": uri} for uri in uris], "usage": USAGE}


REFUSAL: dict[str, Any] = {"kind": "refusal", "usage": USAGE}


@pytest.mark.parametrize(
    ("golden", "outcome", "points", "citations", "right"),
    [
        (ASKED, answer("Four\u00a0hours on ward b3.", "a.md"), 1.0, 1.0, True),
        (ASKED, answer("Four hours.", "a.md"), 0.5, 1.0, False),
        (ASKED, answer("Four hours on ward B3.", "a.md", "c.md"), 1.0, 0.5, False),
        (ASKED, REFUSAL, 0.0, 0.0, False),
        (NEVER, REFUSAL, 0.0, 0.0, True),
        (NEVER, answer("Nine.", "b.md"), 0.0, 0.0, False),
    ],
)
def test_scores(golden: Golden, outcome: dict[str, Any], points: float, citations: float, right: bool) -> None:
    case = score(golden, outcome, readable={"a.md", "b.md", "c.md"})
    assert (case.points, case.citations, case.right, case.violation) == (points, citations, right, False)
    assert from_line(to_line(case)) == case


def test_a_citation_that_the_person_may_not_read_is_a_violation() -> None:
    assert score(ASKED, answer("Four hours.", "secret.md"), readable={"a.md"}).violation


def test_the_summary_counts_both_ways() -> None:
    cases = [
        score(ASKED, answer("4 hours, B3", "a.md"), readable={"a.md"}),
        score(ASKED, REFUSAL, readable=set()),
        score(NEVER, REFUSAL, readable=set()),
    ]
    figures = summary(cases)
    assert figures["answered of answerable"] == 0.5
    assert figures["refused of unanswerable"] == 1.0
    assert figures["citation precision"] == 1.0
    assert figures["access violations"] == 0
    assert summary([])["answer points"] == 0.0


def test_a_line_that_does_not_fit_is_named(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(GOLDEN.read_text("utf-8").splitlines()[0] + '\n{"id": "x"}\n')
    with pytest.raises(BadRequest, match="Line 2"):
        read(file)


def test_the_golden_questions_can_be_read() -> None:
    golden = read(GOLDEN)
    assert len(golden) == len({question.id for question in golden}) > 30
    assert sum(question.expect == "refuse" for question in golden) > 10
