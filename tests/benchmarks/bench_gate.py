"""What the gate costs, and what it lets through when everything breaks.

    python -m tests.benchmarks.bench_gate [--conversations 10000] [--seed 7] [--only time|campaign] [--out FILE]

The time is from the redaction of a prompt of 900 tokens to its bytes being ready, step by step, with all detectors: of
a prompt that nobody has seen, and of one whose passages were looked through before. The campaign (`gate_campaign.py`)
counts what must be none. The time needs the models.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from appliance import wiring
from appliance.escalation.matter import Matter, Part
from appliance.escalation.preparing import Preparing
from appliance.privacy.detection import Detection
from appliance.privacy.known.parts import known
from appliance.privacy.redaction import QUESTION
from appliance.records.privacy import Finding
from appliance.settings import ROOT, load
from tests.benchmarks.gate_campaign import Campaign
from tests.escalation.house import MARA, House

TRIES: Final = 8
AT_MOST_MS: Final = 150.0
CHARACTERS: Final = 3_600
"""Of a prompt of 900 tokens."""


class Timed:
    """Adds up what each part took, in milliseconds of the clock."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}

    def of(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, its time added under `name`."""

        def made(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*arguments, **named)
            finally:
                self.took[name] = self.took.get(name, 0.0) + (time.perf_counter() - began) * 1_000

        return made


class Watched:
    """The detectors, timed: at the first look, and at what is left."""

    def __init__(self, finder: Detection, timed: Timed) -> None:
        self._finder = finder
        self._timed = timed
        self.looks = 0

    def find(self, texts: Sequence[str], /, *, language: str) -> list[list[Finding]]:
        """As the detectors do."""
        self.looks += 1
        name = "a detectors, first look" if self.looks == 1 else "b detectors, on what would leave"
        found: list[list[Finding]] = self._timed.of(name, self._finder.find)(texts, language=language)
        return found


def passages() -> list[str]:
    """Paragraphs of a nursing standard of the sample institution, 600 characters each."""
    text = " ".join(
        " ".join(path.read_text("utf-8").split())
        for path in sorted((ROOT / "deploy" / "demo" / "documents").rglob("*.md"))
    )
    return [text[at : at + 600] for at in range(0, 200 * 600, 600) if len(text[at : at + 600]) == 600]


def timed_row(
    house: House, finder: Detection, residual: Callable[[str], list[Finding]], parts: list[Part]
) -> dict[str, float]:
    """One prompt through the gate; milliseconds by step and in all."""
    timed = Timed()
    watched = Watched(finder, timed)
    preparing = Preparing(watched, timed.of("b everybody whom the house knows", residual), tokens=300)
    gate = house.gate
    gate._preparing = preparing
    gate._steps.deciding.ruling = timed.of("c one decision", gate._steps.deciding.ruling)
    began = time.perf_counter()
    gate.propose(MARA, Matter("?", "en", tuple(parts), frozenset({"standard"}), "refused"), "large")
    whole = (time.perf_counter() - began) * 1_000
    return timed.took | {
        "the rest: redaction, search for what was taken out, vault, ledger": whole - sum(timed.took.values()),
        "in all": whole,
    }


def times(folder: Path) -> Iterator[dict[str, Any]]:
    """Rows of medians: of prompts that are new, and of passages seen before with a new question."""
    settings = load(data=folder, models=load().models_folder)
    finder, residual = wiring.detection(settings), known(settings).residual
    house = House(folder)
    finder.find(["Warm up, Mr Miller."], language="en")
    there = passages()
    each = CHARACTERS // 600
    for kind in ("new", "seen before"):
        rows: list[dict[str, float]] = []
        for turn in range(TRIES):
            chosen = there[turn * each : (turn + 1) * each] if kind == "new" else there[:each]
            question = Part(f"Question: Who checks the pump in room {turn}?", QUESTION)
            parts = [*(Part(text, f"p{at}") for at, text in enumerate(chosen)), question]
            rows.append(timed_row(house, finder, residual, parts))
        for name in rows[-1]:
            value = statistics.median(row.get(name, 0.0) for row in rows)
            asked = f"<= {AT_MOST_MS:.0f}" if name == "in all" else ""
            yield {"name": f"{kind}: {name}", "value": value, "unit": "ms", "asked": asked}


def campaign(folder: Path, conversations: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of what was counted."""
    run = Campaign(folder, seed)
    began = time.monotonic()
    for done in run.run(conversations):
        if done % 500 == 0:
            sys.stderr.write(f"{done} conversations, {time.monotonic() - began:.0f} s\n")
    for name, count in run.judge().items():
        yield {"name": f"campaign: {name}", "value": count}
    for name, count in sorted(run.counted.items()):
        yield {"name": f"campaign: {name}", "value": count}
    for wrong in run.wrong[:20]:
        sys.stderr.write(f"{wrong}\n")
    yield {"name": "campaign: wrong", "value": len(run.wrong), "asked": "<= 0"}


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=["time", "campaign"])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        if asked.only != "campaign":
            (Path(folder) / "time").mkdir()
            rows += times(Path(folder) / "time")
        if asked.only != "time":
            (Path(folder) / "campaign").mkdir()
            rows += campaign(Path(folder) / "campaign", asked.conversations, asked.seed)
    for row in rows:
        sys.stdout.write(f"{row['name']:75} {row['value']:>12.6g} {row.get('unit', '')} {row.get('asked', '')}\n")
    if asked.out is not None:
        asked.out.write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
