"""The leak test at its full length: how long it takes, and that it finds nothing.

python -m tests.benchmarks.bench_leaks [--attempts 5000] [--out FILE]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from appliance.selftest.leaks import Plan, leaks
from appliance.selftest.repeating import RepeatingModel
from appliance.selftest.report import Report
from appliance.wiring import Instead
from tests.contracts.chat_models import real_model_settings

SECONDS: Final = 600


def rows(report: Report) -> list[dict[str, Any]]:
    """What is told of one run."""
    return [
        {"name": "attempts", "value": report.attempts, "asked": ">= 5000"},
        {"name": "paths found", "value": len(report.findings), "asked": "<= 0"},
        {"name": "readers who missed their own", "value": len(report.missed), "asked": "<= 0"},
        {"name": "seconds", "value": round(report.seconds), "unit": "s", "asked": f"<= {SECONDS}"},
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it beside a site that was never started; keep the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=5_000)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        site = real_model_settings(Path(folder))
        told = rows(leaks(site, Plan(attempts=chosen.attempts), instead=Instead(model=RepeatingModel())))
    lines = "".join(f"{json.dumps(row)}\n" for row in told)
    sys.stdout.write(lines)
    if chosen.out is not None:
        chosen.out.write_text(lines, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
