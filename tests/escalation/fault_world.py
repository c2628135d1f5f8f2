"""A house with a real door before a real server behind TLS, for what may go wrong between them."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from appliance.access.destinations import Destinations
from appliance.audit.receipts import Receipt
from appliance.errors import DoorUnavailable
from appliance.escalation.addresses import is_outside
from appliance.escalation.door import Believed
from appliance.escalation.door import Door as RealDoor
from appliance.escalation.door_book import Book
from appliance.escalation.envelope import Envelope
from appliance.escalation.outward import Outward, Route
from appliance.records.escalations import Outcome
from tests.escalation.authority import Authority
from tests.escalation.house import DESTINATIONS, WHY, set_with
from tests.escalation.outside_house import Around
from tests.escalation.parcels import HOST
from tests.escalation.provider import Provider, completion, response

ASKED: Final = {"destination": "large", "question": "How long may red cells hang?"}
PLASMA: Final = "Thawed plasma is used within five days if {} agrees. [2]"


def said(answer: Any) -> str:
    """What the API answered, in a line."""
    told = answer.json()
    return f"{answer.status_code}: {told.get('detail') or told.get('state') or told.get('title')}"


@dataclass
class Breaking:
    """The real door, which goes away before or after it did its work."""

    door: Any = None
    before: bool = False
    after: bool = False

    def send(self, envelope: Envelope, told: Sequence[Receipt], /) -> Outcome:
        if self.before:
            raise DoorUnavailable("The door does not answer.")
        outcome: Outcome = self.door.send(envelope, told)
        if self.after:
            raise DoorUnavailable("The door broke off.")
        return outcome

    def listens(self) -> bool:
        return True  # it goes away right after that

    def settle(self, digest: str, /) -> Outcome:
        return self.door.settle(digest)  # the door's own

    def forget(self, digest: str, /) -> None:
        self.door.forget(digest)


@dataclass
class World:
    """A house and the other side, new for each fault."""

    folder: Path
    stack: ExitStack
    around: Around = field(init=False)
    door: Breaking = field(default_factory=Breaking)
    here: bool = False
    lying: bool = False

    def open(self) -> "World":
        """Put it together."""
        authority, liar = Authority(self.folder), Authority(self.folder, "Mallory Test Authority")
        signer = liar if self.lying else authority
        self.provider = self.stack.enter_context(Provider(signer.certificate(HOST)))
        keys = self.folder / "credentials"
        keys.mkdir(mode=0o700)
        for name in ("large", "careful"):
            (keys / f"{name}.key").touch(mode=0o600)
            (keys / f"{name}.key").write_text("sk-invented-1")
        self.around = Around(self.folder)
        self.rules(DESTINATIONS)
        house = self.around.house
        signing = house.ledger.signer
        outward = Outward(
            Route(keys, seconds=10, ca=authority.file),
            resolve=lambda _host, _port: ["127.0.0.1"],
            outside=lambda address: self.here or is_outside(address),
        )
        book = Book(self.folder / "book", now=house.clock)
        self.stack.callback(book.close)
        believed = Believed("aldermoor", self._in_force, lambda: {signing.id: signing.public}, house.clock)
        self.door.door = RealDoor(believed, book, outward)
        house.door = self.door  # the real one
        self.here = True
        self.says(PLASMA.format("the ward"))
        return self

    def rules(self, destinations: str, **more: bytes) -> None:
        """Another set in force."""
        told = destinations.replace("models.example.org", f"{HOST}:{self.provider.port}")
        self.around.house.ruleset = set_with(told, **more)

    def says(self, text: str) -> None:
        """What the other side will say."""
        self.provider.answer = response(completion(text))

    def proposed(self, **more: Any) -> dict[str, Any]:
        """As the asker sees it."""
        shown: dict[str, Any] = self.around.client("mara").post("/v1/escalations", json={**ASKED, **more}).json()
        return shown

    def awaited(self) -> dict[str, Any]:
        """Proposed and sent by its asker."""
        shown = self.proposed()
        self.around.client("mara").post(f"/v1/escalations/{shown['id']}/send", json={"digest": shown["digest"]})
        return shown

    def judged(self, shown: dict[str, Any], *, by: str = "priya", digest: str = "") -> str:
        """Somebody's yes, and what he is told."""
        word = {"digest": digest or shown["digest"], "approved": True, "reason": WHY}
        answer = self.around.client(by).post(f"/v1/escalations/{shown['id']}/judge", json=word)
        return said(answer)

    def approved(self) -> dict[str, Any]:
        """Approved by somebody else."""
        shown = self.awaited()
        assert self.judged(shown) == "200: approved"
        return shown

    def ended(self, shown: dict[str, Any]) -> tuple[str, str]:
        """What its asker sees now."""
        told = self.around.client("mara").get(f"/v1/escalations/{shown['id']}").json()
        answer = told["answer"] or {}
        seen = f"{told['state']} {told['reason']}".strip()
        if answer:
            seen += (
                f"; {'answer' if answer['kind'] == 'answer' else 'no answer'}: {answer.get('text') or answer['reason']}"
            )
        return seen, shown["id"]

    def carried(self, shown: dict[str, Any] | None = None) -> tuple[str, str]:
        """Approved, carried, and looked at."""
        shown = shown or self.approved()
        self.around.carry(shown["id"])
        return self.ended(shown)

    def _in_force(self) -> tuple[str, Destinations]:
        found = self.around.house.ruleset
        return found.version, found.destinations
