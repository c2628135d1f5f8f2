"""The API with conversations that are kept, as a process of its own: `python -m tests.ui.kept_stage PORT`.

Desk and pages are scripted, registry, ledger and conversations real.
"""

import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import uvicorn

from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.access.standing import Standing
from appliance.answering.conversation import Dialogue
from appliance.api.app import SERVER, create_app
from appliance.api.telling import Step
from appliance.records import UNFILTERED, Access, Answer, Document, Filters, Level, Passage, Principal, Refusal
from appliance.settings import load
from appliance.store.conversations import Conversations
from appliance.store.database import open_database
from appliance.store.registry import Registry
from tests.api.scripted import ScriptedDesk, ScriptedReader, ScriptedSuggestions
from tests.api.serving import PERSONAS, all_is_well
from tests.contracts.chat_models import ScriptedModel
from tests.contracts.journals import ListJournal
from tests.rules import rules, ruleset

ACCESS = Access("aldermoor", Level.PUBLIC, frozenset({"staff"}), "nursing", frozenset(), ())


class Desk:
    """The scripted one, with an id of its own for each answer. Where filters are set nothing is found."""

    def __init__(self) -> None:
        self._scripted = ScriptedDesk()

    def answer(
        self, principal: Principal, text: str, *, filters: Filters = UNFILTERED, **_so_long_as: object
    ) -> Iterator[Step]:
        for step in self._scripted.answer(principal, "helicopter" if filters else text):
            yield replace(step, id=str(uuid.uuid4())) if isinstance(step, Answer | Refusal) else step

    def search(self, principal: Principal, text: str, *, limit: int, **filters: object) -> list[Passage]:
        return self._scripted.search(principal, text, limit=limit, **filters)


def main(port: int) -> None:
    """Serve until ended."""
    with tempfile.TemporaryDirectory(prefix="kept-") as data:
        settings, identity, desk = load(data=Path(data)), DemoIdentity(PERSONAS, "aldermoor"), Desk()
        engine = open_database(settings.database)
        registry, kept = Registry(engine), Conversations(engine, days=90)
        for number in (1, 2):
            document = Document(f"document-{number}", f"{number}.md", "", "Giving blood", "", "en", 12, ACCESS)
            registry.register(document, [])
        talk = Dialogue(
            desk=desk, model=ScriptedModel(reply="Where may a helicopter park?"), kept=kept, documents=registry,
            journal=ListJournal(), settings=settings, rules=rules(),
        )  # fmt: skip
        app = create_app(
            settings=settings, identity=identity, desk=desk, reader=ScriptedReader(), talk=talk,
            checks={"registry": all_is_well}, standing=Standing(Rules(ruleset)), suggesting=ScriptedSuggestions(),
        )  # fmt: skip
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", **SERVER)


if __name__ == "__main__":
    main(int(sys.argv[1]))
