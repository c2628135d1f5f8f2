"""What lies in vaults is kept whole or not at all, and goes when the thread goes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from appliance.errors import RegistryUnavailable
from appliance.privacy.redacting.vault import VaultRows
from appliance.store.database import open_database, writing
from appliance.store.vaults import KeptEntry, KeptKey, VaultTable
from tests.contracts.vault_rows import VaultsInMemory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = KeptKey(b"wrapped", NOON)
ONE, TWO = KeptEntry(1, "Person_K7Q4XM", b"one"), KeptEntry(2, "Date_4XMK7Q", b"two")


@pytest.fixture(params=["table", "memory"])
def rows(request: pytest.FixtureRequest, database: str) -> VaultRows:
    """The table on SQLite and PostgreSQL, and the fake."""
    return VaultsInMemory() if request.param == "memory" else VaultTable(open_database(database))


def test_what_was_kept_is_found_as_it_was(rows: VaultRows) -> None:
    assert rows.begin("a", KEY)
    assert rows.key("a") == KEY
    assert rows.key("b") is None
    assert rows.add("a", [TWO, ONE])
    assert rows.entries("a") == [ONE, TWO]
    assert rows.entries("b") == []


def test_a_thread_begins_once(rows: VaultRows) -> None:
    assert rows.begin("a", KEY)
    assert not rows.begin("a", KeptKey(b"another", NOON))
    assert rows.key("a") == KEY


def test_entries_are_kept_all_or_none(rows: VaultRows) -> None:
    rows.begin("a", KEY)
    rows.add("a", [ONE])
    assert not rows.add("a", [TWO, KeptEntry(1, "Person_K7Q4XM", b"another")])
    assert rows.entries("a") == [ONE]


def test_nothing_is_kept_for_a_thread_that_is_over(rows: VaultRows) -> None:
    rows.begin("a", KEY)
    assert rows.end("a")
    assert not rows.add("a", [ONE])
    assert not rows.end("a")


def test_the_end_takes_key_and_entries_of_that_thread_alone(rows: VaultRows) -> None:
    for thread in ("a", "b"):
        rows.begin(thread, KEY)
        rows.add(thread, [ONE])
    rows.end("a")
    assert (rows.key("a"), rows.entries("a")) == (None, [])
    assert (rows.key("b"), rows.entries("b")) == (KEY, [ONE])


def test_what_ended_by_now_is_swept(rows: VaultRows) -> None:
    rows.begin("over", KEY)
    rows.begin("runs", KeptKey(b"wrapped", NOON + timedelta(seconds=1)))
    assert rows.sweep(NOON) == 1
    assert rows.key("over") is None
    assert rows.key("runs") is not None
    assert rows.sweep(NOON) == 0


def test_a_database_that_cannot_be_used_is_an_error_and_no_empty_vault(database: str) -> None:
    """Fails if `VaultTable._added` takes every error for a number that is taken."""
    engine = open_database(database)
    table = VaultTable(engine)
    table.begin("a", KEY)
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE vault_entries"))
        connection.execute(text("DROP TABLE vaults"))
    with pytest.raises(RegistryUnavailable):
        table.key("a")
    with pytest.raises(RegistryUnavailable):
        table.entries("a")
    with pytest.raises(RegistryUnavailable):
        table.begin("b", KEY)
    with pytest.raises(RegistryUnavailable):
        table.add("a", [ONE])
    with pytest.raises(RegistryUnavailable):
        table.end("a")
