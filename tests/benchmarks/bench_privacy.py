"""Detection measured on labelled sets that nobody of this house wrote, beside presidio as it comes, in the same run.

    MUNIMENT_EVALUATION_DATA=FOLDER python -m tests.benchmarks.bench_privacy [--out FILE] [--page FOLDER] [--only PART]

The folder holds `pii/`. `presidio_synth_v2` is cut in two by a fixed rule: documents at even places (0, 2, …) are for
tuning, those at odd places for the final figure: no page shows their texts. The other sets are reported as they come:
nothing was tuned on them.

Every kind counts on both sides: a finding of a kind that the set never marks is a false alarm unless half of what it
covers is marked; nothing is left out because a set does not know it. See `deploy/decisions/0032-judging-detection.md`.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from appliance import wiring
from appliance.privacy.judging import label_map
from appliance.privacy.judging.bench import Finder, Report, run, to_json
from appliance.privacy.judging.bench_page import render, share
from appliance.privacy.judging.sample import Sample, read
from appliance.privacy.judging.scoring import figures
from appliance.records.privacy import Finding
from appliance.settings import load
from tests.benchmarks.default_presidio import DefaultPresidio, suggested

COVERED_AT_LEAST: Final = 0.92
F2_AT_LEAST: Final = 0.90
TUNING: Final = "tuning half"
FINAL: Final = "final half"


@dataclass(frozen=True)
class Part:
    """A set, or half of one. `targets`: it is what the figures that must be reached are taken from."""

    set_name: str
    name: str
    language: str
    first: int = 0
    step: int = 1
    targets: bool = False
    shown: bool = False


PARTS: Final = (
    Part("presidio_synth_v2", TUNING, "en", 0, 2, shown=True),
    Part("presidio_synth_v2", FINAL, "en", 1, 2, targets=True),
    Part("presidio_generated_large", "generated, untuned", "en"),
    Part("meddocan_es_dev", "Spanish clinical cases, untuned", "es"),
)


class Kept:
    """What a detector found, answered again without looking twice; `of` may leave some out."""

    def __init__(self, held: dict[str, list[Finding]], version: str, of: Callable[[Sequence[Finding]], list[Finding]]):
        self._held, self.version, self._of = held, version, of

    def find(self, texts: Sequence[str], *, language: str) -> list[list[Finding]]:  # noqa: ARG002  # asked before
        """As it was found."""
        return [self._of(self._held[text]) for text in texts]


def compared(
    part: Part, samples: list[Sample], direct: frozenset[str], ours: Any
) -> dict[str, Report]:  # a Detection, or None
    """The reports of default presidio, of the same with thresholds, and of the house."""
    texts = [one.text for one in samples]
    default = DefaultPresidio()
    held = dict(zip(texts, default.find(texts, language=part.language), strict=True))
    finders: dict[str, Finder] = {
        "default presidio": Kept(held, "default presidio", list),
        "default presidio, thresholds per kind": Kept(held, "default presidio, thresholds", suggested),
        "ours": ours,
    }
    return {name: run(samples, finder, name=part.name, direct=direct) for name, finder in finders.items()}


def told(part: Part, reports: dict[str, Report]) -> list[str]:
    """A table of figures, and one of labels, in Markdown."""
    first = next(iter(reports.values()))
    lines = [
        f"\n### {part.set_name}, {part.name}: {len(first.judged)} texts, {first.overall.spans} spans\n",
        "| | spans covered | findings right | F2 | characters right | F2 by characters | documents safe |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, report in reports.items():
        held = report.overall
        cells = [held.recall, held.precision, held.f2, held.characters, held.f2_characters]
        safe = share(report.safe / len(report.judged))
        lines.append(f"| {name} | {' | '.join(map(share, cells))} | {safe} |")
    lines += [f"\n| label | spans | {' | '.join(reports)} |", "|---|---|" + "---|" * len(reports)]
    labels = sorted({span.span.label for one in first.judged for span in one.spans})
    rows = [(label, [figures(report.judged, label=label) for report in reports.values()]) for label in labels]
    for label, held_by in sorted(rows, key=lambda row: -row[1][0].spans):
        lines.append(f"| {label} | {held_by[0].spans} | {' | '.join(share(held.recall) for held in held_by)} |")
    return lines


def rows(part: Part, reports: dict[str, Report]) -> list[dict[str, Any]]:
    """The rows of the table of all benchmarks."""
    found: list[dict[str, Any]] = []
    for name, report in reports.items():
        asked = part.targets and name == "ours"
        held = report.overall
        where = f"{part.name}, {name}"
        found += [
            _row(f"spans covered, {where}", held.recall, f">= {COVERED_AT_LEAST}" if asked else ""),
            _row(f"F2, {where}", held.f2, f">= {F2_AT_LEAST}" if asked else ""),
            _row(f"F2 by characters, {where}", held.f2_characters),
            _row(f"documents safe, {where}", report.safe / len(report.judged)),
        ]
    return found


def _row(name: str, value: float | None, asked: str = "") -> dict[str, Any]:
    return {"name": name, "value": value or 0.0, "asked": asked}


def main() -> None:
    """Measure, print, and keep."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--page", type=Path, help="folder for a page and a JSON report of the tuning half")
    parser.add_argument("--only", nargs="+", choices=[part.name for part in PARTS], default=[])
    chosen = parser.parse_args()
    if "MUNIMENT_EVALUATION_DATA" not in os.environ:
        sys.exit("Set MUNIMENT_EVALUATION_DATA to the folder that holds pii/.")
    folder = Path(os.environ["MUNIMENT_EVALUATION_DATA"]) / "pii"
    labels = label_map.read()
    ours = wiring.detection(load())
    for part in PARTS:
        if chosen.only and part.name not in chosen.only:
            continue
        samples = read(folder / f"{part.set_name}.jsonl", labels, language=part.language)[part.first :: part.step]
        reports = compared(part, samples, labels.direct, ours)
        sys.stdout.write("\n".join(told(part, reports)) + "\n")
        sys.stdout.flush()
        if chosen.out:
            with chosen.out.open("a", encoding="utf-8") as out:
                out.writelines(json.dumps(row) + "\n" for row in rows(part, reports))
        if chosen.page and part.shown:
            chosen.page.mkdir(parents=True, exist_ok=True)
            last = list(reports.values())[-1]
            (chosen.page / "privacy.html").write_text(render(last), "utf-8")
            (chosen.page / "privacy.json").write_text(to_json(last), "utf-8")


if __name__ == "__main__":
    main()
