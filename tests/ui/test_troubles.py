"""What went wrong, told in German: true whatever the cause, and no advice of the house's is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from ui.house.problem import Problem
from ui.shell import troubles
from ui.words.speech import CHOSEN

HOUSE = Path(__file__).resolve().parents[2] / "appliance"


@pytest.fixture
def german() -> Iterator[None]:
    st.session_state[CHOSEN] = "de"
    yield
    del st.session_state[CHOSEN]


def problem(code: str, detail: str, advice: str = "") -> Problem:
    return Problem(code=code, detail=detail, advice=advice, request_id="r")


def test_in_english_the_house_speaks_itself() -> None:
    assert troubles.told(problem("ledger-unavailable", "It is full.", "Free it.")) == ("It is full.", "Free it.")


@pytest.mark.usefixtures("german")
def test_a_code_of_several_causes_is_told_as_what_is_true_of_each() -> None:
    what, then = troubles.told(problem("policy-unavailable", "That set cannot be compiled.", "Run `muniment x`, `y`."))
    assert what == "Die Regeln sind gerade nicht benutzbar."
    assert then.endswith("Für den Betrieb: `muniment x`, `y`")
    assert "Betrieb:" not in troubles.told(problem("internal", "x"))[1]
    assert troubles.told(problem("not-found", "x"))[1] == ""


@pytest.mark.usefixtures("german")
def test_what_means_several_things_is_told_by_the_sentence_or_in_the_house_s_words() -> None:
    """Guards that `queue-full` stands for no one sentence: one's own uploads are not other people's questions."""
    uploads = problem("queue-full", "4 of your uploads are on their way already.", "Send it again.")
    assert troubles.told(uploads) == (uploads.detail, uploads.advice)
    for sentence in troubles.SAID:
        what, then = troubles.told(problem("queue-full", sentence, "x"))
        assert what not in {sentence, ""}
        assert then.startswith("Nichts wurde begonnen.")


def test_each_sentence_of_the_house_is_one() -> None:
    source = "\n".join(file.read_text("utf-8") for file in sorted(HOUSE.rglob("*.py")))
    assert not [sentence for sentence in troubles.SAID if f'"{sentence}"' not in source]
