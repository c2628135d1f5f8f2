"""The socket between gate and door: who may connect, what counts as a frame, what the client makes of what it hears."""

import json
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from appliance.audit.receipts import Receipt
from appliance.errors import AlreadyRunning, DoorUnavailable, SettingsRefused
from appliance.escalation import door_socket
from appliance.escalation.completions import CHARACTERS
from appliance.escalation.door_socket import FRAME_BYTES, DoorClient, listening, listens, serve
from appliance.escalation.envelope import BODY_BYTES, Envelope
from appliance.records.escalations import Became, Outcome
from tests.escalation.parcels import Ledger, envelope
from tests.escalation.provider import eventually

ANSWERED = Outcome(Became.ANSWERED, delivered=True, text="By the weir. ☂", tokens_in=10, tokens_out=5, spent=1_000)
MINE = frozenset({os.getuid()})


class Told:
    """Stands behind the socket and remembers what came through it."""

    def __init__(self) -> None:
        self.sent: list[tuple[Envelope, list[Receipt]]] = []
        self.forgotten: list[str] = []
        self.fault: Exception | None = None
        self.answer = ANSWERED

    def send(self, one: Envelope, receipts: Sequence[Receipt], /) -> Outcome:
        if self.fault is not None:
            raise self.fault
        self.sent.append((one, list(receipts)))
        return self.answer

    def settle(self, digest: str, /) -> Outcome:
        return Outcome(Became.UNDER_WAY, delivered=True, reason=digest[:4])

    def forget(self, digest: str, /) -> None:
        self.forgotten.append(digest)


class Served:
    """A door's socket at `path` that serves `peers`."""

    def __init__(self, path: Path, peers: frozenset[int] = MINE) -> None:
        self.path, self.told = path, Told()
        self._listening = listening(path)
        self._listener = self._listening.__enter__()
        arguments = {"peers": peers, "seconds": 0.2}
        self._thread = threading.Thread(target=serve, args=(self._listener, self.told), kwargs=arguments)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)
        self._listening.__exit__(None, None, None)

    def say(self, raw: bytes, *, end: bool = True) -> bytes:
        """Say `raw`, and return all that is answered."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self.path))
            heard = b""
            try:
                line.sendall(raw)
                if end:
                    line.shutdown(socket.SHUT_WR)
                while piece := line.recv(65_536):
                    heard += piece
            except (BrokenPipeError, ConnectionResetError):
                pass
            return heard


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "run" / "door.sock")
    yield made
    made.close()


def frame(told: object) -> bytes:
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    return struct.pack("!I", len(raw)) + raw


def test_what_is_handed_over_arrives_as_it_is_and_so_does_the_answer(served: Served) -> None:
    client, one, ledger = DoorClient(served.path, 20), envelope(), Ledger()
    receipts = ledger.both(one)
    assert client.send(one, receipts) == ANSWERED
    [(came, with_it)] = served.told.sent
    assert (came.digest, came.body) == (one.digest, one.body)
    assert with_it == receipts
    assert all(receipt.signed_by(ledger.keys()) for receipt in with_it)
    assert client.settle("ab" * 32) == Outcome(Became.UNDER_WAY, delivered=True, reason="abab")
    client.forget("cd" * 32)
    assert served.told.forgotten == ["cd" * 32]


def test_the_longest_answer_and_the_largest_question_fit_into_a_frame(served: Served) -> None:
    served.told.answer = replace(ANSWERED, text="\U0001f5dd" * CHARACTERS)
    largest = envelope(body=b"\xff" * BODY_BYTES)
    assert DoorClient(served.path, 20).send(largest, Ledger().both(largest)) == served.told.answer
    assert served.told.sent[0][0].body == largest.body


def test_another_user_is_not_answered(tmp_path: Path) -> None:
    """Guards `if _peer(line) in peers:`."""
    served = Served(tmp_path / "run" / "door.sock", frozenset({os.getuid() + 1}))
    try:
        assert served.say(frame({"ask": "settle", "digest": "0" * 64})) == b""
        with pytest.raises(DoorUnavailable):
            DoorClient(served.path, 20).forget("0" * 64)
    finally:
        served.close()
    assert served.told.forgotten == []


GOOD = {"ask": "send", "envelope": envelope().told(), "receipts": []}
GARBAGE: dict[str, bytes] = {
    "no json": frame(b"Where?"),
    "half a letter": frame(b"\xff"),
    "a list": frame([]),
    "nothing": frame(b""),
    "deep": frame(b"[" * 100_000),
    "an unknown wish": frame({"ask": "fetch", "url": "https://evil.example.org"}),
    "a wish with more": frame({"ask": "settle", "digest": "0" * 64, "more": 1}),
    "a send with more": frame(GOOD | {"url": "https://evil.example.org"}),
    "a forget with more": frame({"ask": "forget", "digest": "0" * 64, "more": 1}),
    "no digest": frame({"ask": "settle", "digest": "0" * 63}),
    "a digest that is none": frame({"ask": "forget", "digest": ["0" * 64]}),
    "a digest in capitals": frame({"ask": "forget", "digest": "A" * 64}),
    "no receipts": frame({"ask": "send", "envelope": GOOD["envelope"]}),
    "receipts that are none": frame(GOOD | {"receipts": ["x"]}),
    "a receipt with less": frame(GOOD | {"receipts": [{"event": "escalation-sent"}]}),
    "an envelope that is none": frame(GOOD | {"envelope": {}}),
    "an envelope with more": frame(GOOD | {"envelope": envelope().told() | {"more": 1}}),
    "too long": struct.pack("!I", FRAME_BYTES + 1) + b"x" * 100,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_no_frame_of_ours_does_nothing(name: str, served: Served) -> None:
    """Guards the last line of `_done`, `extra="forbid"`, and `if length > FRAME_BYTES:`."""
    assert served.say(GARBAGE[name]).endswith(b'{"error": "bad-request"}')
    assert served.told.sent == []
    assert served.told.forgotten == []
    assert DoorClient(served.path, 20).send(envelope(), []) == ANSWERED, "the next one is served"


@pytest.mark.parametrize("raw", [b"", b"\0\0", struct.pack("!I", 100) + b"{"], ids=["nothing", "half a head", "half"])
def test_half_a_frame_ends_in_time_and_does_nothing(raw: bytes, served: Served) -> None:
    """Guards `line.settimeout(max(0.001, end - time.monotonic()))`: who says half of it does not keep a place."""
    for end in (True, False):
        assert served.say(raw, end=end) == frame({"error": "broken-off"})
    assert served.told.sent == []


def test_many_who_say_nothing_do_not_shut_the_others_out(served: Served) -> None:
    silent = [socket.socket(socket.AF_UNIX) for _ in range(2 * door_socket.AT_ONCE)]
    connecting = [threading.Thread(target=one.connect, args=(str(served.path),), daemon=True) for one in silent]
    for thread in connecting:
        thread.start()
    assert DoorClient(served.path, 20).send(envelope(), []) == ANSWERED
    for thread in connecting:
        thread.join(20)
    for one in silent:
        one.close()


def test_a_broken_door_says_so_and_a_fault_of_its_own_says_nothing(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    client = DoorClient(served.path, 20)
    served.told.fault = DoorUnavailable("The door's book cannot be used.")
    with pytest.raises(DoorUnavailable):
        client.send(envelope(), [])
    served.told.fault = LookupError("a secret word")
    with pytest.raises(DoorUnavailable):
        client.send(envelope(), [])
    eventually(lambda: "LookupError" in caplog.text)
    assert "secret word" not in caplog.text
    served.told.fault = None
    assert client.send(envelope(), []) == ANSWERED


def test_a_listener_that_fails_ends_the_door_loudly() -> None:
    """Guards `if error.errno in _CLOSED:`: a door that returned would count as one that was stopped."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf, pytest.raises(OSError, match="not supported"):
        serve(deaf, Told(), peers=MINE)


