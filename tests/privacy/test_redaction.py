"""Redaction: as the policy says, nothing that is not named, and nothing of what was there."""

import copy
import dataclasses
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.access.redactions import Redactions, Way
from appliance.errors import DetectorUnavailable, NotScannable, VaultClosed
from appliance.privacy import redaction
from appliance.privacy.redacting.restoring import restore
from appliance.privacy.redacting.tokens import seen_in
from appliance.privacy.redacting.vault import Vault
from appliance.privacy.redaction import Redacted, redact
from appliance.records.privacy import Finding
from tests.privacy.vaulting import TOKENS, House, everywhere

LETTER = (
    "Dr. Anna Weber saw Mr Tom Oakley, born 4 May 1931, aged 94, of 12 Mill Lane, Aldermoor AL4 2QX, on 3 March 2026. "
    "Weber's note: IBAN DE02 1203 0000 0000 2020 51, password hunter22."
)
WORDS = {
    "Dr. Anna Weber": "PERSON",
    "Tom Oakley": "PERSON",
    "Weber's": "PERSON",
    "4 May 1931": "DATE_OF_BIRTH",
    "94": "AGE",
    "12 Mill Lane, Aldermoor": "ADDRESS",
    "AL4 2QX": "POSTCODE",
    "3 March 2026": "DATE",
    "DE02 1203 0000 0000 2020 51": "IBAN",
    "hunter22": "SECRET",
}
RULES = Redactions(
    {
        "partner": {
            "PERSON": Way.TOKEN,
            "IBAN": Way.TOKEN,
            "DATE_OF_BIRTH": Way.GENERALISE,
            "AGE": Way.GENERALISE,
            "ADDRESS": Way.GENERALISE,
            "POSTCODE": Way.GENERALISE,
            "DATE": Way.GENERALISE,
        }
    },
    {"aldermoor": "the Weir district"},
)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return House(tmp_path).vaults.begin("t1")


def redacted(
    text: str, words: dict[str, str], vault: Vault, *, to: str = "external", rules: Redactions = TOKENS
) -> Redacted:
    return redact(text, everywhere(text, words), rules=rules, destination=to, vault=vault)


def test_each_kind_goes_its_own_way(vault: Vault) -> None:
    done = redacted(LETTER, WORDS, vault, to="partner", rules=RULES)
    anna, tom, again, iban = (one.put for one in done.replacements if one.way is Way.TOKEN)
    assert anna == again
    assert done.text == (
        f"{anna} saw Mr {tom}, born 1936 or earlier, aged 90+, of the Weir district AL4, on 2026. "
        f"{anna}'s note: IBAN {iban}, password [item removed]."
    )
    for one in done.replacements:
        assert done.text[one.at :].startswith(one.put)
        assert one.source == "words"
    assert [one.entity for one in done.replacements] == [found.entity for found in everywhere(LETTER, WORDS)]
    assert (done.destination, done.thread) == ("partner", "t1")


@pytest.mark.parametrize("to", ["", "external", "Partner", "partner ", "PARTNER"])
def test_a_destination_that_is_not_named_gets_nothing(vault: Vault, to: str) -> None:
    """Fails if `Redactions.way` defaults to anything but REMOVE."""
    done = redacted(LETTER, WORDS, vault, to=to, rules=RULES)
    assert {one.way for one in done.replacements} == {Way.REMOVE}
    assert not list(seen_in(done.text))


def test_a_kind_that_is_not_named_is_removed(vault: Vault) -> None:
    done = redacted("Badge 4711.", {"4711": "STAFF_NUMBER"}, vault, to="partner", rules=RULES)
    assert done.text == "Badge [item removed]."


def test_without_rules_everything_found_is_removed(vault: Vault) -> None:
    done = redacted(LETTER, WORDS, vault, rules=Redactions())
    for word in WORDS:
        assert word.removesuffix("'s") not in done.text


@pytest.mark.parametrize(
    "findings",
    [
        [(0, 4), (3, 6)],
        [(5, 6), (0, 4)],
        [(0, 4), (0, 4)],
        [(-1, 4)],
        [(0, 0)],
        [(4, 2)],
        [(9, 11)],
        [(11, 12)],
        [(0, 10**9)],
    ],
)
def test_findings_that_cannot_be_true_are_refused(vault: Vault, findings: list[tuple[int, int]]) -> None:
    """Fails without `_check` in `redact`."""
    found = [Finding(start, end, "PERSON", 1.0, "words") for start, end in findings]
    with pytest.raises(DetectorUnavailable) as raised:
        redact("Ada Novak.", found, rules=TOKENS, destination="external", vault=vault)
    assert "Ada" not in str(raised.value)


