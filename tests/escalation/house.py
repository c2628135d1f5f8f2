"""A house with a gate: real rules, ledger, vaults, registry rows and database; a word list for detectors, and a door in
memory, beside whose contract the real one stands too."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from appliance.access.destinations import FILE
from appliance.access.policy_set import PolicySet
from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset, compiled
from appliance.audit.parts import LedgerParts, ledger_parts
from appliance.audit.receipts import Recorder
from appliance.escalation.approvals import Approvals
from appliance.escalation.courier import Courier
from appliance.escalation.deciding import Deciding
from appliance.escalation.gate import Bounds, Gate
from appliance.escalation.matter import Matter, Part
from appliance.escalation.preparing import Preparing
from appliance.escalation.steps import Steps
from appliance.privacy.detection import Detection
from appliance.privacy.redacting.vault import Vaults
from appliance.privacy.redaction import QUESTION
from appliance.records import Access, Document, Level, Principal
from appliance.records.privacy import Finding
from appliance.settings import load
from appliance.store.database import open_database
from appliance.store.escalations import EscalationTable
from appliance.store.vault_keys import VaultKeys
from appliance.store.vaults import VaultTable
from tests.contracts.doors import DoorInMemory
from tests.contracts.word_list import WordList
from tests.privacy.vaulting import Clock
from tests.rules import ruleset

WHY = "The formulary says nothing about it and the ward has to know today."
DESTINATIONS = """
[[destination]]
name = "large"
url = "https://models.example.org/v1/chat/completions"
model = "large-1"
region = "EU"
contract = "DPA-1"
ways = "external"
classes = ["public", "internal"]
retention_days = 0
price_in = 3.00
price_out = 15.00
approval = "policy"

[[destination]]
name = "careful"
url = "https://careful.example.org/v1/chat/completions"
model = "careful-1"
region = "EU"
contract = "DPA-2"
ways = "external"
classes = ["internal"]
retention_days = 30
price_in = 3.00
price_out = 15.00
approval = "always"

[budget]
currency = "EUR"
person = 1.00
department = 5.00
house = 10.00
"""
NAMES = {"Tobias Renner": "PERSON", "MRN 4471": "MRN", "hunter2!x": "SECRET"}
MARA = Principal(
    "mara", "Mara", "aldermoor", frozenset({"staff", "icu"}), Level.INTERNAL, "portal", department="nursing"
)
ADA = Principal(
    "ada", "Ada", "aldermoor", frozenset({"staff"}), Level.INTERNAL, "portal", department="security",
    roles=frozenset({"security-officer"}),
)  # fmt: skip


def set_with(destinations: str = DESTINATIONS, **more: bytes) -> Ruleset:
    """The shipped rules with these destinations."""
    shipped = ruleset().source
    files: dict[str, bytes] = {**shipped.files, FILE: destinations.encode(), **more}
    return compiled(PolicySet(files))


def access(**other: Any) -> Access:
    plain = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))
    return replace(plain, **other)


@dataclass
class Registered:
    """The registry, as far as it is asked."""

    accesses: dict[str, Access] = field(default_factory=dict)

    def current(self, document_ids: Collection[str], /) -> Mapping[str, Document]:
        told = {name: self.accesses[name] for name in document_ids if name in self.accesses}
        return {
            name: Document(name, f"{name}.txt", "0" * 64, name, "text/plain", "en", 1, one)
            for name, one in told.items()
        }


@dataclass
class House:
    folder: Path
    door: DoorInMemory = field(default_factory=DoorInMemory)
    clock: Clock = field(default_factory=Clock)
    words: dict[str, str] = field(default_factory=lambda: dict(NAMES))
    residual: list[Finding] = field(default_factory=list)
    documents: Registered = field(default_factory=lambda: Registered({"standard": access(), "leaflet": access()}))
    ruleset: Ruleset = field(default_factory=set_with)
    open_: bool = True

    @cached_property
    def ledger(self) -> LedgerParts:
        return ledger_parts(load(data=self.folder), self.engine)

    @cached_property
    def engine(self) -> Any:
        return open_database(f"sqlite:///{self.folder / 'registry.sqlite'}")

    @cached_property
    def kept(self) -> EscalationTable:
        return EscalationTable(self.engine)

    @property
    def vaults(self) -> Vaults:
        return Vaults(VaultTable(self.engine), VaultKeys(self.folder / "keys" / "vaults.json"), clock=self.clock)

    @property
    def rules(self) -> Rules:
        return Rules(lambda: self.ruleset)

    @property
    def recorder(self) -> Recorder:
        return Recorder(self.ledger.ledger, self.ledger.signer)

    @property
    def steps(self) -> Steps:
        deciding = Deciding(
            self.rules, self.documents, lambda one: self.kept.spent(one, self.clock()), open_=self.open_
        )
        return Steps(
            kept=self.kept, vaults=self.vaults, deciding=deciding, journal=self.ledger.ledger, clock=self.clock
        )

    @property
    def gate(self) -> Gate:
        finder = Detection([WordList(self.words)], thresholds={})
        preparing = Preparing(finder, lambda _: self.residual, tokens=300)
        bounds = Bounds(tokens=300, lasts=timedelta(hours=8))
        return Gate(steps=self.steps, preparing=preparing, rules=self.rules, bounds=bounds, wake=lambda: None)

    @property
    def approvals(self) -> Approvals:
        return Approvals(steps=self.steps, recorder=self.recorder, rules=self.rules, wake=lambda: None)

    @property
    def courier(self) -> Courier:
        return Courier(
            steps=self.steps,
            rules=self.rules,
            recorder=self.recorder,
            door=self.door,
            patience=timedelta(minutes=2),
        )

    def events(self, about: str) -> list[str]:
        """What the ledger tells of one escalation: each event, with its reason where that is no digest."""
        told = []
        for _, body, _ in self.ledger.ledger.rows(holding=about):
            plain = json.loads(body)
            reason = plain.get("reason", "")
            told.append(plain["event"] + (f" {reason}" if reason and len(reason) < 64 else ""))
        return told


def matter(
    *passages: str, question: str = "How long may red cells hang?", local: str = "refused", **more: Any
) -> Matter:
    """A question with these passages, all of the document `standard` if no other is named."""
    parts = [Part(f"[{number}] {text}", f"p{number}") for number, text in enumerate(passages, start=1)]
    documents = frozenset(more.get("documents", {"standard"}))
    return Matter(question, "en", (*parts, Part(f"Question: {question}", QUESTION)), documents, local)
