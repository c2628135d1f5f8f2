"""Every way in which an engine can fail becomes ModelUnavailable, and never says what was asked or answered."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import groupby
from pathlib import Path

import pytest
from pydantic import SecretStr

from appliance.errors import ModelUnavailable
from appliance.models.engines import Endpoint, ready
from appliance.models.local import Finished, Message, OpenAIChatModel, Text, Waiting, shares
from tests.contracts.chat_models import ScriptedModel, chosen
from tests.contracts.fake_engine import serving
from tests.contracts.silent_engine import silent_engine

SECRET = "Mrs Ashworth"
ASK = [Message("user", f"What did {SECRET} get?")]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
TEXT = b'data: {"choices": [{"delta": {"content": "Mrs Ashworth"}, "finish_reason": null}]}\n\n'
STOP = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 1}}\n\n'
DONE = b"data: [DONE]\n\n"


@contextmanager
def engine_that_says(raw: bytes, folder: Path, *, hang: bool = False) -> Iterator[Endpoint]:
    """Something on a socket that reads one request, sends `raw` and closes, or hangs until the block ends."""
    over = threading.Event()
    path = folder / "raw.sock"
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            while not over.is_set():
                connection, _ = listener.accept()
                with closing(connection), suppress(ConnectionError):
                    if connection.recv(65_536):
                        connection.sendall(raw)
                        if hang:
                            over.wait(120)
                        connection.shutdown(socket.SHUT_WR)
                        while connection.recv(65_536):  # closed with bytes unread it would be a reset, not an end
                            pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield Endpoint("http://localhost", socket=path)
        finally:
            over.set()
            with closing(socket.socket(socket.AF_UNIX)) as last:
                last.connect(str(path))
            thread.join()


def body(status: bytes, data: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(data), data)


BROKEN = {
    "nothing at all": b"",
    "no HTTP": b"\x00\x01\x02 Mrs Ashworth\r\n\r\n",
    "an HTTP error that quotes the prompt": body(b"400 Bad Request", b'{"error": "Mrs Ashworth"}'),
    "a server error": body(b"500 Oops", b""),
    "a redirect": b"HTTP/1.1 307 There\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
    "an end after the first piece": HEAD + TEXT,
    "an end without usage": HEAD + TEXT + STOP + DONE,
    "an end without a reason": HEAD + TEXT + USAGE + DONE,
    "JSON cut in the middle": HEAD + TEXT[:-20],
    "JSON of another shape": HEAD + b'data: {"choices": [{"text": "Mrs Ashworth"}]}\n\n',
    "JSON that is a list": HEAD + b'data: ["Mrs Ashworth"]\n\n',
    "an error in the stream": HEAD + TEXT + b'data: {"error": {"message": "Mrs Ashworth"}}\n\n',
    "an unknown reason": HEAD + TEXT + STOP.replace(b"stop", b"abort") + USAGE + DONE,
    "usage that is no number": HEAD + TEXT + STOP + USAGE.replace(b"9", b'"x"') + DONE,
    "a line without an end": HEAD + b"data: " + b"x" * 1_500_000,
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_engine_is_unavailable_and_quotes_nothing(raw: bytes, tmp_path: Path) -> None:
    """Guards the mapping in `_mapped` and the final check in `_pieces`: a broken answer must not look finished."""
    with engine_that_says(raw, tmp_path) as endpoint, pytest.raises(ModelUnavailable) as caught:
        list(OpenAIChatModel(endpoint, seconds=60).stream(ASK, max_tokens=9))
    assert SECRET not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"choices": []}', b'{"choices": [{"logprobs": null}]}'], ids=range(5)
)
def test_a_broken_choice_is_unavailable(data: bytes, tmp_path: Path) -> None:
    with engine_that_says(body(b"200 OK", data), tmp_path) as endpoint, pytest.raises(ModelUnavailable):
        chosen(OpenAIChatModel(endpoint, seconds=60).choose(ASK, ("YES", "NO")))


def test_an_engine_that_hangs_is_unavailable_in_time(tmp_path: Path) -> None:
    with (
        engine_that_says(HEAD + TEXT, tmp_path, hang=True) as endpoint,
        pytest.raises(ModelUnavailable, match="in time"),
    ):
        list(OpenAIChatModel(endpoint, seconds=0.3).stream(ASK, max_tokens=9))


@pytest.mark.parametrize("says", [b"", HEAD, HEAD + TEXT], ids=["nothing", "a head", "a first piece"])
def test_closing_the_stream_of_a_silent_engine_hangs_up_at_once(says: bytes, tmp_path: Path) -> None:
    """Guards `self._connection.shutdown` in `Call._cut`: without it the reading thread sits in its read for a minute.

    Fails too if `hang_up` is not called in the end, or if `heard` yields no None while nothing comes.
    """
    threads = threading.active_count()
    with silent_engine(tmp_path, says=says) as engine:
        pieces = OpenAIChatModel(engine.endpoint, seconds=60).stream(ASK, max_tokens=9)
        assert next(piece for piece in pieces if piece == Waiting())
        assert engine.asked.wait(5)
        assert not engine.left.is_set()
        began = time.monotonic()
        pieces.close()
        assert time.monotonic() - began < 5
        assert engine.left.wait(5)
    assert threading.active_count() == threads


def test_no_thread_outlives_an_answer_or_a_failure(tmp_path: Path) -> None:
    threads = threading.active_count()
    with serving(ScriptedModel("one two three"), tmp_path / "e.sock") as endpoint:
        model = OpenAIChatModel(endpoint, seconds=60)
        for _ in range(5):
            list(model.stream(ASK, max_tokens=9))
            model.stream(ASK, max_tokens=9).close()
            with closing(model.stream(ASK, max_tokens=9)) as pieces:
                next(pieces)
        assert not [thread for thread in threading.enumerate() if thread.name == "chat-model"]
    with engine_that_says(HEAD + TEXT, tmp_path) as endpoint, pytest.raises(ModelUnavailable):
        list(OpenAIChatModel(endpoint, seconds=60).stream(ASK, max_tokens=9))
    assert threading.active_count() == threads


def test_more_pieces_than_are_read_ahead_arrive_in_order(tmp_path: Path) -> None:
    """Guards the loop of `Call._pass_on`: an asker slower than the engine loses nothing and may leave."""
    said = " ".join(str(number) for number in range(300))
    with serving(ScriptedModel(said), tmp_path / "e.sock") as endpoint:
        with closing(OpenAIChatModel(endpoint, seconds=60).stream(ASK, max_tokens=999)) as pieces:
            first = next(pieces)
            time.sleep(0.6)
            rest = list(pieces)
        assert "".join(piece.text for piece in (first, *rest) if isinstance(piece, Text)) == said
        with closing(OpenAIChatModel(endpoint, seconds=60).stream(ASK, max_tokens=999)) as pieces:
            next(pieces)
            time.sleep(0.1)
    assert not [thread for thread in threading.enumerate() if thread.name == "chat-model"]


def test_an_engine_that_is_slow_within_its_time_is_waited_for(tmp_path: Path) -> None:
    """Guards `yield Waiting()` and that the patience begins anew with each piece: 4 x 0.6 s, 2 s for each."""

    class Slow(ScriptedModel):
        def stream(self, *arguments, **options):  # type: ignore[no-untyped-def]
            for piece in super().stream(*arguments, **options):
                time.sleep(0.6)
                yield piece

    with serving(Slow("one two three"), tmp_path / "e.sock") as endpoint:
        pieces = OpenAIChatModel(endpoint, seconds=2).stream(ASK, max_tokens=9)
        kinds = [kind for kind, _ in groupby(type(piece) for piece in pieces)]
    assert kinds == [Waiting, Text] * 3 + [Waiting, Finished]


def test_an_engine_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    for endpoint in (Endpoint("http://localhost", socket=tmp_path / "no.sock"), Endpoint("http://127.0.0.1:9")):
        assert not ready(endpoint)
        with pytest.raises(ModelUnavailable, match="refuses the connection"):
            list(OpenAIChatModel(endpoint, seconds=60).stream(ASK, max_tokens=9))
        with pytest.raises(ModelUnavailable, match="refuses the connection"):
            chosen(OpenAIChatModel(endpoint, seconds=60).choose(ASK, ("YES", "NO")))


def test_line_ends_comments_and_odd_characters_inside_json_are_read_as_they_are_meant(tmp_path: Path) -> None:
    odd = json.dumps({"choices": [{"delta": {"content": "a\u2028b\x85c"}}]}, ensure_ascii=False).encode()
    raw = HEAD + b": ping\r\n\r\nevent: message\r\ndata:" + odd + b"\r\n\r\n" + STOP + USAGE + b"data: [DONE]"
    with engine_that_says(raw, tmp_path) as endpoint:
        pieces = list(OpenAIChatModel(endpoint, seconds=60).stream(ASK, max_tokens=9))
    said = [piece for piece in pieces if piece != Waiting()]  # a busy machine may have to wait
    assert said == [Text("a\u2028b\x85c"), Finished("stop", 9, 0, 1)]


def test_a_key_is_sent_and_never_shown(tmp_path: Path) -> None:
    endpoint = Endpoint("http://localhost", key=SecretStr("k-123"))
    assert "k-123" not in repr(endpoint)
    with endpoint.client(1) as client:
        assert client.headers["Authorization"] == "Bearer k-123"


def test_the_environment_cannot_send_prompts_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards `trust_env=False` in `Endpoint.client`: without it HTTP_PROXY would see every prompt."""
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    with Endpoint("http://127.0.0.1:9").client(1) as client:
        assert not client._mounts


def test_first_tokens_are_added_to_the_option_they_begin() -> None:
    found = shares(("YES", "NO"), {"YES": 0.5, " yes": 0.1, "Ye": 0.1, "N": 0.05, "NOT": 0.1, "": 0.1, " ": 0.02})
    assert found == {"YES": pytest.approx(0.7), "NO": pytest.approx(0.05)}
    assert shares(("NO", "NONE"), {"N": 0.4, "NON": 0.1}) == {"NO": 0.0, "NONE": 0.1}
