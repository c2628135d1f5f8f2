import pytest

from appliance.answering.grounding import judge
from appliance.answering.offices import office
from appliance.answering.quantities import read
from appliance.answering.strangers import fluent
from appliance.answering.substances import substance
from appliance.records import Draft, Question, Released
from tests.answering.test_prompts import passage

PEN = passage("An opened pen is thrown away after 28 days. The pharmacist, Ms Adeyemi, counts them.", title="Pens")
STIFT = passage("Ein angebrochener Stift wird nach 28 Tagen verworfen. Die Apothekerin zählt sie.", title="Stifte")


@pytest.mark.parametrize(
    "word",
    ["apixaban", "Warfarin", "Paracetamol", "meropenem", "Kalium", "furosemide", "lactate", "Morphin", "insulin"],
)
def test_a_substance_is_known_by_its_ending(word: str) -> None:
    assert substance(word)


@pytest.mark.parametrize(
    "word",
    ["machine", "Apothekerin", "certain", "program", "stadium", "deadline", "Termin", "reason", "kitchen", "main"],
)
def test_ordinary_words_are_no_substances(word: str) -> None:
    assert not substance(word)


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("nephrologist", "en", True),
        ("electrician", "en", True),
        ("fridge", "en", False),
        ("Stationsleitung", "de", True),
        ("Monat", "de", False),
    ],
)
def test_offices_are_known_by_lists_and_endings(word: str, language: str, *, expected: bool) -> None:
    assert office(word, language) is expected


@pytest.mark.parametrize(
    ("sentence", "carried"),
    [
        ("Once 28 days have gone by, a pen in use gets discarded.", True),
        ("Counting pens is a job for Ms Adeyemi.", True),
        ("Counting pens is a job for Ms Adler.", False),
        ("The pharmacist counts pens and aspirin.", False),
        ("The electrician counts the pens.", False),
        ("The ICU throws a pen away after 28 days.", False),
    ],
)
def test_ordinary_words_may_come_from_nowhere_but_nobody_and_nothing_by_name(sentence: str, *, carried: bool) -> None:
    """Guards the two lines of `strangers.invented` on substances and abbreviations, on offices, and its last."""
    verdict = judge(Draft(sentence, (1,)), [PEN], Question("What happens to pens?", "en"))
    assert isinstance(verdict, Released) is carried


@pytest.mark.parametrize(
    ("sentence", "carried"),
    [
        ("Nach 28 Tagen kommt ein angebrochener Stift in den Abfall.", True),
        ("Nach 28 Tagen zählt Frau Ahlers den Stift.", False),
        ("Nach 28 Tagen zählt die Stationsleitung den Stift.", False),
    ],
)
def test_german_nouns_are_no_names_for_being_capitalised(sentence: str, *, carried: bool) -> None:
    verdict = judge(Draft(sentence, (1,)), [STIFT], Question("Was geschieht mit Stiften?", "de"))
    assert isinstance(verdict, Released) is carried


def test_a_sentence_of_another_language_is_not_fluent() -> None:
    assert not fluent("Les visites sur les services se terminent le soir", "en")
    assert fluent("Visits on the ward end in the evening", "en")


def test_numbers_have_scales_and_counted_times() -> None:
    (limit,) = read("€25 million", "en")
    assert limit.amounts == read("€25,000,000", "en")[0].amounts
    assert read("sechsmal im Jahr", "de")[0].number == "6"
