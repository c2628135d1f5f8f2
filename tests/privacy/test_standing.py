"""Whether what was taken out still stands there: one table of originals, texts and what is found."""

import base64
from collections.abc import Sequence

import pytest

from appliance.privacy.redacting.standing import Span, standing
from appliance.privacy.redacting.writings import sought
from appliance.records.privacy import Entity

ENCODED = base64.b64encode(b"it was Tobias Renner").decode()


@pytest.mark.parametrize(
    ("original", "text", "found"),
    [
        ("Tobias Renner", "Ask Tobias Renner.", ["Tobias Renner"]),
        ("Tobias Renner", "ask TOBIAS-RENNER.", ["TOBIAS-RENNER"]),
        ("Renner", "R e n n e r was here", ["R e n n e r"]),
        ("Renner", "Ren\u200bner was here", ["Ren\u200bner"]),
        ("Renner", "Rеnner was here", ["Rеnner"]),
        ("Renner", "The trennern are broken", []),
        ("Renner", ENCODED, [ENCODED]),
        ("Renner", "Rεnner and ρ", ["Rεnner"]),
        ("Müller", "MUELLER", ["MUELLER"]),
        ("", "anything", []),
    ],
)  # fmt: skip
def test_in_any_spelling(original: str, text: str, found: list[str]) -> None:
    """Guards each of the searches in `_found` and `_read`."""
    assert in_text(original, text) == found


@pytest.mark.parametrize(
    ("original", "text", "found"),
    [
        # each of its words: `for word in bare`
        ("Tobias Renner", "Herr Renner kam", ["Renner"]),
        ("Tobias Renner", "RENNER is on leave, says renner", ["RENNER", "renner"]),
        ("Frau Dr. Berta von Thal", "thal, ein Berta, Dr. von Frau", ["Berta"]),  # four letters, as they are written
        ("Frau Dr. Berta von Thal", "Thal's pager, THAL", ["Thal", "THAL"]),
        ("Della", "della called", ["della"]),  # a particle, but all that there is of the name
        ("Renner 44 4471", "44 and 4471", ["4471"]),
        # `_inflected`
        ("Tobias Renner", "Tobias Renners Akte, RENNERS Dienst", ["Tobias Renners", "RENNERS"]),
        ("Anna Kim", "Kims Akte", ["Kims"]),
        # `_in_other_order`, each of its four lines
        ("Tobias Renner", "Renner, Tobias: ward 3", ["Renner, Tobias"]),
        ("Renner, Tobias", "Tobias Renner", ["Tobias Renner"]),
        ("Jo Li", "Li, Jo: ward 3; li jo", ["Li, Jo"]),
        ("Tobias Renner", "T. Renner and t.renner", ["T. Renner", "t.renner"]),
        ("Tobias Renner", "Renner, T.", ["Renner, T"]),
        ("Tobias Renner", "ein Trenner, die trenner", []),  # `Demand.APART`
        ("Ann Stone", "A. Stone has a stone", ["A. Stone"]),
        # a sentence that a detector takes for a name is sought whole: `len(said) <= _MANY`
        ("Ann And Berta And Cora And Dora And Emmy", "A. Emmy", ["Emmy"]),
    ],
)  # fmt: skip
def test_names_in_other_writings(original: str, text: str, found: list[str]) -> None:
    """Guards the lines of `writings._name` that stand at the rows."""
    assert in_text(original, text) == found


