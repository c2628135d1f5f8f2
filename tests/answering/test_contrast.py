"""Of two things that a line sets side by side: which of them does the sentence speak of?"""

import pytest

from appliance.answering.alignment import Alignment
from appliance.answering.contrast import crossed
from appliance.answering.grounding import judge
from appliance.records import Doubt, Draft, Question, Withheld
from tests.answering.test_prompts import passage

LOAN = passage(
    "Paintings travel upright in crates, sculptures on pallets. The scribe writes the note, the warder seals it."
)
HOW = Question("How do sculptures travel?", "en")


@pytest.mark.parametrize(
    ("text", "question", "mixed"),
    [
        ("Sculptures are moved in crates.", HOW, True),
        ("Sculptures are moved on pallets.", HOW, False),
        ("Sealing is done by the scribe.", Question("Who seals the note?", "en"), True),
        ("Paintings are moved in crates.", Question("Do paintings travel in crates?", "en"), False),
    ],
)
def test_what_belongs_to_the_neighbour_is_not_told_of_the_other(text: str, question: Question, *, mixed: bool) -> None:
    assert crossed(Alignment(text, LOAN, question)) is mixed


def test_a_sentence_that_mixes_them_up_is_withheld() -> None:
    """Guards `contrast.crossed` in `grounding._agreeing`: without it the sentence is released."""
    assert judge(Draft("Sculptures are moved in crates.", (1,)), [LOAN], HOW) == Withheld(Doubt.NEGATION)


def test_what_depends_on_its_neighbour_is_not_set_against_it() -> None:
    """Guards `_BOUND` in `contrast._set_apart`."""
    held = passage("Loans end early, once the gallery floods the cellar.")
    question = Question("What ends early?", "en")
    assert not crossed(Alignment("The end comes with the cellar.", held, question))
