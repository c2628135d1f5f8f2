"""What is proposed to be asked outside, how far it has come, and where it would go. Values only.

Money is counted in millionths of the currency that `policies/destinations.toml` names.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum


class State(StrEnum):
    """How far an escalation has come. From the last four nothing leads on."""

    PROPOSED = "proposed"
    """Prepared and shown to the asker; he has not sent it yet."""
    AWAITING = "awaiting"
    """Another person has to approve it."""
    APPROVED = "approved"
    """It may leave: somebody approved it, or policy asks for nobody."""
    SENT = "sent"
    """Recorded, paid for, and handed to the door: it may have left."""
    ANSWERED = "answered"
    FAILED = "failed"
    DENIED = "denied"
    EXPIRED = "expired"
    """Its time ran out, its asker withdrew it, or what it was bound to changed."""


OVER = frozenset({State.ANSWERED, State.FAILED, State.DENIED, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class Destination:
    """A model outside as the officers signed it in.

    `url` is https, host, perhaps a port, and the path of chat completions. `ways` is the section of `redaction.toml`
    that says how personal data goes there; `classes` are the levels of text ("public", "internal") that its contract
    covers. Prices are per million tokens. `pins` are SHA-256 digests (hexadecimal) of public keys (SPKI, DER) of which
    the server's certificate must have one; none pins nothing. `always_approved`: nothing goes there without a second
    person, whatever the rules say.
    """

    name: str
    url: str
    model: str
    region: str
    contract: str
    ways: str
    classes: frozenset[str]
    retention_days: int
    price_in: Decimal
    price_out: Decimal
    pins: frozenset[str] = frozenset()
    always_approved: bool = True

    def price(self, tokens_in: int, tokens_out: int) -> int:
        """What so many tokens cost, in millionths, rounded up."""
        cost = self.price_in * tokens_in + self.price_out * tokens_out
        return int(cost.to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Budgets:
    """What may be spent in a calendar month (UTC), in millionths: by one person, one department, the house."""

    person: int = 0
    department: int = 0
    house: int = 0

    def left(self, spent: "Budgets") -> int:
        """What the scantiest of the three still has; below nothing where it is overspent."""
        return min(self.person - spent.person, self.department - spent.department, self.house - spent.house)


class Became(StrEnum):
    """What became of what was handed to the door."""

    ANSWERED = "answered"
    FAILED = "failed"
    UNDER_WAY = "under-way"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the door says of one envelope.

    `delivered`: whether bytes of it may have reached the other side; what was not delivered costs nothing. `reason` is
    a code. `text` is the answer as it came, tokens and all; `spent` in millionths, never more than the envelope's.
    """

    became: Became
    delivered: bool
    reason: str = ""
    text: str = field(default="", repr=False)
    tokens_in: int = 0
    tokens_out: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Escalation:
    """One escalation as it is kept, but for what is sealed.

    `digest` binds what would leave (`appliance.escalation.envelope`); `reason` is a code that says why it came no
    further; `price` is what it costs at most and `spent` what it did, in millionths; `local` is what became of the
    question in the house: "refused", "answered" or "unasked".
    """

    id: str
    tenant: str
    asker: str
    name: str
    client: str
    department: str
    destination: str
    state: State
    digest: str
    policy: str
    price: int
    created: datetime
    expires: datetime
    changed: datetime
    local: str = "unasked"
    spent: int = 0
    reason: str = ""
    approver: str = ""
    why: str = field(default="", repr=False)
    """What the approver wrote."""


@dataclass(frozen=True, slots=True)
class Sending:
    """All that the one decision about an escalation rests on, besides who asks, through what and for which purpose.

    `labels`, `classes` and `level` are of every passage in the prompt and of the history behind the question: all their
    labels, the names of their levels, the highest level. `withheld` counts the passages whose own rules do not let the
    asker send them. `accepts` are the classes that the destination's contract covers. `entities` are the kinds of
    personal data that were replaced, `replaced` how many places; `residual` counts what the second look found in the
    bytes. `price` is what it costs at most, `left` what the scantiest of the budgets still has, in millionths. `local`
    is what became of the question in the house. `approved`: another person has approved these bytes.
    """

    destination: str
    labels: frozenset[str]
    classes: frozenset[str]
    level: int
    withheld: int
    accepts: frozenset[str]
    entities: frozenset[str]
    replaced: int
    residual: int
    price: int
    left: int
    local: str
    approved: bool
