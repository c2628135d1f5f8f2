"""Tokens: nobody guesses one, none is a word, and what looks like one is seen however it is written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.privacy.redacting.tokens import CODE, LONGEST, MARK, coined, inside_word, kind_of, seen_in, unfinished
from appliance.records.privacy import Entity

SECRET = b"s" * 32
TOKEN = "Person_K7Q4XM"


def test_a_token_says_its_kind_and_is_short() -> None:
    token = coined(SECRET, kind_of(Entity.PERSON), "ada novak")
    assert re.fullmatch(rf"Person_[A-Z0-9]{{{CODE}}}", token)


@pytest.mark.parametrize("entity", [*Entity, "STAFF_NUMBER"])
def test_every_kind_has_a_word_with_a_vowel(entity: str) -> None:
    assert re.fullmatch(r"[A-Z][a-z]+", kind_of(entity))
    assert re.search("[aeiou]", kind_of(entity), re.IGNORECASE)


def test_a_token_depends_on_the_secret_the_kind_the_identity_and_the_attempt() -> None:
    """Fails if `coined` leaves `secret` out of the digest: another thread would have the same tokens."""
    told = [(SECRET, "Person", "a", 0), (b"t" * 32, "Person", "a", 0), (SECRET, "Place", "a", 0)]
    told += [(SECRET, "Person", "b", 0), (SECRET, "Person", "a", 1)]
    made = [coined(secret, kind, identity, attempt=attempt)[-CODE:] for secret, kind, identity, attempt in told]
    assert len(set(made)) == len(told)
    assert made[0] == coined(SECRET, "Person", "a")[-CODE:]


@given(st.text())
def test_a_code_is_never_a_word_nor_a_number_and_is_seen(identity: str) -> None:
    token = coined(SECRET, "Person", identity)
    code = token[-CODE:]
    assert not code.isalpha()
    assert not code.isdigit()
    assert not set(code) & set("AEIOUYSL0125O8")
    assert [(seen.token, seen.strict) for seen in seen_in(token)] == [(token, True)]


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("Person_K7Q4XM", True),
        ("person_k7q4xm", True),
        ("PERSON_K7Q4XM", True),
        ("Person\\_K7Q4XM", True),
        ("Person-K7Q4XM", True),
        ("Person K7Q4XM", False),
        ("PersonK7Q4XM", False),
        ("**Person_K7Q4XM**", True),
        ("`Person_K7Q4XM`", True),
        ("_Person_K7Q4XM_", True),
        ('"Person_K7Q4XM"', True),
        ("„Person_K7Q4XM“", True),
        ("Person_K7Q4XM's", True),
        ("Person_K7Q4XMs Akte", True),
        ("(Person_K7Q4XM)", True),
        ("Dr.Person_K7Q4XM,", True),
        ("患者Person_K7Q4XM说", True),
        ("|Person_K7Q4XM|", True),
    ],
)
def test_a_token_is_seen_however_models_write_it(text: str, strict: bool) -> None:
    assert [(seen.token, seen.strict) for seen in seen_in(text)] == [(TOKEN, strict)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Person",
        "Person_",
        "Person_K7Q4X",
        "Person_K7Q4XMK",
        "Person_K7Q4XM3",
        "Person_K7Q4XMss",
        "XPerson_K7Q4XM",
        "éPerson_K7Q4XM",
        "Person_K7Q4XMé",
        "Person__K7Q4XM",
        "Person_K7A4XM",
        "Person_K7Q 4XM",
        "Patient_K7Q4XM",
        "[REDACTED_PERSON_1]",
    ],
)
def test_what_is_no_token_is_not_seen(text: str) -> None:
    assert not list(seen_in(text))


def test_what_stands_before_still_counts() -> None:
    assert not list(seen_in("x" + TOKEN, start=1))
    assert len(list(seen_in("." + TOKEN, start=1))) == 1


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("The dose is 5 mg", 16),
        ("It is P", 6),
        ("It is Perso", 6),
        ("It is person_K7", 6),
        ("It is Person_K7Q4XM", 6),
        ("a xPerson_K7", 12),
        ("Personality is" + "." * LONGEST, 14 + LONGEST),
        ("", 0),
        ("Person", 0),
    ],
)
def test_a_token_that_may_go_on_is_waited_for(text: str, at: int) -> None:
    assert unfinished(text) == at


def test_scripts_without_spaces_may_stand_beside_a_token() -> None:
    assert [inside_word(one) for one in "aZ9éßд"] == [True] * 6
    assert [inside_word(one) for one in "_-' .说か*"] == [False] * 8


def test_a_mark_is_a_kind_too() -> None:
    assert [seen.token for seen in seen_in(coined(SECRET, MARK, TOKEN))]


@pytest.mark.parametrize("text", ["Lınk_BCDFG3", "Fırm BCDFG3", "İtem BCDFG3", "lİNK-bcdfg3", "FıRMBCDFG3"])
def test_a_letter_that_no_token_has_raises_nothing_and_is_no_token(text: str) -> None:
    """Fails if `seen_in` looks a kind up with `_NAMED[...]`: `ı` and `İ` match an i, and casefold to none."""
    assert [(seen.token, seen.strict) for seen in seen_in(text)] == [(text, True)]
    assert unfinished(text[:-1]) == 0
