"""The whole journey, to be run inside a network namespace that has no route: up, ingest, ask, ingest again, down.

`python -m tests.journeys.sealed_run RESULT` writes what it saw as JSON. Settings come from the environment.
"""

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

from appliance.cli.client import Client
from appliance.settings import load

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
ORDERS = "Up to what sum can a ward manager approve an order alone?"
ALLERGY = "What is the man in ICU bed 4 allergic to?"
ABSENT = "What is the wifi password for visitors this week?"
QUESTIONS = [("mara", ORDERS), ("mara", ALLERGY), ("viktor", ALLERGY), ("mara", ABSENT)]


def loopback_up() -> None:
    """A new namespace has its loopback switched off; this is `ip link set lo up`, without the tool."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack("16xh14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def muniment(*arguments: str) -> dict[str, Any]:
    """One command: its exit code and all it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "appliance.cli", *arguments],
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return {"code": done.returncode, "output": done.stdout + done.stderr}


def attempt_outside() -> None:
    """The control: an attempt that the trace must show, so that an empty trace means something."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
        outside.connect_ex(("192.0.2.1", 53))


def main() -> None:
    """The journey."""
    result: dict[str, Any] = {"interfaces": sorted(name for _, name in socket.if_nameindex())}
    loopback_up()
    if os.environ.get("SEALED_CONTROL"):
        attempt_outside()
        Path(sys.argv[1]).write_text(json.dumps(result))
        return
    settings = load()
    result["data"] = str(settings.data)
    result["up"] = muniment("up")
    try:
        result["first ingest"] = muniment("ingest", str(settings.demo_corpus))
        result["second ingest"] = muniment("ingest", str(settings.demo_corpus))
        result["status"] = muniment("status")
        result["asked"] = [
            {"persona": persona, "question": question}
            | {"outcome": Client(settings, persona).post("/v1/ask", {"question": question})}
            for persona, question in QUESTIONS
        ]
        found = Client(settings, "dana").post("/v1/search", {"question": ALLERGY, "limit": 20})
        result["contractor finds"] = [passage["uri"] for passage in found["passages"]]
        result["told"] = muniment("ask", ORDERS, "--as", "mara")
    finally:
        result["down"] = muniment("down")
        logs = sorted((settings.run_folder / "logs").glob("*.log"))
        told = [line for log in logs for line in log.read_text("utf-8", "replace").splitlines()]
        result["tripwire"] = [line for line in told if "tripwire:" in line]
        Path(sys.argv[1]).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
