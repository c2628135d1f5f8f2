import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.audit.keys import SubjectKeys
from appliance.audit.ledger import Ledger
from appliance.audit.reserve import Reserve
from appliance.audit.verification import verify
from appliance.errors import LedgerUnavailable
from appliance.settings import ROOT
from appliance.store.database import open_database
from tests.audit.houses import ENTRY
from tests.left_out import left_out

MOUNTED = """
mount -t tmpfs -o size=6m tmpfs "$1" && head -c 2097152 /dev/zero > "$1/ballast" && exec "$2" -m tests.audit.full "$1"
"""


def test_on_a_full_disk_nothing_new_begins_and_every_answer_is_ended(tmp_path: Path) -> None:
    """Guards the first `if` of `Ledger._stopped` and `release` in `Ledger._pressed`."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        left_out("THE FULL DISK", "no file system can be mounted in a namespace here")
    command = ["unshare", "-rm", "sh", "-c", MOUNTED, "sh", str(tmp_path), sys.executable]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["opened"] > 40
    assert said["refused"]
    assert (said["held after"], said["ended"]) == (False, 40)
    assert "nearly full" in said["still"]
    assert (said["held again"], said["faults"]) == (True, [])
    assert said["last"] == said["again"] == said["opened"] + 40 + 2


def test_without_a_reserve_a_full_database_is_an_error_and_nothing_is_half_written(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'r.sqlite'}")
    ledger = Ledger(engine, SubjectKeys(tmp_path / "keys"))
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count={pages + 4}"))  # this connection is the pool's, used again
    written = 0
    with pytest.raises(LedgerUnavailable):  # noqa: PT012  # how many fit is the database's affair
        while True:
            written = ledger.append(ENTRY)
    found = verify(ledger.rows(), keys={})
    assert (found.whole, found.last) == (True, written)


def test_a_reserve_that_was_given_free_does_not_help_a_database_at_its_limit(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve", 4096)
    reserve.hold()
    engine = open_database(f"sqlite:///{tmp_path / 'r.sqlite'}")
    ledger = Ledger(engine, SubjectKeys(tmp_path / "keys"), reserve=reserve)
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(LedgerUnavailable):  # noqa: PT012
        while True:
            ledger.append(ENTRY)
    assert not reserve.held
