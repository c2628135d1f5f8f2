"""The real vLLM keeps to itself what it reads, shares nothing between scopes, and answers from documents."""

import re
import stat
import time
from contextlib import closing

import psutil
import pytest

from appliance.answering import prompts
from appliance.answering.salting import Salt
from appliance.cli.client import Client
from appliance.models.local import Finished, Message, OpenAIChatModel, Text
from appliance.records import Question
from tests.contracts.chat_models import wait_until
from tests.vllm.conftest import House

MARK = "Quillfeather"
WOUND = "I pricked myself with a used cannula. How long do I have to clean the wound under the tap?"


def said(house: House, *messages: Message, max_tokens: int = 8, salt: str = "") -> tuple[str, Finished]:
    *pieces, end = OpenAIChatModel(house.endpoint, seconds=600).stream(messages, max_tokens=max_tokens, salt=salt)
    assert isinstance(end, Finished)
    return "".join(piece.text for piece in pieces if isinstance(piece, Text)), end


def test_a_question_is_answered_with_a_citation(house: House) -> None:
    told = house.muniment("ask", WOUND, "--as", "mara")
    assert re.search(r"\b(?:five|5) minutes", told)
    assert "[1]" in told
    with closing(Client(house.settings, "mara")) as client:
        answer = client.post("/v1/ask", {"question": WOUND})
    assert any("needlestick" in citation["uri"] for citation in answer["citations"])


def test_nobody_else_reaches_the_engine(house: House) -> None:
    """Guards `umask` and `VLLM_RPC_BASE_PATH` in `engines.vllm`: the socket and those between vLLM's processes."""
    engine = house.engine()
    family = [engine, *engine.children(recursive=True)]
    sockets = [path for path in house.settings.run_folder.iterdir() if stat.S_ISSOCK(path.stat().st_mode)]
    assert house.endpoint.socket in sockets
    assert house.settings.run_folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in sockets)
    internet = [connection for process in family for connection in process.net_connections("inet")]
    # Each worker's gloo (torch's collectives) listens on loopback; alone in its group, it has nobody to talk to.
    assert [c for c in internet if c.status == psutil.CONN_LISTEN and c.laddr.ip not in ("127.0.0.1", "::1")] == []
    assert [c for c in internet if c.raddr and c.raddr.ip not in ("127.0.0.1", "::1")] == []


def test_no_prompt_and_no_answer_is_logged(house: House) -> None:
    """Guards `VLLM_CLOSED` in `engines`: well-formed, malformed and impossible requests, and what was answered.

    (vLLM does log the name of a model that it does not serve; `OpenAIChatModel` names only the one that it does.)
    """
    text, _ = said(house, Message("user", f"Repeat this name and nothing else: {MARK}."), max_tokens=12)
    assert "uill" in text, "the answer would not have shown in the log either"
    bodies = [
        f'{{"model": "muniment-chat", "messages": [{{"role": "user", "content": "{MARK}',
        f'{{"model": "muniment-chat", "messages": "{MARK}"}}',
        f'{{"model": "muniment-chat", "messages": [{{"role": "user", "content": "{MARK}"}}], "temperature": "{MARK}"}}',
        f'{{"model": "muniment-chat", "messages": [{{"role": "user", "content": "{f"{MARK} " * 2_000}"}}]}}',
        f'{{"model": "muniment-chat", "messages": [{{"role": "user", "content": "a"}}], "chat_template": "{MARK}"}}',
    ]
    with house.endpoint.client(120) as client:
        for body in bodies:
            told = client.post("/v1/chat/completions", content=body, headers={"Content-Type": "application/json"})
            assert 400 <= told.status_code < 500, body[:60]
        for path in ("/metrics", "/v1/models", "/docs", "/openapi.json", "/server_info", "/load"):
            assert MARK not in client.get(path).text
    for log in (house.settings.run_folder / "logs").iterdir():
        assert MARK not in log.read_text(errors="replace"), log.name
    kept = [path for path in (house.settings.data / "cache").rglob("*") if path.is_file()]
    assert not [path for path in kept if MARK.encode() in path.read_bytes()]
    assert not [path for path in kept if "usage_stats" in path.name]


def asked(salt: str) -> list[Message]:
    """A prompt of the appliance over some passages, as the desk of a scope with that salt would make it."""
    question = Question(text="How long is the wound cleaned?", language="en")
    *constant, user = prompts.build(question, [], budget=900, salt=Salt(salt, "")).messages
    passage = "[1] A page\n" + " ".join(
        f"Sentence {number} of a page that two people may read." for number in range(40)
    )
    head, tail = user.text.split("\n\n", 1)
    return [*constant, Message("user", f"{head}\n\n{passage}\n\n{tail}")]


def test_two_scopes_share_no_cached_passage(house: House) -> None:
    """Guards the salt in `prompts.build`: remove it there, and the second scope reads the first one's passages cached.

    Both ask with one salt beside the prompt, so that only the line inside it keeps them apart. It also guards
    `--enable-prompt-tokens-details`, without which `cached_tokens` would be 0 for everybody.
    """
    stamp = str(time.time_ns())
    one, other = f"{stamp}a", f"{stamp}b"
    _, beginning = said(house, *prompts.beginning(), Message("user", stamp), max_tokens=1, salt=stamp)
    _, first = said(house, *asked(one), max_tokens=1, salt=stamp)
    _, again = said(house, *asked(one), max_tokens=1, salt=stamp)
    _, stranger = said(house, *asked(other), max_tokens=1, salt=stamp)
    passage = first.prompt_tokens - beginning.prompt_tokens
    assert passage > 200
    assert again.cached_tokens > beginning.prompt_tokens + passage / 2
    assert stranger.cached_tokens <= beginning.prompt_tokens, "what is cached for everybody ends with the beginning"


def test_the_salt_beside_the_prompt_keeps_all_of_it_apart(house: House) -> None:
    """Guards `"cache_salt"` in `OpenAIChatModel._body`: the same prompt with another salt or none is read anew."""
    stamp = str(time.time_ns())
    said(house, *asked(stamp), max_tokens=1, salt=f"{stamp}a")
    _, again = said(house, *asked(stamp), max_tokens=1, salt=f"{stamp}a")
    assert again.cached_tokens > again.prompt_tokens / 2
    for salt in (f"{stamp}b", ""):
        _, stranger = said(house, *asked(stamp), max_tokens=1, salt=salt)
        assert stranger.cached_tokens == 0


def test_closing_the_stream_stops_the_engine(house: House) -> None:
    """Guards that the iterator owns the connection: an answer that nobody reads must not keep the processor busy."""
    pieces = OpenAIChatModel(house.endpoint, seconds=600).stream(
        [Message("user", "Count from 1 to 900, one a line.")], max_tokens=300
    )
    next(piece for piece in pieces if isinstance(piece, Text))
    pieces.close()
    family = [house.engine(), *house.engine().children(recursive=True)]

    def used() -> float:
        return sum(process.cpu_times().user for process in family)

    closed = used()

    def idle() -> bool:
        before = used()
        time.sleep(1)
        return used() - before < 0.2

    wait_until(idle, seconds=600)
    assert used() - closed < 8, "300 tokens cost several times as many seconds of the processor"


@pytest.mark.parametrize("name", ["VLLM_NO_USAGE_STATS", "VLLM_DO_NOT_TRACK", "DO_NOT_TRACK", "HF_HUB_OFFLINE"])
def test_the_engine_was_started_silent(house: House, name: str) -> None:
    """Its children inherit this; theirs cannot be read, because they write their titles over it."""
    assert house.engine().environ().get(name) == "1"
