"""The whole API around a real store, registry, ledger and conversations, with some that is hidden from one persona.

Helen of the personnel department owns what is hidden; Mara, a nurse, is the one who tries to learn that it is there.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from appliance import wiring
from appliance.access.identity import DemoIdentity
from appliance.access.shelf import Shelf
from appliance.access.uploading import document_id
from appliance.answering.ask import Desk
from appliance.answering.conversation import Dialogue
from appliance.answering.reading import PageReader
from appliance.answering.suggesting import Suggestions
from appliance.api.app import create_app
from appliance.audit.parts import ledger_parts
from appliance.models.local import ChatModel
from appliance.records import Access, Answer, Document, Level, Page, Passage, Principal, Refusal
from appliance.retrieval.index import Index
from appliance.retrieval.points import content
from appliance.retrieval.search import Search
from appliance.selftest.repeating import RepeatingModel
from appliance.settings import load
from appliance.store.archive import Archive
from appliance.store.conversations import Conversations
from appliance.store.database import open_database
from appliance.store.jobs import Bell
from appliance.store.registry import Registry
from appliance.store.uploads import Uploads
from tests.api.serving import PERSONAS
from tests.contracts.hashing_embedder import HashingEmbedder
from tests.retrieval.conftest import running
from tests.rules import rules

TENANT: Final = "aldermoor"
NURSES: Final = Access(TENANT, Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))
HIDDEN: Final = Access(
    TENANT, Level.RESTRICTED, frozenset({"hr", "hr-leads"}), "hr", frozenset({"personnel"}), ("hr",), owner="helen"
)


class House:
    """The app over `index`, in `data`."""

    def __init__(self, data: Path, index: Index, model: ChatModel) -> None:
        self.settings = load(data=data, file_mib=1)
        engine = open_database(self.settings.database)
        self.index, self.embedder, self.rules = index, HashingEmbedder(), rules()
        self.registry, self.uploads, self.archive = Registry(engine), Uploads(engine), Archive(data / "archive")
        self.bell = Bell(self.settings.database)
        self.journal = ledger_parts(self.settings, engine).ledger
        self.identity = DemoIdentity(PERSONAS, TENANT)
        search = Search(index, self.embedder, self.registry.current, rules=self.rules)
        desk = Desk(search=search, model=model, journal=self.journal, settings=self.settings, rules=self.rules)
        kept = Conversations(engine, days=90)
        self.talk = Dialogue(
            desk=desk, model=model, kept=kept, documents=self.registry, journal=self.journal,
            settings=self.settings, rules=self.rules,
        )  # fmt: skip
        self.reader = PageReader(
            passages=index, documents=self.registry, originals=self.archive, journal=self.journal, rules=self.rules
        )
        self.suggestions = Suggestions(
            passages=index, current=self.registry.current, journal=self.journal, rules=self.rules
        )
        self.shelf = Shelf(
            registry=self.registry, uploads=self.uploads, intake=wiring.intake(self.settings), bell=self.bell,
            journal=self.journal, rules=self.rules,
        )  # fmt: skip
        self.desk = desk

    def app(self) -> FastAPI:
        return create_app(
            settings=self.settings, identity=self.identity, desk=self.desk, reader=self.reader, shelf=self.shelf,
            talk=self.talk, suggesting=self.suggestions, checks={},
        )  # fmt: skip

    def headers(self, persona: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.identity.token(persona)}"}

    def principal(self, persona: str) -> Principal:
        return self.identity.principal(self.headers(persona)["Authorization"])

    def write(self, uri: str, texts: Sequence[str], access: Access) -> Document:
        """Bring a document in: registry and index, each of `texts` a passage on a page of its own."""
        identifier = document_id(TENANT, uri)
        document = Document(
            identifier, uri, "f" * 64, Path(uri).stem.replace("-", " "), "text/markdown", "en", len(texts), access
        )
        passages = [
            Passage(
                str(uuid.uuid5(uuid.UUID(identifier), str(place))), identifier, document.version, place, document.title,
                uri, "", text, place + 1, 0, len(text), (), "en", access,
            )
            for place, text in enumerate(texts)
        ]  # fmt: skip
        self.index.put(passages, self.embedder.embed([content(one) for one in passages]))
        picture = self.archive.put(b"picture")
        self.registry.register(document, [Page(one.page, one.text, picture) for one in passages])
        return document

    def passage_of(self, document: Document) -> str:
        return str(uuid.uuid5(uuid.UUID(document.id), "0"))

    def forget(self, document: Document) -> None:
        self.registry.forget(document.id)
        self.index.remove(document.id)

    def conversation(self, persona: str, question: str) -> tuple[str, str]:
        """A conversation of `persona`: its id, and that of its answer."""
        *_, last = self.talk.ask(self.principal(persona), question)
        assert isinstance(last, Answer | Refusal)
        return last.conversation, last.id

    def hidden(self, count: int) -> list[Document]:
        """Documents of the personnel department, with many readers and few, short and long."""
        made = []
        for number in range(count):
            readers = HIDDEN.readers | {f"committee-{n}" for n in range(number % 3 * 40)}
            texts = [f"The settlement of case {number} was signed on day {page}." for page in range(1 + number % 4)]
            made.append(self.write(f"hr/case-{number}.md", texts, replace(HIDDEN, readers=readers)))
        return made


@contextmanager
def built(folder: Path, sockets: Path, model: ChatModel | None = None) -> Iterator[House]:
    """A house with a store of its own, and the model that repeats its prompt. `sockets` has a short path."""
    folder.mkdir(parents=True, exist_ok=True)
    with running(folder / "vectors", sockets / "store.sock") as store:
        index = Index(store.endpoint, seconds=10)
        index.ensure(HashingEmbedder())
        house = House(folder, index, model or RepeatingModel())
        yield house
        house.bell.close()
        index.close()
