"""The API with a scripted desk as a process of its own: `python -m tests.ui.stage PORT`."""

import sys
import tempfile
import threading
from pathlib import Path

import uvicorn

from appliance.access.emergencies import Bounds, Emergencies
from appliance.access.rules import Rules
from appliance.access.shelf import Listed
from appliance.api.app import SERVER
from appliance.errors import NotFound
from appliance.records import Access, Document, Level, Principal
from appliance.settings import load
from appliance.store.database import open_database
from appliance.store.emergencies import EmergencyTable
from tests.api.scripted import ScriptedDesk, ScriptedSuggestions
from tests.api.serving import demo_app
from tests.contracts.journals import ListJournal
from tests.rules import ruleset

SECONDS = 1.5
TAKE = "helicopter, and take away what I have read"


class Pause(threading.Event):
    """What a person sees between two sentences: a moment in which nothing comes."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(min(SECONDS, timeout or SECONDS))


class TakingShelf:
    """Every document is everybody's to read, until he asks to have it taken away."""

    def __init__(self, desk: ScriptedDesk) -> None:
        self._desk = desk

    def page(self, _principal: Principal, **_asked: object) -> list[Listed]:
        """No list: what is cited is opened by its id."""
        return []

    def one(self, principal: Principal, document_id: str) -> Listed:
        if (principal.id, TAKE) in self._desk.asked:
            raise NotFound
        access = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ())
        return Listed(Document(document_id, "a.md", "v", "T", "text/markdown", "en", 1, access), None)


def emergencies(data: Path) -> Emergencies:
    """The house's own, over a database in `data`."""
    settings = load(data=data)
    kept = EmergencyTable(open_database(settings.database))
    return Emergencies(kept=kept, journal=ListJournal(), rules=Rules(ruleset), bounds=Bounds.of(settings))


def main(port: int) -> None:
    """Serve until ended."""
    desk = ScriptedDesk(Pause())
    with tempfile.TemporaryDirectory(prefix="stage-") as data:
        app, _ = demo_app(
            desk, shelf=TakingShelf(desk), urgent=emergencies(Path(data)), suggesting=ScriptedSuggestions()
        )
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", **SERVER)


if __name__ == "__main__":
    main(int(sys.argv[1]))
