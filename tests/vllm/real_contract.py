"""The contract suite of ChatModel, whole, on the real vLLM, started by `muniment up` on the path that a GPU takes."""

import inspect

import pytest

from appliance.models.local import ChatModel, OpenAIChatModel
from tests.contracts import test_chat_model as contract
from tests.vllm.conftest import House

SUITE = {
    name: function
    for name, function in vars(contract).items()
    if name.startswith("test_") and "model" in inspect.signature(function).parameters
}
globals().update(SUITE)


@pytest.fixture
def model(house: House) -> ChatModel:
    return OpenAIChatModel(house.endpoint, seconds=600)


def test_the_suite_is_the_one_that_the_other_engines_pass() -> None:
    assert len(SUITE) >= 7