@pytest.mark.parametrize(
    ("original", "text", "found"),
    [
        ("Will", "Will said that he will", ["Will"]),
        ("Will Stone", "He may pass a stone, and will", []),
        ("Will Stone", "Stone, W. and WILL", ["Stone, W", "WILL"]),
        ("Stone", "a stone, Mr Stone", ["Stone"]),
        ("will", "he will", []),  # nor if a detector took it out like that
        ("kim", "does kim know KIM?", ["kim", "KIM"]),  # `small` in `_alone`
        ("jo kim", "does kim know KIM?", ["KIM"]),
        ("tobias renner", "and renner", ["renner"]),
        ("Tobias Renner called", "who called?", []),  # `word not in small`
        ("Physician Berta Cramer", "the physician", []),  # `_OFFICES`
        ("Jo Li", "Seen by Jo Li today", ["Jo Li"]),
        ("J. Li", "Seen by J. Li today", ["J. Li"]),
        ("Ann.", "Seen by Ann today", ["Ann"]),
        ("Kim", "PATIENT: KIM", ["KIM"]),
        ("Wolf", "Brief an WOLF, Station 3, ein wolf", ["WOLF"]),
        ("Li", "Dr Li said li", ["Li"]),
        ("Dr", "Dr", []),
        ("王伟", "病人王伟今天", ["王伟"]),
        ("王小明", "病人小明今天,小王", ["小明"]),
        ("欧阳小明", "欧阳今天", ["欧阳"]),
        ("김민수", "환자 김민수", ["김민수"]),
        ("王", "王伟", []),
    ],
)  # fmt: skip
def test_short_and_everyday_names(original: str, text: str, found: list[str]) -> None:
    """Guards `_alone`, `Demand.NAMED` in `_holds`, SHORTEST_NAME, and the lines of `writings._name` for scripts without
    spaces: a short name is found where it is written as one, an everyday word is left where it is not."""
    assert in_text(original, text) == found


@pytest.mark.parametrize(
    ("entity", "original", "text", "found"),
    [
        (Entity.MRN, "4471-882", "file 4471882, please", ["4471882"]),
        (Entity.MRN, "MRN 4471", "record 4471", ["4471"]),
        (Entity.MRN, "MRN 44", "room 44", []),
        (Entity.AGE, "94", "94 mg", []),
        (Entity.AGE, "aged 1044", "1044 ml", []),  # `_NUMBERLESS`
        (Entity.PHONE, "+49 170 1234567", "call 0170 1234567", ["0170 1234567"]),
        (Entity.PHONE, "Tel. 0170 1234567", "+49 (0)170-1234567", ["0)170-1234567"]),
        (Entity.DATE_OF_BIRTH, "12.03.1987", "12 March 1987; 1987-03-12; 12.3.87; 1988-03-12",
         ["12 March 1987", "1987-03-12", "12.3.87"]),
        (Entity.DATE_OF_BIRTH, "12.03.1987", "in 1987", []),
        (Entity.MRN, "12.03.1987", "1987-03-12", []),
        (Entity.LOCATION, "Bern", "in Bern, bern", ["Bern"]),
        (Entity.LOCATION, "Bad Aldermoor", "bad aldermoor", ["bad aldermoor"]),
        (Entity.SECRET, "stone", "say stone", ["stone"]),
    ],
)  # fmt: skip
def test_numbers_days_and_other_kinds(entity: str, original: str, text: str, found: list[str]) -> None:
    """Guards `_numbers` (its three conditions), `told.days` in `sought` and in `_read`, and `_whole`."""
    assert in_text(original, text, entity) == found


@pytest.mark.parametrize("originals", [["kim", "Kim"], ["Kim", "kim"]])
def test_of_two_that_have_one_form_the_one_that_demands_less_counts(originals: list[str]) -> None:
    """Guards `& demand` in `Sought.add`."""
    assert spans("ask kim", originals) == [(4, 7)]


def test_what_was_put_there_is_no_finding() -> None:
    """Guards `aside`: only what lies wholly within it is left out."""
    text = "Person_K7Q4XM, 1962 and 1962"
    assert spans(text, ["1962"], Entity.MRN, aside=[(15, 19)]) == [(24, 28)]
    assert spans(text, ["1962"], Entity.MRN, aside=[(16, 19)]) == [(15, 19), (24, 28)]


def spans(text: str, originals: list[str], entity: str = Entity.PERSON, aside: Sequence[Span] = ()) -> list[Span]:
    return [span for span, _ in standing(text, {entity: sought(originals, entity)}, aside=aside)]


def in_text(original: str, text: str, entity: str = Entity.PERSON) -> list[str]:
    return [text[start:end] for start, end in spans(text, [original], entity)]
