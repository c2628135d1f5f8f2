import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.answering.question import clean, language
from appliance.errors import BadRequest


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "?!…", "\u200b\u200b"])
def test_an_empty_question_is_a_clear_error(empty: str) -> None:
    with pytest.raises(BadRequest, match="empty"):
        clean(empty, limit=100)


def test_a_question_of_100_000_characters_says_how_long_it_may_be() -> None:
    with pytest.raises(BadRequest, match="100,000 characters; at most 2,000"):
        clean("x" * 100_000, limit=2_000)


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x7f", "\x85", "\ud800", "\u202e", "\u2066", "\ue000", "\uffff"]
)
def test_control_and_direction_characters_are_refused(character: str) -> None:
    """Guards `if any(_unfit(character) ...)` in `clean`."""
    with pytest.raises(BadRequest, match="control"):
        clean(f"visiting{character}hours", limit=100)


def test_white_space_and_invisible_letters_are_folded() -> None:
    assert clean("  visi\u00adting \n\t hours\u200b ", limit=100).text == "visiting hours"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When are visitors allowed on the ward?", "en"),
        ("Wann dürfen Angehörige auf die Station?", "de"),
        ("Wie hoch ist die Kilometerpauschale", "de"),
        ("Vancomycin", "en"),
        ("Who is on duty in December?", "en"),
        ("Gibt es einen Parkplatz?", "de"),
    ],
)
def test_language(text: str, expected: str) -> None:
    assert language(text) == expected


@given(st.text(max_size=300))
def test_whatever_is_typed_becomes_a_question_or_a_bad_request(text: str) -> None:
    try:
        question = clean(text, limit=200)
    except BadRequest:
        return
    assert question.text == clean(question.text, limit=2_000).text
    assert question.text.isprintable()
