import pytest

from appliance.answering.excerpts import Line
from appliance.answering.quoting import pointed_at, shortly
from appliance.records import Draft, Question

QUESTION = Question("How hot may the cupboard with warm blankets be?", "en")
LINES = [
    Line(0, "Warming", "The cabinet is set to at most 54 degrees for blankets."),
    Line(0, "Warming", "Fluids are kept at 38 degrees."),
    Line(1, "Kitchen", "The oven reaches 54 degrees within minutes."),
]
NEAR = [0.86, 0.85, 0.8]


def quoted(text: str, near: list[float] = NEAR) -> str | None:
    line = pointed_at(Draft(text, ()), LINES, near, QUESTION)
    return line.text if line else None


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("54 degrees.", LINES[0].text),
        ("Fluids: 38 degrees.", LINES[1].text),
        ("57 degrees.", None),  # it stands nowhere
        ("The oven: 54 degrees.", None),  # a line far from the question
        ("Warm blankets.", None),  # nothing but the question's own words
    ],
)
def test_the_nearest_line_that_holds_all_that_was_said(draft: str, expected: str | None) -> None:
    assert quoted(draft) == expected


def test_where_nothing_is_near_nothing_is_quoted() -> None:
    """Guards NEAREST: the nearest of far lines is still far."""
    assert quoted("54 degrees.", [0.8, 0.75, 0.7]) is None


BLOOD = "Product: Red cells | Begin within: 30 minutes | End after: 4 hours"


@pytest.mark.parametrize(
    ("said", "line", "expected"),
    [
        ("4 hours.", BLOOD, True),  # a number is left out
        ("The cabinet is set to at most 54 degrees.", LINES[0].text, False),
        ("Within minutes.", LINES[2].text, True),
        ("The oven: 54 degrees, within minutes it reaches that.", LINES[2].text, False),
        ("6 hours.", BLOOD, False),  # it is not from there
        ("Peracetic acid.", "C. difficile | own toilet, gloves | peracetic acid, wiped wet", True),
    ],
)
def test_a_line_of_which_little_was_told_is_told_too(said: str, line: str, *, expected: bool) -> None:
    assert shortly(said, line, QUESTION) is expected
