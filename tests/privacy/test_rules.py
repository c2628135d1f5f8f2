"""The house's rules as a whole: hostile texts, offsets, both languages at once."""

import pytest

from appliance.privacy.detecting.rules import Rules

RULES = Rules()
HOSTILE = {
    seed: seed * (100_000 // len(seed))
    for seed in (
        "a",
        "A",
        "0",
        "1 ",
        "a.",
        "A b ",
        "@",
        "a@",
        "0-",
        "(at) ",
        "mrn ",
        "Dr. ",
        "Name: ",
        "A, ",
        "1,",
        "1/1/",
        "corner of 1 ",
        "Apt ",
        "Ab\n",
        "eyJ",
        "key: ",
        "J. ",
        "ab:",
        "Az 1",
        "street 1, ",
        "-",
    )
}


@pytest.mark.parametrize("seed", HOSTILE)
def test_a_hostile_line_of_100_kb_comes_to_its_end(seed: str) -> None:
    """Every pattern is linear; one that is not would hold this test for minutes."""
    (found,) = RULES.detect([HOSTILE[seed] + "\x00"], "en")
    assert all(0 <= hit.start < hit.end <= len(HOSTILE[seed]) for hit in found)


def test_offsets_are_those_of_the_text_whatever_its_letters_become_in_small() -> None:
    text = "İİİİ IBAN DE89 3704 0044 0532 0130 00"
    (found,) = RULES.detect([text], "de")
    assert {text[hit.start : hit.end] for hit in found if hit.entity == "IBAN"} == {"DE89 3704 0044 0532 0130 00"}


def test_no_texts_and_an_empty_text_have_no_findings() -> None:
    assert RULES.detect([], "en") == []
    assert RULES.detect([""], "en") == [[]]
