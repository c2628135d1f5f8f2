"""Words as sparse vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.retrieval.sparse import Words, passage_words, question_words, stems


def shared(passage: str, language: str, question: str) -> int:
    return len(set(passage_words(passage, language).ids) & set(question_words(question).ids))


@pytest.mark.parametrize(
    ("passage", "language", "question"),
    [
        ("transfusions", "en", "transfusion"),
        ("Krankenhäuser", "de", "Krankenhaus"),
        ("Ärzte", "de", "Aerzte"),
        ("Straße", "de", "STRASSE"),
        ("U\u0308bergabe", "de", "Übergabe"),
        ("see SOP-12/b", "en", "sop-12/B"),
        ("see SOP-12/b", "en", "sop 12"),
        ("Telefon 4711", "de", "4711"),
        ("Dr. Weiß", "de", "weiss"),
        ("\ufb01rst aid", "en", "first"),
        ("transfusions", "fr", "transfusion"),
    ],
)
def test_a_question_meets_the_word_it_means(passage: str, language: str, question: str) -> None:
    assert shared(passage, language, question) > 0


@pytest.mark.parametrize(
    ("passage", "language", "question"),
    [("the and of", "en", "the and of"), ("der die das", "de", "der die das"), ("SOP-12", "en", "SOP-13 paper")],
)
def test_what_says_nothing_meets_nothing_more_than_it_should(passage: str, language: str, question: str) -> None:
    assert shared(passage, language, question) <= 1
    assert passage_words("the and of", "en") == Words((), ())


def test_a_code_counts_whole_and_in_parts() -> None:
    assert stems("SOP-12/b", "en") == ["sop", "12", "b", "sop-12/b"]


def test_ids_are_stable_over_processes_and_versions() -> None:
    assert question_words("sop-12").ids == passage_words("sop-12", "en").ids + passage_words(
        "sop-12", "de"
    ).ids or sorted(question_words("sop-12").ids) == sorted(
        passage_words("sop-12", "en").ids + passage_words("sop-12", "de").ids
    )


def test_a_word_said_more_often_weighs_more_but_less_each_time() -> None:
    def weight(times: int) -> float:
        return passage_words("heparin " * times, "en").weights[0]

    assert weight(1) < weight(2) < weight(3)
    assert weight(3) - weight(2) < weight(2) - weight(1)


def test_a_word_in_a_short_passage_weighs_more() -> None:
    (short,) = passage_words("heparin", "en").weights
    assert short > min(passage_words("heparin " + " ".join(f"w{n}" for n in range(300)), "en").weights)


@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", ""]))
def test_any_text_is_a_valid_vector(text: str, language: str) -> None:
    for words in (passage_words(text, language), question_words(text)):
        assert len(set(words.ids)) == len(words.ids) == len(words.weights)
        assert all(0 <= number < 2**32 for number in words.ids)
        assert all(weight > 0 for weight in words.weights)


def test_words_of_the_head_count_more_than_words_in_passing() -> None:
    named = passage_words("The rules of the house.", "en", head="Visiting hours")
    passing = passage_words("The rules of the house. Visiting hours", "en")
    assert set(named.ids) == set(passing.ids)
    weight = dict(zip(passing.ids, passing.weights, strict=True))
    (visit,) = passage_words("visiting", "en").ids
    assert dict(zip(named.ids, named.weights, strict=True))[visit] > weight[visit]