def test_a_finding_of_no_kind_is_refused(vault: Vault) -> None:
    with pytest.raises(DetectorUnavailable):
        redact("Ada", [Finding(0, 3, "", 1.0, "words")], rules=TOKENS, destination="external", vault=vault)


def test_only_this_module_builds_a_redacted(vault: Vault) -> None:
    """Fails without the look at the seal in `Redacted.__post_init__`."""
    done = redacted("Ada.", {"Ada": "PERSON"}, vault)
    with pytest.raises(TypeError):
        Redacted("Ada.", (), "external", "t1", "", seal=object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(done, text="Ada.")  # type: ignore[call-arg]  # its seal is what is missing
    with pytest.raises(TypeError):
        type("Wider", (Redacted,), {})(done.text, (), "external", "t1", "", None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        done.text = "Ada."  # type: ignore[misc]  # what is tried here
    assert copy.copy(done) == done


def test_nothing_of_the_original_is_in_what_is_said_of_it(vault: Vault, caplog: pytest.LogCaptureFixture) -> None:
    """Fails if `Replacement` keeps the original, or without repr=False of `Redacted.text`."""
    with caplog.at_level(logging.DEBUG):
        done = redacted("Ada Canary went to Canarytown.", {"Ada Canary": "PERSON"}, vault)
    assert "anary" not in repr(done) + caplog.text
    assert "Ada" not in str(dataclasses.asdict(done))


def test_the_digest_names_text_destination_thread_and_reasons(tmp_path: Path) -> None:
    house = House(tmp_path)
    one, two = house.vaults.begin("t1"), house.vaults.begin("t2")
    made = [
        redacted("Ada.", {"Ada": entity}, vault, to=to).digest
        for entity in ("PERSON", "PLATE")
        for vault in (one, two)
        for to in ("external", "x")
    ]
    assert len(set(made)) == len(made)
    assert made[0] == redacted("Ada.", {"Ada": "PERSON"}, one).digest


@pytest.mark.parametrize(
    "text",
    ["Person_K7Q4XM came.", "person\\_k7q4xm came.", "**Person-K7Q4XM** came.", "So Person_K7Q4XMs"],
)
def test_what_looks_like_a_token_becomes_one(vault: Vault, text: str) -> None:
    """Fails without `_marks` in `redact`: who writes a token into a document would be given a name."""
    done = redact(text, [], rules=TOKENS, destination="external", vault=vault)
    assert [one.put.partition("_")[0] for one in done.replacements] == ["Mark"]
    assert "K7Q4XM" not in done.text.upper()
    assert done.replacements[0].entity == ""


def test_what_looks_loosely_like_a_token_becomes_one_if_it_is_one(vault: Vault) -> None:
    issued = redacted("Ada.", {"Ada": "PERSON"}, vault).replacements[0].put
    loose = issued.replace("_", " ").lower()
    assert redact(f"So {loose}.", [], rules=TOKENS, destination="external", vault=vault).text.startswith("So Mark_")
    other = "So person k7q4xm."
    assert redact(other, [], rules=TOKENS, destination="external", vault=vault).text == other


def test_a_token_never_stands_inside_a_word(vault: Vault) -> None:
    """The whole word goes: what is left of it might tell as much. Fails without `_whole`."""
    done = redacted("xxAnnaxx and AnnaBerta.", {"Anna": "PERSON", "Berta": "PERSON"}, vault)
    one, other = (replacement.put for replacement in done.replacements)
    assert done.text == f"{one} and {other}."


@pytest.mark.parametrize(
    ("ways", "text"),
    [
        ({"PERSON": Way.TOKEN, "MRN": Way.REMOVE}, "[person removed] left."),
        ({"PERSON": Way.TOKEN, "DATE": Way.GENERALISE}, "Person_ left."),
        ({"PERSON": Way.REMOVE, "DATE": Way.REMOVE}, "[person removed][date removed] left."),
    ],
)
def test_what_stands_together_goes_the_stricter_way(vault: Vault, ways: dict[str, Way], text: str) -> None:
    words = {"Anna": "PERSON", "1958": "DATE" if "DATE" in ways else "MRN"}
    done = redacted("Anna1958 left.", words, vault, rules=Redactions({"external": ways}))
    code = done.replacements[0].put.partition("_")[2]
    assert done.text.replace(code, "") == text if code else done.text == text


def test_what_looks_like_a_token_is_named_by_what_was_found_in_it(vault: Vault) -> None:
    done = redacted("Person_K7Q4XM left.", {"K7Q4XM": "PLATE"}, vault)
    assert [one.entity for one in done.replacements] == ["PLATE"]
    again = redacted("Person_K7Q4XM left.", {"Person_": "PERSON"}, vault)
    assert [(one.entity, one.start, one.end) for one in again.replacements] == [("PERSON", 0, 13)]


def test_a_name_that_is_only_a_possessive_is_replaced(vault: Vault) -> None:
    done = redacted("So 's it.", {"'s": "PERSON"}, vault)
    assert "'s" not in done.text.replace("_", "") or done.replacements


def test_a_thread_that_is_over_redacts_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    vault = house.vaults.begin("t1")
    house.vaults.end("t1")
    with pytest.raises(VaultClosed):
        redacted("Ada.", {"Ada": "PERSON"}, vault)


def test_ten_thousand_findings_are_refused(vault: Vault) -> None:
    words = [f"w{place}" for place in range(10_000)]
    text = " ".join(words)
    starts = [at for at in range(len(text)) if at == 0 or text[at - 1] == " "]
    found = [Finding(at, at + len(word), "MRN", 1.0, "x") for at, word in zip(starts, words, strict=True)]
    with pytest.raises(NotScannable):
        redact(text, found, rules=TOKENS, destination="external", vault=vault)


def test_right_to_left_marks_and_mixed_scripts_change_nothing(vault: Vault) -> None:
    text = "\u202eAda Novak\u202c, Нина Волк, 王小明在, \u0627\u062d\u0645\u062f\x00 e\u0301"
    done = redacted(text, {"Ada Novak": "PERSON", "Нина Волк": "PERSON", "王小明": "PERSON"}, vault)
    assert not {"Ada", "Нина", "王小明"} & set(done.text)
    assert len(done.replacements) == 3
    assert done.text.endswith("\u0627\u062d\u0645\u062f\x00 e\u0301")


@given(text=st.text(), words=st.lists(st.text(min_size=1), max_size=5))
def test_without_rules_no_character_that_was_found_stays(
    tmp_path_factory: pytest.TempPathFactory, text: str, words: list[str]
) -> None:
    house = House(tmp_path_factory.getbasetemp())
    vault = house.vaults.begin("t1")
    found = everywhere(text, dict.fromkeys(words, "PERSON"))
    done = redact(text, found, rules=Redactions(), destination="external", vault=vault)
    covered = {at for one in done.replacements for at in range(one.start, one.end)}
    kept = "".join(character for at, character in enumerate(text) if at not in covered)
    assert {at for one in found for at in range(one.start, one.end)} - _possessive(text, found) <= covered
    left = done.text
    for one in reversed(done.replacements):
        left = left[: one.at] + left[one.at + len(one.put) :]
    assert left == kept


def _possessive(text: str, found: list[Finding]) -> set[int]:
    return {
        at for one in found for at in (one.end - 1, one.end - 2) if text[: one.end].endswith(("'s", "’s", "'S", "’S"))
    }


def test_the_question_is_the_source_of_what_nobody_named() -> None:
    assert redaction.QUESTION == "question"


@pytest.mark.parametrize("written", ["Lınk_BCDFG3", "Fırm BCDFG3", "İtem BCDFG3"])
def test_what_looks_like_a_token_but_for_a_letter_becomes_a_mark(vault: Vault, written: str) -> None:
    """Fails if `seen_in` calls a form without a kind anything but strict."""
    done = redacted(f"See {written}.", {}, vault, to="partner", rules=RULES)
    assert [one.entity for one in done.replacements] == [""]
    assert written not in done.text
    assert restore(written, vault, may_show=lambda _: True).text == written


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\u2060", "\ufeff"])
def test_an_issued_token_with_an_invisible_sign_inside_becomes_a_mark(vault: Vault, sign: str) -> None:
    """Fails if `_marks` leaves out what `seen_in` finds in the text as it is read."""
    token = redacted("Anna Weber", {"Anna Weber": "PERSON"}, vault, to="partner", rules=RULES).text
    veiled = f"{token[:3]}{sign}{token[3:-2]}{sign}{token[-2:]}"
    assert redacted(f"See {veiled}.", {}, vault, to="partner", rules=RULES).text.startswith("See Mark_")
    assert token not in redacted(f"x{sign}{token}", {}, vault, to="partner", rules=RULES).text


@pytest.mark.parametrize("join", ["\u2011", "\u2212", "\u00a0", "\u202f", "\uff3f", "\u200b"])
def test_an_issued_token_joined_by_another_sign_becomes_a_mark(vault: Vault, join: str) -> None:
    """Fails if `_as_read` leaves out `folded`, or `_marks` what `seen_in` finds in the text as it is read."""
    token = redacted("Anna Weber", {"Anna Weber": "PERSON"}, vault, to="partner", rules=RULES).text
    done = redacted(f"See {token.replace('_', join)}, then.", {}, vault, to="partner", rules=RULES)
    assert done.text.startswith("See Mark_")
    assert done.text.endswith(", then.")
