"""The API with a desk at the pace of the real engine, as a process of its own.

    python -m tests.benchmarks.paced_stage PORT PEOPLE GIVEN [--first 2.0] [--between 1.0] [--sentences 3]

PEOPLE is a file of personas. Each sentence is one that was never said before; when it was given goes into the file
GIVEN, a line `SENTENCE SECONDS`, by the machine's clock.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final

import uvicorn

from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.access.standing import Standing
from appliance.api.app import SERVER, create_app
from appliance.api.telling import Step
from appliance.records import UNFILTERED, Filters, Passage, Principal, Sentence
from appliance.settings import load
from tests.api.scripted import DRAWN, ScriptedReader, ScriptedSuggestions, answer, citation
from tests.api.serving import all_is_well
from tests.rules import ruleset
from tests.ui.stage import TakingShelf

SAID: Final = "Sentence-{} of what the house knows."


class PacedDesk:
    """Answers everything with sentences of its own, in the engine's time."""

    def __init__(self, told: argparse.Namespace) -> None:
        self._told = told
        self._number = count(1)
        self.asked: list[tuple[str, str]] = []

    def answer(self, principal: Principal, question: str, *, filters: Filters = UNFILTERED) -> Iterator[Step]:
        del filters
        self.asked.append((principal.id, question))
        time.sleep(self._told.first)
        given: list[Sentence] = []
        for _ in range(self._told.sentences):
            number = next(self._number)
            given.append(Sentence(SAID.format(number), (citation(1, DRAWN),)))
            with self._told.given.open("a") as file:
                file.write(f"Sentence-{number} {time.time()}\n")
            yield given[-1]
            time.sleep(self._told.between)
        yield replace(answer(*given), id=f"a-{number}")

    def search(self, _principal: Principal, _question: str, *, limit: int, **_filters: object) -> list[Passage]:
        del limit
        return []


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("people", type=Path)
    parser.add_argument("given", type=Path)
    parser.add_argument("--first", type=float, default=2.0)
    parser.add_argument("--between", type=float, default=1.0)
    parser.add_argument("--sentences", type=int, default=3)
    told = parser.parse_args()
    desk = PacedDesk(told)
    app = create_app(
        settings=load(), identity=DemoIdentity(told.people, "aldermoor"), desk=desk, reader=ScriptedReader(),
        checks={"registry": all_is_well}, standing=Standing(Rules(ruleset)), suggesting=ScriptedSuggestions(),
        shelf=TakingShelf(desk),  # type: ignore[arg-type]  # as the portal's stage has it
    )  # fmt: skip
    uvicorn.run(app, host="127.0.0.1", port=told.port, log_level="warning", **SERVER)


if __name__ == "__main__":
    main()
