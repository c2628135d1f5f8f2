"""The only place that names concrete classes and puts them together. Production by default; tests pass their own."""

import atexit
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from appliance import SILENCE
from appliance.access.active import ActivePolicies
from appliance.access.identity import DemoIdentity
from appliance.access.identity_oidc import OidcIdentity
from appliance.access.issuer_keys import IssuerDocuments, IssuerKeys
from appliance.access.rules import Rules
from appliance.access.shelf import Shelf
from appliance.access.tokens import AccessTokens, Expectations
from appliance.answering.ask import Desk
from appliance.answering.conversation import Dialogue
from appliance.answering.reading import PageReader
from appliance.api.app import create_app
from appliance.api.sessions import SessionParts
from appliance.api.sessions_parts import session_parts
from appliance.audit.parts import LedgerParts, ledger_parts
from appliance.audit.reader import LedgerReader
from appliance.errors import (
    ApiUnavailable,
    LedgerUnavailable,
    ModelUnavailable,
    NotRunning,
    SettingsRefused,
    StoreUnavailable,
    WorkerUnavailable,
)
from appliance.models import engines, manifest
from appliance.models.local import OpenAIChatModel
from appliance.operations import policies, workers
from appliance.operations.stack import Part, Stack, held
from appliance.records import Entry, Event, Journal
from appliance.retrieval import launch as store
from appliance.retrieval.embedding import Embedder, SentenceTransformerEmbedder
from appliance.retrieval.index import Index
from appliance.retrieval.reranking import CrossEncoderReranker
from appliance.retrieval.search import Search
from appliance.settings import ROOT, Settings
from appliance.store.archive import Archive
from appliance.store.conversations import Conversations
from appliance.store.database import open_database
from appliance.store.intake import Intake
from appliance.store.jobs import Bell
from appliance.store.registry import Registry
from appliance.store.sessions import Sessions
from appliance.store.sessions_sealed import KeyRing
from appliance.store.uploads import Uploads


@dataclass(frozen=True, slots=True)
class IngestParts:
    """What the pipeline works on."""

    registry: Registry
    archive: Archive
    index: Index
    embedder: Embedder


def ingest_parts(settings: Settings) -> IngestParts:
    """Registry, archive, index and embedder. Raises NotRunning, ModelMissing, ModelDamaged, RegistryUnavailable."""
    if not store.ready(store.endpoint(settings)):
        raise NotRunning("The vector store is not running; nothing was changed.")
    return IngestParts(
        registry=Registry(open_database(settings.database)),
        archive=Archive(settings.data / "archive"),
        index=Index(store.endpoint(settings), seconds=settings.store_seconds),
        embedder=embedder(settings),
    )


def embedder(settings: Settings) -> Embedder:
    """The embedding model of the manifest, its digest checked."""
    folder = manifest.verified(manifest.entry("embedding"), settings.models_folder)
    return SentenceTransformerEmbedder(folder, threads=settings.threads)


def reranker(settings: Settings) -> CrossEncoderReranker | None:
    """The cross-encoder of this installation, if it has one. Raises ModelMissing, EmbedderUnavailable."""
    return None if settings.reranker is None else CrossEncoderReranker(settings.reranker)


def api(settings: Settings) -> FastAPI:
    """The API with everything behind it. The embedder is loaded at once: the first question must not wait for it."""
    parts = ingest_parts(settings)
    parts.embedder.embed(["ready"])
    parts.index.ensure(parts.embedder)
    where = engines.endpoint(settings)
    model = OpenAIChatModel(where, seconds=settings.model_seconds)
    in_force = policies.in_force(settings)
    rules = Rules(in_force.current)
    evidence = ledger_of(settings, in_force)
    journal = evidence.ledger
    journal.append(_model_started(settings))
    evidence.notary.start()
    atexit.register(evidence.notary.stop)
    search = Search(parts.index, parts.embedder, parts.registry.current, rules=rules, reranker=reranker(settings))
    desk = Desk(search=search, model=model, journal=journal, settings=settings, rules=rules)
    kept = conversations(settings)
    kept.purge()
    who = identity(settings)
    return create_app(
        settings=settings,
        identity=who,
        desk=desk,
        reader=PageReader(
            passages=parts.index, documents=parts.registry, originals=parts.archive, journal=journal, rules=rules
        ),
        shelf=shelf(settings, journal, rules),
        talk=Dialogue(
            desk=desk,
            model=model,
            kept=kept,
            documents=parts.registry,
            journal=journal,
            settings=settings,
            rules=rules,
        ),
        places=workers.places(settings),
        signing=signing(settings, who, journal),
        checks={
            "store": lambda: check_store(settings),
            "model": lambda: check_model(settings),
            "registry": parts.registry.check,
            "ledger": journal.check,
            "checkpoints": evidence.notary.check,
            "policies": in_force.check,
        },
    )


def _model_started(settings: Settings) -> Entry:
    """Which model writes from here on: its name in the manifest and the beginning of its digest."""
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


def promises(settings: Settings) -> tuple[Uploads, Registry, Archive]:
    """What was acknowledged, what became of it, and where its bytes are."""
    engine = open_database(settings.database)
    return Uploads(engine), Registry(engine), Archive(settings.data / "archive")


def intake(settings: Settings) -> Intake:
    """Where the bytes of an upload wait for the worker."""
    return Intake(settings.data / "archive" / "incoming", limit=settings.file_mib << 20)


