"""What tests need of npm, installed once as its lock file says into a cache of the user's."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.left_out import left_out

SECONDS: Final = 300
COMMAND: Final = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def installed(what: str, source: Path, *beside: str) -> Path:
    """The folder in which the packages of `source` lie, with its files `beside` them.

    Leaves the test of `what` out where npm cannot bring them.
    """
    if not shutil.which("node") or not shutil.which("npm"):
        left_out(what, "node or npm is missing: apt-get install nodejs npm.")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "muniment-tests" / source.name
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come at once
        wanted, done = (source / "package-lock.json").read_text(), cache / "installed"
        for name in ("package.json", "package-lock.json", *beside):
            (cache / name).write_text((source / name).read_text())
        if not done.is_file() or done.read_text() != wanted:
            _install(what, cache)
            done.write_text(wanted)
    return cache


def _install(what: str, cache: Path) -> None:
    try:
        made = subprocess.run(COMMAND, cwd=cache, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        left_out(what, f"npm did not install it in {SECONDS} seconds.")
    if made.returncode:
        left_out(what, f"npm could not install it: {made.stderr.strip()[-300:]}")
