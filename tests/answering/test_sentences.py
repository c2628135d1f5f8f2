import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.answering.sentences import Sentences
from appliance.records import Draft


def cut(text: str, size: int = 3) -> list[Draft]:
    sentences = Sentences()
    drafts = [draft for i in range(0, len(text), size) for draft in sentences.feed(text[i : i + size])]
    return drafts + list(sentences.close())


CASES = [
    ("Visits end at 20:00 [1].", [("Visits end at 20:00.", (1,))]),
    ("Visits end at 20:00. [1]", [("Visits end at 20:00.", (1,))]),
    ("One [1]. Two [2][3]. Three [1, 2].", [("One.", (1,)), ("Two.", (2, 3)), ("Three.", (1, 2))]),
    ("Ask Dr. Hale. [2] He is on ward 3.", [("Ask Dr. Hale.", (2,)), ("He is on ward 3.", ())]),
    ("Give 1.5 mg. Repeat e.g. at noon.", [("Give 1.5 mg.", ()), ("Repeat e.g. at noon.", ())]),
    ("Ab dem 3. März gilt 14.30 Uhr [4]. Danach z. B. 15 Uhr.", None),
    ("- Wash hands [1]\n- Wear gloves [2]", [("Wash hands", (1,)), ("Wear gloves", (2,))]),
    ("1. Wash hands. [1]\n2. Wear gloves. [2]", [("Wash hands.", (1,)), ("Wear gloves.", (2,))]),
    ("It costs **12,40 €** [1].", [("It costs 12,40 €.", (1,))]),
    ("According to the passage in [1], visits end at 20:00. [1]", [("Visits end at 20:00.", (1,))]),
    ("The passage states that visits end at 20:00 [2].", [("Visits end at 20:00.", (2,))]),
    ("", []),
    ("[1] [2]", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_sentences_and_their_marks(text: str, expected: list[tuple[str, tuple[int, ...]]] | None) -> None:
    drafts = cut(text)
    if expected is None:
        assert [draft.cites for draft in drafts] == [(4,), ()]
    else:
        assert [(draft.text, draft.cites) for draft in drafts] == expected


@pytest.mark.parametrize("text", [text for text, _ in CASES])
def test_the_cut_does_not_depend_on_how_the_stream_is_split(text: str) -> None:
    whole = cut(text, 10_000)
    assert all(cut(text, size) == whole for size in (1, 2, 5, 7))


def test_a_sentence_is_out_as_soon_as_the_next_one_begins() -> None:
    sentences = Sentences()
    assert list(sentences.feed("Visits end at 20:00. [1] ")) == []
    assert list(sentences.feed("T")) == [Draft("Visits end at 20:00.", (1,))]


@given(st.text(alphabet="ab. [1]\n!?Z3", max_size=80))
def test_no_letter_is_lost(text: str) -> None:
    letters = "".join(c for c in text if c in "abZ")
    assert "".join(c for draft in cut(text) for c in draft.text.lower() if c in "abz") == letters.lower()
