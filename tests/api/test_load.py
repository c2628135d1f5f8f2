"""Under load and under attack, over real sockets on this machine: slow, silent, greedy and impatient callers."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from appliance.api.limits import IDLE
from appliance.api.telling import Step
from appliance.records import Principal
from appliance.settings import Settings
from tests.api.scripted import FIRST, PATIENCE, ScriptedDesk, answer
from tests.api.serving import demo_app, served

EVENTS = {"Accept": "text/event-stream"}
PERSONS = ("mara", "dana")
HASTY = Settings(request_seconds=0.5, connections=8, running=1, waiting=2, waiting_per_person=2, waiting_seconds=60)


class CountedDesk(ScriptedDesk):
    """Counts how many stories have begun and how many run; "held" runs until it is let go or closed."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.lock = threading.Lock()
        self.begun_in_all = self.running = self.most = 0

    def answer(self, principal: Principal, question: str, **_filters: object) -> Iterator[Step]:
        if "held" not in question:
            yield from super().answer(principal, question)
            return
        with self.lock:
            self.begun_in_all += 1
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            yield FIRST
            while not self.let_go.is_set():
                time.sleep(0.05)
                yield FIRST
            yield answer(FIRST)
        finally:
            with self.lock:
                self.running -= 1


@contextmanager
def house(desk: ScriptedDesk, settings: Settings) -> Iterator[tuple[httpx.URL, dict[str, dict[str, str]]]]:
    """The served app: its address, and for each person the headers of his requests."""
    app, identity = demo_app(desk, settings)
    with served(app, settings) as address:
        headers = {person: {"Authorization": f"Bearer {identity.token(person)}"} for person in PERSONS}
        yield httpx.URL(address), headers


def raw(address: httpx.URL, *, after: bytes = b"") -> socket.socket:
    """A connection on which `after` was sent."""
    made = socket.create_connection((address.host, address.port or 0), PATIENCE)
    made.sendall(after)
    return made


def request(body: bytes, headers: dict[str, str], *, path: str = "/v1/ask", length: int | None = None) -> bytes:
    """A POST as bytes, whose head may claim another length than the body has."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body) if length is None else length}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def question(words: str) -> bytes:
    return json.dumps({"question": words}).encode()


def everything(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; a reset counts as closing."""
    held = b""
    try:
        while piece := connection.recv(65_536):
            held += piece
    except ConnectionResetError:
        return held
    return held


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("sent", [b"", b"GET /v1/me HTTP/1.1\r\nHost: 127.0"], ids=["nothing", "half a head"])
def test_a_connection_that_says_nothing_whole_is_closed(sent: bytes) -> None:
    """Fails without the clock of `Patient._watch_head`."""
    with house(ScriptedDesk(), HASTY) as (address, _), raw(address, after=sent) as hanging:
        assert everything(hanging) == b""


def cut(connection: socket.socket) -> bool:
    """Send a space every now and then; whether the other side closes the connection on that."""
    end = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            connection.sendall(b" ")
            time.sleep(0.05)
    except OSError:
        return True
    return False


def test_a_head_that_comes_a_byte_at_a_time_is_closed() -> None:
    """Fails if the clock starts anew with each byte."""
    with house(ScriptedDesk(), HASTY) as (address, _), raw(address, after=b"GET /v1/me HTTP/1.1\r\nX: ") as trickling:
        assert cut(trickling)


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/chat/completions"])
def test_half_a_body_is_answered_with_408_and_closed(path: str) -> None:
    """Fails without the 408 of `Bounded`."""
    with house(ScriptedDesk(), HASTY) as (address, headers):
        half = request(b'{"question": "bl', headers["mara"], path=path, length=400)
        with raw(address, after=half) as hanging:
            said = everything(hanging)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"too-slow" in said
    assert (b'"error":' in said) == (path == "/v1/chat/completions")


def test_a_body_that_trickles_is_cut_too() -> None:
    """Fails if each byte buys the whole time anew."""
    with house(ScriptedDesk(), HASTY) as (address, headers), raw(address) as trickling:
        trickling.sendall(request(b"", headers["mara"], length=60_000))
        assert cut(trickling)


def test_who_is_refused_cannot_go_on_sending_a_body() -> None:
    """Fails without `unread` in `Patient._watch_head`: nobody without a token holds a connection."""
    with house(ScriptedDesk(), HASTY) as (address, _), raw(address, after=request(b"x", {}, length=60_000)) as sending:
        assert sending.recv(65_536).startswith(b"HTTP/1.1 401 ")
        assert cut(sending)


def test_who_does_not_read_his_answer_loses_it_and_his_place() -> None:
    """Fails without the clock of `Patient.pause_writing`: an unread stream would hold its place for ever."""

    class Flooding(CountedDesk):
        def answer(self, _principal: Principal, _question: str, **_filters: object) -> Iterator[Step]:
            self.begun.set()
            try:
                while True:
                    yield type(FIRST)("x" * 60_000, FIRST.citations)
            finally:
                self.closed.set()

    desk = Flooding()
    with house(desk, HASTY) as (address, headers), raw(address) as unread:
        unread.sendall(request(question("x"), headers["mara"] | EVENTS))
        assert desk.begun.wait(PATIENCE)
        assert desk.closed.wait(PATIENCE)


