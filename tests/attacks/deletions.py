"""Takes each guard of the plaque away, one at a time, and sees whether its test fails.

`python -m tests.attacks.deletions`; words on the command line choose rows (family, attack or test). Works on a copy;
nothing in this tree is changed. Not part of `make test`: it runs a test process for each row. The exit code is 1 if the
loss of a guard went unnoticed.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.attacks.rows import ROOT, Row, rows

COPIED = ("appliance", "ingest", "ui", "tests", "policies", "deploy", "pyproject.toml")


def main() -> int:
    """Run the chosen rows and print how each ended."""
    wanted = [word.lower() for word in sys.argv[1:]]
    chosen = [row for row in rows() if all(word in f"{row.family} {row.attack} {row.name}".lower() for word in wanted)]
    ends = []
    with tempfile.TemporaryDirectory(prefix="deletions-") as folder:
        copy = Path(folder)
        copy.chmod(0o755)  # another user of the machine is part of some tests
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
        for row in chosen:
            ends.append(_without(row, copy))
            sys.stdout.write(f"{ends[-1]:9} {row.family}: {row.attack}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{ends.count('noticed')} of {len(ends)} noticed\n")
    return int(ends != ["noticed"] * len(ends))


def _without(row: Row, copy: Path) -> str:
    """How the row's test ends in `copy` without the guard: "noticed" if it passed with it and failed without."""
    file = copy / row.file
    whole = file.read_text()
    asked = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", f"{row.test}::{row.name}"]
    if subprocess.run(asked, cwd=copy, capture_output=True, check=False).returncode:
        return "BROKEN"  # a test that fails anyway notices nothing
    file.write_text(row.without(whole))
    try:
        ran = subprocess.run(asked, cwd=copy, capture_output=True, text=True, check=False)
    finally:
        file.write_text(whole)
    if ran.returncode == 1 and re.search(r"\d+ failed|\d+ error", ran.stdout):
        return "noticed"
    return "UNNOTICED" if ran.returncode == 0 else "BROKEN"


if __name__ == "__main__":
    sys.exit(main())