def identity(settings: Settings) -> DemoIdentity | OidcIdentity:
    """Who checks credentials. Raises SettingsRefused if `issuer_ca` is no file of certificates."""
    if settings.identity == "demo":
        return personas(settings)
    issuer, audience = settings.issuer or "", settings.audience or ""
    keys = IssuerKeys(IssuerDocuments(issuer, settings.issuer_ca), patience=settings.issuer_hours * 3600)
    expected = Expectations(issuer, audience, settings.token_algorithms, settings.token_leeway_seconds)
    return OidcIdentity(AccessTokens(expected, keys), audience)


def personas(settings: Settings) -> DemoIdentity:
    """The people of the demonstration. Raises SettingsRefused where identity is not "demo"."""
    if settings.identity != "demo":
        raise SettingsRefused("There are no personas with identity=oidc.", advice="Sign in as yourself.")
    file = settings.demo_corpus.parent / "personas.yaml"
    return DemoIdentity(file, settings.tenant, key=workers.key(settings))


def sessions(settings: Settings) -> Sessions:
    """Everybody's sign-in sessions."""
    return Sessions(open_database(settings.database), session_keys(settings))


def session_keys(settings: Settings) -> KeyRing:
    """The keys that sign-in sessions are sealed with, apart from the database."""
    return KeyRing(settings.data / "keys" / "sessions.json")


def signing(settings: Settings, who: DemoIdentity | OidcIdentity, journal: Journal) -> SessionParts | None:
    """The portal's sign-in; None where there is none (the demonstration, or programs alone)."""
    if isinstance(who, DemoIdentity) or settings.client_id is None:
        return None
    return session_parts(settings, who, kept=sessions(settings), keys=session_keys(settings), journal=journal)


def check_store(settings: Settings) -> None:
    """Raise StoreUnavailable unless the vector store answers."""
    if not store.ready(store.endpoint(settings)):
        raise StoreUnavailable("The vector store does not answer.")


def worker_lock(settings: Settings) -> Path:
    """The file that a worker holds for as long as it lives."""
    return settings.run_folder / "worker.lock"


def check_worker(settings: Settings) -> None:
    """Raise WorkerUnavailable unless a worker lives."""
    if not held(worker_lock(settings)):
        raise WorkerUnavailable("No worker is at work; uploads wait.")


def check_model(settings: Settings) -> None:
    """Raise ModelUnavailable unless the chat model's engine answers."""
    if not engines.ready(engines.endpoint(settings)):
        raise ModelUnavailable("The chat model's engine does not answer.")


# --- The stack --------------------------------------------------------------------------------------------------------


def stack(settings: Settings) -> Stack:
    """The processes of this installation."""
    return Stack(settings.run_folder)


def parts(settings: Settings) -> list[Callable[[], Part]]:
    """The parts in the order in which they start. Each is made when its turn comes."""
    return [
        lambda: _store(settings),
        lambda: _model(settings),
        lambda: _worker(settings),
        lambda: _api(settings),
        lambda: _portal(settings),
    ]


def checks(settings: Settings) -> dict[str, Callable[[], None]]:
    """For each part of the stack, what raises a DependencyError unless it answers."""

    def answering(name: str, url: str) -> None:
        if not _answers(url):
            raise ApiUnavailable(f"The {name} does not answer.")

    return {
        "store": lambda: check_store(settings),
        "model": lambda: check_model(settings),
        "worker": lambda: check_worker(settings),
        "api": lambda: answering("API", f"{settings.api_url}/readyz"),
        "portal": lambda: answering("portal", f"{settings.portal_url}/_stcore/health"),
    }


def _store(settings: Settings) -> Part:
    launch = store.launch(settings)
    return Part("store", launch.arguments, dict(launch.environment), lambda: store.ready(launch.endpoint))


def _model(settings: Settings) -> Part:
    launch = engines.launch(settings)
    return Part(
        "model",
        launch.arguments,
        launch.environment,
        lambda: engines.ready(launch.endpoint),
        seconds=settings.engine_seconds,
        umask=launch.umask,
    )


def _worker(settings: Settings) -> Part:
    arguments = (sys.executable, "-m", "ingest")  # by its name: nothing of ingest is imported here
    return Part("worker", arguments, _inherited(), lambda: held(worker_lock(settings)))


def _api(settings: Settings) -> Part:
    arguments = (sys.executable, "-m", "appliance.cli", "serve")
    return Part("api", arguments, _inherited(), lambda: _answers(f"{settings.api_url}/readyz"), port=settings.api_port)


def _portal(settings: Settings) -> Part:
    arguments = (
        *(sys.executable, "-m", "ui.serve"),
        *("--port", str(settings.portal_port)),
    )
    passed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = passed | SILENCE | {"PYTHONPATH": str(ROOT), "MUNIMENT_API_URL": settings.api_url}
    if settings.public_url is not None:
        environment["MUNIMENT_PUBLIC_URL"] = settings.public_url
    health = f"{settings.portal_url}/_stcore/health"
    return Part("portal", arguments, environment, lambda: _answers(health), port=settings.portal_port)


def _inherited() -> dict[str, str]:
    """This process's environment: the silence set in `appliance/__init__.py` is part of it."""
    return dict(os.environ) | {"PYTHONPATH": str(ROOT)}


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
