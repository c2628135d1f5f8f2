"""How long a ledger takes to verify, and whether its size costs memory: `python -m tests.benchmarks.bench_ledger`.

The entries are as long as real ones of the kind that holds most (RETRIEVED, with twelve passages); a checkpoint follows
each thousandth, in the export and in a second place, and each is checked in both. The house promises a million in under
a minute: what is judged is the processor's time, which on a machine that does nothing else is the wall's, told beside
it. Memory is what the process held at most.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from appliance.audit import chain, checkpoints, export
from appliance.audit.checkpoints import Checkpoint
from appliance.audit.keys import DayKey
from appliance.audit.verification import verify
from appliance.records import Entry, Event
from appliance.settings import ROOT

SECONDS: Final = 60
EVERY: Final = 1_000
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)


def build(folder: Path, count: int) -> None:
    """An export of `count` entries, the second place, and the key."""
    signer = checkpoints.signer(folder / "checkpoint.key")
    key = DayKey("0" * 32, date(2026, 3, 2), b"k" * 32)
    entry = Entry(
        Event.RETRIEVED, "mara", "0b0c9a9e-8a55-4f0b-9c57-1f3d0f0a7d52", tenant="aldermoor", client="portal",
        policy="0123456789ab", scope="s", passages=12, documents=tuple("abcdefgh"), shown=tuple("abcdefghijkl"),
    )  # fmt: skip
    body = chain.body(123_456_789, NOON, entry, key, "")
    previous = chain.ORIGIN
    with (folder / "export").open("w") as out, (folder / "second").open("w") as second:
        out.write(export.HEADER)
        for number in range(1, count + 1):
            own = body.replace("123456789", str(number), 1)
            previous = chain.chained(previous, own)
            out.write(f"{number} {previous} {own}\n")
            if number % EVERY == 0:
                one: Checkpoint = signer.checkpoint(
                    number=number // EVERY, entry=number, digest=previous, at=NOON.isoformat()
                )
                out.write(f"checkpoint {one.line}\n")
                second.write(f"\n{one.line}\n")


def measure(folder: Path) -> None:
    """Verify what `build` left, in this process; print seconds, MiB held at most, and how far it is vouched for."""
    keys = checkpoints.public_keys([checkpoints.public_file(folder / "checkpoint.key")])
    began, worked = time.monotonic(), time.process_time()
    found = verify(export.read(folder / "export"), keys=keys, checkpoints=checkpoints.read(folder / "second"))
    seconds, worked = time.monotonic() - began, time.process_time() - worked
    assert found.whole, found.faults
    assert found.given is not None
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = {"wall": seconds, "processor": worked, "mib": held, "last": found.last, "vouched": found.given.entry}
    sys.stdout.write(json.dumps(said))


def _measured(folder: Path, count: int) -> dict[str, float]:
    build(folder, count)
    command = [sys.executable, "-m", "tests.benchmarks.bench_ledger", "--measure", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="What verifying a ledger costs.")
    parser.add_argument("count", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--measure", type=Path, help="verify what lies in this folder, in this process")
    chosen = parser.parse_args(arguments)
    if chosen.measure is not None:
        measure(chosen.measure)
        return
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
        little, much = _measured(Path(small), chosen.count // 10), _measured(Path(large), chosen.count)
        size = (Path(large) / "export").stat().st_size
    sys.stdout.write(f"{chosen.count} entries ({size >> 20} MiB): {much}; a tenth of them: {little}\n")
    rows = [
        {
            "name": f"verifying {chosen.count} entries", "value": much["processor"], "unit": "s",
            "asked": f"<= {SECONDS * chosen.count / 1_000_000:g}",
        },
        {"name": f"verifying {chosen.count} entries, by the wall's clock", "value": much["wall"], "unit": "s"},
        {"name": "memory, against a tenth of the entries", "value": much["mib"] / little["mib"], "asked": "<= 1.2"},
    ]  # fmt: skip
    if chosen.out is not None:
        with chosen.out.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


if __name__ == "__main__":
    main()
