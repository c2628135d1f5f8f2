"""Lines near a question, read by the model one at a time."""

from collections.abc import Generator, Sequence

from appliance.answering.pointwise import SURE, TRIED, read
from appliance.answering.prompts import NOT_STATED, Prompt
from appliance.models.local import Message, Waiting
from tests.contracts.chat_models import ScriptedModel

NEARNESS = [0.85, 0.86, 0.845]


class Reader(ScriptedModel):
    """Says NOT STATED of each line as often as `silence` tells."""

    silence: Sequence[float] = (0.9, 0.2, 0.1)

    def choose(
        self, messages: Sequence[Message], options: Sequence[str], *, salt: str = ""
    ) -> Generator[Waiting, None, dict[str, float]]:
        yield from super().choose(messages, options, salt=salt)
        return {NOT_STATED: self.silence[int(messages[-1].text)]}


def alone(line: int) -> Prompt:
    return Prompt((Message("user", str(line)),), (), f"salt {line}")


def told(model: Reader, near: Sequence[int], nearness: Sequence[float] = NEARNESS) -> tuple[int, list[int]]:
    reading = read(model, near, alone, nearness)
    waited = 0
    while True:
        try:
            assert isinstance(next(reading), Waiting)
        except StopIteration as end:
            return waited, end.value
        waited += 1


def test_the_line_of_which_the_model_says_least_that_nothing_is_stated_comes_first() -> None:
    model = Reader()
    assert told(model, [0, 1, 2]) == (3, [1, 2][:TRIED])
    model.silence = (0.9, 0.2, 0.0)
    assert told(model, [1, 0, 2]) == (3, [2, 1][:TRIED])
    assert [messages[-1].text for messages in model.read] == ["0", "1", "2", "1", "0", "2"]
    assert model.salts[3:] == ["salt 1", "salt 0", "salt 2"]


def test_nearness_still_counts() -> None:
    """Guards `nearness[line]`: of two lines of which the model says as much the nearer comes first."""
    model = Reader()
    model.silence = (0.1, 0.1, 0.1)
    assert told(model, [0, 1, 2])[1] == [1, 0, 2][:TRIED]


def test_from_a_line_of_which_the_model_would_rather_say_nothing_no_answer_is_sought() -> None:
    """Guards `<= SURE`."""
    model = Reader()
    model.silence = (SURE + 0.01, SURE - 0.01, SURE + 0.01)
    assert told(model, [0, 1, 2]) == (3, [1])


def test_a_model_that_has_something_to_say_of_anything_is_not_believed() -> None:
    """Guards `median`; a line that is clearly before all others counts (`CLEAR`)."""
    model = Reader()
    model.silence = (0.0, 0.05, 0.9)
    assert told(model, [0, 1, 2]) == (3, [])
    assert told(model, [0, 1]) == (2, [1, 0][:TRIED])
    model.silence = (0.25, 0.0, 0.0)
    assert told(model, [0, 1, 2], [0.85, 0.88, 0.84]) == (3, [1, 2][:TRIED])


def test_whoever_leaves_stops_it_after_a_line() -> None:
    model = Reader()
    reading = read(model, [0, 1, 2], alone, NEARNESS)
    next(reading)
    reading.close()
    assert len(model.read) == 1


def test_no_line_is_no_call() -> None:
    model = Reader()
    assert told(model, []) == (0, [])
    assert model.read == []
