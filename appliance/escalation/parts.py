"""The gate of an installation put together from its settings and from what the house has already."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from appliance.access.rules import Rules
from appliance.audit.parts import LedgerParts
from appliance.audit.receipts import Recorder
from appliance.escalation.approvals import Approvals
from appliance.escalation.courier import Courier, Door
from appliance.escalation.deciding import Deciding, Documents
from appliance.escalation.gate import Bounds, Gate
from appliance.escalation.preparing import Finder, Preparing
from appliance.escalation.steps import Steps
from appliance.privacy.redacting.vault import Vaults
from appliance.records import Journal
from appliance.records.privacy import Finding
from appliance.settings import Settings
from appliance.store.escalations import EscalationTable


@dataclass(frozen=True, slots=True)
class EscalationParts:
    """The gate, who approves, and who carries (None where the operator has closed the house)."""

    gate: Gate
    approvals: Approvals
    courier: Courier | None


@dataclass(frozen=True, slots=True)
class Looking:
    """What looks for private data: the detectors, and the second search for everybody whom the house knows."""

    finder: Finder
    residual: Callable[[str], list[Finding]]


def escalation_parts(  # noqa: PLR0913  # each part of the house by its own name
    settings: Settings,
    *,
    engine: Engine,
    ledger: LedgerParts,
    journal: Journal,
    rules: Rules,
    documents: Documents,
    vaults: Vaults,
    looking: Looking,
    door: Door | None,
    patience: timedelta,
) -> EscalationParts:
    """All of it. `rules` are those without emergencies; without a door everything is denied. `patience` is how long the
    door may take before it is asked what became of something."""
    kept = EscalationTable(engine)
    deciding = Deciding(rules, documents, lambda one: kept.spent(one, datetime.now(UTC)), open_=door is not None)
    steps = Steps(kept=kept, vaults=vaults, deciding=deciding, journal=journal)
    recorder = Recorder(journal, ledger.signer)
    courier = None
    if door is not None:
        courier = Courier(steps=steps, rules=rules, recorder=recorder, door=door, patience=patience)
    wake = (lambda: None) if courier is None else courier.wake
    bounds = Bounds(settings.escalation_tokens, timedelta(hours=settings.escalation_hours))
    preparing = Preparing(looking.finder, looking.residual, tokens=bounds.tokens)
    gate = Gate(steps=steps, preparing=preparing, rules=rules, bounds=bounds, wake=wake)
    approvals = Approvals(steps=steps, recorder=recorder, rules=rules, wake=wake)
    return EscalationParts(gate, approvals, courier)
