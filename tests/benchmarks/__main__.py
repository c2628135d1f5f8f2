"""All benchmarks, each in a process of its own, and one table of what they measured.

    python -m tests.benchmarks [--model] [--again] [--only NAME ...] [--table]

What is done is kept in `build/bench` and not measured again without `--again`. Those that ask the real model run only
with `--model`. A benchmark that needs something this machine lacks says so and is left out of the table.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from appliance.settings import ROOT
from tests.benchmarks.rows import Line, lines

FOLDER: Final = ROOT / "build" / "bench"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The module `bench_<name>`. `model`: it asks the real model. `resumes`: it skips rows that its file holds."""

    name: str
    arguments: tuple[str, ...] = ()
    model: bool = False
    resumes: bool = False


BENCHMARKS: Final = (
    Benchmark("scifact"),
    Benchmark("retrieval"),
    Benchmark("search", ("1000", "10000", "100000")),
    Benchmark("access", ("100000",)),
    Benchmark("ingest", resumes=True),
    Benchmark("ledger"),
    Benchmark("existence"),
    Benchmark("known"),
    Benchmark("leaks"),
    Benchmark("hidden_terms"),
    Benchmark("privacy_speed"),
    Benchmark("revocation"),
    Benchmark("revocation_people"),
    Benchmark("privacy"),
    Benchmark("injection"),
    Benchmark("gate"),
    Benchmark("portal"),
    Benchmark("injection_answers", model=True, resumes=True),
    Benchmark("prefix_cache", model=True, resumes=True),
    Benchmark("answering", model=True, resumes=True),
    Benchmark("restoring", model=True, resumes=True),
    Benchmark("stack", model=True, resumes=True),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a benchmark left in `folder`: its rows, what it printed, and whether it came to its end."""

    folder: Path
    name: str

    @property
    def rows(self) -> Path:
        """A JSON object a line."""
        return self.folder / f"{self.name}.jsonl"

    @property
    def printed(self) -> Path:
        """All that it wrote to the screen."""
        return self.folder / f"{self.name}.txt"

    @property
    def done(self) -> Path:
        """There if it came to its end and measured something."""
        return self.folder / f"{self.name}.done"

    def forget(self) -> None:
        """As if it had never run."""
        for path in (self.rows, self.printed, self.done):
            path.unlink(missing_ok=True)

    def lines(self) -> list[Line]:
        """Its lines of the table."""
        held: list[dict[str, Any]] = []
        if self.rows.exists():
            held = [json.loads(row) for row in self.rows.read_text("utf-8").splitlines() if row.endswith("}")]
        return lines(self.name, held, self.printed.read_text("utf-8") if self.printed.exists() else "")


def run(benchmark: Benchmark, kept: Kept) -> bool:
    """Run it unless it is done; tell what it prints as it comes. Whether it came to its end."""
    if kept.done.exists():
        return True
    if not benchmark.resumes:
        kept.forget()
    module = f"tests.benchmarks.bench_{benchmark.name}"
    command = [sys.executable, "-m", module, *benchmark.arguments, "--out", str(kept.rows)]
    sys.stdout.write(f"\n{benchmark.name}: {' '.join(command[1:])}\n")
    with kept.printed.open("a", encoding="utf-8") as printed:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            printed.write(line)
    if process.wait() == 0 and kept.lines():
        kept.done.touch()
        return True
    return False


def table(folder: Path, benchmarks: Sequence[Benchmark]) -> Iterator[str]:
    """The table, in Markdown."""
    yield "| benchmark | what | value | asked | reached |"
    yield "|---|---|---|---|---|"
    for benchmark in benchmarks:
        yield from map(str, Kept(folder, benchmark.name).lines())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is chosen and print the table; exit code 1 if one did not come to its end or a target was missed."""
    parser = argparse.ArgumentParser(description="All benchmarks and one table.")
    parser.add_argument("--model", action="store_true", help="also those that ask the real model")
    parser.add_argument("--again", action="store_true", help="measure anew what is done already")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in BENCHMARKS], default=[])
    parser.add_argument("--table", action="store_true", help="only print the table of what is kept")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    picked = [
        one for one in BENCHMARKS if one.name in chosen.only or (not chosen.only and (chosen.model or not one.model))
    ]
    whole = True
    for benchmark in () if chosen.table else picked:
        kept = Kept(chosen.folder, benchmark.name)
        if chosen.again:
            kept.forget()
        whole = run(benchmark, kept) and whole
    sys.stdout.write("\n" + "\n".join(table(chosen.folder, BENCHMARKS)) + "\n")
    missed = any(line.reached is False for one in picked for line in Kept(chosen.folder, one.name).lines())
    sys.exit(0 if whole and not missed else 1)


if __name__ == "__main__":
    main()
