"""How fast personal data is found: presidio's default, ours, Rampart, the rules and all of them, on one core.

    MUNIMENT_EVALUATION_DATA=FOLDER python -m tests.benchmarks.bench_privacy_speed [--texts N] [--rounds N]

The folder holds `pii/presidio_synth_v2.jsonl`. Seconds are of this process's CPU; rounds of all go by turns.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, Final

from appliance.models import manifest
from appliance.privacy.detecting.presidio import Presidio
from appliance.privacy.detecting.rampart import Rampart
from appliance.privacy.detecting.rules import Rules
from appliance.privacy.detecting.site import read
from appliance.privacy.detection import Detection, Detector
from appliance.records.privacy import Finding
from appliance.settings import ROOT, load
from tests.benchmarks.default_presidio import analyzer

DEFAULT, FAST, RAMPART, RULES, ALL = "default presidio", "presidio", "rampart", "rules", "all united"
ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ASKED: Final = {FAST: ">= 2.0", ALL: ">= 1.0"}
WARM: Final = 20
Spans = list[set[tuple[int, int, float]]]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process, and what came out."""
    begun = process_time()
    result = work()
    return process_time() - begun, result


def spans(found: Sequence[Sequence[Finding]]) -> Spans:
    """Of our presidio what its default could find as well: all but organisations."""
    return [
        {(one.start, one.end, round(one.score, 3)) for one in some if one.entity != "ORGANIZATION"} for some in found
    ]


def compared(default: Spans, fast: Spans) -> tuple[int, int, int]:
    """Findings of the default; those that are in one only; those whose place is in one only."""
    scored = sum(len(one ^ other) for one, other in zip(default, fast, strict=True))
    places = sum(
        len({span[:2] for span in one} ^ {span[:2] for span in other}) for one, other in zip(default, fast, strict=True)
    )
    return sum(map(len, default)), scored, places


def measured(texts: Sequence[str], rounds: int) -> Iterator[dict[str, Any]]:
    """A row for each way, then one of the comparison."""
    models = load().models_folder
    names = manifest.verified(manifest.entry("names"), models)
    engine = analyzer(names)
    parts: list[Detector] = [
        Rules(read(ROOT / "policies" / "detection.yaml").recognisers),
        Presidio(names),
        Rampart(manifest.verified(manifest.entry("personal-data"), models)),
    ]
    by_name = {part.name: part for part in parts}
    ways: dict[str, Callable[[Sequence[str]], Any]] = {
        DEFAULT: lambda some: [engine.analyze(text, "en") for text in some],
        FAST: lambda some: by_name["presidio"].detect(some, "en"),
        RAMPART: lambda some: by_name["rampart"].detect(some, "en"),
        RULES: lambda some: by_name["rules"].detect(some, "en"),
        ALL: lambda some: Detection(parts, thresholds={}, whole=["rules"]).find(some, language="en"),
    }
    for way in ways.values():
        way(texts[:WARM])
    taken: dict[str, list[float]] = {name: [] for name in ways}
    found: dict[str, Any] = {}
    for _ in range(rounds):
        for name, way in ways.items():
            seconds, found[name] = timed(lambda way=way: way(texts))  # type: ignore[misc]
            taken[name].append(seconds)
    for name, seconds in taken.items():
        ratios = [whole / one for whole, one in zip(taken[DEFAULT], seconds, strict=True)]
        what = f"{name}: times the speed of {DEFAULT}"
        yield {"name": what, "value": median(ratios), "asked": ASKED.get(name, ""), "seconds": median(seconds)}
    theirs = [{(one.start, one.end, round(one.score, 3)) for one in some} for some in found[DEFAULT]]
    whole, scored, places = compared(theirs, spans(found[FAST]))
    yield {"name": f"findings of {DEFAULT} in {len(texts)} texts", "value": whole}
    yield {"name": "findings that only one of both presidios has", "value": scored}
    yield {"name": "of these in another place", "value": places}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, write a row each to --out."""
    parser = argparse.ArgumentParser(description="The speed of detection on one core.")
    parser.add_argument("--texts", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    if not ONE_THREAD.items() <= os.environ.items():  # numpy reads them when it is imported: begin anew
        os.execve(sys.executable, sys.orig_argv, os.environ | ONE_THREAD)  # noqa: S606 - this program itself
    data = os.environ.get("MUNIMENT_EVALUATION_DATA")
    if data is None:
        sys.exit("MUNIMENT_EVALUATION_DATA names no folder: nothing was measured.")
    with suppress(AttributeError):  # one core, where the system can promise it
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    file = Path(data) / "pii" / "presidio_synth_v2.jsonl"
    texts = [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()][: chosen.texts]
    rows = list(measured(texts, chosen.rounds))
    for row in rows:
        seconds = f"  {row['seconds']:.2f} s" if "seconds" in row else ""
        sys.stdout.write(f"{row['name']:60} {row['value']:8.3g}{seconds}\n")
    if chosen.out:
        chosen.out.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    main()
