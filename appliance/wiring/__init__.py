"""The only place that names concrete classes and puts them together. Production by default; tests pass their own."""

import atexit
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI

from appliance import tripwire
from appliance.access.active import ActivePolicies
from appliance.access.directory import WatchedDirectory
from appliance.access.emergencies import Bounds, Emergencies
from appliance.access.presence import Presence
from appliance.access.rules import Rules
from appliance.access.shelf import Shelf
from appliance.access.standing import Standing
from appliance.access.urgency import Running
from appliance.answering.ask import Desk
from appliance.answering.conversation import Dialogue
from appliance.answering.reading import PageReader
from appliance.api.app import create_app
from appliance.api.gate import Identity
from appliance.audit.parts import LedgerParts, ledger_parts
from appliance.audit.reader import LedgerReader
from appliance.errors import (
    LedgerUnavailable,
    NotRunning,
)
from appliance.models import engines, manifest
from appliance.models.local import ChatModel, OpenAIChatModel
from appliance.operations import policies, workers
from appliance.operations.keycloak_people import directory
from appliance.operations.post import Post
from appliance.records import Entry, Event, Journal
from appliance.retrieval import launch as store
from appliance.retrieval.embedding import Embedder, SentenceTransformerEmbedder
from appliance.retrieval.index import Index
from appliance.retrieval.reranking import CrossEncoderReranker
from appliance.retrieval.search import Search
from appliance.settings import Settings
from appliance.store.archive import Archive
from appliance.store.conversations import Conversations
from appliance.store.database import open_database
from appliance.store.emergencies import EmergencyTable
from appliance.store.intake import Intake
from appliance.store.jobs import Bell
from appliance.store.registry import Registry
from appliance.store.uploads import Uploads
from appliance.telemetry import Counted, Figures
from appliance.wiring.asking import suggestions
from appliance.wiring.checking import checks_of
from appliance.wiring.leaving import outside
from appliance.wiring.leaving import vaults as vaults
from appliance.wiring.looking import detection as detection
from appliance.wiring.looking import marking as marking
from appliance.wiring.looking import relabelling as relabelling
from appliance.wiring.office import offices
from appliance.wiring.overseeing import overseeing
from appliance.wiring.people import identity as identity
from appliance.wiring.people import personas as personas
from appliance.wiring.people import presence_of as presence_of
from appliance.wiring.people import session_keys as session_keys
from appliance.wiring.people import sessions as sessions
from appliance.wiring.people import signing as signing
from appliance.wiring.shelving import curation as curation


@dataclass(frozen=True, slots=True)
class IngestParts:
    """What the pipeline works on."""

    registry: Registry
    archive: Archive
    index: Index
    embedder: Embedder


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """What a house is made with instead of its own parts; None is its own. The self-test makes its scratch house so.

    Whoever gives a ledger starts and stops its notary.
    """

    identity: Identity | None = None
    presence: Presence | None = None
    model: ChatModel | None = None
    embedder: Embedder | None = None
    ledger: LedgerParts | None = None
    index: type[Index] = Index
    search: type[Search] = Search


ITS_OWN: Final = Instead()


def ingest_parts(settings: Settings, instead: Instead = ITS_OWN) -> IngestParts:
    """Registry, archive, index and embedder. Raises NotRunning, ModelMissing, ModelDamaged, RegistryUnavailable."""
    if not store.ready(store.endpoint(settings)):
        raise NotRunning("The vector store is not running; nothing was changed.")
    return IngestParts(
        registry=Registry(open_database(settings.database)),
        archive=Archive(settings.data / "archive"),
        index=instead.index(store.endpoint(settings), seconds=settings.store_seconds),
        embedder=instead.embedder or embedder(settings),
    )


def embedder(settings: Settings) -> Embedder:
    """The embedding model of the manifest, its digest checked."""
    folder = manifest.verified(manifest.entry("embedding"), settings.models_folder)
    return SentenceTransformerEmbedder(folder, threads=settings.threads)


def reranker(settings: Settings) -> CrossEncoderReranker | None:
    """The cross-encoder of this installation, if it has one. Raises ModelMissing, EmbedderUnavailable."""
    return None if settings.reranker is None else CrossEncoderReranker(settings.reranker)


