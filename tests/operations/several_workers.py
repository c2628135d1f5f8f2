"""An API of several workers around a scripted desk, run as the product runs its own: for `test_workers.py`."""

import os
import time
from collections.abc import Iterator

from fastapi import FastAPI

from appliance.access.identity import DemoIdentity
from appliance.api.app import create_app
from appliance.api.telling import Step
from appliance.operations import workers
from appliance.records import Principal, Sentence
from appliance.settings import Settings, load
from tests.api.scripted import FIRST, ScriptedDesk, ScriptedReader, answer
from tests.api.serving import PERSONAS, all_is_well


class Noted(ScriptedDesk):
    """Says in which process it runs; "held" is noted in a file when it begins, and goes on until it is closed."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._folder = settings.data

    def answer(self, principal: Principal, question: str, **_filters: object) -> Iterator[Step]:
        here = Sentence(f"Process {os.getpid()}", FIRST.citations)
        yield here
        if "held" in question:
            (self._folder / f"begun-{principal.id}").write_text(str(os.getpid()))
            while True:
                yield here
                time.sleep(0.05)
        yield answer(here)


def app() -> FastAPI:
    """The app of one worker."""
    settings = load()
    return create_app(
        settings=settings,
        identity=DemoIdentity(PERSONAS, settings.tenant, key=workers.key(settings)),
        desk=Noted(settings),
        reader=ScriptedReader(),
        checks={"store": all_is_well},
        places=workers.places(settings),
    )


if __name__ == "__main__":
    workers.run(load(), app, named="tests.operations.several_workers:app")