def test_five_hundred_streams_are_bounded_and_health_answers() -> None:
    """Fails without the queue's bounds, and if health waits behind stories."""
    desk = CountedDesk()
    with ExitStack() as all_of_it:
        address, headers = all_of_it.enter_context(house(desk, HASTY))
        streams = []
        for number in range(500):
            body = request(question("held"), headers[PERSONS[number % 2]] | EVENTS)
            streams.append(all_of_it.enter_context(raw(address, after=body)))
        until(lambda: desk.running == 1)
        for path in ("/healthz", "/readyz"):
            assert healthy(address, path) == 200
        assert desk.most == 1
        desk.let_go.set()
        said = [everything(stream)[9:12] for stream in streams]
    assert len(said) == 500
    assert set(said) <= {b"200", b"429", b"503", b""}
    assert said.count(b"200") >= 1
    assert said.count(b"503") >= 1
    assert desk.most == 1
    assert desk.running == 0


def healthy(address: httpx.URL, path: str) -> int:
    """The status of a health route; a connection that found no room is tried again."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            status = httpx.get(address.join(path), trust_env=False, timeout=PATIENCE).status_code
        except httpx.TransportError:
            status = 0
        if status == 200 or time.monotonic() > end:
            return status
        time.sleep(0.1)


def test_requests_beyond_the_bound_are_told_so_and_health_is_not_among_them() -> None:
    """Fails without the check of `Crowd`, or if it counts the health routes."""
    desk = CountedDesk()
    settings = Settings(connections=8, running=1, waiting=100, waiting_per_person=100)
    with house(desk, settings) as (address, headers), ExitStack() as opened:
        for _ in range(8):
            held = opened.enter_context(raw(address, after=request(question("held"), headers["mara"] | EVENTS)))
            assert heard(held, b"HTTP/1.1 200 ")
        told = httpx.get(address.join("/v1/me"), headers=headers["mara"], trust_env=False, timeout=PATIENCE)
        assert (told.status_code, told.json()["code"]) == (503, "too-many-connections")
        assert told.headers["retry-after"] == "5"
        assert healthy(address, "/healthz") == healthy(address, "/readyz") == 200


def test_connections_beyond_the_bound_are_told_so() -> None:
    with house(ScriptedDesk(), Settings(connections=8, request_seconds=30)) as (address, _), ExitStack() as opened:
        for _ in range(8 + IDLE):
            opened.enter_context(raw(address))
        until(lambda: b" 503 " in everything(opened.enter_context(raw(address))))


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/chat/completions"])
def test_who_waits_hears_his_place_and_who_leaves_gives_it_up(path: str) -> None:
    """Fails without `queued` in `Streamed`, and if a place is given up only at the end of a story."""
    desk = CountedDesk()
    chat = {"model": "muniment", "stream": True, "messages": [{"role": "user", "content": "held"}]}
    body = json.dumps(chat).encode() if "chat" in path else question("held")
    with house(desk, HASTY) as (address, headers), ExitStack() as opened:

        def stream(person: str) -> socket.socket:
            return opened.enter_context(raw(address, after=request(body, headers[person] | EVENTS, path=path)))

        first = stream("mara")
        until(lambda: desk.running == 1)
        second = stream("mara")
        assert heard(second, b": queued, place 1")
        third = stream("dana")
        assert heard(third, b": queued, place 2")
        refused = httpx.post(address.join("/v1/ask"), json={"question": "x"}, headers=headers["dana"], trust_env=False)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        second.close()
        assert heard(third, b": queued, place 1")
        assert desk.begun_in_all == 1
        first.close()
        assert heard(third, FIRST.text.encode())
        assert desk.begun_in_all == 2
        third.close()
        until(lambda: desk.running == 0)


def heard(stream: socket.socket, words: bytes) -> bool:
    """Whether `words` come, in so far as they have not been read before."""
    held = b""
    while words not in held:
        piece = stream.recv(65_536)
        if not piece:
            return False
        held += piece
    return True


@pytest.mark.parametrize("stream", [False, True])
def test_who_waits_too_long_is_told_and_nothing_was_begun(stream: bool) -> None:
    """Fails without the check of `until` in `Telling._in_turn`."""
    desk = CountedDesk()
    settings = Settings(running=1, waiting_seconds=1)
    with (
        house(desk, settings) as (address, headers),
        raw(address, after=request(question("held"), headers["mara"] | EVENTS)),
    ):
        until(lambda: desk.running == 1)
        told = httpx.post(
            address.join("/v1/ask"),
            json={"question": "held"},
            headers=headers["dana"] | (EVENTS if stream else {}),
            trust_env=False,
            timeout=PATIENCE,
        )
        assert "waited-too-long" in told.text
        if stream:
            assert told.text.rstrip().split("\n")[-2] == "event: error"
        else:
            assert (told.status_code, told.headers["retry-after"]) == (503, "30")
        assert desk.begun_in_all == 1
