"""Whether a clock tells what is hidden from what is not there.

    python -m tests.benchmarks.bench_existence [--pairs 500] [--raw] [--out FILE]

Pairs are asked in turns of a real server over a real store, registry and ledger. `guessed` is how often somebody who
knows both clocks guesses right which one is hidden (0.5 is a coin), p is Mann-Whitney's. With `--raw` the answers leave
when they are ready and not on the beat: what the beat is there for.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from appliance.api import beat
from tests.api.serving import served
from tests.attacks.timing.house import NURSES, House, built
from tests.attacks.timing.pairs import Compared, cases, compared

HIDDEN: Final = 40
GUESSED_AT_MOST: Final = 0.55
"""With 500 pairs a fair coin's 99 % lie below .548."""


def rows(name: str, found: Compared) -> list[dict[str, Any]]:
    """What is told of one probe."""
    kinds = len({(one.status, one.headers, one.body) for one in found.heard})
    return [
        {"name": f"{name}: guessed by the clock", "value": found.auc, "asked": f"<= {GUESSED_AT_MOST}", "p": found.p},
        {"name": f"{name}: medians apart", "value": 1e6 * found.apart, "unit": "us"},
        {"name": f"{name}: different answers", "value": kinds, "asked": "<= 1"},
    ]


def measured(house: House, pairs: int, *, seconds: float) -> list[dict[str, Any]]:
    """Every probe."""
    house.write("nursing/falls.md", ["A fall is written down at once."], access=NURSES)
    told = []
    app = house.app()
    for layer in app.user_middleware:
        if layer.cls is beat.Beat:
            layer.kwargs["seconds"] = seconds
    with (
        served(app) as address,
        httpx.Client(base_url=address, headers=house.headers("mara"), trust_env=False, timeout=60) as mara,
    ):
        for probe, ids in cases(house, HIDDEN):
            for row in rows(probe.name, compared(mara, probe, ids, pairs)):
                sys.stdout.write(f"{json.dumps(row)}\n")
                sys.stdout.flush()
                told.append(row)
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, tell, and keep the rows; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--raw", action="store_true", help="without the beat")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="pairs-") as folder,
        built(Path(folder) / "data", Path(folder)) as house,
    ):
        told = measured(house, chosen.pairs, seconds=1e-6 if chosen.raw else beat.BEAT)
    if chosen.out is not None:
        chosen.out.write_text("".join(f"{json.dumps(row)}\n" for row in told), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
