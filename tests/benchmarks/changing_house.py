"""A house whose documents, rules and people change while it answers: everything real but the two models.

Store, index, registry, ledger, signed policies, conversations and the HTTP server are those of production. The chat
model is scripted, since it must speak slowly, or fall silent, for as long as a benchmark needs; the embedder hashes.
"""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from appliance.access import demo_officers, signing
from appliance.access.active import ActivePolicies
from appliance.access.identity import DemoIdentity
from appliance.access.policy_set import PolicySet, read
from appliance.access.presence import Presence
from appliance.access.rules import Rules
from appliance.access.shelf import Shelf
from appliance.answering.ask import Desk
from appliance.answering.conversation import Dialogue
from appliance.answering.reading import PageReader
from appliance.api.app import create_app
from appliance.api.gate import Identity
from appliance.api.sessions import SessionParts
from appliance.audit.parts import ledger_parts
from appliance.models.local import Finished, Message, Piece, Text, Waiting
from appliance.records import Access, Document, Journal, Level, Page, Passage
from appliance.retrieval.index import Index
from appliance.retrieval.search import Search
from appliance.selftest.repeating import UNSURE
from appliance.settings import ROOT, Settings
from appliance.store.archive import Archive
from appliance.store.conversations import Conversations
from appliance.store.database import open_database
from appliance.store.intake import Intake
from appliance.store.jobs import Bell
from appliance.store.registry import Registry
from appliance.store.uploads import State, Upload, Uploads
from appliance.telemetry import Counted, Figures
from tests.api.serving import served
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.retrieval.conftest import running

MARK: Final = "Zephyrine"
"""A word of the document, and of nothing else: where it stands, there is the document."""
THINGS: Final = (
    "ladder lantern barrel kettle anvil banner candle saddle ribbon hammer basket mirror trumpet compass blanket "
    "bucket chisel drum easel flag goblet harness inkwell jug kite loom mantle needle organ parasol quilt rope sail "
    "tapestry umbrella vase wheel yoke abacus bell cradle dagger emblem fiddle globe helmet icon jar kerchief lyre"
).split()
LINES: Final = tuple(f"The porters of {MARK} keep one {thing} in the cellar." for thing in THINGS)
TALKING: Final = "What do the porters keep in the cellar?"
SILENT: Final = "What do the porters quietly keep in the cellar?"
BRIEF: Final = "What do the porters briefly keep in the cellar?"
FORBIDDING: Final = b"""
@id("bench-nobody-reads")
@reason("A rule of a benchmark.")
forbid (principal, action == Action::"read", resource)
when {
  resource.labels.contains("bench")
};
"""
READER, OWNER, PURPOSE = "rhea", "otto", "care"
_PERSON = "- {id: %s, department: stores, groups: [staff], clearance: internal, purposes: [%s]}\n"


class NearEmbedder(HashingEmbedder):
    """Finds everything near: what is measured here is not whether it finds."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of length 1 that all point nearly the same way."""
        rows = super().embed(texts)
        rows[:, 0] += 3.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


class SlowModel:
    """Says a line every `beat` seconds; asked quietly it says two and falls silent; briefly, it stops after two."""

    name = "slow"

    def __init__(self, beat: float = 0.15, silence: float = 30.0) -> None:
        self._beat = beat
        self._silence = silence

    def stream(self, messages: Sequence[Message], *, max_tokens: int, **_apart: object) -> Generator[Piece, None, None]:
        asked = messages[-1].text
        for line in LINES if "briefly" not in asked and "quietly" not in asked else LINES[:2]:
            yield Text(f"{line} [1] ")
            time.sleep(self._beat)
            yield Waiting()
        until = time.monotonic() + (self._silence if "quietly" in asked else 0)
        while time.monotonic() < until:
            time.sleep(0.25)
            yield Waiting()
        yield Finished("stop", 100, 0, max_tokens and 100)

    def choose(  # its port names the last one so
        self,
        _messages: Sequence[Message],
        options: Sequence[str],
        *,
        salt: str = "",  # noqa: ARG002
    ) -> Generator[Waiting, None, dict[str, float]]:
        yield from ()
        return dict.fromkeys(options, UNSURE)


