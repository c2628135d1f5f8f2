"""A house with officers: real registry, ledger and rules, the demonstration's people, no store and no model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.testclient import TestClient

from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.access.standing import Standing
from appliance.api.app import create_app
from appliance.api.offices import Offices
from appliance.audit.parts import LedgerParts, ledger_parts
from appliance.operations import policies
from appliance.records import Access, Document, Level, Page
from appliance.settings import Settings, load
from appliance.store.database import open_database
from appliance.store.registry import Registry
from appliance.wiring.office import offices
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS

TENANT: Final = "aldermoor"
CANARY: Final = "heliotrope"
"""Stands in the title and the text of each document: neither is the office's to tell."""
FALLS: Final = Access(TENANT, Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))
PAY: Final = Access(TENANT, Level.RESTRICTED, frozenset({"hr"}), "hr", frozenset({"personnel"}), ("hr",), owner="helen")
ABROAD: Final = Access("weir", Level.PUBLIC, frozenset({"staff"}), "bank", frozenset(), ("bank",))
DOCUMENTS: Final = {"falls": ("nursing/falls.md", FALLS), "pay": ("hr/pay.md", PAY), "loans": ("bank/loans.md", ABROAD)}


@dataclass
class House:
    """The API with the officers' desks over `data`."""

    settings: Settings
    identity: DemoIdentity
    registry: Registry
    evidence: LedgerParts
    rules: Rules
    office: Offices

    def app(self) -> FastAPI:
        return create_app(
            settings=self.settings, identity=self.identity, desk=ScriptedDesk(), reader=ScriptedReader(), checks={},
            officers=self.office, standing=Standing(self.rules),
        )  # fmt: skip

    def client(self, persona: str) -> TestClient:
        headers = {"Authorization": f"Bearer {self.identity.token(persona)}"}
        return TestClient(self.app(), base_url="http://localhost", headers=headers)

    def events(self) -> list[str]:
        """What the ledger was told, in order, as it stands there."""
        return [body for _, body, _ in self.evidence.ledger.rows()]


def house(data: Path, **more: Any) -> House:
    settings = load(data=data, **more)
    engine = open_database(settings.database)
    registry, evidence, identity = Registry(engine), ledger_parts(settings, engine), DemoIdentity(PERSONAS, TENANT)
    for name, (uri, access) in DOCUMENTS.items():
        document = Document(name, uri, "f" * 64, f"{CANARY} {name}", "text/markdown", "en", 1, access)
        registry.register(document, [Page(1, f"The {CANARY} rule.")])
    active = policies.in_force(settings)
    rules = Rules(active.current, identity)
    desks = offices(
        settings, identity, rules=rules, registry=registry, evidence=evidence, journal=evidence.ledger, active=active
    )
    return House(settings, identity, registry, evidence, rules, desks)
