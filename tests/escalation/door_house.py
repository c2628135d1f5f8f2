"""A door with its real book, before a model outside that only counts."""

import threading
from pathlib import Path

from appliance.access.destinations import Destinations
from appliance.audit.receipts import Receipt
from appliance.escalation.door import Believed, Door
from appliance.escalation.door_book import Book
from appliance.escalation.envelope import Envelope
from appliance.records.escalations import Became, Destination, Outcome
from tests.escalation.parcels import NOW, POLICY, TENANT, Ledger, destinations

ANSWERED = Outcome(Became.ANSWERED, delivered=True, text="By the weir.", tokens_in=10, tokens_out=5, spent=1_000)


class Counting:
    """A model outside that keeps what came, and says `outcome`; it waits until it may."""

    def __init__(self) -> None:
        self.came: list[bytes] = []
        self.outcome: Outcome | Exception = ANSWERED
        self.may = threading.Event()
        self.may.set()

    def send(self, _destination: Destination, question: bytes, _price: int, /) -> Outcome:
        self.came.append(question)
        self.may.wait(20)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class House:
    """A door, and everything that it believes; each of it can be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "door"
        self.ledger = Ledger()
        self.policy = POLICY
        self.destinations = destinations()
        self.now = NOW
        self.outside = Counting()
        self.open()

    def open(self) -> None:
        self.book = Book(self.folder, now=lambda: self.now)
        believed = Believed(TENANT, self.policies, self.ledger.keys, lambda: self.now)
        self.door = Door(believed, self.book, self.outside)

    def policies(self) -> tuple[str, Destinations]:
        return self.policy, self.destinations

    def send(self, one: Envelope, receipts: list[Receipt] | None = None) -> Outcome:
        return self.door.send(one, self.ledger.both(one) if receipts is None else receipts)


def refused(reason: str) -> Outcome:
    return Outcome(Became.FAILED, delivered=False, reason=reason)
