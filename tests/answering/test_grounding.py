import pytest

from appliance.answering.grounding import judge
from appliance.answering.words import keywords, numbers
from appliance.records import Doubt, Draft, Question, Released, Verdict, Withheld
from tests.answering.test_prompts import passage

PASSAGES = [
    passage("Visits on general wards end at 20:00. At most two visitors may stay at the bed.", number=1),
    passage("Vancomycin: the loading dose is 25 mg/kg, at most 3 g. Do not give it as a bolus.", number=2),
    passage("Ab 45 Punkten gilt das Sturzrisiko als hoch. Das Bett steht in der niedrigsten Stellung.", number=3),
]
QUESTION = Question("Until when can family visit a general ward?", "en")
GERMAN = Question("Ab welchem Punktwert ist das Sturzrisiko hoch?", "de")


def verdict(text: str, *cites: int, question: Question = QUESTION) -> Verdict:
    return judge(Draft(text, cites), PASSAGES, question)


@pytest.mark.parametrize(
    ("text", "cites", "carried_by", "question"),
    [
        ("Visits end at 20:00.", (1,), (1,), QUESTION),
        ("Visits on general wards end at 8 pm.", (1,), (1,), QUESTION),
        ("At most 2 visitors may stay at the bed.", (1,), (1,), QUESTION),
        ("The loading dose of vancomycin is 25 mg/kg.", (), (2,), QUESTION),
        ("The loading dose of vancomycin is 25 mg/kg.", (1,), (2,), QUESTION),
        ("Das Sturzrisiko gilt ab 45 Punkten als hoch.", (3,), (3,), GERMAN),
        ("Vancomycin must not be given as a bolus.", (2,), (2,), QUESTION),
    ],
)
def test_true_sentences_are_released_with_the_passage_that_carries_them(
    text: str, cites: tuple[int, ...], carried_by: tuple[int, ...], question: Question
) -> None:
    assert verdict(text, *cites, question=question) == Released(text, carried_by)


@pytest.mark.parametrize(
    ("text", "cites", "doubt"),
    [
        ("Visits end at 21:00.", (1,), Doubt.NUMBER),
        ("The loading dose of vancomycin is 15 mg/kg.", (2,), Doubt.NUMBER),
        ("At most three visitors may stay at the bed.", (1,), Doubt.NUMBER),
        ("Visits on general wards end at 20:00, says Gundula.", (1,), Doubt.NAME),
        ("Give vancomycin as a bolus.", (2,), Doubt.NEGATION),
        ("Visits on general wards do not end at 20:00.", (1,), Doubt.NEGATION),
        ("The moon is made of green cheese.", (1,), Doubt.NO_SUPPORT),
        ("Can family visit a general ward?", (1,), Doubt.ECHO),
        ("…", (1,), Doubt.BROKEN),
        ("Parking costs 20 euros near the harbour bridge.", (9,), Doubt.NO_SUPPORT),
    ],
)
def test_what_no_passage_carries_is_withheld(text: str, cites: tuple[int, ...], doubt: Doubt) -> None:
    """Guards each `return Doubt…` of `grounding._doubt`: without it the sentence is released."""
    found = verdict(text, *cites)
    assert isinstance(found, Withheld)
    if len(cites) == 1 and cites[0] <= len(PASSAGES):
        assert found.doubt is doubt


def test_without_passages_nothing_is_released() -> None:
    assert isinstance(judge(Draft("Visits end at 20:00.", (1,)), [], QUESTION), Withheld)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,5 mg and 2.50 ml", {"1.5", "2.5"}),
        ("€1,200 or 1.200 Euro or 1200", {"1200"}),
        ("20:00, 20.00 Uhr, 8 pm, 8 p.m.", {"20"}),
        ("14:30", {"14.3"}),
        ("zwei oder drei", {"2", "3"}),
        ("one of them", set()),
        ("0 and 007", {"0", "7"}),
    ],
)
def test_numbers_have_one_spelling(text: str, expected: set[str]) -> None:
    assert numbers(text) == expected


def test_what_was_looked_for_is_in_the_questions_own_words() -> None:
    assert keywords("Until when can family visit ward B3 on 24 December?") == (
        "family",
        "visit",
        "ward",
        "B3",
        "24",
        "December",
    )
