"""The first look and the second: what one detector misses, the search for what another found does not."""

import base64
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.errors import DetectorUnavailable, NotScannable
from appliance.privacy.detection import Detection
from appliance.privacy.redacting.restoring import restore
from appliance.records.privacy import Finding
from tests.contracts.word_list import WordList
from tests.escalation.house import House
from tests.escalation.looks import Restful, Restless, made, prepared, said


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize(
    "hidden",
    ["T o b i a s  R e n n e r", "TOBIAS-RENNER", base64.b64encode(b"Tobias Renner").decode(), "Tobіas Renner"],
)
def test_what_is_found_in_one_place_is_taken_out_in_every_other(house: House, hidden: str) -> None:
    """Guards `*_standing(one, taken)` in `Preparing._again`, and that what it finds is taken out."""
    one = prepared(house, f"Signed: {hidden} at noon.", "Who is Tobias Renner?", words={"Tobias Renner": "PERSON"})
    assert hidden not in said(one)
    assert "at noon" in said(one)
    assert one.residual == 0
    assert one.entities == {"PERSON"}


def test_whom_the_house_knows_is_taken_out(house: House) -> None:
    """Guards `self._residual` in `_again`: the first word of each text, as long as it stands there in clear."""

    def known(text: str) -> list[Finding]:
        return [Finding(0, 5, "PERSON", 1.0, "known")] if text.startswith("Plain") else []

    one = made(house, Restful(), "Plain words.", "Plain ones.", residual=known)
    assert said(one).count("Person_") == 2
    assert "Plain" not in said(one)
    assert one.residual == 0


def test_whom_the_house_knows_is_counted_if_he_cannot_be_taken_out(house: House) -> None:
    """Guards `self._residual` in `_again` and `sum(map(len, again))`: he is the last word, whatever stands there."""

    def known(text: str) -> list[Finding]:
        clear = re.sub(r"Person_\w+", lambda token: "_" * len(token[0]), text)
        found = [*re.finditer(r"[a-z]+", clear)]
        return [Finding(*found[-1].span(), "PERSON", 1.0, "known")] if found else []

    one = made(house, Restful(), "some plain words, and more than there will be looks", residual=known)
    assert one.residual == 1
    assert "some plain" in said(one)


@pytest.mark.parametrize(
    "written",
    [
        "Renner, Tobias: ward 3",
        "call Renner's pager",
        "T. Renner signed",
        "RENNER is on leave",
        "ask renner",
        "Renners",
    ],
)
def test_a_name_of_the_question_is_found_in_a_passage_that_writes_it_otherwise(house: House, written: str) -> None:
    """Guards `_name(original, …)` in `writings.sought`, and the kind in `_again`'s `sought(originals, kind)`."""
    one = prepared(house, f"Rota: {written} today.", "When does Tobias Renner work?", words={"Tobias Renner": "PERSON"})
    assert "renner" not in said(one).lower()
    assert "Rota: " in said(one)
    assert one.residual == 0


def test_what_several_find_in_one_place_is_taken_out_once(house: House) -> None:
    """Guards the joining in `_merged`: a redaction refuses findings that overlap."""

    class Second:
        looks = 0

        def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:  # noqa: ARG002
            self.looks += 1
            first = [Finding(0, 3, "PERSON", 1.0, "x")] if self.looks == 1 else []
            return [first or [Finding(14, 25, "PERSON", 1.0, "y")] * (self.looks == 2) for _ in texts]

    residual = [Finding(18, 30, "PERSON", 1.0, "known"), Finding(0, 6, "PERSON", 1.0, "known")]
    one = made(house, Second(), "Ann saw Berta Cramer there.", residual=lambda _: list(residual))
    assert "Ann" not in said(one)
    assert "Cramer" not in said(one)


def test_what_looks_like_a_token_is_nobody_and_is_not_searched_for(house: House) -> None:
    """Guards `if replacement.entity` in `_taken`; and what a detector finds between two tokens is placed right."""

    class Twice:
        def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:  # noqa: ARG002
            told = []
            for text in texts:
                ann, end = text.find("Ann"), text.find("Berta")
                first = [Finding(ann, ann + 3, "PERSON", 1.0, "x")] if ann >= 0 else []
                told.append(first or ([Finding(end, end + 5, "PERSON", 1.0, "y")] if end >= 0 else []))
            return told

    one = made(house, Twice(), "Person_B4C4D4 saw Ann, Person_B4C4D4 and Berta there.")
    assert said(one).count("Mark_") == 2
    assert said(one).count("Person_") == 2
    assert said(one).endswith(" there.")
    assert one.entities == {"PERSON"}


def test_what_does_not_come_to_rest_is_counted(house: House) -> None:
    """Guards `sum(map(len, again))`: policy lets nothing leave of which any is left."""
    finder = Restless()
    text = "a 1 b 2 c 3 d 4 e 5 f 6 g 7 h 8 i 9 k 10 l 11 m 12"
    assert made(house, finder, text).residual > 0
    assert finder.looks == 4


def test_a_detector_that_takes_words_beside_a_token_for_a_name_costs_no_words(house: House) -> None:
    class Greedy:
        """Takes what stands beside a token, or a name, for part of it."""

        def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:  # noqa: ARG002
            told = []
            for text in texts:
                at, token = text.find("Ann"), text.find("Person_XXXXXX")
                beside = [Finding(token, min(len(text), token + 13 + 8), "PERSON", 0.8, "x")] if token >= 0 else []
                told.append([Finding(at, at + 3, "PERSON", 0.8, "x")] if at >= 0 else beside)
            return told

    assert said(made(house, Greedy(), "Then Ann walked home.")).endswith(" walked home.")
    assert "Hartmann" not in said(made(house, Greedy(), "Then Ann Hartmann walked."))


def test_detectors_see_the_same_code_in_every_token(house: House) -> None:
    """What they find in the bytes must not hang on chance: else two equal questions would not be decided alike."""
    words = WordList({"Ann": "PERSON"})
    made(house, Detection([words], thresholds={}), "Then Ann walked.")
    assert words.seen == ["Then Ann walked.", "Then Person_XXXXXX walked."]


def test_restored_it_is_what_it_was(house: House) -> None:
    text = "Tobias Renner, MRN 4471, saw Tobias Renner."
    one = prepared(house, text, words={"Tobias Renner": "PERSON", "MRN 4471": "MRN"})
    vault = house.vaults.open(f"thread-1-{len(text)}")
    assert restore(said(one), vault, may_show=lambda _: True).text == text


@pytest.mark.parametrize("text", ["x" * 270_000, "lone \ud800 surrogate"])
def test_what_is_no_text_or_too_much_does_not_leave(house: House, text: str) -> None:
    with pytest.raises(NotScannable):
        made(house, Restful(), text)


def test_a_second_look_that_fails_lets_nothing_leave(house: House) -> None:
    class Once(Restful):
        looks = 0

        def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:
            self.looks += 1
            if self.looks > 1:
                raise DetectorUnavailable("late")
            return super().find(texts, language=language)

    with pytest.raises(DetectorUnavailable):
        made(house, Once(), "Then Ann walked.")
