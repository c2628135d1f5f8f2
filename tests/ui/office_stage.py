"""The API with the officers' desks as a process of its own: `python -m tests.ui.office_stage PORT [FOLDER]`.

A real ledger of a month, real rules, a registry of invented documents, results of invented tests; a word list detects.
"""

import random
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvicorn

from appliance.api.app import SERVER
from appliance.audit.ledger import Ledger
from appliance.escalation.preparing import Preparing
from appliance.office.playground import Playground
from appliance.privacy.detection import Detection
from appliance.records import Access, Document, Event, Level, Page, by
from appliance.records.privacy import Finding
from appliance.selftest.report import Report as LeakReport
from appliance.selftest.report import to_json as leak_json
from appliance.store.database import open_database
from appliance.workshop.report import to_json
from tests.contracts.word_list import WordList
from tests.office.office_house import TENANT, House, house
from tests.workshop.invented import report

WORDS: Final = {"Tobias Renner": "PERSON", "3 May 1961": "DATE_OF_BIRTH", "hunter2!x": "SECRET", "Weir": "LOCATION"}
HOSTILE: Final = "nursing/<img src=x onerror=alert(1)> **bold** [link](https://example.org) \u202etxt.md"
"""Where one document lies: HTML, Markdown and a sign that turns the direction of writing."""
PLACES: Final = (
    ("nursing/night-shift.md", "internal", "staff", ""),
    ("nursing/transfusion.html", "internal", "staff", ""),
    ("nursing/icu/sedation.pdf", "internal", "icu", ""),
    ("pharmacy/formulary.xlsx", "internal", "staff", ""),
    ("pharmacy/recalls.md", "confidential", "pharmacy", ""),
    ("facilities/lifts.pdf", "public", "staff contractors", ""),
    ("finance/budget-2026.xlsx", "confidential", "finance", ""),
    ("hr/salary-bands-2026.pdf", "restricted", "hr hr-leads", "personnel"),
    ("hr/leave.md", "internal", "staff", ""),
    ("board/minutes.docx", "restricted", "board", ""),
    (HOSTILE, "internal", "staff", ""),
)


def furnished(data: Path) -> House:
    """The house with all of it."""
    made = house(data)
    for number, (uri, level, readers, label) in enumerate(PLACES):
        access = Access(
            TENANT, Level.named(level), frozenset(readers.split()), uri.partition("/")[0], frozenset({label} - {""}),
            (uri.partition("/")[0],),
        )  # fmt: skip
        document = Document(f"d{number}", uri, "e" * 64, "A title", "text/plain", "en", 1, access)
        made.registry.register(document, [Page(1, "Text.")])
    _month(made)
    made.evidence.notary.round()
    _results(data)
    found = Detection([WordList(WORDS)], thresholds={})
    preparing = Preparing(found, _nobody, tokens=100)
    made.office = replace(
        made.office, playground=Playground(rules=made.rules, journal=made.evidence.ledger, preparing=lambda: preparing)
    )
    return made


def _nobody(_text: str) -> list[Finding]:
    return []


def _month(made: House) -> None:
    luck = random.Random(7)  # noqa: S311  # an invented month
    engine = open_database(made.settings.database)
    for ago in range(20, 0, -1):
        at = datetime.now(UTC) - timedelta(days=ago)
        past = Ledger(engine, made.evidence.keys, clock=lambda at=at: at)  # type: ignore[misc]
        for number in range(luck.randint(1, 3)):
            who = made.identity.principal(f"Bearer {made.identity.token(luck.choice(('mara', 'tobias', 'helen')))}")
            about, seen = f"answer-{ago}-{number}", (f"d{luck.randrange(9)}", "falls")
            last = luck.choice((Event.CLOSED, Event.CLOSED, Event.REFUSED))
            past.append(by(who, Event.ASKED, about))
            past.append(replace(by(who, Event.OPENED, about), documents=seen, passages=6))
            past.append(replace(by(who, last, about), released=3))
            if luck.random() < 0.5:
                past.append(replace(by(who, Event.PAGE_OPENED), documents=seen[:1]))


def _results(data: Path) -> None:
    for name in ("evaluations", "selftest"):
        (data / name).mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    for number in range(6):
        at = now - timedelta(days=7 * (6 - number))
        told = replace(report(run=f"week-{number}", seed=number, worse=0.12 - 0.02 * number), finished=at)
        (data / "evaluations" / f"week-{number}-golden.json").write_text(to_json(told, None), "utf-8")
        leaks = LeakReport(
            began=at, seconds=300.0, tenant="scratch", policy="0f3b9c1d2e4a", model="repeating", seed=number,
            cells=Counter({("helen", "ask"): 5_000}), findings=[], controls=40, missed=["x"] if number == 2 else [],
            unanswered=Counter(), times=[],
        )  # fmt: skip
        (data / "selftest" / f"leaks-{number}.json").write_text(leak_json(leaks), "utf-8")


def main(port: int, folder: Path) -> None:
    """Serve until ended."""
    uvicorn.run(furnished(folder).app(), host="127.0.0.1", port=port, log_level="warning", **SERVER)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="office-") as own:
        main(int(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else own))