def api(settings: Settings, instead: Instead = ITS_OWN) -> FastAPI:
    """The API with everything behind it. The embedder is loaded at once: the first question must not wait for it."""
    parts = ingest_parts(settings, instead)
    parts.embedder.embed(["ready"])
    parts.index.ensure(parts.embedder)
    model = instead.model or OpenAIChatModel(engines.endpoint(settings), seconds=settings.model_seconds)
    figures = Figures()
    tripwire.counted(figures.tripped)
    in_force = policies.in_force(settings, lambda seconds: figures.revoked("policy-set", seconds))
    evidence = instead.ledger or _watched(ledger_of(settings, in_force))
    journal = Counted(evidence.ledger, figures)
    watched = directory(settings, journal)
    who, presence = _people(settings, instead, watched)
    rules = Rules(in_force.current, presence)
    journal.append(_model_started(settings, instead))
    emergencies = EmergencyTable(open_database(settings.database))
    reading = Rules(in_force.current, presence, urgency=Running(emergencies, journal))
    search = instead.search(
        parts.index, parts.embedder, parts.registry.current, rules=reading, reranker=reranker(settings)
    )
    desk = Desk(search=search, model=model, journal=journal, settings=settings, rules=reading, revoked=figures.revoked)
    kept = conversations(settings)
    kept.purge()
    emergency = urgent(settings, emergencies, journal, rules, figures)
    checks = (
        checks_of(settings, parts.registry, evidence, in_force)
        | _looking(watched)
        | ({} if instead.model is None else {"model": lambda: None})
    )
    return create_app(
        settings=settings,
        identity=who,
        desk=desk,
        reader=PageReader(
            passages=parts.index, documents=parts.registry, originals=parts.archive, journal=journal, rules=reading
        ),
        shelf=shelf(settings, journal, rules),
        curation=curation(settings, journal, rules),
        talk=Dialogue(
            desk=desk,
            model=model,
            kept=kept,
            documents=parts.registry,
            journal=journal,
            settings=settings,
            rules=reading,
        ),
        suggesting=suggestions(parts.index, parts.registry, journal, rules),
        places=workers.places(settings),
        signing=signing(settings, who, journal),
        urgent=emergency,
        outside=outside(
            settings,
            ledger=evidence,
            journal=journal,
            rules=rules,
            search=search,
            index=parts.index,
            registry=parts.registry,
            conversations=kept,
        ),
        officers=offices(
            settings, who, rules=rules, registry=parts.registry, evidence=evidence, journal=journal, active=in_force
        ),
        checks=checks,
        figures=figures,
        standing=Standing(rules),
        overseeing=overseeing(settings, rules=rules, index=parts.index, urgent=emergency, checks=checks),
    )


def _looking(watched: WatchedDirectory | None) -> dict[str, Callable[[], None]]:
    """Begin to look for a sign of life of the directory, and how to ask whether there is one."""
    if watched is None:
        return {}
    watched.start()
    atexit.register(watched.stop)
    return {"directory": watched.check}


def _watched(parts: LedgerParts) -> LedgerParts:
    """With its notary at work until this process ends."""
    parts.notary.start()
    atexit.register(parts.notary.stop)
    return parts


def _model_started(settings: Settings, instead: Instead) -> Entry:
    """Which model writes from here on: its name in the manifest and the beginning of its digest."""
    if instead.model is not None:
        return Entry(Event.MODEL_STARTED, "", tenant=settings.tenant, model=instead.model.name)
    named = manifest.chat(settings.engine, settings.manifest)
    elsewhere = settings.model_url is not None
    digest = "" if elsewhere else f"sha256 {named.files[0].sha256[:16]}"
    return Entry(
        Event.MODEL_STARTED, "", tenant=settings.tenant, model="elsewhere" if elsewhere else named.name, reason=digest
    )


def conversations(settings: Settings) -> Conversations:
    """Everybody's conversations."""
    return Conversations(open_database(settings.database), days=settings.conversation_days)


def rules(settings: Settings) -> Rules:
    """The rules in force. Whoever asks them raises PolicyUnavailable while there are none."""
    return Rules(policies.in_force(settings).current)


def ledger_of(settings: Settings, in_force: ActivePolicies | None = None) -> LedgerParts:
    """The ledger, its notary and its keys. Raises RegistryUnavailable, LedgerUnavailable.

    What is recorded without a version of the policies gets that of the set in force.
    """
    version = (in_force or policies.policies(settings)).version
    return ledger_parts(settings, open_database(settings.database), policy=version)


def ledger_reader(settings: Settings) -> LedgerReader:
    """The ledger to be read only: to look at it changes nothing and needs no key. Raises RegistryUnavailable."""
    return LedgerReader(open_database(settings.database))


def check_ledger(settings: Settings) -> None:
    """Raise LedgerUnavailable if nothing may begin, checkpoints wait for their second place, or the disk fills up."""
    parts = ledger_of(settings)
    parts.ledger.check()
    parts.notary.check()
    if parts.notary.short_of_room():
        raise LedgerUnavailable(
            "The ledger's disk is nearly full.", advice="Make room: when it is full, nothing new begins."
        )


def shelf(settings: Settings, journal: Journal, rules: Rules) -> Shelf:
    """Documents as people see them, and where their uploads go."""
    uploads, registry, _ = promises(settings)
    bell = Bell(settings.database)
    waiting = intake(settings)
    return Shelf(registry=registry, uploads=uploads, intake=waiting, bell=bell, journal=journal, rules=rules)


def urgent(settings: Settings, kept: EmergencyTable, journal: Journal, rules: Rules, figures: Figures) -> Emergencies:
    """Who may open an emergency, and who reviews it; what waits is told. `rules` are those without urgency."""
    post, tenant = Post(settings, kept.mailed), settings.tenant
    made = Emergencies(kept=kept, journal=journal, rules=rules, bounds=Bounds.of(settings), tell=post.tell)
    figures.reviews(lambda: {"open": made.unreviewed(tenant), "overdue": made.overdue(tenant)})
    return made


def promises(settings: Settings) -> tuple[Uploads, Registry, Archive]:
    """What was acknowledged, what became of it, and where its bytes are."""
    engine = open_database(settings.database)
    return Uploads(engine), Registry(engine), Archive(settings.data / "archive")


def intake(settings: Settings) -> Intake:
    """Where the bytes of an upload wait for the worker."""
    return Intake(settings.data / "archive" / "incoming", limit=settings.file_mib << 20)


def _people(settings: Settings, instead: Instead, watched: WatchedDirectory | None) -> tuple[Identity, Presence]:
    """Who checks credentials, and what is known of people now: both given together, or both its own."""
    if instead.identity is not None and instead.presence is not None:
        return instead.identity, instead.presence
    who = identity(settings, watched)
    return who, presence_of(settings, who, watched)
