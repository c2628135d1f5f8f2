"""The door as `muniment door` runs it, from the same settings, but that every name leads to this machine.

    MUNIMENT_CONFIG=… python -m tests.escalation.door_process

No setting can do that: the two arguments of a constructor are given here.
"""

import logging

from appliance.escalation.outward import Outward
from appliance.operations import door
from appliance.settings import load


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    settings = load()
    here = Outward(door.route(settings), resolve=lambda _host, _port: ["127.0.0.1"], outside=lambda _address: True)
    door.run(settings, here)


if __name__ == "__main__":
    main()
