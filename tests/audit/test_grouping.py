"""That entries become durable together is shown by counting what the system is asked for, never by a rate."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.settings import ROOT
from tests.audit.grouped import MARK
from tests.left_out import left_out

COUNT = 40


def syncs(folder: Path, how: str) -> int:
    """How often COUNT appends asked the system to put something on the disk."""
    if shutil.which("strace") is None:
        left_out("COUNTING WHAT AN APPEND COSTS", "strace is not installed (apt-get install strace)")
    trace = folder / f"{how}.trace"
    command = [sys.executable, "-m", "tests.audit.grouped", str(folder / how), how, str(COUNT)]
    calls = "trace=fsync,fdatasync,access,faccessat,faccessat2"
    traced = ["strace", "-f", "-qq", "-e", calls, "-o", str(trace), *command]
    done = subprocess.run(traced, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    _, between, _ = re.split(rf".*{MARK}.*\n", trace.read_text())
    return len(re.findall(r"\b(?:fsync|fdatasync)\(", between))


def test_entries_that_come_together_cost_one_sync(tmp_path: Path) -> None:
    """Guards the batch in `Ledger._lead`: with one entry a turn both counts are the same."""
    assert syncs(tmp_path, "together") <= 4
    assert syncs(tmp_path, "alone") >= COUNT
    # each of the 40 alone is durable before its append returns; together, the first leads alone and 39 follow at once


@pytest.mark.parametrize("processes", [3])
def test_several_processes_keep_one_chain(tmp_path: Path, processes: int) -> None:
    from appliance.audit.verification import verify
    from tests.audit.houses import House

    program = (
        "import sys; from pathlib import Path; from tests.audit.houses import House\n"
        "folder = Path(sys.argv[1]); House(f'sqlite:///{folder / \"r.sqlite\"}', folder).fill(50)\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT) for _ in range(processes)
    ]  # fmt: skip
    assert [process.wait(120) for process in running] == [0] * processes
    found = verify(House(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path).ledger.rows(), keys={})
    assert (found.whole, found.last) == (True, 50 * processes)
