import pytest

from appliance.answering.parts import parts
from appliance.answering.question import clean


def asked(text: str) -> list[str]:
    return [part.text for part in parts(clean(text, limit=2_000))]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "From when is the family let in, and where can a son sleep?",
            ["From when is the family let in?", "Where can a son sleep?"],
        ),
        (
            "The scanner is broken: what may I clean it with, and till when is somebody there?",
            ["The scanner is broken: What may I clean it with?", "The scanner is broken: Till when is somebody there?"],
        ),
        (
            "Ich fahre selbst. Was bekomme ich für den Kilometer, und bis zu welcher Summe zahlt die Klinik?",
            [
                "Ich fahre selbst. Was bekomme ich für den Kilometer?",
                "Ich fahre selbst. Bis zu welcher Summe zahlt die Klinik?",
            ],
        ),
        ("Who signs and who pays?", ["Who signs?", "Who pays?"]),
    ],
)
def test_a_question_of_two_is_taken_apart(question: str, expected: list[str]) -> None:
    assert asked(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who may open the cupboard and the safe?",
        "What is given for pain and fever?",
        "Was ist mit Kaffee und Tee?",
        "And when?",
        "Which forms, and what, and who, and why, and how is it done?",
        "How long may bread and butter stand out",
    ],
)
def test_one_question_stays_whole(question: str) -> None:
    assert asked(question) == [question]
