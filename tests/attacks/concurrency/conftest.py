"""A house of real parts in which something changes at a chosen moment of a question."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from appliance.access.policy_set import PolicySet, read
from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset, compiled
from appliance.answering.ask import Desk
from appliance.answering.reading import PageReader
from appliance.records import Access, Document, Entry, Event, Level, Page, Passage, Principal
from appliance.retrieval.index import Index
from appliance.retrieval.points import content
from appliance.retrieval.search import Search
from appliance.settings import ROOT, load
from appliance.store.archive import Archive
from appliance.store.database import open_database
from appliance.store.registry import Registry
from tests.contracts.chat_models import ScriptedModel
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.contracts.journals import ListJournal
from tests.retrieval.conftest import index, passage, runner, store  # noqa: F401 - fixtures
from tests.rules import ruleset

MARA = Principal("mara", "Mara", "aldermoor", frozenset({"nursing"}), Level.INTERNAL, "portal")
QUESTION = "Night shift: when is the drug cupboard on ward seven counted in the evening by two nurses?"
COUNTED = "The drug cupboard on ward seven is counted at ten in the evening by two nurses."
KEY = "The key of the drug cupboard lies at the desk of ward seven."
TEXT, REPLY = f"{COUNTED} {KEY}", f"{COUNTED} [1] {KEY} [1]"
OPEN = Access("aldermoor", Level.INTERNAL, frozenset({"nursing"}), "nursing", frozenset(), ())
NO_MORE = '\n@id("no-more")\nforbid (principal, action == Action::"read", resource);\n'


@dataclass
class Moments(ListJournal):
    """A journal during whose entry of a kind something happens: others write while we are told that we may go on."""

    at: Event | None = None
    happens: Callable[[], None] = field(default=lambda: None)

    def append(self, entry: Entry) -> int:
        number = super().append(entry)
        if entry.event is self.at:
            self.at = None
            self.happens()
        return number


class House:
    """Real index, registry, policies, search and desk; `also` is the registry as another process has it open."""

    def __init__(self, data: Path, held: Index) -> None:
        url = f"sqlite:///{data / 'registry.sqlite'}"
        self.registry, self.also = Registry(open_database(url)), Registry(open_database(url))
        self.archive, self.index, self.journal = Archive(data / "archive"), held, Moments()
        self.in_force: Ruleset = ruleset()
        embedder = HashingEmbedder()
        self.search = Search(held, embedder, self.registry.current, rules=self.rules())
        self.model = ScriptedModel(reply=REPLY)
        self.desk = Desk(
            search=self.search, model=self.model, journal=self.journal, settings=load(), rules=self.rules()
        )
        self.reader = PageReader(
            passages=held,
            documents=self.registry,
            originals=self.archive,
            journal=self.journal,
            rules=self.rules(),
        )
        self.passage: Passage = passage("d1#0", TEXT, title="Night shift", access=OPEN)
        self.register(OPEN)
        held.put([self.passage], embedder.embed([content(self.passage)]))

    def rules(self) -> Rules:
        return Rules(lambda: self.in_force)

    def register(self, access: Access, *, version: str = "v1") -> None:
        """As another process registers it."""
        picture = self.archive.put(b"a picture of the page")
        page = Page(1, TEXT, picture)
        self.also.register(Document("d1", "a.md", version, "Night shift", "text/markdown", "en", 1, access), [page])

    def forget(self) -> None:
        self.also.forget("d1")

    def activate(self, more: str = NO_MORE) -> None:
        """Another policy set comes into force."""
        shipped = read(ROOT / "policies")
        self.in_force = compiled(PolicySet({**shipped.files, "more.cedar": more.encode()}))

    def changes(self) -> dict[str, Callable[[], None]]:
        """Each way in which a document stops being what was found."""
        return {
            "readers": lambda: self.register(replace(OPEN, readers=frozenset({"hr"}))),
            "level": lambda: self.register(replace(OPEN, level=Level.RESTRICTED)),
            "tenant": lambda: self.register(replace(OPEN, tenant="elsewhere")),
            "deleted": self.forget,
            "replaced": lambda: self.register(OPEN, version="v2"),
            "policies": self.activate,
        }


CHANGES = ("readers", "level", "tenant", "deleted", "replaced", "policies")


@pytest.fixture
def house(tmp_path: Path, index: Index) -> Iterator[House]:  # noqa: F811 - the fixture above
    return House(tmp_path, index)
