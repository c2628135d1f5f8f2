import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.answering.sentences import LONGEST, Sentences
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


WORDS = st.lists(st.from_regex(r"[b-z]{2,9}", fullmatch=True), unique=True, max_size=12)


@given(WORDS, st.lists(st.sampled_from([" ", ". ", "! ", "\n", " [1] ", ". [2] ", "? (1) "]), min_size=12, max_size=12))
def test_no_word_is_lost(words: list[str], gaps: list[str]) -> None:
    text = "".join(word + gap for word, gap in zip(words, gaps, strict=False))
    assert re.findall(r"[a-z]{2,}", " ".join(draft.text for draft in cut(text)).lower()) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Visits end at 20:00 (1).", [("Visits end at 20:00.", (1,))]),
        ("Visits end at 20:00 [12].", [("Visits end at 20:00.", (12,))]),
        ("It ends here [a]. The next begins [Passage 2].", [("It ends here.", ()), ("The next begins.", (2,))]),
        ("It begins there [1-3].", [("It begins there.", (1, 2, 3))]),
        ("It begins there 【1】.", [("It begins there.", ())]),
        ("```\nVisits end at 20:00 [1].\n```", [("Visits end at 20:00.", (1,))]),
        ("# Hours\nIt is `shut` <b>now</b>.", [("Hours", ()), ("It is shut now.", ())]),
        ("Steps: (1) wash, (2) dry.", [("Steps: (1) wash, (2) dry.", ())]),
    ],
)
def test_broken_marks_and_markup_do_not_reach_the_person(
    text: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert [(draft.text, draft.cites) for draft in cut(text)] == expected


def test_a_model_that_repeats_itself_is_heard_once() -> None:
    """Guards `if words not in self._given` of `Sentences._fresh`."""
    assert [draft.text for draft in cut("Wash hands. [1] " * 50 + "Dry them.")] == ["Wash hands.", "Dry them."]


def test_a_sentence_that_never_ends_is_cut_and_its_rest_lost() -> None:
    """Guards the bound on `self._rest` in `Sentences.feed`: what is kept of a stream stays bounded."""
    drafts = cut("on and " * 2000 + "on. Visits end.")
    assert [len(draft.text) for draft in drafts] == [LONGEST + 1, len("Visits end.")]
    sentences = Sentences()
    assert sum(1 for _ in range(5000) for _ in sentences.feed("word ")) == 1
    assert list(sentences.close()) == []