@dataclass
class House:
    """One document of one owner, a reader, and how each thing about them changes."""

    address: str
    folder: Path
    registry: Registry
    uploads: Uploads
    index: Index
    active: ActivePolicies
    identity: DemoIdentity
    figures: Figures
    document: str = ""
    passage: str = ""

    # --- How it was before the change ---------------------------------------------------------------------------------

    def fresh(self, *, purpose: str = "") -> None:
        """A new document of the owner's, read by the group of both; `purpose` is the one that it is bound to."""
        self.document, self.passage = str(uuid4()), str(uuid4())
        text, uri = "\n".join(LINES), f"stores/{self.document}.md"
        access = Access(
            "aldermoor", Level.INTERNAL, frozenset({"staff"}), "stores", frozenset({"bench"}), ("stores",),
            owner=OWNER, purpose=purpose,
        )  # fmt: skip
        self.uploads.accept(
            Upload(
                self.document, "aldermoor", OWNER, uri, f"{self.document}.md", str(uuid4()), "v1", len(text), access,
                State.QUEUED, "", 0, datetime.now(UTC),
            )
        )  # fmt: skip
        passage = Passage(
            self.passage, self.document, "v1", 0, f"The cellar of {MARK}", uri, "", text, 1, 0, len(text), (), "en",
            access,
        )  # fmt: skip
        self.index.put([passage], NearEmbedder().embed([text]))
        told = Document(self.document, uri, "v1", f"The cellar of {MARK}", "text/markdown", "en", 1, access)
        self.registry.register(told, [Page(1, text)])

    def gone(self) -> None:
        """Nothing is left of the document, for the next one."""
        self.registry.forget(self.document)
        self.index.remove(self.document)

    def purposes(self, written: str) -> None:
        """From now on the reader may state these."""
        fresh = self.folder / "personas.new"
        fresh.write_text(_PERSON % (READER, written) + _PERSON % (OWNER, ""), "utf-8")
        fresh.replace(self.folder / "personas.yaml")

    def headers(self, who: str, purpose: str = "") -> dict[str, str]:
        """What a request of `who` bears."""
        stated = {"Muniment-Purpose": purpose} if purpose else {}
        return {"Authorization": f"Bearer {self.identity.token(who)}"} | stated

    # --- Changes; each is acknowledged when it returns ----------------------------------------------------------------

    def narrow(self) -> None:
        """The access list names others: what `muniment ingest` commits when an .access.yaml has changed."""
        document = self.registry.document(self.document)
        assert document is not None
        self.registry.amend(self.document, access=replace(document.access, readers=frozenset({"nobody-here"})))

    def activate(self, *, forbidding: bool) -> None:
        """Another policy set, signed by two officers, comes into force."""
        shipped = read(ROOT / "policies")
        more = {"bench.cedar": FORBIDDING} if forbidding else {}
        found = PolicySet({**shipped.files, **more})
        officers = self.folder / "officers"
        given = {
            name: signing.signed(found.digest, signing.private_key(officers / f"{name}.key"))
            for name in demo_officers.NAMES
        }
        self.active.activate(found, given, recorded=lambda _activation: None)


@dataclass(frozen=True, slots=True)
class Peopled:
    """How people come in who are not the demonstration's: what `told` says besides, and what `joined` makes of it.

    `port` is where the API listens, if it must be known beforehand.
    """

    told: Mapping[str, Any]
    joined: Callable[[Settings, Journal], tuple[Identity, Presence, SessionParts | None]]
    port: int


@contextmanager
def changing_house(folder: Path, *, workers: int = 12, peopled: Peopled | None = None) -> Iterator[House]:
    """The house behind a real HTTP server on a port of this machine, a free one if nobody says otherwise."""
    settings = Settings(
        data=folder / "data", running=workers, running_per_person=workers, prompt_tokens=6_000, conversation_days=1,
        connections=256, **(peopled.told if peopled else {}),
    )  # fmt: skip
    (folder / "data").mkdir(parents=True)
    with ExitStack() as held:
        store = held.enter_context(running(folder / "vectors", folder / "run" / "store.sock"))
        engine = open_database(settings.database)
        registry, uploads, archive = Registry(engine), Uploads(engine), Archive(settings.data / "archive")
        index, embedder = Index(store.endpoint, seconds=30), NearEmbedder()
        held.callback(index.close)
        index.ensure(embedder)
        active = ActivePolicies(folder / "policies", officers=folder / "officers")
        demo_officers.keep_in_force(
            active, ROOT / "policies", officers=folder / "officers", recorded=lambda _activation: None
        )
        (folder / "personas.yaml").write_text(_PERSON % (READER, "") + _PERSON % (OWNER, ""), "utf-8")
        identity, figures = DemoIdentity(folder / "personas.yaml", "aldermoor"), Figures()
        journal = Counted(ledger_parts(settings, engine, policy=active.version).ledger, figures)
        who, presence, signed_in = peopled.joined(settings, journal) if peopled else (identity, identity, None)
        rules = Rules(active.current, presence)
        search, model = Search(index, embedder, registry.current, rules=rules), SlowModel()
        desk = Desk(
            search=search, model=model, journal=journal, settings=settings, rules=rules, revoked=figures.revoked
        )
        talk = Dialogue(
            desk=desk, model=model, kept=Conversations(engine, days=1), documents=registry, journal=journal,
            settings=settings, rules=rules,
        )  # fmt: skip
        reader = PageReader(passages=index, documents=registry, originals=archive, journal=journal, rules=rules)
        shelf = Shelf(
            registry=registry, uploads=uploads, intake=Intake(settings.data / "archive" / "incoming", limit=1 << 20),
            bell=Bell(settings.database), journal=journal, rules=rules,
        )  # fmt: skip
        app = create_app(
            settings=settings, identity=who, desk=desk, reader=reader, checks={}, talk=talk, shelf=shelf,
            figures=figures, signing=signed_in,
        )  # fmt: skip
        address = held.enter_context(served(app, settings, port=peopled.port if peopled else 0))
        yield House(address, folder, registry, uploads, index, active, identity, figures)
