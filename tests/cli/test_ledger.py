import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from appliance import wiring
from appliance.records import Access, Document, Event, Level
from appliance.settings import ROOT, Settings, load
from tests.audit.houses import ENTRY

ACCESS = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    held = load(data=tmp_path / "data")
    _, registry, _ = wiring.promises(held)
    registry.register(Document("d1", "nursing/a.md", "v1", "A", "text/markdown", "en", 1, ACCESS), [])
    parts = wiring.ledger_of(held)
    for _ in range(3):
        parts.ledger.append(replace(ENTRY, event=Event.PAGE_OPENED, documents=("d1", "gone")))
    return held


def run(settings: Settings, *arguments: str) -> tuple[int, str]:
    """`muniment ledger …` in a process of its own: its exit code and what it says, on one line."""
    environment = os.environ | {"MUNIMENT_DATA": str(settings.data), "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "appliance.cli", "ledger", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_verification_says_who_vouches_up_to_where(settings: Settings, tmp_path: Path) -> None:
    second = str(settings.data / "ledger-witness" / "checkpoints")
    (settings.data / "ledger-keys").rename(tmp_path / "keys")  # nor does it need a key
    code, said = run(settings, "verify")
    assert (code, "4 entries read" in said, "Nobody vouches for any of it" in said) == (0, True, True), said
    assert not (settings.data / "ledger-keys").exists()
    (tmp_path / "keys").rename(settings.data / "ledger-keys")
    assert run(settings, "checkpoint")[0] == 0
    code, said = run(settings, "verify", "--checkpoint", second)
    assert (code, "Vouched for up to entry 4, by checkpoint 1" in said) == (0, True), said
    assert "Give --checkpoint" in run(settings, "verify")[1]
    out = tmp_path / "out.ledger"
    assert "4 entries written" in run(settings, "export", str(out))[1]
    assert run(settings, "export", str(out))[0] == 2  # it is never written over
    elsewhere = load(data=tmp_path / "auditor")
    public = str(settings.checkpoint_key.with_name("checkpoint.key.pub"))
    offline = ("verify", "--file", str(out), "--checkpoint", second)
    assert run(elsewhere, *offline, "--key", public)[0] == 0
    assert not elsewhere.data.exists()
    code, said = run(elsewhere, *offline)
    assert (code, "no public key" in said) == (2, True)
    out.write_text(out.read_text().replace("portal", "nobody", 1))
    code, said = run(elsewhere, *offline, "--key", public)
    assert (code, "✗ entry 2 does not fit" in said) == (1, True), said


def test_what_a_person_saw_is_shown_and_that_somebody_looked_is_an_entry(settings: Settings) -> None:
    code, said = run(settings, "seen", "--as", "mara", "--days", "7")
    assert (code, said.count("nursing/a.md 1 no longer registered")) == (0, 3), said
    assert "3 entries on 1 of the last 7 days" in said
    assert "0 entries" in run(settings, "seen", "--as", "tom")[1]
    events = [body for _, body, _ in wiring.ledger_of(settings).ledger.rows() if '"ledger-viewed"' in body]
    assert len(events) == 2


def test_an_erased_person_is_shown_to_nobody_and_the_ledger_stays_whole(settings: Settings) -> None:
    assert run(settings, "erase", "--as", "mara")[0] != 0  # nobody said yes
    assert "The keys of 1 days were destroyed." in run(settings, "erase", "--as", "mara", "--yes")[1]
    assert "0 entries on 0" in run(settings, "seen", "--as", "mara")[1]
    assert run(settings, "verify")[0] == 0
