"""The models that find names: presidio as its default would, only faster; Rampart's fragments made whole words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.errors import DetectorUnavailable, ModelMissing
from appliance.models import manifest
from appliance.privacy.detecting.presidio import Presidio
from appliance.privacy.detecting.rampart import Rampart
from appliance.settings import load
from tests.benchmarks.default_presidio import analyzer

TEXTS = [
    "Maria Keller was seen in Boston on 3 May 1961; her phone number is 212-555-0143.",
    "Please mail ada.novak@example.org or visit https://www.example.org/ward?bed=7 before Friday.",
    "Her card 4111 1111 1111 1111 and her IBAN DE02120300000000202051 were used from 192.0.2.17.",
    "Her social security number is 219-09-9998, her passport 912803456, her driver license A1234567.",
    "The NHS number 943 476 5919 is in the file; the license of the doctor is BB1388568.",
    "Device 00-1B-63-84-45-E6, case 123e4567-e89b-12d3-a456-426614174000, route 1234567890.",
    "Ruf bitte Jörg Großmann unter +49 30 901820 an, am 12.04.2019, oder 0044 20 7946 0958.",
    "Take 5 mg twice a day for 14 days.",
    "12/31/2024 2024-01-02T10:00Z 7-DEC-2019\n\nAda",
    "",
]


def folder(role: str) -> Path:
    try:
        return manifest.verified(manifest.entry(role), load().models_folder)
    except ModelMissing:
        pytest.skip(f"the model of the role {role} is not fetched")


@pytest.fixture(scope="module")
def rampart() -> Rampart:
    return Rampart(folder("personal-data"))


def test_presidio_finds_what_its_default_finds() -> None:
    """The same spans, kinds and scores; organisations beside them."""
    default = analyzer(folder("names"))
    fast = Presidio(folder("names"))
    for text, found in zip(TEXTS, fast.detect(TEXTS, "en"), strict=True):
        ours = {(one.start, one.end, round(one.score, 3)) for one in found if one.entity != "ORGANIZATION"}
        assert ours == {(one.start, one.end, round(one.score, 3)) for one in default.analyze(text, "en")}


def test_german_nouns_are_guesses_and_english_names_in_a_text_told_as_german_are_none() -> None:
    """Guards `in_english` in `Presidio._by_model`: who pads a text with German must not hide its English names."""
    german, padded = "Der Verband der Schulter ist nass. " * 2, "Please call John Whitfield. " + "der die das und " * 12
    for text, found in zip((german, padded), Presidio(folder("names")).detect([german, padded], "de"), strict=True):
        scores = [
            one.score
            for one in found
            if one.source == "presidio SpacyRecognizer"
            and (text == german or text[one.start : one.end] == "John Whitfield")
        ]
        assert scores
        assert all((score < 0.5) is (text == german) for score in scores)


@pytest.mark.parametrize(
    ("text", "entity", "words"),
    [
        ("Patient KELLER, Maria was seen.", "PERSON", "KELLER, Maria"),
        ("She lives at 12 Lindenbaum Street, Springfield.", "LOCATION", "Springfield"),
        ("Die Patientin Annegret Vossbeck wohnt in der Lindenallee 14a, 10115 Berlin.", "PERSON", "Annegret Vossbeck"),
        ("Die Patientin Annegret Vossbeck wohnt in der Lindenallee 14a, 10115 Berlin.", "POSTCODE", "10115"),
    ],
)
def test_rampart_finds_whole_words(rampart: Rampart, text: str, entity: str, words: str) -> None:
    (found,) = rampart.detect([text], "en")
    assert words in {text[one.start : one.end] for one in found if one.entity == entity}


def test_rampart_reads_a_text_longer_than_its_window(rampart: Rampart) -> None:
    """Guards the overlap of `_windows`: whoever stands at the border of two windows is found."""
    text = "".join(f"{number}. The patient Annegret Vossbeck was seen on the ward.\n" for number in range(60))
    (found,) = rampart.detect([text], "en")
    assert [text[one.start : one.end] for one in found if one.entity == "PERSON"] == ["Annegret Vossbeck"] * 60


@pytest.mark.parametrize("detector", [Presidio, Rampart])
def test_a_model_that_cannot_be_loaded_is_an_error(detector: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(DetectorUnavailable):
        detector(tmp_path)
