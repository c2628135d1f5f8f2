"""The door: the one process that may reach outside, and what it does with what it is handed.

::

    1  it is one of ours who asks            door_socket: the kernel says which user he is
    2  it is an envelope with its receipts   door_socket: parsed strictly, bounded
    3  everything holds                      door_checks: fourteen checks, each with a code
    4  it was never here before, and is paid door_book: written down, once and for ever, before anything is opened
    5  it goes out, exactly these bytes      outward: an address that was checked, a certificate that was verified
    6  what became of it is written down     door_book
    7  the answer is told                    door_socket; it is kept until the gate says that it has it

Whatever stops it before 4 was never sent. Whatever stops it between 4 and 6 may have been: it counts as sent and as
paid, and is never sent again. What is refused once is refused for ever.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.access.destinations import Destinations
from appliance.audit.receipts import Receipt
from appliance.escalation.door_book import Book
from appliance.escalation.door_checks import House, Parcel, refusal
from appliance.escalation.envelope import Envelope
from appliance.records.escalations import Destination, Outcome

log = logging.getLogger(__name__)


class Outside(Protocol):
    """What answers out there: `appliance.escalation.outward`."""

    def send(self, destination: Destination, body: bytes, price: int, /) -> Outcome:
        """Send `body` once; what became of it. Never raises for what the other side does."""


@dataclass(frozen=True, slots=True)
class Believed:
    """What the door believes, read anew for every envelope: who this house is, its policy set, its ledger's keys.

    `policies` tells the version in force and its destinations. They raise an error of ours if they cannot be read.
    """

    tenant: str
    policies: Callable[[], tuple[str, Destinations]]
    keys: Callable[[], Mapping[str, Ed25519PublicKey]]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def house(self) -> House:
        """All of it, now."""
        policy, destinations = self.policies()
        return House(self.tenant, policy, destinations, self.keys(), self.now())


class Door:
    """Sends what everything says may be sent, once. Many threads at once.

    Methods raise an error of ours if the book, the policies or the keys cannot be used: then nothing was sent.
    """

    def __init__(self, believed: Believed, book: Book, outside: Outside) -> None:
        self._believed = believed
        self._book = book
        self._outside = outside

    def send(self, envelope: Envelope, receipts: Sequence[Receipt], /) -> Outcome:
        """Steps 3 to 6. ANSWERED or FAILED; of what was handed over before, what is known of it, and it is not sent."""
        house = self._believed.house()
        reason = refusal(Parcel(envelope, receipts), house)
        reason = reason or self._book.take(envelope, house.destinations.budgets)
        if reason:
            log.warning("%s: refused, %s", envelope.digest[:12], reason)
            return self._book.refuse(envelope.digest, reason)  # what was here before keeps what is known of it
        try:
            outcome = self._outside.send(house.destinations.named[envelope.destination], envelope.body, envelope.price)
            self._book.finish(envelope.digest, outcome)
        finally:
            self._book.over(envelope.digest)
        log.info("%s: %s %s", envelope.digest[:12], outcome.became, outcome.reason)
        return outcome

    def settle(self, digest: str, /) -> Outcome:
        """What became of it. One that never came is struck off: it never will."""
        return self._book.refuse(digest, "never-arrived")

    def forget(self, digest: str, /) -> None:
        """The gate has the answer: its text is dropped here."""
        self._book.forget(digest)
