"""An API that is betrayed from inside: `python -m tests.walls.inside RESULT outside|here closed`, `… here open`.

To be run in a network namespace without a route. The API is started, closed and watched by the functions that `muniment
serve` calls, around a scripted desk; a thread of its own process tries every way out, to an address outside or to a
listener on this machine, writes how each ended, what arrived and what the metrics say, and ends the process.
"""

import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from appliance import tripwire
from appliance.operations import reach, walls
from appliance.settings import load
from tests.journeys.sealed_run import loopback_up
from tests.walls.attempts import OUTSIDE, RESOLVER, tried

if TYPE_CHECKING:
    from fastapi import FastAPI

    from appliance.telemetry import Figures

RECORDED = 'muniment_tripwire_total{kind="ctypes.dlsym"}'
"""Something that each run must show, if the wire is laid."""


class Listener:
    """A machine that what leaves would reach, on loopback: opened before the process is closed."""

    def __init__(self) -> None:
        self._tcp = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self.tcp: tuple[str, int] = self._tcp.getsockname()
        self.udp: tuple[str, int] = self._udp.getsockname()

    def arrived(self) -> int:
        """Connections and datagrams that came."""
        came = 0
        for one in (self._tcp, self._udp):
            one.settimeout(0.2)
            try:
                while True:
                    one.accept() if one is self._tcp else one.recv(512)
                    came += 1
            except TimeoutError:
                pass
        return came


listener = Listener()


def betrayal(result: Path, figures: "Figures") -> None:
    """Try everything, wait until it is counted, write it down and end."""
    outside = sys.argv[2] == "outside"
    ended = tried(OUTSIDE if outside else listener.tcp, RESOLVER if outside else listener.udp)
    arrived = listener.arrived()
    deadline = time.monotonic() + 20
    while RECORDED not in figures.exposition().decode() and time.monotonic() < deadline:
        time.sleep(0.05)
    result.write_text(json.dumps({"ended": ended, "arrived": arrived, "metrics": figures.exposition().decode()}))
    os.kill(os.getpid(), signal.SIGTERM)


def app() -> "FastAPI":
    """The app, with the traitor in it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    settings = load()
    walls.watch(reach.api(settings))

    from appliance.access.identity import DemoIdentity
    from appliance.api.app import create_app
    from appliance.telemetry import Figures
    from tests.api.scripted import ScriptedDesk, ScriptedReader
    from tests.api.serving import PERSONAS, all_is_well

    figures = Figures()
    tripwire.counted(figures.tripped)
    threading.Thread(target=betrayal, args=(Path(sys.argv[1]), figures), daemon=True).start()
    return create_app(
        settings=settings,
        identity=DemoIdentity(PERSONAS, settings.tenant),
        desk=ScriptedDesk(),
        reader=ScriptedReader(),
        checks={"store": all_is_well},
        figures=figures,
    )


def main() -> None:
    """The same steps as `appliance.cli.processes.serve`; or, for the control, no API and nothing closed."""
    if sys.argv[3] == "open":
        ended = tried(listener.tcp, listener.udp)
        Path(sys.argv[1]).write_text(json.dumps({"ended": ended, "arrived": listener.arrived()}))
        return
    settings = load()
    walls.close(reach.api(settings))

    from appliance.operations import workers

    workers.run(settings, app, named="tests.walls.inside:app")


if __name__ == "__main__":
    loopback_up()
    main()
