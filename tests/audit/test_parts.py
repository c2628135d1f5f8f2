import json
from pathlib import Path

import pytest

from appliance import wiring
from appliance.audit import checkpoints
from appliance.audit.verification import verify
from appliance.errors import LedgerUnavailable
from appliance.settings import load
from tests.audit.houses import ENTRY


def test_the_first_start_makes_its_keys_and_says_so(tmp_path: Path) -> None:
    settings = load(data=tmp_path)
    parts = wiring.ledger_of(settings)
    parts.ledger.append(ENTRY)
    parts.notary.round()
    again = wiring.ledger_of(settings)
    first, _ = (json.loads(body) for _, body, _ in again.ledger.rows())
    (public,) = checkpoints.public_keys([checkpoints.public_file(settings.checkpoint_key)])
    assert (first["event"], first["reason"]) == ("keys-changed", f"checkpoint-key {public}")
    given = list(checkpoints.read(tmp_path / "ledger-witness" / "checkpoints"))
    keys = checkpoints.public_keys([checkpoints.public_file(settings.checkpoint_key)])
    found = verify(again.ledger.rows(), keys=keys, checkpoints=given)
    assert (found.whole, found.given) == (True, given[-1])
    wiring.check_ledger(settings)


def test_a_second_place_that_is_named_must_be_there(tmp_path: Path) -> None:
    settings = load(data=tmp_path / "data", ledger_witness=f"file:{tmp_path / 'second'}")
    parts = wiring.ledger_of(settings)
    with pytest.raises(LedgerUnavailable):
        parts.notary.round()
    (tmp_path / "second").touch()
    parts.notary.round()
    assert len(list(checkpoints.read(tmp_path / "second"))) == 1


def test_the_alarm_is_raised_before_the_disk_is_full(tmp_path: Path) -> None:
    settings = load(data=tmp_path, ledger_alarm_mib=1 << 20)
    with pytest.raises(LedgerUnavailable, match="nearly full"):
        wiring.check_ledger(settings)
