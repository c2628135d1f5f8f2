"""What every detector keeps to: the fake of the tests and those of an installation."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.errors import ModelMissing
from appliance.models import manifest
from appliance.privacy.detection import Detector
from appliance.privacy.known.naming import Person
from appliance.settings import load
from tests.contracts.known_lists import PEOPLE, known_people
from tests.contracts.word_list import WordList

TEXTS = [
    "Please call Maria Keller on 030 901820 before noon.",
    "",
    "Nothing in here is private: the pump is checked twice a year.",
    "Überweisung an Jörg Großmann, IBAN DE02 1203 0000 0000 2020 51, Straße 5, 10115 Berlin.",
    "😀 Ada Novak 😀 \u202eada\u202c A\u200bda No\u00advak\r\n\tнет",
    "Ada " * 200,
    "\n \n",
]


def words(_: Path) -> Detector:
    return WordList({"Maria Keller": "PERSON", "Jörg Großmann": "PERSON", "Ada": "PERSON"})


def model(role: str) -> Path:
    try:
        return manifest.verified(manifest.entry(role), load().models_folder)
    except ModelMissing:
        pytest.skip(f"the model of the role {role} is not fetched")


def presidio(_: Path) -> Detector:
    from appliance.privacy.detecting.presidio import Presidio

    return Presidio(model("names"))


def rampart(_: Path) -> Detector:
    from appliance.privacy.detecting.rampart import Rampart

    return Rampart(model("personal-data"))


def known(folder: Path) -> Detector:
    return known_people(folder, [*PEOPLE, Person("Maria", "Keller"), Person("Ada", "Novak")])


@pytest.fixture(scope="module", params=[words, known, presidio, rampart])
def detector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Detector:
    make: Callable[[Path], Detector] = request.param
    return make(tmp_path_factory.mktemp("detector"))


@pytest.mark.parametrize("language", ["en", "de", "xx"])
def test_one_list_for_each_text_in_their_order(detector: Detector, language: str) -> None:
    together = detector.detect(TEXTS, language)
    assert len(together) == len(TEXTS)
    for text, found in zip(TEXTS, together, strict=True):
        alone = detector.detect([text], language)[0]
        assert [(one.start, one.end, one.entity) for one in alone] == [(o.start, o.end, o.entity) for o in found]


def test_findings_lie_in_their_text(detector: Detector) -> None:
    for text, found in zip(TEXTS, detector.detect(TEXTS, "en"), strict=True):
        for finding in found:
            assert 0 <= finding.start < finding.end <= len(text)
            assert 0 <= finding.score <= 1
            assert not math.isnan(finding.score)
            assert finding.entity
            assert finding.source


def test_no_texts_give_no_lists(detector: Detector) -> None:
    assert list(detector.detect([], "en")) == []


def test_nothing_is_found_in_nothing(detector: Detector) -> None:
    assert [list(found) for found in detector.detect(["", "\n \n"], "en")] == [[], []]


def test_the_name_is_short(detector: Detector) -> None:
    assert detector.name
    assert len(detector.name) <= 20
    assert detector.name == detector.name.strip()


def test_the_same_texts_give_the_same_findings(detector: Detector) -> None:
    assert [list(found) for found in detector.detect(TEXTS, "de")] == [
        list(found) for found in detector.detect(TEXTS, "de")
    ]
