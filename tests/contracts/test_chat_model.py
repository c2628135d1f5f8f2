"""What every ChatModel promises: the two fakes, the same over the wire (cut at odd places), and the real llama.cpp."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.models.local import ChatModel, Finished, Message, OpenAIChatModel, Text, Waiting
from appliance.selftest.repeating import RepeatingModel
from tests.contracts.chat_models import ScriptedModel, chosen, running_engine
from tests.contracts.fake_engine import serving

ASK = (
    Message("system", "You answer in one short sentence."),
    Message("user", "Is water wet? Name two colours – “red” and\u2028another one."),
)


@pytest.fixture(scope="module")
def llama_cpp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatModel]:
    with running_engine(tmp_path_factory.mktemp("engine")) as (endpoint, _, _):
        yield OpenAIChatModel(endpoint)


@pytest.fixture(
    params=[
        "scripted",
        "repeating",
        "scripted over the wire",
        "repeating over the wire",
        pytest.param("llama.cpp", marks=pytest.mark.model),
    ]
)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChatModel]:
    if request.param == "llama.cpp":
        yield request.getfixturevalue("llama_cpp")
        return
    plain: ChatModel = ScriptedModel() if request.param.startswith("scripted") else RepeatingModel()
    if "wire" not in request.param:
        yield plain
        return
    with serving(plain, tmp_path / "e.sock", ragged=7) as endpoint:
        yield OpenAIChatModel(endpoint, seconds=5)


def answer(model: ChatModel, *, max_tokens: int = 24, stop: tuple[str, ...] = ()) -> tuple[str, Finished]:
    *pieces, end = model.stream(ASK, max_tokens=max_tokens, stop=stop)
    assert isinstance(end, Finished)
    assert all(isinstance(piece, Text | Waiting) for piece in pieces), "Finished came before the end"
    texts = [piece.text for piece in pieces if isinstance(piece, Text)]
    assert all(texts), "an empty piece"
    return "".join(texts), end


def test_text_comes_in_pieces_and_ends_with_what_it_cost(model: ChatModel) -> None:
    text, end = answer(model)
    assert text.strip()
    assert end.prompt_tokens > 10
    assert 0 <= end.cached_tokens <= end.prompt_tokens
    assert 1 <= end.answer_tokens <= 24


def test_the_same_messages_give_the_same_answer(model: ChatModel) -> None:
    assert answer(model)[0] == answer(model)[0]


def test_an_answer_that_is_cut_says_so(model: ChatModel) -> None:
    _, end = answer(model, max_tokens=2)
    assert end.reason == "length"
    assert end.answer_tokens <= 2


def test_a_stop_text_ends_the_answer_and_is_not_part_of_it(model: ChatModel) -> None:
    whole, _ = answer(model)
    word = whole.split()[2]
    text, end = answer(model, stop=(word,))
    assert end.reason == "stop"
    assert text == whole[: whole.index(word)]


def test_an_iterator_closed_early_leaves_the_model_usable(model: ChatModel) -> None:
    pieces = model.stream(ASK, max_tokens=200)
    assert isinstance(next(piece for piece in pieces if not isinstance(piece, Waiting)), Text)
    pieces.close()
    assert answer(model)[0]


def test_an_iterator_closed_before_it_began_or_after_its_end_is_no_error(model: ChatModel) -> None:
    pieces = model.stream(ASK, max_tokens=2)
    pieces.close()
    assert not list(pieces)
    pieces = model.stream(ASK, max_tokens=2)
    assert isinstance(list(pieces)[-1], Finished)
    pieces.close()


def test_a_choice_is_a_share_for_each_option(model: ChatModel) -> None:
    question = [Message("user", "Is grass green? Answer YES or NO.")]
    shares = chosen(model.choose(question, ("YES", "NO")))
    assert list(shares) == ["YES", "NO"]
    assert all(0 <= share <= 1 for share in shares.values())
    assert 0 < sum(shares.values()) <= 1.000001
    assert shares["YES"] > shares["NO"]


def test_the_repeating_model_says_every_message_of_its_prompt() -> None:
    text = "".join(piece.text for piece in RepeatingModel().stream(ASK, max_tokens=999) if isinstance(piece, Text))
    assert all(message.text in text for message in ASK)


def test_a_message_does_not_show_its_text_by_accident() -> None:
    """Guards `Message.__repr__`: without it a traceback or a log line would show what was asked."""
    assert "colours" not in repr(ASK)
