"""The routes of OpenAI's wire format through the official Python client, over a real socket."""

from collections.abc import Iterator

import openai
import pytest

from appliance.settings import Settings
from tests.api.scripted import FIRST, PATIENCE, SECOND, ScriptedDesk
from tests.api.serving import demo_app, served

ORDERS = {"role": "system", "content": "Answer without citations."}


def asking(question: str) -> list[dict[str, str]]:
    return [ORDERS, {"role": "user", "content": question}]


@pytest.fixture(scope="module")
def served_desk() -> Iterator[tuple[ScriptedDesk, str, str]]:
    desk = ScriptedDesk()
    app, identity = demo_app(desk)
    with served(app) as address:
        yield desk, f"{address}/v1", identity.token("mara")


@pytest.fixture
def client(served_desk: tuple[ScriptedDesk, str, str]) -> Iterator[openai.OpenAI]:
    _, address, token = served_desk
    with openai.OpenAI(base_url=address, api_key=token, max_retries=0, timeout=PATIENCE) as made:
        yield made


def test_a_whole_answer(client: openai.OpenAI) -> None:
    told = client.chat.completions.create(model="muniment", messages=asking("blood"), temperature=0.7, max_tokens=50)
    choice = told.choices[0]
    assert choice.finish_reason == "stop"
    assert choice.message.content == f"{FIRST.text} [1] {SECOND.text} [2]"
    assert choice.message.refusal is None
    facts = (choice.message.model_extra or {})["muniment"]
    assert [(c["number"], c["title"]) for c in facts["citations"]] == [
        (1, "Giving blood"),
        (2, "Platelets at a glance"),
    ]
    assert told.usage is not None
    assert (told.usage.prompt_tokens, told.usage.completion_tokens, told.usage.total_tokens) == (700, 40, 740)


def test_a_stream_says_the_same_sentence_by_sentence(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="muniment", messages=asking("blood"), stream=True, stream_options={"include_usage": True}
        )
    )
    contents = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
    assert contents == [f"{FIRST.text} [1]", f" {SECOND.text} [2]"]
    assert chunks[0].choices[0].delta.role == "assistant"
    last = chunks[-2].choices[0]
    assert last.finish_reason == "stop"
    assert len((last.delta.model_extra or {})["muniment"]["citations"]) == 2
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 740
    assert len({chunk.id for chunk in chunks}) == 1


def test_the_stream_s_usage_comes_only_on_request(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="muniment", messages=asking("blood"), stream=True))
    assert not [chunk for chunk in chunks if chunk.usage or not chunk.choices]


def test_the_client_s_own_reader_of_streams(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="muniment", messages=asking("blood")) as told:
        message = told.get_final_completion().choices[0].message
    assert message.content == f"{FIRST.text} [1] {SECOND.text} [2]"


@pytest.mark.parametrize("stream", [False, True])
def test_a_refusal_is_an_answer_in_words(client: openai.OpenAI, stream: bool) -> None:
    if stream:
        with client.chat.completions.stream(model="muniment", messages=asking("helicopter")) as told:
            choice = told.get_final_completion().choices[0]
    else:
        choice = client.chat.completions.create(model="muniment", messages=asking("helicopter")).choices[0]
    assert choice.finish_reason == "stop"
    assert choice.message.content == "Nothing that you may read speaks about this. Looked for: helicopter, parking."
    assert choice.message.refusal == "Nothing that you may read speaks about this."
    assert (choice.message.model_extra or {})["muniment"]["refusal"]["code"] == "NO_EVIDENCE"


def test_an_error_in_the_middle_is_raised_and_no_full_stop(client: openai.OpenAI) -> None:
    """Fails if `AsChunks.failed` sends nothing, or something that the client takes for a chunk."""
    told = client.chat.completions.create(model="muniment", messages=asking("breaks"), stream=True)
    assert next(told).choices[0].delta.content == f"{FIRST.text} [1]"
    with pytest.raises(openai.APIError, match="stopped in the middle"):
        list(told)


def test_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["muniment"]
    assert client.models.retrieve("muniment").owned_by == "muniment"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_each_error_is_the_client_s_own(client: openai.OpenAI) -> None:
    create = client.chat.completions.create
    with pytest.raises(openai.BadRequestError) as tools:
        create(
            model="muniment",
            messages=asking("blood"),
            tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
        )
    assert (tools.value.param, tools.value.code, tools.value.type) == (
        "tools",
        "not-supported",
        "invalid_request_error",
    )
    with pytest.raises(openai.NotFoundError) as model:
        create(model="gpt-4o", messages=asking("blood"))
    assert model.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="forged").models.list()
    with pytest.raises(openai.PermissionDeniedError):
        client.with_options(default_headers={"Sec-Fetch-Site": "cross-site"}).models.list()
    with pytest.raises(openai.InternalServerError) as store:
        create(model="muniment", messages=asking("store"))
    assert (store.value.status_code, store.value.code) == (503, "store-unavailable")
    with pytest.raises(openai.APIStatusError) as large:
        create(model="muniment", messages=asking("x" * 300_000))
    assert large.value.status_code == 413


def test_a_full_queue_is_a_rate_limit() -> None:
    desk = ScriptedDesk()
    settings = Settings(running=1, waiting=0)
    app, identity = demo_app(desk, settings)
    with (
        served(app) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key=identity.token("mara"), max_retries=0) as client,
    ):
        with client.chat.completions.create(model="muniment", messages=asking("endless"), stream=True):
            assert desk.begun.wait(PATIENCE)
            with pytest.raises(openai.RateLimitError) as full:
                client.chat.completions.create(model="muniment", messages=asking("blood"))
        assert full.value.code == "queue-full"
        assert full.value.response.headers["retry-after"] == "5"
        assert desk.closed.wait(PATIENCE)
