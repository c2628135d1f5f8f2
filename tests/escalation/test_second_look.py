"""What the second look makes of words beside a token, of other languages, and of what is joined."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.answering.escalating import Wish
from appliance.escalation.matter import Matter, Part
from appliance.privacy.redaction import QUESTION
from appliance.records.privacy import Finding
from tests.escalation.house import MARA, House
from tests.escalation.looks import Restful, Restless, made, said
from tests.escalation.outside_house import CELLS, PLASMA, Around, passage


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


class Late:
    """Finds `first` at the first look; then `beside` and whatever stands between it and the token beside."""

    def __init__(self, first: str, beside: str, entity: str = "PERSON") -> None:
        self._first = first
        self._beside = beside
        self._entity = entity

    def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:  # noqa: ARG002
        return [list(self._found(text)) for text in texts]

    def _found(self, text: str) -> Iterator[Finding]:
        at, beside, token = (text.find(one) for one in (self._first, self._beside, "_XXXXXX"))
        if at >= 0:
            yield Finding(at, at + len(self._first), "PERSON", 0.9, "x")
        elif beside >= 0 and token >= 0:
            ends = max(beside + len(self._beside), token + 7)
            yield Finding(min(beside, token), ends, self._entity, 0.9, "x")


@pytest.mark.parametrize(
    ("text", "first", "beside"),
    [
        ("Question: what about tobias renner and plasma?", "renner", "tobias"),
        ("病人 王 小明 血型?", "小明", "王"),
        ("المريض طوبياس رينر", "رينر", "طوبياس"),
        ("What about Tobias Renner?", "Renner", "Tobias"),
        ("What about 44b Renner?", "Renner", "44b"),
    ],
)
def test_what_stands_beside_a_token_and_is_a_name_is_taken_out(
    house: House, text: str, first: str, beside: str
) -> None:
    """Guards the two ways in which a piece says something in `_says`: letters that are not small, and what stood where
    the token stands (`original[put.start : put.end].islower()`)."""
    one = made(house, Late(first, beside), text)
    assert beside not in said(one)
    assert one.residual == 0


def test_a_piece_in_small_letters_is_kept_if_its_kind_is_written_so(house: House) -> None:
    """Guards `finding.entity in _SMALL`."""
    assert "sesame" not in said(made(house, Late("Ann", "sesame", "SECRET"), "Ask Ann sesame opens it."))
    assert "sesame" in said(made(house, Late("Ann", "sesame", "LOCATION"), "Ask Ann sesame opens it now."))


def test_what_was_taken_out_or_is_known_is_taken_out_beside_a_token_whatever_its_letters(house: House) -> None:
    """Guards `original is None` in `_outside`: only detectors guess."""

    def known(text: str) -> list[Finding]:
        at = text.find(" of berta")
        return [Finding(at - 6, at + 9, "PERSON", 1.0, "known")] if at >= 0 else []

    one = made(house, Late("Ann", "-", ""), "Ask Ann of berta first.", residual=known)
    assert "berta" not in said(one)


class Polyglot:
    """Finds a word only where it is told the text's language; `asked` are the languages of each look."""

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words
        self.asked: list[tuple[str, list[str]]] = []

    def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:
        self.asked.append((language, list(texts)))
        word = self._words.get(language, "-")
        return [[Finding(*found.span(), "PERSON", 1.0, "x") for found in re.finditer(word, text)] for text in texts]


def test_each_passage_is_looked_through_in_its_own_language(house: House) -> None:
    """Guards `part.language or matter.language` and `if language in some`: the first look is in that one alone."""
    finder = Polyglot({"de": "Berta"})
    one = made(house, finder, "Berta kam.", "Plain words.", "And plain ones.", languages="de")
    assert "Berta" not in said(one)
    assert finder.asked[:2] == [("de", ["Berta kam."]), ("en", ["Plain words.", "And plain ones."])]


def test_the_second_look_is_in_the_language_of_least_doubt_too(house: House) -> None:
    """Guards `_STRICT` in `_again`."""
    one = made(house, Polyglot({"en": "Berta", "de": "Berta K"}), "Berta kam.", "And plain ones.", languages="de")
    assert "Berta" not in said(one)


def test_what_two_languages_find_alike_counts_once(house: House) -> None:
    """Guards `if one not in found[place]`."""
    text = "a 1 b 2 c 3 d 4 e 5 f 6 g 7 h 8 i 9"
    assert made(house, Restless(), text, text, languages="fr").residual == 2


def test_the_language_of_a_passage_is_kept(house: House) -> None:
    """Guards `part.language` in `sealed._plain`."""
    question = Part("Question: How long may red cells hang?", QUESTION)
    passage = Part("[1] Erythrozyten: vier Stunden.", "p1", "de")
    asked = Matter("How long?", "en", (passage, question), frozenset({"standard"}), "refused")
    seen = house.gate.propose(MARA, asked, "large")
    held = house.gate.show(MARA, seen.escalation.id).held
    assert held
    assert held.matter.parts == (passage, question)


def test_a_passage_goes_with_its_language(tmp_path: Path) -> None:
    """Guards `one.passage.language` in `Outside.propose`."""
    around = Around(tmp_path)
    around.passages = [passage("p1", CELLS), replace(passage("p2", PLASMA, "leaflet"), language="de")]
    held = around.outside.propose(MARA, Wish("How long may red cells hang?"), "large").preview.held
    assert held
    assert {part.source: part.language for part in held.matter.parts} == {"p1": "en", "p2": "de", QUESTION: ""}


@pytest.mark.parametrize("order", [("SECRET", "PERSON"), ("PERSON", "SECRET")])
def test_a_secret_is_told_of_whatever_it_is_joined_with(house: House, order: tuple[str, str]) -> None:
    """Guards `Entity.SECRET` in `_merged` (it is removed, not made a token), and that `entities` are of `taken`."""
    first, second = order

    def known(text: str) -> list[Finding]:
        at = text.find("Kay key sesame")
        found = [Finding(at, at + 7, first, 1.0, "known"), Finding(at + 4, at + 14, second, 1.0, "known")]
        return found if at >= 0 else []

    one = made(house, Restful(), "Ask Kay key sesame opens.", residual=known)
    assert one.entities == {"SECRET", "PERSON"}
    assert all(type(kind) is str for kind in one.entities)
    assert "removed" in said(one)
    assert "Person_" not in said(one)


def test_who_was_joined_with_something_else_is_searched_for_as_himself(house: House) -> None:
    """Guards `*findings` in `_take`: of what is joined one kind alone names the whole."""

    def known(text: str) -> list[Finding]:
        at = text.find("Oak Lane Berta")
        found = [Finding(at, at + 9, "LOCATION", 1.0, "known"), Finding(at + 8, at + 21, "PERSON", 1.0, "known")]
        return found if at >= 0 else []

    one = made(house, Restful(), "In Oak Lane Berta Cramer.", "Ask Cramer.", residual=known)
    assert "Cramer" not in said(one)
