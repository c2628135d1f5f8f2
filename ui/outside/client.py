"""What the pages of questions that go outside ask of the house."""

from datetime import datetime
from decimal import Decimal
from typing import Final, Literal
from urllib.parse import quote

from ui.ask.client import Answer, Refusal
from ui.house.client import Api, Credential, Read

PATH: Final = "/v1/escalations"
OVER: Final = frozenset({"answered", "failed", "denied", "expired"})
"""States from which nothing leads on."""


class Destination(Read):
    """A model outside. Prices are per million tokens."""

    name: str
    model: str
    region: str
    contract: str
    classes: list[str]
    retention_days: int
    price_in: Decimal
    price_out: Decimal
    always_approved: bool


class Destinations(Read):
    """All of them, and the currency of every price."""

    currency: str = ""
    destinations: tuple[Destination, ...] = ()

    def named(self, name: str) -> Destination | None:
        """One of them, None if it is none."""
        return next((one for one in self.destinations if one.name == name), None)


class Escalation(Read):
    """A question on its way outside. `price` is what it costs at most, `spent` what it did."""

    id: str
    state: str
    reason: str
    destination: str
    asker: str
    name: str
    department: str
    digest: str
    price: Decimal
    spent: Decimal
    created: datetime
    expires: datetime
    approver: str
    why: str

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in OVER


class Escalations(Read):
    """Several of them."""

    escalations: list[Escalation]


class Replaced(Read):
    """What stands from `at` on in the text that would leave, instead of the original's `start` to `end`."""

    kind: str
    start: int
    end: int
    put: str
    at: int


class Piece(Read):
    """A passage, or the question: as it is in the house and as it would leave. None is not for who looks."""

    source: str
    original: str | None
    leaving: str | None
    replaced: list[Replaced]


class Rule(Read):
    """A rule that decided."""

    id: str
    reason: str


class Shown(Escalation):
    """One of them, whole. `body` are the exact bytes."""

    verdict: Literal["permitted", "needs-approval", "denied"] | None
    rules: list[Rule]
    pieces: list[Piece]
    body: str | None
    labels: list[str] | None
    level: str | None
    policy: str
    local: Literal["refused", "answered", "unasked"]
    answer: Answer | Refusal | None


class _Waiting(Read):
    escalations: list[Shown]


def destinations(api: Api, who: Credential) -> Destinations:
    """Where a question may go."""
    return api.get(who, f"{PATH}/destinations", Destinations)


def propose(  # noqa: PLR0913  # what is asked, each by its name
    api: Api,
    who: Credential,
    *,
    destination: str,
    question: str = "",
    conversation: str = "",
    turn: str = "",
    leave_out: bool = False,
) -> Shown:
    """Have a question prepared: a turn of a conversation of his, or else `question`. Nothing leaves by this."""
    asked = {"destination": destination, "leave_out": leave_out}
    about = {"conversation": conversation, "turn": turn} if conversation else {"question": question}
    return api.post(who, PATH, asked | about, Shown)


def mine(api: Api, who: Credential) -> list[Escalation]:
    """One's own, the newest first."""
    return api.get(who, PATH, Escalations).escalations


def show(api: Api, who: Credential, escalation: str) -> Shown:
    """One of one's own as it is now."""
    return api.get(who, _path(escalation), Shown)


def send(api: Api, who: Credential, seen: Shown) -> Shown:
    """Send exactly what was `seen`."""
    return api.post(who, f"{_path(seen.id)}/send", {"digest": seen.digest}, Shown)


def withdraw(api: Api, who: Credential, escalation: str) -> None:
    """Take back what has not been sent."""
    api.post(who, f"{_path(escalation)}/withdraw", None)


def waiting(api: Api, who: Credential) -> list[Shown]:
    """What waits for this officer's word, the oldest first."""
    return api.get(who, f"{PATH}/approvals", _Waiting).escalations


def earlier(api: Api, who: Credential, escalation: str) -> list[Escalation]:
    """What its asker asked outside before."""
    return api.get(who, f"{_path(escalation)}/earlier", Escalations).escalations


def judge(api: Api, who: Credential, seen: Shown, *, approved: bool, reason: str) -> None:
    """Approve or reject exactly what was `seen`."""
    said = {"digest": seen.digest, "approved": approved, "reason": reason}
    api.post(who, f"{_path(seen.id)}/judge", said)


def _path(escalation: str) -> str:
    return f"{PATH}/{quote(escalation, safe='')}"
