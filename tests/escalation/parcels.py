"""A house whose gate hands over what it should, and each way in which that could be wrong."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.access.destinations import Destinations
from appliance.audit.checkpoints import Signer
from appliance.audit.receipts import Receipt, Recorder
from appliance.escalation.envelope import METHOD, Envelope
from appliance.records import Entry, Event
from tests.contracts.journals import ListJournal

TENANT = "aldermoor"
POLICY = "0123456789ab"
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOST = "models.example.org"
PRICE = 4_000
FILE = """
[[destination]]
name = "specialist"
url = "https://models.example.org:{port}/v1/chat/completions"
model = "large-1"
region = "EU"
contract = "DPA-2026-014"
ways = "external"
classes = ["public"]
retention_days = 0
price_in = 3.00
price_out = 15.00
pins = {pins}
approval = "{approval}"

[budget]
currency = "EUR"
person = {person}
department = {department}
house = {house}
"""


def destinations(
    port: int = 443,
    *,
    approval: str = "policy",
    person: str = "1",
    department: str = "2",
    house: str = "3",
    pin: str = "",
) -> Destinations:
    """What two officers might have signed."""
    return Destinations.parsed(
        told(port, approval=approval, person=person, department=department, house=house, pin=pin)
    )


def told(port: int, *, approval: str, person: str, department: str, house: str, pin: str) -> str:
    """The same, as a file."""
    pins = json.dumps([pin] if pin else [])
    return FILE.format(port=port, approval=approval, person=person, department=department, house=house, pins=pins)


def body(**more: Any) -> bytes:
    """A question that a door lets through, and `more` in its place; None leaves out."""
    plain = {
        "model": "large-1",
        "messages": [{"role": "system", "content": "Answer."}, {"role": "user", "content": "Where is ⟦PLACE_1⟧?"}],
        "max_tokens": 200,
        "temperature": 0,
        "stream": False,
    }
    kept = {name: value for name, value in (plain | more).items() if value is not None}
    return json.dumps(kept).encode()


def envelope(port: int = 443, **more: Any) -> Envelope:
    """A good one, a new one each time, and `more` in its place."""
    good = Envelope(
        id=uuid4().hex,
        tenant=TENANT,
        asker="p-dana",
        department="surgery",
        destination="specialist",
        method=METHOD,
        url=f"https://{HOST}:{port}/v1/chat/completions",
        model="large-1",
        policy=POLICY,
        nonce=uuid4().hex,
        expires=NOW + timedelta(minutes=15),
        price=PRICE,
        body=body(),
    )
    return replace(good, **more)


class Ledger:
    """A recorder with a key of its own, or the one that is given."""

    def __init__(self, signer: Signer | None = None) -> None:
        self.signer = signer or Signer(Ed25519PrivateKey.generate())
        self._recorder = Recorder(ListJournal(), self.signer)

    def keys(self) -> Mapping[str, Ed25519PublicKey]:
        """What the door reads."""
        return {self.signer.id: self.signer.public}

    def sent(self, one: Envelope, *, by: str | None = None, about: str = "") -> Receipt:
        """That its sending is recorded."""
        return self.other(Event.ESCALATION_SENT, one, by=by, about=about)

    def approved(self, one: Envelope, *, by: str = "p-edith") -> Receipt:
        """That somebody approved it."""
        return self.other(Event.APPROVAL, one, by=by)

    def both(self, one: Envelope) -> list[Receipt]:
        """What comes with an envelope that needed approval."""
        return [self.sent(one), self.approved(one)]

    def other(self, event: Event, one: Envelope, *, by: str | None = None, about: str = "") -> Receipt:
        """An entry of any kind over its digest."""
        return self._recorder.append(Entry(event, one.asker if by is None else by, about or one.id, TENANT), one.digest)
