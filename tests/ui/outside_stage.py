"""The API with the real gate, courier and ledger as a process of its own: `python -m tests.ui.outside_stage PORT`.

Retrieval is a list of passages; the other side says again what it was told of red cells and of plasma, names and all
tokens of it. Everybody's rights are those of the shipped rules.
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import Final

import uvicorn

from appliance.access.rules import Rules
from appliance.access.standing import Standing
from appliance.api.app import SERVER, create_app
from appliance.escalation.envelope import Envelope
from appliance.records.escalations import Became, Outcome
from tests.api.scripted import HOSTILE_TEXT, HOSTILE_TITLE, ScriptedDesk, ScriptedReader
from tests.escalation.house import access
from tests.escalation.outside_house import CELLS, Around, passage
from tests.ui.stage import Pause

PLASMA: Final = "Thawed plasma is used within five days if Tobias Renner agrees. His record is MRN 4471."
PRIVATE: Final = "The patient in bed 4 must not be given penicillin."
CELLS_BACK: Final = "Red cells must have run through within four hours. [1]"
PLASMA_BACK: Final = "Thawed plasma is used within five days if {} agrees. [2]"
_TOKEN: Final = re.compile(rb"Person_[A-Z0-9]+")


def other_side(envelope: Envelope) -> Outcome:
    """What a model outside says: what it was told, and the token that it was told it with."""
    found = _TOKEN.search(envelope.body)
    text = f"{CELLS_BACK} {PLASMA_BACK.format(found.group().decode())}" if found else CELLS_BACK
    return Outcome(Became.ANSWERED, delivered=True, text=text, tokens_in=300, tokens_out=30, spent=1_350)


def house(folder: Path) -> Around:
    """The house with its passages: two that may leave once approved; hostile text; and one that never leaves."""
    around = Around(folder)
    around.house.documents.accesses |= {
        "hostile": access(readers=frozenset({"it"})),
        "record": access(readers=frozenset({"hr"}), labels=frozenset({"patient"})),
    }
    around.passages = [
        passage("p1", CELLS),
        passage("p2", PLASMA, "leaflet"),
        passage("p3", PRIVATE, "record"),
        passage("p4", f"{HOSTILE_TEXT} {HOSTILE_TITLE}", "hostile"),
    ]
    around.house.door.other = other_side
    return around


def main(port: int) -> None:
    """Serve until ended."""
    with tempfile.TemporaryDirectory(prefix="outside-") as data:
        around = house(Path(data))
        courier = around.house.courier
        courier.start()
        app = create_app(
            settings=around.settings, identity=around.identity, desk=ScriptedDesk(Pause()), reader=ScriptedReader(),
            checks={}, outside=around.outside, standing=Standing(Rules(lambda: around.house.ruleset)),
        )  # fmt: skip
        try:
            uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", **SERVER)
        finally:
            courier.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
