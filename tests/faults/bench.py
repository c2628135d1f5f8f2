"""Parts of the stack killed many times under load: `python -m tests.faults.bench --times 50 --out FILE`."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from appliance.settings import load
from tests.faults.killing import run
from tests.faults.test_kills import free_port


def main() -> int:
    """Run, write what was found, and fail if anything was lost, doubled or left behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        remains = run(load(data=Path(folder), api_port=free_port()), times=asked.times, seed=asked.seed)
    asked.out.write_text(json.dumps({"times": asked.times, "seed": asked.seed, **vars(remains)}, indent=2))
    return 1 if remains.faults else 0


if __name__ == "__main__":
    sys.exit(main())
