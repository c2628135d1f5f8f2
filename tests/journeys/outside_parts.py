"""A house with a way out, as processes: `python -m tests.journeys.outside_parts api|door FOLDER`.

Everything is what an installation has, from the settings in `FOLDER`, but for what no setting allows: that people are
the demonstration's where something may leave, that every name leads to this machine, and that the house's own model
never knows an answer.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any, Final

from appliance.operations import reach, walls
from appliance.settings import Settings, load

TOLD: Final = "house.json"


def settings_of(folder: Path) -> Settings:
    """The settings of the house in `folder`. What would refuse them is left aside: `demo` beside a way out."""
    told = json.loads((folder / TOLD).read_text())
    plain = load(
        data=folder / "data",
        api_port=told["port"],
        models=told["models"],
        policies=folder / "rules",
        demo_corpus=folder / "people" / "documents",
    )
    own: dict[str, Any] = {name: getattr(plain, name) for name in Settings.model_fields}
    own |= {
        "egress": "policy",
        "door_socket": folder / "way" / "door.sock",
        "door_ca": folder / "aldermoor.pem",
        "door_folder": folder / "door",
        "door_seconds": float(told["seconds"]),
        "detection": "on",
    }
    return Settings.model_construct(**own)


def api(settings: Settings) -> None:
    """The API behind the walls that it has in an installation."""
    walls.close(reach.api(settings))
    from appliance import wiring
    from appliance.operations import workers
    from tests.contracts.chat_models import ScriptedModel
    from tests.contracts.hashing_embedder import HashingEmbedder

    instead = wiring.Instead(model=ScriptedModel("NOT STATED"), embedder=HashingEmbedder())
    workers.run(settings, lambda: wiring.api(settings, instead), named="")


def door(settings: Settings) -> None:
    """The door, which takes this machine for the outside."""
    from appliance.escalation.outward import Outward
    from appliance.operations import door as doors

    here = Outward(doors.route(settings), resolve=lambda _host, _port: ["127.0.0.1"], outside=lambda _address: True)
    doors.run(settings, here)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    {"api": api, "door": door}[sys.argv[1]](settings_of(Path(sys.argv[2])))
