"""`muniment privacy vaults`: on a data folder, whether the stack is up or not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance import wiring
from appliance.errors import VaultClosed
from appliance.privacy.redacting.vault import Vaults
from appliance.settings import Settings
from appliance.store.database import open_database
from appliance.store.vault_keys import VaultKeys
from appliance.store.vaults import VaultTable
from tests.cli.test_cli import muniment


def test_vaults_are_swept_and_ended(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    yesterday = datetime.now(UTC) - timedelta(days=1, hours=1)
    table, keys = VaultTable(open_database(settings.database)), VaultKeys(settings.vault_keys_file)
    Vaults(table, keys, clock=lambda: yesterday).begin("old")
    table_key = table.key("old")
    assert table_key is not None
    told = muniment("privacy", "vaults", "sweep", MUNIMENT_DATA=str(tmp_path))
    assert (told.returncode, told.stdout) == (0, "  destroyed: 1\n")
    vaults = wiring.vaults(settings)
    vaults.begin("runs")
    told = muniment("privacy", "vaults", "end", "runs", MUNIMENT_DATA=str(tmp_path))
    assert (told.returncode, told.stdout) == (0, "  destroyed\n")
    with pytest.raises(VaultClosed):
        vaults.open("runs")
    assert muniment("privacy", "vaults", "end", "runs", MUNIMENT_DATA=str(tmp_path)).returncode == 1
