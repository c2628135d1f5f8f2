"""The house of the gate with people, passages and the API in front of it; retrieval alone is a list of passages."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.access.scope import Scope
from appliance.answering.escalating import Outside
from appliance.api.app import create_app
from appliance.errors import NotFound
from appliance.records import Passage
from appliance.settings import load
from appliance.store.conversations import Conversations
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS
from tests.escalation.house import House, access

CELLS = "Red cells must have run through within four hours. Plasma is thawed at 37 degrees."
PLASMA = "Thawed plasma is used within five days if Tobias Renner agrees."


def passage(identifier: str, text: str, document: str = "standard", **more: Any) -> Passage:
    plain = Passage(
        id=identifier, document=document, version="0" * 64, position=0, title="Giving blood",
        uri="nursing/transfusion.html", heading="Time limits", text=text, page=1, start=0, end=len(text), boxes=(),
        language="en", access=access(), score=1.0, similarity=0.9,
    )  # fmt: skip
    return replace(plain, **more)


@dataclass
class Listed:
    """Passages of which each is shown to whom the rules let read its document now."""

    house: House
    passages: list[Passage]

    def find(self, _: str, scope: Scope, /, *, limit: int, **_filters: object) -> list[Passage]:
        return self.standing(self.passages, scope)[:limit]

    def standing(self, passages: Sequence[Passage], scope: Scope, /) -> list[Passage]:
        current = self.house.documents.current({one.document for one in passages})
        readable = self.house.rules.readable(scope.principal, {name: one.access for name, one in current.items()})
        return [one for one in passages if one.document in readable]

    def passage(self, identifier: str, _: Scope, /) -> Passage:
        found = [one for one in self.passages if one.id == identifier]
        if not found:
            raise NotFound
        return found[0]


@dataclass
class Around:
    folder: Path
    house: House = field(init=False)
    passages: list[Passage] = field(default_factory=lambda: [passage("p1", CELLS), passage("p2", PLASMA, "leaflet")])

    def __post_init__(self) -> None:
        self.house = House(self.folder)
        self.settings = load(data=self.folder)
        self.conversations = Conversations(self.house.engine, days=30)
        self.identity = DemoIdentity(PERSONAS, "aldermoor")

    @property
    def outside(self) -> Outside:
        listed = Listed(self.house, self.passages)
        return Outside(
            gate=self.house.gate,
            approvals=self.house.approvals,
            search=listed,
            passages=listed,
            documents=self.house.documents,
            conversations=self.conversations,
            vaults=self.house.vaults,
            journal=self.house.ledger.ledger,
            rules=Rules(lambda: self.house.ruleset),
            settings=self.settings,
        )

    def client(self, persona: str) -> TestClient:
        app = create_app(
            settings=self.settings, identity=self.identity, desk=ScriptedDesk(), reader=ScriptedReader(), checks={},
            outside=self.outside,
        )  # fmt: skip
        headers = {"Authorization": f"Bearer {self.identity.token(persona)}"}
        return TestClient(app, base_url="http://localhost", headers=headers)

    def carry(self, escalation: str) -> None:
        kept = self.house.kept.find("aldermoor", escalation)
        assert kept is not None
        self.house.courier.carry(kept)
