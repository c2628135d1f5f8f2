"""The API with the house's own shelf and quarantine as a process of its own: `python -m tests.ui.documents_stage PORT`.

Nothing is parsed: a clerk takes what is given after a moment, as the worker would, and holds back what is named so.
"""

import sys
import tempfile
import threading
from datetime import date
from pathlib import Path
from typing import Final

import uvicorn

from appliance import wiring
from appliance.access.curating import Curation
from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.access.shelf import Shelf
from appliance.access.standing import Standing
from appliance.access.uploading import document_id
from appliance.api.app import SERVER, create_app
from appliance.records import Access, Document, Level
from appliance.settings import load
from appliance.store.database import open_database
from appliance.store.jobs import Bell
from appliance.store.quarantine import Quarantine
from appliance.store.registry import Registry
from appliance.store.uploads import State, Upload, Uploads
from tests.api.scripted import HOSTILE_TITLE, ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS
from tests.contracts.journals import ListJournal
from tests.rules import rules

TENANT: Final = "aldermoor"
SECONDS: Final = 1.0
LOCKED: Final = "locked"
"""A file with this in its name is encrypted, as far as the clerk knows."""
NURSING: Final = Access(TENANT, Level.INTERNAL, frozenset({"staff", "icu"}), "nursing", frozenset(), ("nursing",))
SECRET: Final = "Settlement of the heliotrope case"
FALLS: Final = "Preventing falls"
REPLACED: Final = "Preventing falls (2024)"


class House:
    """What stands on the shelf, and what is held back."""

    def __init__(self, data: Path) -> None:
        self.settings = load(data=data, file_mib=2)
        engine = open_database(self.settings.database)
        self.registry, self.uploads, self.quarantine = Registry(engine), Uploads(engine), Quarantine(engine)
        self.intake, self.bell = wiring.intake(self.settings), Bell(self.settings.database)
        self.journal, self.rules = ListJournal(), rules()

    def fill(self) -> None:
        """Documents that everybody reads, one that hardly anybody does, versions, and files that are held back."""
        newer = self.put("nursing/falls-2026.pdf", FALLS, valid_from=date(2026, 3, 1))
        self.put("nursing/falls-2024.pdf", REPLACED, superseded_by=newer)
        self.put("hr/heliotrope.docx", SECRET, readers={"hr"}, level=Level.RESTRICTED)
        self.put("nursing/hostile.md", HOSTILE_TITLE)
        for number in range(1, 24):
            self.put(f"pharmacy/leaflet-{number:02}.html", f"Leaflet {number} on antibiotics", level=Level.PUBLIC)
        self.hold("nursing/old-plan.docx", "no text found", NURSING)
        self.hold("board/unlisted.xlsx", "no access list", None)

    def put(
        self,
        uri: str,
        title: str,
        *,
        readers: set[str] | None = None,
        level: Level = Level.INTERNAL,
        valid_from: date | None = None,
        superseded_by: str | None = None,
    ) -> str:
        """A document that is in the house; returns its id."""
        folder = uri.partition("/")[0]
        listed = Access(TENANT, level, frozenset(readers or {"staff", "icu"}), folder, frozenset(), (folder,))
        found = Document(
            document_id(TENANT, uri), uri, "v" * 64, title, "application/pdf", "en", 3, listed, valid_from,
            superseded_by,
        )  # fmt: skip
        self.registry.register(found, [])
        return found.id

    def hold(self, uri: str, reason: str, listed: Access | None) -> None:
        """A folder's file that is held back."""
        self.registry.quarantine(
            document=document_id(TENANT, uri), tenant=TENANT, uri=uri, version="v", reason=reason, listed=listed
        )

    def take(self, upload: Upload) -> None:
        """What the worker would do with it."""
        claimed = self.uploads.claim(upload.document, upload.ticket)
        if claimed is None or claimed.state == State.REMOVING:
            self.uploads.forget(upload)
            return
        if LOCKED in upload.name:
            self.registry.quarantine(
                document=upload.document, tenant=TENANT, uri=upload.uri, version=upload.digest,
                reason="it is encrypted", listed=upload.access,
            )  # fmt: skip
            self.uploads.finish(claimed, State.QUARANTINED, "it is encrypted")
            return
        title = Path(upload.name).stem
        found = Document(upload.document, upload.uri, upload.digest, title, "text/markdown", "en", 1, upload.access)
        self.registry.register(found, [])
        self.uploads.finish(claimed, State.STORED)

    def work(self, ended: threading.Event) -> None:
        """Take what is given, each after a moment."""
        while not ended.wait(SECONDS):
            for upload in self.uploads.left():
                self.take(upload)


def main(port: int) -> None:
    """Serve until ended."""
    ended = threading.Event()
    with tempfile.TemporaryDirectory(prefix="documents-") as data:
        house = House(Path(data))
        house.fill()
        threading.Thread(target=house.work, args=(ended,), daemon=True).start()
        shelf = Shelf(
            registry=house.registry, uploads=house.uploads, intake=house.intake, bell=house.bell,
            journal=house.journal, rules=house.rules,
        )  # fmt: skip
        curation = Curation(
            quarantine=house.quarantine, intake=house.intake, bell=house.bell, journal=house.journal, rules=house.rules
        )
        app = create_app(
            settings=house.settings, identity=DemoIdentity(PERSONAS, TENANT), desk=ScriptedDesk(),
            reader=ScriptedReader(), checks={}, shelf=shelf, curation=curation,
            standing=Standing(Rules(house.rules.ruleset)),
        )  # fmt: skip
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", **SERVER)
        ended.set()


if __name__ == "__main__":
    main(int(sys.argv[1]))
