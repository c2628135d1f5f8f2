"""What the door believes of nobody: each thing that has to hold before a byte leaves, in its order. Pure.

The gate has checked all of it before. The door does so again, by what it reads itself: the public key of the ledger,
the policy set that officers signed, its own clock. A process that is broken into, and asks for what was never decided,
recorded or approved, is told a code.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.access.destinations import Destinations
from appliance.audit.receipts import Receipt
from appliance.escalation.completions import strictly
from appliance.escalation.envelope import METHOD, Envelope
from appliance.records import Event
from appliance.records.escalations import Destination

_NEEDED: Final = {"model", "messages", "max_tokens", "stream"}
_ROLES: Final = ("system", "user", "assistant")  # compared, not looked up: a role may be anything


@dataclass(frozen=True, slots=True)
class House:
    """What is so here and now: the policy set in force and its destinations, and the ledger's public keys by id."""

    tenant: str
    policy: str
    destinations: Destinations
    keys: Mapping[str, Ed25519PublicKey]
    at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """What was handed in."""

    envelope: Envelope
    receipts: Sequence[Receipt]

    def of(self, event: Event) -> list[Receipt]:
        """Its receipts of one kind."""
        return [one for one in self.receipts if one.event == event]


def refusal(parcel: Parcel, house: House) -> str:
    """The code of the first check that does not hold; "" if all do."""
    return next((code for code, holds in CHECKS if not holds(parcel, house)), "")


def _is_ours(parcel: Parcel, house: House) -> bool:
    return bool(parcel.envelope.asker) and parcel.envelope.tenant == house.tenant


def _has_its_receipts(parcel: Parcel, _house: House) -> bool:
    """One that its sending was recorded; perhaps one that it was approved; none of another kind."""
    sent, approved = parcel.of(Event.ESCALATION_SENT), parcel.of(Event.APPROVAL)
    return len(sent) == 1 and len(approved) <= 1 and len(parcel.receipts) == len(sent) + len(approved)


def _is_recorded(parcel: Parcel, house: House) -> bool:
    """The ledger's keeper signed each."""
    return all(one.signed_by(house.keys) for one in parcel.receipts)


def _is_of_these_bytes(parcel: Parcel, _house: House) -> bool:
    """Each is over this digest, which covers the bytes, the asker, the destination, the policy and the expiry."""
    return all(one.digest == parcel.envelope.digest for one in parcel.receipts)


def _is_of_this_escalation(parcel: Parcel, _house: House) -> bool:
    return all(one.about == parcel.envelope.id for one in parcel.receipts)


def _is_the_askers(parcel: Parcel, _house: House) -> bool:
    return all(one.subject == parcel.envelope.asker for one in parcel.of(Event.ESCALATION_SENT))


def _is_approved_by_another(parcel: Parcel, _house: House) -> bool:
    return all(one.subject not in {"", parcel.envelope.asker} for one in parcel.of(Event.APPROVAL))


def _is_in_time(parcel: Parcel, house: House) -> bool:
    return house.at < parcel.envelope.expires


def _is_under_these_policies(parcel: Parcel, house: House) -> bool:
    return bool(house.policy) and parcel.envelope.policy == house.policy


def _leads_somewhere(parcel: Parcel, house: House) -> bool:
    return parcel.envelope.destination in house.destinations.named


def _leads_where_it_was_signed(parcel: Parcel, house: House) -> bool:
    envelope, signed = parcel.envelope, _destination(parcel, house)
    return (envelope.method, envelope.url, envelope.model) == (METHOD, signed.url, signed.model)


def _is_approved_if_it_must_be(parcel: Parcel, house: House) -> bool:
    return not _destination(parcel, house).always_approved or bool(parcel.of(Event.APPROVAL))


def _is_a_question(parcel: Parcel, _house: House) -> bool:
    """The body asks for one completion, whole, by the model that was decided about, and for nothing else."""
    plain = strictly(parcel.envelope.body)
    return (
        isinstance(plain, dict)
        and plain.keys() - {"temperature"} == _NEEDED
        and plain["model"] == parcel.envelope.model
        and plain["stream"] is False
        and type(plain["max_tokens"]) is int
        and plain["max_tokens"] > 0
        and _is_temperature(plain.get("temperature", 0))
        and isinstance(plain["messages"], list)
        and bool(plain["messages"])
        and all(map(_is_message, plain["messages"]))
    )


def _is_message(plain: Any) -> bool:
    return (
        isinstance(plain, dict)
        and plain.keys() == {"role", "content"}
        and isinstance(plain["content"], str)
        and plain["role"] in _ROLES
    )


def _is_temperature(plain: Any) -> bool:
    return type(plain) in {int, float} and math.isfinite(plain) and 0 <= plain <= 2


def _is_priced(parcel: Parcel, house: House) -> bool:
    """It costs something, and no less than the answer alone may cost at this destination."""
    longest = strictly(parcel.envelope.body)["max_tokens"]
    return parcel.envelope.price > 0 and parcel.envelope.price >= _destination(parcel, house).price(0, longest)


def _destination(parcel: Parcel, house: House) -> Destination:
    return house.destinations.named[parcel.envelope.destination]


CHECKS: Final[Sequence[tuple[str, Callable[[Parcel, House], bool]]]] = (
    ("other-house", _is_ours),
    ("receipts", _has_its_receipts),
    ("not-recorded", _is_recorded),
    ("other-bytes", _is_of_these_bytes),
    ("other-escalation", _is_of_this_escalation),
    ("other-asker", _is_the_askers),
    ("own-approval", _is_approved_by_another),
    ("expired", _is_in_time),
    ("policy-changed", _is_under_these_policies),
    ("no-destination", _leads_somewhere),
    ("destination-changed", _leads_where_it_was_signed),
    ("not-approved", _is_approved_if_it_must_be),
    ("body", _is_a_question),
    ("price", _is_priced),
)
"""Code and check. Later ones may rely on those before them."""
