"""What leaves the house, put together: the gate with its courier, and the vaults of what was taken out."""

import atexit
from datetime import timedelta

from appliance.access.rules import Rules
from appliance.answering.escalating import Outside
from appliance.audit.parts import LedgerParts
from appliance.escalation.door_socket import DoorClient
from appliance.escalation.parts import Looking, escalation_parts
from appliance.privacy.known.parts import known
from appliance.privacy.redacting.vault import Vaults
from appliance.records import Journal
from appliance.retrieval.index import Index
from appliance.retrieval.search import Search
from appliance.settings import Settings
from appliance.store.conversations import Conversations
from appliance.store.database import open_database
from appliance.store.registry import Registry
from appliance.store.vault_keys import VaultKeys
from appliance.store.vaults import VaultTable
from appliance.wiring.looking import detection

MARGIN_SECONDS = 30
"""What the gate waits for the door beyond what the door waits for the other side."""


def vaults(settings: Settings) -> Vaults:
    """What the tokens of redacted texts stand for."""
    rows = VaultTable(open_database(settings.database))
    return Vaults(rows, VaultKeys(settings.vault_keys_file), hours=settings.vault_hours)


def outside(  # noqa: PLR0913  # each part of the house by its own name
    settings: Settings,
    *,
    ledger: LedgerParts,
    journal: Journal,
    rules: Rules,
    search: Search,
    index: Index,
    registry: Registry,
    conversations: Conversations,
) -> Outside | None:
    """What people do about questions that go outside; None where there is no way out. Its courier is at work."""
    if settings.egress == "absent":
        return None
    seconds = settings.door_seconds + MARGIN_SECONDS
    open_ = settings.egress == "policy" and settings.door_socket is not None
    door = DoorClient(settings.door_socket, seconds) if open_ and settings.door_socket is not None else None
    kept = vaults(settings)
    parts = escalation_parts(
        settings,
        engine=open_database(settings.database),
        ledger=ledger,
        journal=journal,
        rules=rules,
        documents=registry,
        vaults=kept,
        looking=Looking(detection(settings), known(settings).residual),
        door=door,
        patience=timedelta(seconds=seconds),
    )
    if parts.courier is not None:
        parts.courier.start()
        atexit.register(parts.courier.stop)
    return Outside(
        gate=parts.gate,
        approvals=parts.approvals,
        search=search,
        passages=index,
        documents=registry,
        conversations=conversations,
        vaults=kept,
        journal=journal,
        rules=rules,
        settings=settings,
    )
