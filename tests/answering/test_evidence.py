"""Whether the model is asked about what was found. Cosines are as the house's embedding model gives them."""

import dataclasses

import pytest

from appliance.answering.evidence import enough
from appliance.records import Question
from tests.answering.test_prompts import passage

TEXT = "Visits on general wards end at 20:00. The card with the photo is handed out at the gate. The wall of the yard."


def found(question: str, cosine: float) -> bool:
    return enough(Question(question, "en"), [dataclasses.replace(passage(TEXT), similarity=cosine)])


@pytest.mark.parametrize(
    ("question", "cosine"),
    [
        ("Until when may family come?", 0.822),  # near, in other words
        ("Where does a beginner pick up the card with the photo?", 0.804),  # less near, in the same words
    ],
)
def test_a_question_that_the_passages_are_about_reaches_the_model(question: str, cosine: float) -> None:
    assert found(question, cosine)


@pytest.mark.parametrize(
    ("question", "cosine"),
    [
        ("How do I bake a sourdough loaf?", 0.813),
        ("What is the capital of Mongolia?", 0.761),
        ("Which guitar strings suit a beginner?", 0.803),
    ],
)
def test_a_question_about_something_else_does_not(question: str, cosine: float) -> None:
    """Guards `COVERAGE` in `evidence.enough`: without it what is merely not far away is evidence."""
    assert not found(question, cosine)


def test_shared_words_alone_are_no_evidence() -> None:
    """Guards `UNRELATED` in `evidence.enough`: without it two everyday words would do."""
    assert not found("When did the wall of the yard fall?", 0.773)


def test_nothing_found_is_no_evidence() -> None:
    """Guards `not passages` in `evidence.enough`."""
    assert not enough(Question("When do visits end?", "en"), [])
