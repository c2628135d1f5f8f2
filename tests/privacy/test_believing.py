"""Which findings of models are believed, as one table."""

import pytest

from appliance.privacy.detecting.believing import NAMES_MODEL, TOKENS_MODEL, believer
from appliance.records.privacy import Finding

PADDED = "Call John Whitfield." + " " * 100 + "der die das und " * 12
MIXED = "der die das und " * 3 + "Please call John Whitfield. " + "der die das und " * 12
CASES = [
    # what is doubted
    ("how long", "Take it for two weeks.", "two weeks", "DATE", NAMES_MODEL, 0.85, "en", False),
    ("how often", "Checked weekly.", "weekly", "DATE", NAMES_MODEL, 0.85, "en", False),
    ("a day from no day", "She came last night.", "last night", "DATE", NAMES_MODEL, 0.85, "en", False),
    ("an abbreviation", "The CT of the chest is normal.", "CT", "ORGANIZATION", NAMES_MODEL, 0.85, "en", False),
    ("a drug", "We gave Clarithromycin.", "Clarithromycin", "PERSON", NAMES_MODEL, 0.85, "en", False),
    ("a German noun", "Bitte den Verband wechseln.", "Verband", "PERSON", NAMES_MODEL, 0.85, "de", False),
    ("German told as English", "Bitte den Verband wechseln.", "Verband", "PERSON", NAMES_MODEL, 0.85, "en", False),
    ("a measure", "Blutdruck 128/76 mmHg.", "Blutdruck 128/76 mmHg", "ADDRESS", TOKENS_MODEL, 0.7, "de", False),
    ("unsure and small", "A Song With a mandolin coda.", "mandolin coda", "PERSON", TOKENS_MODEL, 0.6, "en", False),
    # what is not
    ("a date", "She came on 3 May.", "3 May", "DATE", NAMES_MODEL, 0.85, "en", True),
    ("a weekday", "She came last Sunday.", "last Sunday", "DATE", NAMES_MODEL, 0.85, "en", True),
    ("a year", "It was in 2019.", "2019", "DATE", NAMES_MODEL, 0.85, "en", True),
    ("a place in a date", "At Norwich this morning.", "Norwich this morning", "DATE", NAMES_MODEL, 0.85, "en", True),
    ("an age over 89", "She is 93 years old.", "93 years old", "DATE", NAMES_MODEL, 0.85, "en", True),
    ("a name", "The patient is Ada Birch.", "Ada Birch", "PERSON", NAMES_MODEL, 0.85, "en", True),
    ("a name and a drug", "Birch Clarithromycin", "Birch Clarithromycin", "PERSON", NAMES_MODEL, 0.85, "en", True),
    ("English told as German", "The patient is Ada Birch.", "Ada Birch", "PERSON", NAMES_MODEL, 0.85, "de", True),
    ("far German", PADDED, "John Whitfield", "PERSON", NAMES_MODEL, 0.85, "en", True),
    ("much German", MIXED, "John Whitfield", "PERSON", NAMES_MODEL, 0.85, "de", True),
    ("a name alone", "Ada Birch", "Ada Birch", "PERSON", NAMES_MODEL, 0.85, "en", True),
    ("a sure small name", "A Song With ada birch.", "ada birch", "PERSON", TOKENS_MODEL, 0.97, "en", True),
    ("all in small letters", "ask ada birch again.", "ada birch", "PERSON", TOKENS_MODEL, 0.6, "en", True),
    ("a rule in German", "Bitte Frau Verband rufen.", "Verband", "PERSON", "title", 0.8, "de", True),
    ("a number", "Bitte an DE11 2222 zahlen.", "DE11 2222", "IBAN", "presidio IbanRecognizer", 0.5, "de", True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].replace(" ", "-"))
def test_what_is_believed(case: tuple[str, str, str, str, str, float, str, bool]) -> None:
    """Guards the filter in `Detection._look`: without it English and German house rules are full of persons.

    "far German" and "much German" guard `_NEAR` and the return for a small English word in `_is_german`.
    """
    _, text, found, kind, source, score, language, wanted = case
    start = text.index(found)
    assert believer(text, language)(Finding(start, start + len(found), kind, score, source)) is wanted
