"""The ledger of an installation with all that belongs to it, put together from its settings."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from appliance.audit import witness
from appliance.audit.checkpoints import Signer, signer
from appliance.audit.keys import SubjectKeys
from appliance.audit.ledger import Ledger
from appliance.audit.notary import Notary
from appliance.audit.reserve import Reserve
from appliance.records import Entry, Event
from appliance.settings import Settings


@dataclass(frozen=True, slots=True)
class LedgerParts:
    """The ledger, who signs how far it has come, and the keys of the people in it."""

    ledger: Ledger
    notary: Notary
    keys: SubjectKeys
    signer: Signer


def ledger_parts(settings: Settings, engine: Engine, *, policy: Callable[[], str] = lambda: "") -> LedgerParts:
    """All of it on `engine`. A new signing key is the first thing that its ledger tells. Raises LedgerUnavailable.

    `policy` tells the version of the policies in force, "" for none.
    """
    keys = SubjectKeys(settings.ledger_keys_folder, master=settings.ledger_master_key)
    reserve = Reserve(settings.data / "ledger-reserve", settings.ledger_reserve_mib << 20)
    reserve.hold()
    made = not settings.checkpoint_key.exists()
    signs = signer(settings.checkpoint_key)
    notary = _notary(settings, engine, signs, reserve)
    ledger = Ledger(engine, keys, reserve=reserve, bound=settings.ledger_unwitnessed, watch=notary, policy=policy)
    if made:
        ledger.append(operators(Event.KEYS_CHANGED, settings, reason=f"checkpoint-key {signs.id}"))
    return LedgerParts(ledger, notary, keys, signs)


def operators(event: Event, settings: Settings, *, reason: str = "") -> Entry:
    """What the operating system's user does on the machine itself, past the API."""
    return Entry(event, f"os:{getpass.getuser()}", tenant=settings.tenant, client="command-line", reason=reason)


def witness_file(settings: Settings) -> Path | None:
    """Where the second place of checkpoints can be read, if it is a file."""
    if settings.ledger_witness is None:
        return _beside(settings)
    kind, _, path = settings.ledger_witness.partition(":")
    return Path(path) if kind == "file" else None


def _beside(settings: Settings) -> Path:
    return settings.data / "ledger-witness" / "checkpoints"


def _notary(settings: Settings, engine: Engine, signs: Signer, reserve: Reserve) -> Notary:
    if settings.ledger_witness is None:  # the demonstration's: beside the rest, so it guards against accidents only
        place: witness.Witness = witness.FileWitness(_beside(settings), make=True)
    else:
        place = witness.witness(settings.ledger_witness)
    return Notary(
        engine,
        signs,
        place,
        every=settings.ledger_checkpoint_entries,
        seconds=settings.ledger_checkpoint_seconds,
        reserve=reserve,
        alarm=settings.ledger_alarm_mib << 20,
    )
