"""The scratch house: a whole appliance beside the site's own, in a folder that goes with it whatever happens.

It has the site's settings and the site's policy set in force, and nothing else of the site's: no document, no person,
no database, no store, no key. Its people, its documents and its two tenants are invented for one run.
"""

import fcntl
import logging
import secrets
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from appliance import wiring
from appliance.access.identity import DemoIdentity
from appliance.access.ruleset import Ruleset
from appliance.api.app import server as arguments
from appliance.audit.parts import LedgerParts
from appliance.errors import NotRunning, OperatorError, PolicyUnavailable
from appliance.operations import parts, policies
from appliance.operations.stack import Stack, held
from appliance.selftest.people import Asker, TwoTenants, written
from appliance.settings import ILLEGAL, Settings

LOCK: Final = "alive"
START_SECONDS: Final = 60.0
ANSWER_TOKENS: Final = 480
"""What the repeating model may say: as much as a prompt holds besides its constant beginning."""
_OTHER: Final = "-elsewhere"


@dataclass(frozen=True, slots=True)
class House:
    """A running scratch house: where its API answers, and what of it may be looked at afterwards."""

    url: str
    settings: Settings
    ruleset: Ruleset
    identity: TwoTenants
    ledger: LedgerParts
    ingest: wiring.IngestParts
    log: Path

    @property
    def tenants(self) -> tuple[str, str]:
        """The two tenants, the house's own first."""
        return self.settings.tenant, self.settings.tenant + _OTHER


@contextmanager
def scratch(site: Settings, people: tuple[Asker, ...], *, instead: wiring.Instead = wiring.ITS_OWN) -> Iterator[House]:
    """A scratch house beside `site` while the block runs; what killed runs left is cleared away first.

    With `instead.model` no engine is started. Raises OperatorError, PolicyUnavailable, ModelMissing, ModelDamaged.
    """
    place = site.data / "selftest"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    cleared(place)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=place))
    with ExitStack() as stack:
        stack.callback(_removed, folder)
        stack.enter_context(_alive(folder))
        settings = _settings(site, folder, model=instead.model is not None)
        written([asker for asker in people if not asker.elsewhere], settings.demo_corpus.parent / "personas.yaml")
        elsewhere = written([asker for asker in people if asker.elsewhere], folder / "elsewhere.yaml")
        stack.enter_context(_logged(settings.run_folder / "logs" / "api.log"))
        stack.enter_context(_parts(settings, model=instead.model is None))
        yield stack.enter_context(_opened(settings, elsewhere, instead))


def cleared(place: Path) -> int:
    """Remove what runs left that were killed, their processes first, and say how many there were."""
    left = [folder for folder in place.glob("run-*") if not held(folder / LOCK)]
    for folder in left:
        _removed(folder)
    return len(left)


def _removed(folder: Path) -> None:
    with suppress(NotRunning, OperatorError):
        Stack(folder / "run").down()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alive(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: a folder whose lock nobody holds is what a killed run has left."""
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _settings(site: Settings, folder: Path, *, model: bool) -> Settings:
    """The site's settings for a house of its own in `folder`: nothing that names what is the site's is left."""
    kept = {name: getattr(site, name) for name in Settings.model_fields}
    own: dict[str, object] = {
        name: field.default for name, field in Settings.model_fields.items() if name in _THE_SITES
    }
    own |= {
        "tenant": f"selftest-{secrets.token_hex(4)}",
        "data": folder,
        "models": site.models_folder,
        "policies": _policies(site, folder / "rules"),
        "demo_corpus": folder / "people" / "documents",
        "api_workers": 1,
    }
    if model:
        own |= {"answer_tokens": ANSWER_TOKENS, "prompt_tokens": max(site.prompt_budget, ANSWER_TOKENS)}
    settings = Settings.model_construct(**{**kept, **own})
    illegal = [words for words, holds in ILLEGAL.items() if holds(settings)]
    if illegal:
        raise OperatorError(f"No scratch house can be made with these settings: {'; '.join(illegal)}.")
    return settings


_THE_SITES: Final = frozenset(
    {
        "size", "identity", "egress", "officers", "host", "issuer", "audience", "issuer_ca", "client_id",
        "client_secret", "public_url", "database_url", "store_url", "store_key", "model_url",
        "model_key", "ledger_master_key", "ledger_key", "ledger_witness", "directory", "directory_secret",
        "metrics_key", "notice_smtp", "notice_from", "notice_to",
        *(name for name in Settings.model_fields if name.startswith("door_")),
    }
)  # fmt: skip
"""Settings that name the site's own people, keys and servers: here they are as shipped."""


def _policies(site: Settings, folder: Path) -> Path:
    """The set that is in force on the site, as a folder that the scratch house's own officers can sign."""
    for path, content in policies.deciding(site).files.items():
        file = folder / path
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


@contextmanager
def _logged(file: Path) -> Iterator[None]:
    """Everything that is logged meanwhile goes to `file` too, as the API's own process logs it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = logging.getLogger()
    told = logging.FileHandler(file)
    told.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    levels = {name: logging.getLogger(name).level for name in ("", "httpx", "alembic")}
    for name in levels:
        logging.getLogger(name).setLevel(logging.WARNING if name else logging.INFO)
    root.addHandler(told)
    try:
        yield
    finally:
        root.removeHandler(told)
        told.close()
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def _parts(settings: Settings, *, model: bool) -> Iterator[None]:
    """The store in a process of its own, and with `model` the chat model's engine."""
    stack = parts.stack(settings)
    list(stack.up(parts.parts(settings)[: 2 if model else 1]))  # in this order they start: store, model
    try:
        yield
    finally:
        with suppress(NotRunning):
            stack.down()


@contextmanager
def _opened(settings: Settings, elsewhere: Path, instead: wiring.Instead) -> Iterator[House]:
    """The API behind a real server on a free port of this machine."""
    in_force = policies.in_force(settings)
    ruleset = in_force.current()
    client = _client(ruleset, settings)
    here = DemoIdentity(settings.demo_corpus.parent / "personas.yaml", settings.tenant, client=client)
    other = settings.tenant + _OTHER
    identity = TwoTenants({settings.tenant: here, other: DemoIdentity(elsewhere, other, client=client)})
    evidence = wiring.ledger_of(settings, in_force)
    embedder = instead.embedder or wiring.embedder(settings)  # one, for planting and asking: it is what memory goes to
    own = replace(instead, identity=identity, presence=identity, ledger=evidence, embedder=embedder)
    ingest = wiring.ingest_parts(settings, own)
    evidence.notary.start()
    try:
        with _served(wiring.api(settings, own), settings) as url:
            log = settings.run_folder / "logs" / "api.log"
            yield House(url, settings, ruleset, identity, evidence, ingest, log)
    finally:
        evidence.notary.stop()
        ingest.index.close()


def _client(ruleset: Ruleset, settings: Settings) -> str:
    """The program in whose name the scratch people ask: one that the set registers, whose model runs in the house."""
    from tomllib import loads

    text = (settings.policies / "clients.toml").read_text("utf-8")
    registered = [str(client["id"]) for client in loads(text)["client"]]
    house = [name for name in registered if ruleset.clients.named(name).location == "house"]
    if not house:
        raise PolicyUnavailable("The policy set registers no program whose model runs in the house.")
    return house[0]


@contextmanager
def _served(app: FastAPI, settings: Settings) -> Iterator[str]:
    # asyncio sends small answers at once only on a socket that says TCP by its number
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, **arguments(settings)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="scratch-api", daemon=True)
        thread.start()
        until = time.monotonic() + START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise OperatorError("The scratch house's API did not start.")
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)
