"""The API with what an operator is told, as a process of its own: `python -m tests.ui.operations_stage PORT [broken]`.

Rows, ledger, models and storage are counted for real, in a house with a few of each; times are made up, the index is a
number. `broken`: the worker is away, and neither index nor escalations can be told of.
"""

import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.access.standing import Standing
from appliance.api.app import SERVER, create_app
from appliance.errors import StoreUnavailable, WorkerUnavailable
from appliance.operations.overseeing import Overseeing, Sources
from appliance.operations.storage import StorageCount, places
from appliance.records import Access, Document, Entry, Event, Level
from appliance.records.operating import IndexState, Waiting
from appliance.settings import load
from appliance.store.counting import Counting
from appliance.store.database import open_database
from appliance.store.registry import Registry
from appliance.store.uploads import State, Upload, Uploads
from appliance.telemetry import FIRST, WAITED, WHOLE, Figures
from appliance.wiring.overseeing import models
from tests.api.scripted import ScriptedDesk, ScriptedReader
from tests.api.serving import PERSONAS, all_is_well
from tests.audit.houses import House
from tests.rules import ruleset

ACCESS = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))


def broken() -> None:
    raise WorkerUnavailable("No worker is at work; uploads wait.")


def unknown() -> Any:
    raise StoreUnavailable("The vector store does not answer.")


def figures() -> Figures:
    """What a morning's work leaves in them."""
    made = Figures()
    for number in range(60):
        waited = number % 5 * 0.4
        first = waited + 1 + number * 7 % 60 / 12
        for step, seconds in ((WAITED, waited), (FIRST, first), (WHOLE, first + 1 + number * 11 % 60 / 6)):
            made.answered(step, seconds)
        made.requested("/v1/ask", first + 4)
        made.requested("/v1/search", 0.1 + number % 7 / 20)
        made.requested("/v1/documents", 0.06 + number % 3 / 20)
        made.requested("/v1/passages/{passage_id}", 0.2 + number % 9 / 10)
    for event, count in ((Event.ASKED, 60), (Event.CLOSED, 52), (Event.REFUSED, 8), (Event.PAGE_OPENED, 31)):
        for _ in range(count):
            made.recorded(Entry(event, ""))
    return made


def counted(folder: Path) -> Sources:
    """A house with a few of everything in `folder`."""
    settings = load(data=folder)
    engine = open_database(settings.database)
    registry, uploads = Registry(engine), Uploads(engine)
    for number in range(42):
        name = f"nursing/{number}.md"
        registry.register(Document(f"d{number}", name, "v", "T", "text/markdown", "en", 1, ACCESS), [])
    for number in range(3):
        registry.quarantine(
            document=f"q{number}", tenant="aldermoor", uri=f"q/{number}", version="v", reason="encrypted"
        )
    for number, state in enumerate((State.QUEUED, State.QUEUED, State.RUNNING, *[State.STORED] * 9)):
        at = datetime.now(UTC)
        one = Upload(f"u{number}", "aldermoor", "mara", f"u/{number}", "a", "t", "d", 1, ACCESS, state, "", 0, at)
        uploads.accept(one)
        uploads.finish(one, state)
    for part, size in (("archive", 9_400_000), ("vectors", 3_100_000), ("ledger-witness", 12_000)):
        (folder / part).mkdir(exist_ok=True)
        (folder / part / "one").write_bytes(b"x" * size)
    ledger = House(settings.database, folder)
    ledger.fill(30)
    ledger.notary.round()
    ledger.fill(4)
    counting = Counting(engine, "aldermoor")
    return Sources(
        policies=lambda: ruleset().version,
        documents=counting.documents,
        uploads=counting.uploads,
        escalations=lambda: Waiting({"awaiting": 1, "answered": 6, "denied": 2}),
        reviews=lambda: {"open": 1, "overdue": 0},
        conversations=counting.conversations,
        models=lambda: models(settings),
        index=lambda: IndexState(1_284, "embedding-1", 384, "bm25-2"),
        storage=StorageCount({**places(settings), "models": folder / "none"}, folder),
        ledger=ledger.ledger.covered,
    )


def main(port: int, *, ill: bool) -> None:
    """Serve until ended."""
    rules, identity = Rules(ruleset), DemoIdentity(PERSONAS, "aldermoor")
    checks = dict.fromkeys(("store", "model", "registry", "ledger", "checkpoints", "policies", "worker"), all_is_well)
    with tempfile.TemporaryDirectory(prefix="operations-") as data:
        sources = counted(Path(data))
        if ill:
            checks["worker"] = broken
            sources = replace(sources, index=unknown, escalations=unknown)
        app = create_app(
            settings=load(), identity=identity, desk=ScriptedDesk(), reader=ScriptedReader(), checks={},
            figures=figures(), overseeing=Overseeing(rules, sources, checks), standing=Standing(rules),
        )  # fmt: skip
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", **SERVER)


if __name__ == "__main__":
    main(int(sys.argv[1]), ill="broken" in sys.argv)
