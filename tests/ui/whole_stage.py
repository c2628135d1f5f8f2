"""The API with every room of it, as a process of its own: `python -m tests.ui.whole_stage PORT`.

What each area's stage holds, in one house: for whoever walks all pages. Desk and cited pages are scripted.
"""

import sys
import tempfile
import threading
from pathlib import Path

import uvicorn

from appliance.access.curating import Curation
from appliance.access.rules import Rules
from appliance.access.shelf import Shelf
from appliance.access.standing import Standing
from appliance.answering.conversation import Dialogue
from appliance.api.app import SERVER, create_app
from appliance.operations.overseeing import Overseeing
from appliance.records import Document
from appliance.store.conversations import Conversations
from appliance.store.database import open_database
from tests.api.scripted import ScriptedReader, ScriptedSuggestions
from tests.api.serving import all_is_well
from tests.contracts.chat_models import ScriptedModel
from tests.ui import documents_stage, kept_stage, office_stage, operations_stage, outside_stage
from tests.ui.stage import emergencies


def main(port: int) -> None:
    """Serve until ended."""
    ended = threading.Event()
    with tempfile.TemporaryDirectory(prefix="whole-") as data:
        folder = Path(data)
        for name in ("documents", "operations", "outside", "emergencies", "office"):
            (folder / name).mkdir()
        house = documents_stage.House(folder / "documents")
        house.fill()
        for number in (1, 2):
            house.registry.register(
                Document(f"document-{number}", f"{number}.md", "", "Giving blood", "", "en", 12, kept_stage.ACCESS), []
            )
        threading.Thread(target=house.work, args=(ended,), daemon=True).start()
        around = outside_stage.house(folder / "outside")
        around.house.courier.start()
        rules, desk = Rules(lambda: around.house.ruleset), kept_stage.Desk()
        sources = operations_stage.counted(folder / "operations")
        parts = ("store", "model", "registry", "ledger", "checkpoints", "policies", "worker")
        app = create_app(
            settings=house.settings, identity=around.identity, desk=desk, reader=ScriptedReader(),
            checks={"registry": all_is_well}, suggesting=ScriptedSuggestions(), standing=Standing(rules),
            shelf=Shelf(
                registry=house.registry, uploads=house.uploads, intake=house.intake, bell=house.bell,
                journal=house.journal, rules=house.rules,
            ),
            curation=Curation(
                quarantine=house.quarantine, intake=house.intake, bell=house.bell, journal=house.journal,
                rules=house.rules,
            ),
            talk=Dialogue(
                desk=desk, model=ScriptedModel(reply="Where may a helicopter park?"), documents=house.registry,
                kept=Conversations(open_database(house.settings.database), days=90), journal=house.journal,
                settings=house.settings, rules=house.rules,
            ),
            officers=office_stage.furnished(folder / "office").office,
            urgent=emergencies(folder / "emergencies"), outside=around.outside, figures=operations_stage.figures(),
            overseeing=Overseeing(rules, sources, dict.fromkeys(parts, all_is_well)),
        )  # fmt: skip
        try:
            uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", **SERVER)
        finally:
            ended.set()
            around.house.courier.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
