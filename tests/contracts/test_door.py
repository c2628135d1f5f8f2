"""What the gate may rely on, whichever door there is: the one in memory, or the real one behind its socket."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.errors import DoorUnavailable
from appliance.escalation.courier import Door
from appliance.escalation.door import Believed
from appliance.escalation.door import Door as RealDoor
from appliance.escalation.door_book import Book
from appliance.escalation.door_socket import DoorClient, listening, serve
from appliance.escalation.envelope import Envelope
from appliance.records.escalations import Became, Destination, Outcome
from tests.contracts.doors import DoorInMemory
from tests.escalation.parcels import NOW, POLICY, TENANT, Ledger, destinations, envelope

ANSWERED = Outcome(Became.ANSWERED, delivered=True, text="By the weir.", tokens_in=10, tokens_out=5, spent=1_000)
UNREACHED = Outcome(Became.FAILED, delivered=False, reason="connect")
LEDGER = Ledger()


class OtherSide:
    """Says `outcome`, and counts; it waits until it may."""

    def __init__(self) -> None:
        self.outcome = ANSWERED
        self.came: list[bytes] = []
        self.may = threading.Event()
        self.may.set()

    def send(self, _destination: Destination, body: bytes, _price: int, /) -> Outcome:
        self.came.append(body)
        self.may.wait(20)
        return self.outcome

    def answer(self, one: Envelope) -> Outcome:
        self.came.append(one.body)
        self.may.wait(20)
        return self.outcome


class House:
    """A door, what is behind it, and what shuts it."""

    def __init__(self, door: Door, other: OtherSide, shut: Callable[[], None]) -> None:
        self.door, self.other, self.shut = door, other, shut

    def send(self, one: Envelope) -> Outcome:
        return self.door.send(one, LEDGER.both(one))


@pytest.fixture(params=["memory", "real"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    other = OtherSide()
    if request.param == "memory":
        memory = DoorInMemory(other.answer)
        yield House(memory, other, lambda: setattr(memory, "shut", True))
        return
    book = Book(tmp_path / "door", now=lambda: NOW)
    real = RealDoor(Believed(TENANT, lambda: (POLICY, destinations()), LEDGER.keys, lambda: NOW), book, other)
    with listening(tmp_path / "run" / "door.sock") as listener:
        serving = threading.Thread(target=serve, args=(listener, real), kwargs={"peers": frozenset({os.getuid()})})
        serving.start()

        def shut() -> None:
            listener.shutdown(socket.SHUT_RDWR)
            serving.join(20)

        yield House(DoorClient(tmp_path / "run" / "door.sock", 20), other, shut)
        if serving.is_alive():
            shut()
    book.close()


def test_what_is_handed_over_is_answered_and_settled_alike(house: House) -> None:
    one = envelope()
    assert house.send(one) == ANSWERED
    assert house.door.settle(one.digest) == ANSWERED


def test_handed_over_twice_it_is_sent_once_and_what_is_known_is_told(house: House) -> None:
    one = envelope()
    house.send(one)
    assert house.send(one) == ANSWERED
    assert house.other.came == [one.body]


def test_while_it_is_under_way_everybody_is_told_so(house: House) -> None:
    one = envelope()
    house.other.may.clear()
    sending = threading.Thread(target=house.send, args=(one,))
    sending.start()
    while not house.other.came:
        sending.join(0.01)
    assert house.send(one).became is house.door.settle(one.digest).became is Became.UNDER_WAY
    house.other.may.set()
    sending.join(20)
    assert house.door.settle(one.digest) == ANSWERED
    assert house.other.came == [one.body]


def test_what_failed_stays_so(house: House) -> None:
    one = envelope()
    house.other.outcome = UNREACHED
    assert house.send(one) == UNREACHED
    house.other.outcome = ANSWERED
    assert house.send(one) == house.door.settle(one.digest) == UNREACHED


def test_what_never_arrived_never_will(house: House) -> None:
    one = envelope()
    never = house.door.settle(one.digest)
    assert never == Outcome(Became.FAILED, delivered=False, reason="never-arrived")
    assert house.send(one) == never
    assert house.other.came == []


def test_a_forgotten_answer_has_no_text_and_its_cost(house: House) -> None:
    one = envelope()
    house.send(one)
    house.door.forget(one.digest)
    found = house.door.settle(one.digest)
    assert (found.became, found.text, found.spent) == (Became.ANSWERED, "", ANSWERED.spent)
    house.door.forget("0" * 64)


def test_a_door_that_is_shut_is_an_error_and_no_outcome(house: House) -> None:
    one = envelope()
    assert house.door.listens()
    house.shut()
    assert not house.door.listens()
    with pytest.raises(DoorUnavailable):
        house.send(one)
    with pytest.raises(DoorUnavailable):
        house.door.settle(one.digest)
    with pytest.raises(DoorUnavailable):
        house.door.forget(one.digest)
