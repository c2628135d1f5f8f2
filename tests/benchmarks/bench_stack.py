"""How much memory the whole stack holds: after the start, after the sample institution, after five questions.

    python -m tests.benchmarks.bench_stack [--out FILE] [--again]

Starts a stack of its own, in a folder of its own and on ports that are free, and stops it. Counted is what `status`
calls running, with all its children, as proportional set size: a page that several processes share counts once. Five
calls of the real model.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from appliance.cli.client import Client
from appliance.operations.parts import stack
from appliance.settings import ROOT, Settings, load
from appliance.workshop.evaluation import read

GOLDEN: Final = ROOT / "tests" / "journeys" / "golden.jsonl"
QUESTIONS: Final = 5
AT_MOST_GB: Final = 6


@dataclass(frozen=True)
class Row:
    """One line of the report."""

    name: str
    value: float
    unit: str
    asked: str


def ports() -> list[int]:
    """Two ports that nobody listens on."""
    with ExitStack() as held:
        taken = [held.enter_context(socket.socket()) for _ in range(2)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in taken]


def memory(settings: Settings) -> dict[str, int]:
    """For each part of the stack its proportional set size in bytes, with its children's."""
    return {part.name: _held(psutil.Process(part.pid)) for part in stack(settings).running()}


def _held(process: psutil.Process) -> int:
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total


def told(when: str, held: dict[str, int]) -> Iterator[Row]:
    """The whole, and the part of each."""
    yield Row(f"whole stack {when}", sum(held.values()) / 1e9, "GB", f"<= {AT_MOST_GB}")
    for name, size in held.items():
        yield Row(f"  {name} {when}", size / 1e9, "GB", "")


def muniment(*arguments: str) -> None:
    """One command of the command line, as the operator types it."""
    subprocess.run([sys.executable, "-m", "appliance.cli", *arguments], cwd=ROOT, check=True, stdout=sys.stderr)


def measured(settings: Settings) -> Iterator[Row]:
    """The rows, while the stack is up."""
    muniment("up")
    try:
        yield from told("after the start", memory(settings))
        muniment("ingest", str(settings.demo_corpus))
        yield from told("after the sample institution", memory(settings))
        for golden in [one for one in read(GOLDEN) if one.kind == "fact"][:QUESTIONS]:
            with closing(Client(settings, golden.persona)) as client:
                client.post("/v1/ask", {"question": golden.question})
        yield from told(f"after {QUESTIONS} questions", memory(settings))
    finally:
        muniment("down")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="How much memory the whole stack holds.")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.out is not None and chosen.out.exists() and not chosen.again:
        sys.stdout.write("bench_stack is done.\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        models = load().models_folder.absolute()
        api, portal = ports()
        os.environ |= {
            "MUNIMENT_DATA": folder, "MUNIMENT_MODELS": str(models),
            "MUNIMENT_API_PORT": str(api), "MUNIMENT_PORTAL_PORT": str(portal),
        }  # fmt: skip
        rows = list(measured(load()))
    for row in rows:
        sys.stdout.write(f"{row.name:50} {row.value:6.2f} {row.unit} {row.asked}\n")
        if chosen.out is not None:
            with chosen.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"benchmark": "stack", **asdict(row)}) + "\n")


if __name__ == "__main__":
    main()
