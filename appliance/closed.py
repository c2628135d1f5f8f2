"""`python -m appliance.closed [--reach HOST:PORT] [--names] [--bind PORT] MODULE …`: MODULE, closed.

For parts that know no settings: it closes this process, lays the tripwire, and becomes `python -m MODULE …`.
"""

import argparse
import logging
import runpy
import sys

from appliance import closing, tripwire

log = logging.getLogger("appliance.closed")


def main() -> None:
    """Close this process, then run the module in it. Raises OSError if the kernel refuses; then nothing runs."""
    parser = argparse.ArgumentParser(prog="python -m appliance.closed", description=__doc__)
    parser.add_argument("--reach", type=_peer, action="append", default=[], metavar="HOST:PORT", help="whom it asks")
    parser.add_argument("--names", action="store_true", help="it may look up names")
    parser.add_argument("--bind", type=int, action="append", default=[], metavar="PORT", help="where it listens")
    parser.add_argument("module")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    walls = closing.close({port for _, port in asked.reach}, asked.bind, names=asked.names)
    if not (walls.ports and walls.sockets):
        log.warning("%s: %s", asked.module, walls.told())
    tripwire.lay(tripwire.Known(asked.reach), refusing=not walls.ports)
    sys.argv = [asked.module, *asked.arguments]
    runpy.run_module(asked.module, run_name="__main__", alter_sys=True)


def _peer(told: str) -> tuple[str, int]:
    host, _, port = told.rpartition(":")
    return host.lower(), int(port)


if __name__ == "__main__":
    main()
