"""How many texts that speak to a model are recognised, and how many others are taken for such.

    MUNIMENT_EVALUATION_DATA=… python -m tests.benchmarks.bench_injection [--out FILE] [--all]

Told is the half of the labelled set that no weight was fitted on (`--all`: both), the curve, and each source and
category at the shipped threshold; beside it documents of the kind that a house keeps, and the time for a passage.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from appliance.privacy.labelling.injection import suspicion
from appliance.privacy.labelling.lexicon import shipped
from tests.benchmarks.train_injection import Example, documents, examples, for_fitting

FALSE_ALARMS: Final = 0.05
AT_MOST_MS: Final = 1.0
CURVE: Final = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.2)
Scored = Sequence[tuple[Example, float]]


def share(scored: Scored, at: float, *, attack: bool) -> float:
    """The share of the attacks, or of the others, that reach `at`; 0 if there are none."""
    scores = [score for one, score in scored if one.attack is attack]
    return sum(score >= at for score in scores) / len(scores) if scores else 0.0


def curve(scored: Scored) -> Iterator[tuple[float, float, float]]:
    """Points (threshold, false alarms, recall): the most attacks for at most so many false alarms."""
    benign = sorted((score for one, score in scored if not one.attack), reverse=True)
    for allowed in CURVE:
        passed = benign[min(int(allowed * len(benign)), len(benign) - 1)]
        at = passed + 1e-9
        yield at, share(scored, at, attack=False), share(scored, at, attack=True)


def by(scored: Scored, key: Callable[[Example], str], at: float) -> Iterator[str]:
    """A line for each kind of text."""
    for kind in sorted({key(one) for one, _ in scored}):
        for attack in (True, False):
            own = [(one, score) for one, score in scored if key(one) == kind and one.attack is attack]
            if own:
                what = "attacks" if attack else "benign"
                yield f"  {kind:58.58} {what:8} {share(own, at, attack=attack):6.1%} of {len(own)}"


def milliseconds(texts: Sequence[str]) -> float:
    """Processor time for a thousand letters, the best of three."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        for text in texts:
            suspicion(text)
        taken.append(time.process_time() - start)
    return min(taken) * 1_000 / (sum(map(len, texts)) / 1_000)


def report(short: Scored, house: Scored) -> list[str]:
    """The tables, in words."""
    at = shipped().threshold
    lines = [
        f"recognised {share(short, at, attack=True):.1%}, flagged {share(short, at, attack=False):.1%} at {at:.3f}"
    ]
    lines += ["", "the curve: at most so many false alarms, and what is recognised then"]
    lines += [f"  at {at:.3f}: false alarms {false:6.1%}, recall {found:6.1%}" for at, false, found in curve(short)]
    lines += ["", "by source", *by(short, lambda one: one.source, at)]
    lines += ["", "by source and category", *by(short, lambda one: f"{one.source}: {one.category or '-'}", at)]
    return [*lines, "", "documents", *by(house, lambda one: one.source, at)]


def measured(short: Scored, house: Scored) -> list[dict[str, Any]]:
    """The rows for the table of benchmarks."""
    at = shipped().threshold
    false = share(short, at, attack=False)
    texts = [one.text for one, _ in house]
    return [
        {"name": "injection: attacks recognised", "value": share(short, at, attack=True)},
        {"name": "injection: benign texts flagged", "value": false, "asked": f"<= {FALSE_ALARMS}"},
        {"name": "injection: documents flagged", "value": share(house, at, attack=False), "asked": "<= 0.01"},
        {"name": "injection: 1,000 letters", "value": milliseconds(texts), "unit": "ms", "asked": f"<= {AT_MOST_MS}"},
    ]  # fmt: skip


def main() -> int:
    """Measure and report; 1 where what is asked is not reached."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path)
    asked.add_argument("--all", action="store_true")
    chosen = asked.parse_args()
    folder = Path(os.environ["MUNIMENT_EVALUATION_DATA"])
    found = examples(folder / "injection" / "dev.jsonl")
    short = [(one, suspicion(one.text).score) for one in found if chosen.all or not for_fitting(one)]
    house = [(one, suspicion(one.text).score) for one in documents(folder, fitting=False)]
    rows = measured(short, house)
    sys.stdout.write("\n".join(report(short, house)) + "\n")
    for row in rows:
        sys.stdout.write(f"{row['name']:45} {row['value']:8.4f} {row.get('unit', '')} {row.get('asked', '')}\n")
    if chosen.out:
        chosen.out.write_text(json.dumps(rows))
    return 0 if rows[1]["value"] <= FALSE_ALARMS else 1


if __name__ == "__main__":
    raise SystemExit(main())
