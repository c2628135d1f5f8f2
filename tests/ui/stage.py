"""The API with a scripted desk as a process of its own: `python -m tests.ui.stage PORT`."""

import sys
import threading

import uvicorn

from appliance.api.app import SERVER
from tests.api.scripted import ScriptedDesk
from tests.api.serving import demo_app

SECONDS = 1.5


class Pause(threading.Event):
    """What a person sees between two sentences: a moment in which nothing comes."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(min(SECONDS, timeout or SECONDS))


def main(port: int) -> None:
    """Serve until ended."""
    app, _ = demo_app(ScriptedDesk(Pause()))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", **SERVER)


if __name__ == "__main__":
    main(int(sys.argv[1]))
