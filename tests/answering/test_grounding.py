import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.answering.calendar import days
from appliance.answering.grounding import judge
from appliance.answering.quantities import read
from appliance.answering.words import keywords, numbers, quantities
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
    """Guards the entries of `grounding._CHECKS`, and `_malformed`: without one of them a sentence here is released."""
    found = verdict(text, *cites)
    assert isinstance(found, Withheld)
    if len(cites) == 1 and cites[0] <= len(PASSAGES):
        assert found.doubt is doubt


MEMO = [
    passage("Room 50 is on the second floor. Extinguishers are checked every 30 months.", title="House", heading=""),
    passage("Midazolam: 5 mg, at most 1.250 mg a day. Nurses can’t give potassium undiluted.", title="M", heading=""),
    passage("Visitors leave before 20:00. Store it below 8 degrees for 30–60 minutes.", title="V", heading=""),
]
ATTACKS = [
    ("What is the maximum dose of morphine for a child?", "The maximum dose of morphine for a child is 50 mg."),
    ("How long may a transfusion take?", "A transfusion may take 30 minutes."),
    ("How much midazolam?", "The dose is 5 g of midazolam."),
    ("How much midazolam a day?", "At most 1250 mg of midazolam a day."),
    ("How much midazolam a day?", "At least 1.250 mg of midazolam a day."),
    ("May nurses give potassium undiluted?", "Nurses can give potassium undiluted."),
    ("When do visitors leave?", "Visitors leave after 20:00."),
    ("How is it stored?", "Store it above 8 degrees for 30 minutes."),
    ("Can Dr Evil prescribe midazolam?", "Nurses and Dr Evil can give 5 mg of midazolam."),
]


@pytest.mark.parametrize(("question", "sentence"), ATTACKS)
def test_altered_sentences_are_withheld(question: str, sentence: str) -> None:
    """Guards `values.doubt`, the apostrophes of `polarity._pattern` and `_known` of `grounding`."""
    assert isinstance(judge(Draft(sentence, (1, 2, 3)), MEMO, Question(question, "en")), Withheld)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How much midazolam?", "Midazolam is given at 5 mg."),
        ("How much midazolam a day?", "At most 1.250 mg of midazolam a day."),
        ("How is it stored?", "Store it below 8 degrees for 30 minutes."),
        ("When do visitors leave?", "Visitors leave before 8 pm."),
    ],
)
def test_the_true_ones_beside_them_are_released(question: str, sentence: str) -> None:
    assert isinstance(judge(Draft(sentence, ()), MEMO, Question(question, "en")), Released)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 minutes, 15 Minuten", {("15", "min")}),
        ("zwei Stunden", {("2", "h")}),
        ("€1.18 or 1,18 Euro", {("1.18", "€")}),
        ("7,5 Prozent, 7.5 %, 7.5 per cent", {("7.5", "%")}),
        ("30–60 minutes", {("30", "min"), ("60", "min")}),
        ("25 mg/kg", {("25", "mg")}),
        ("room B2.14, P2", {("2.14", ""), ("2", "")}),
    ],
)
def test_quantities(text: str, expected: set[tuple[str, str]]) -> None:
    assert quantities(text) == expected


def test_without_passages_nothing_is_released() -> None:
    assert isinstance(judge(Draft("Visits end at 20:00.", (1,)), [], QUESTION), Withheld)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,5 mg and 2.50 ml", {"1.5", "2.5"}),
        ("€1,200 or 1.200 Euro or 1200", {"1,200", "1.200", "1200"}),
        ("1,234,567 and 1.234.567", {"1234567"}),
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


WARDS = [
    passage("Visiting hours on the general wards are 13:00 to 20:00 every day.", heading="General wards", number=1),
    passage(
        "Visiting hours are 15:00 to 19:00. Between 17:00 and 17:30 the unit is closed for the evening ward round.",
        heading="Intensive care",
        number=2,
    ),
]
EVENING = Question("Until when in the evening can family come to see someone on a normal ward?", "en")


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("Until 20:00.", True),
        ("Until 8 pm on a normal ward.", True),
        ("Family can come to a normal ward until 20:00.", True),
        ("Until 17:30 on a normal ward.", False),
        ("Until 17:30.", False),
        ("Until 13:00.", False),
        ("Family can come to a normal ward until 19:00.", False),
    ],
)
@pytest.mark.parametrize("cites", [(), (1,), (2,)])
def test_a_value_must_belong_to_what_the_sentence_is_about(text: str, cites: tuple[int, ...], *, carried: bool) -> None:
    """Guards `rivals.contradicted` in `judge` and `_all_opposed` in `values.doubt`."""
    assert isinstance(judge(Draft(text, cites), WARDS, EVENING), Released) is carried


@pytest.mark.parametrize(
    "text",
    [
        "Les visites sur les services se terminent à 20:00.",
        "Las visitas terminan a las 20:00 en el hospital general.",
        "探视时间到20:00结束。",
        "on " * 250,
    ],
)
def test_another_language_and_an_endless_sentence_are_withheld(text: str) -> None:
    """Guards `_known` and `LONGEST` of `grounding`."""
    assert isinstance(judge(Draft(text, (1,)), WARDS, EVENING), Withheld)


@given(st.text(alphabet="0123456789.,:/½ %€mgkhaperUhrone[]-'", max_size=40))
def test_whatever_stands_in_a_text_is_read_without_a_fault(text: str) -> None:
    for language in ("en", "de"):
        assert all(quantity.amounts for quantity in read(text, language))
    judge(Draft(text, (1,)), [passage(text or "x")], QUESTION)


@pytest.mark.parametrize(
    ("one", "two", "language"),
    [
        ("12 March 2026", "12.03.2026", "en"),
        ("March 12th, 2026", "2026-03-12", "en"),
        ("3. März 2026", "03.03.2026", "de"),
        ("montags", "Monday", "de"),
    ],
)
def test_dates_have_one_spelling(one: str, two: str, language: str) -> None:
    assert [day.value for day in days(one)] == [day.value for day in days(two)]


@pytest.mark.parametrize(
    ("one", "two", "language"),
    [
        ("2,500 mg", "2500 mg", "en"),
        ("2.500 mg", "2500 mg", "de"),
        ("1.5 mg", "1500 µg", "en"),
        ("half past ½ h", "30 minutes", "en"),
        ("8 pm", "20.00 Uhr", "de"),
        ("two weeks", "14 days", "en"),
        ("25 mg/kg", "25 mg per kg", "en"),
    ],
)
def test_quantities_have_one_amount(one: str, two: str, language: str) -> None:
    kept = [{(q.kind, q.amounts, q.per) for q in read(text, language)} for text in (one, two)]
    assert kept[0] == kept[1]
