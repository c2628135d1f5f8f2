"""A door in memory, for tests that must not reach anything. It passes `test_door.py`, as the real one does."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from appliance.audit.receipts import Receipt
from appliance.errors import DoorUnavailable
from appliance.escalation.envelope import Envelope
from appliance.records.escalations import Became, Outcome

NEVER = Outcome(Became.FAILED, delivered=False, reason="never-arrived")
Other = Callable[[Envelope], Outcome]


def silent(_: Envelope) -> Outcome:
    return Outcome(Became.ANSWERED, delivered=True, text="NOT STATED", spent=1)


@dataclass
class DoorInMemory:
    """`other` stands for the other side. `shut`: nobody answers; `breaks`: it breaks off after it has sent."""

    other: Other = silent
    shut: bool = False
    breaks: bool = False
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    arrived: list[tuple[Envelope, tuple[Receipt, ...]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, envelope: Envelope, told: Sequence[Receipt], /) -> Outcome:
        if self.shut:
            raise DoorUnavailable("The door does not answer.")
        with self.lock:
            if envelope.digest in self.outcomes:
                return self.outcomes[envelope.digest]
            self.outcomes[envelope.digest] = Outcome(Became.UNDER_WAY, delivered=True)
        self.arrived.append((envelope, tuple(told)))
        self.outcomes[envelope.digest] = self.other(envelope)
        if self.breaks:
            raise DoorUnavailable("The door broke off.")
        return self.outcomes[envelope.digest]

    def settle(self, digest: str, /) -> Outcome:
        if self.shut:
            raise DoorUnavailable("The door does not answer.")
        with self.lock:
            return self.outcomes.setdefault(digest, NEVER)

    def forget(self, digest: str, /) -> None:
        if self.shut:
            raise DoorUnavailable("The door does not answer.")
        known = self.outcomes.get(digest)
        if known is not None and known.became is Became.ANSWERED:
            self.outcomes[digest] = replace(known, text="", reason="forgotten")

    def listens(self) -> bool:
        return not self.shut
