import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.audit.ledger import Entry, Event, Ledger, first_broken
from appliance.errors import LedgerUnavailable
from appliance.store.database import open_database, writing


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'registry.sqlite'}"


def fill(url: str, entries: int) -> Ledger:
    ledger = Ledger(open_database(url))
    for number in range(entries):
        assert ledger.append(Entry(Event.CLOSED, "mara", f"a{number}")) == number + 1
    return ledger


def test_entries_chain_and_survive_reopening(url: str) -> None:
    fill(url, 3)
    ledger = Ledger(open_database(url))
    assert ledger.append(Entry(Event.REFUSED, "tom", "x")) == 4
    assert first_broken(ledger.rows()) is None


@pytest.mark.parametrize(
    ("tamper", "found_at"),
    [
        ("UPDATE ledger SET body = replace(body, 'mara', 'tom') WHERE number = 2", 2),
        ("UPDATE ledger SET hash = '0' WHERE number = 3", 3),
        ("DELETE FROM ledger WHERE number = 2", 2),
        ("DELETE FROM ledger WHERE number = 1", 1),
    ],
)
def test_tampering_is_found(url: str, tamper: str, found_at: int) -> None:
    """Guards `digest != chained(previous, body)` and `number != expected` in `first_broken`."""
    ledger = fill(url, 5)
    with writing(open_database(url)) as connection:
        connection.execute(text(tamper))
    assert first_broken(ledger.rows()) == found_at


def test_removal_with_renumbering_is_found(url: str) -> None:
    """Guards the number inside the body."""
    ledger = fill(url, 4)
    with writing(open_database(url)) as connection:
        connection.execute(text("DELETE FROM ledger WHERE number = 1"))
        connection.execute(text("UPDATE ledger SET number = number - 1"))
    assert first_broken(ledger.rows()) == 1


def test_many_writers_keep_one_chain(url: str) -> None:
    ledgers = [Ledger(open_database(url)) for _ in range(4)]

    def write(ledger: Ledger) -> None:
        for _ in range(25):
            ledger.append(Entry(Event.OPENED, "mara", "a"))

    threads = [threading.Thread(target=write, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = ledgers[0].rows()
    assert len(rows) == 100
    assert first_broken(rows) is None


def test_a_ledger_that_cannot_write_is_an_error(url: str) -> None:
    ledger = fill(url, 1)
    with writing(open_database(url)) as connection:
        connection.execute(text("DROP TABLE ledger"))
    with pytest.raises(LedgerUnavailable):
        ledger.append(Entry(Event.OPENED, "mara", "a"))
