"""The officers' desks, put together."""

import os
from collections.abc import Iterable
from pathlib import Path

from appliance.access.active import ActivePolicies
from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.api.gate import Identity
from appliance.api.offices import Offices
from appliance.audit import checkpoints
from appliance.audit.checkpoints import Checkpoint
from appliance.audit.export import joined
from appliance.audit.parts import LedgerParts, witness_file
from appliance.audit.reader import LedgerReader
from appliance.audit.verifying import Source, Verifying
from appliance.errors import DetectorUnavailable, LedgerUnavailable, ModelDamaged, ModelMissing, OperatorError
from appliance.escalation.preparing import Preparing
from appliance.office.ledger_desk import LedgerDesk
from appliance.office.people import Described, Personas, Roll
from appliance.office.playground import Playground
from appliance.office.results import Results
from appliance.office.rights import Rights
from appliance.office.sets import Sets
from appliance.office.trial import Trial
from appliance.privacy.known.parts import known
from appliance.records import Journal
from appliance.settings import Settings
from appliance.store.database import open_database
from appliance.store.registry import Registry
from appliance.wiring.looking import detection
from appliance.wiring.people import personas


def roll(settings: Settings, who: Identity | None = None) -> Roll:
    """Everybody about whom officers can ask: the personas, or whom the file of the settings describes."""
    if settings.office_people is not None:
        return Described(settings.office_people)
    if settings.identity == "demo":
        return Personas(who if isinstance(who, DemoIdentity) else personas(settings))
    return Described(None)


def offices(  # noqa: PLR0913  # each part of the house by its own name
    settings: Settings,
    who: Identity,
    *,
    rules: Rules,
    registry: Registry,
    evidence: LedgerParts,
    journal: Journal,
    active: ActivePolicies,
) -> Offices:
    """All of them. `rules` are those without emergencies: what opens in one is told by the ledger."""
    rights = Rights(rules=rules, documents=registry, roll=roll(settings, who), journal=journal)
    return Offices(
        rights=rights,
        policies=Sets(
            rights=rights,
            active=active,
            officers=settings.officers_folder,
            journal=journal,
            trial=Trial(("-m", "appliance.office.trying")),
        ),
        results=Results(rules=rules, evaluations=settings.data / "evaluations", leaks=settings.data / "selftest"),
        playground=(
            Playground(rules=rules, journal=journal, preparing=_Preparing(settings))
            if settings.detection == "on"
            else None
        ),
        ledger=LedgerDesk(
            rules=rules,
            ledger=evidence.ledger,
            keys=evidence.keys,
            documents=registry,
            verifying=Verifying(settings.data / "office", lambda: to_verify(settings)),
            journal=journal,
        ),
    )


class _Preparing:
    """What prepares texts to leave, made when it is first needed: its detectors take their time, and memory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: Preparing | None = None

    def __call__(self) -> Preparing:
        """One thread at a time. Raises DetectorUnavailable where the models are not there."""
        if self._made is None:
            settings = self._settings
            try:
                self._made = Preparing(detection(settings), known(settings).residual, tokens=settings.escalation_tokens)
            except (ModelMissing, ModelDamaged) as error:
                raise DetectorUnavailable(str(error), advice=error.advice) from error
        return self._made


def to_verify(settings: Settings) -> Source:
    """This installation's ledger as it is at this moment; what is appended meanwhile is left out."""
    second = _second(witness_file(settings))  # before the ledger: what is written later speaks of later entries
    reader = LedgerReader(open_database(settings.database))
    last = reader.last()
    own = checkpoints.public_file(settings.checkpoint_key)
    try:
        keys = checkpoints.public_keys([own] if own.exists() else [])
    except OperatorError as error:
        raise LedgerUnavailable("The public key of the ledger's checkpoints cannot be read.") from error
    return Source(last, joined(reader.rows(upto=last), reader.kept(upto=last)), keys, second)


def _second(place: Path | None) -> Iterable[Checkpoint] | None:
    """The checkpoints of the second place; None where this process cannot read it, which is told."""
    if place is None or not place.is_file() or not os.access(place, os.R_OK):
        return None
    return checkpoints.read(place, size=place.stat().st_size)