# --- Where it listens -------------------------------------------------------------------------------------------------


def test_the_socket_is_its_user_s_alone(served: Served) -> None:
    """Guards `os.umask(0o177)` and the mode of the folder."""
    assert served.path.stat().st_mode & 0o777 == 0o600
    assert served.path.parent.stat().st_mode & 0o777 == 0o700
    assert listens(served.path)


def test_a_folder_open_to_others_a_long_path_and_a_second_door_are_refused(served: Served, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning), listening(served.path):
        pass
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(SettingsRefused, match="open to others"), listening(tmp_path / "open" / "door.sock"):
        pass
    with pytest.raises(SettingsRefused, match="107"), listening(tmp_path / ("x" * 108)):
        pass


def test_what_a_killed_door_left_is_cleared_and_nothing_is_left_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "run" / "door.sock"
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with listening(path):
        assert listens(path)
    assert not path.exists()
    assert not listens(path)


def test_a_door_before_which_many_wait_listens(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as waiting:
        busy.bind(str(tmp_path / "door.sock"))
        busy.listen(0)
        waiting.connect(str(tmp_path / "door.sock"))
        assert listens(tmp_path / "door.sock")


def test_a_socket_that_systemd_made_is_taken_only_by_the_process_it_is_meant_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert door_socket.given() is None
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
    assert door_socket.given() is None
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    made, _ = socket.socketpair()
    _.close()
    with door_socket.given(made.detach()) or made as taken:
        assert taken.family == socket.AF_UNIX


# --- What the client makes of it --------------------------------------------------------------------------------------

OUTCOME = asdict(ANSWERED)
ODD: dict[str, bytes] = {
    "nothing": b"",
    "half": frame({"outcome": OUTCOME})[:20],
    "no json": frame(b"x"),
    "a list": frame([]),
    "deep": frame(b"[" * 100_000),
    "no outcome": frame({}),
    "an error": frame({"error": "bad-request"}),
    "another end": frame({"outcome": OUTCOME | {"became": "perhaps"}}),
    "more": frame({"outcome": OUTCOME | {"more": 1}}),
    "less": frame({"outcome": {"became": "answered"}}),
    "delivered perhaps": frame({"outcome": OUTCOME | {"delivered": "yes"}}),
    "it cost less than nothing": frame({"outcome": OUTCOME | {"spent": -1}}),
    "too long": struct.pack("!I", FRAME_BYTES + 1),
}


def answering(path: Path, raw: bytes) -> Callable[[], None]:
    """Something that answers `raw` at `path`, once."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)

    def answer() -> None:
        line, _ = listener.accept()
        with line, listener:
            line.recv(65_536)
            line.sendall(raw)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    return lambda: thread.join(20)


@pytest.mark.parametrize("name", ODD)
def test_a_door_that_talks_nonsense_is_no_door(name: str, tmp_path: Path) -> None:
    """Guards `model_config = ConfigDict(strict=True, …)` of `_Told`, and what `_asked` makes of errors."""
    over = answering(tmp_path / "door.sock", ODD[name])
    with pytest.raises(DoorUnavailable):
        DoorClient(tmp_path / "door.sock", 20).settle("0" * 64)
    over()


def test_no_door_and_a_silent_one_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DoorUnavailable):
        DoorClient(tmp_path / "door.sock", 20).settle("0" * 64)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "door.sock"))
        silent.listen(1)
        with pytest.raises(DoorUnavailable):
            DoorClient(tmp_path / "door.sock", 0.2).settle("0" * 64)
