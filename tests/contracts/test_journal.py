"""What every journal keeps: numbers without gaps from 1, and an error where an entry is not certain."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.audit.keys import SubjectKeys
from appliance.audit.ledger import Ledger
from appliance.errors import LedgerUnavailable
from appliance.records import Entry, Event, Journal
from appliance.store.database import open_database, writing
from tests.contracts.journals import ListJournal


def ledger(folder: Path, *, broken: bool) -> Journal:
    engine = open_database(f"sqlite:///{folder / 'registry.sqlite'}")
    if broken:
        with writing(engine) as connection:
            connection.execute(text("DROP TABLE ledger"))
    return Ledger(engine, SubjectKeys(folder / "keys"))


def in_memory(_folder: Path, *, broken: bool) -> Journal:
    return ListJournal(fails_at=1 if broken else 0)


@pytest.fixture(params=[ledger, in_memory], ids=["ledger", "list"])
def make(request: pytest.FixtureRequest) -> Callable[..., Journal]:
    maker: Callable[..., Journal] = request.param
    return maker


def test_entries_are_numbered_from_one(make: Callable[..., Journal], tmp_path: Path) -> None:
    journal = make(tmp_path, broken=False)
    assert [journal.append(Entry(Event.OPENED, "mara", f"a{i}")) for i in range(3)] == [1, 2, 3]


def test_what_cannot_be_recorded_raises(make: Callable[..., Journal], tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable):
        make(tmp_path, broken=True).append(Entry(Event.OPENED, "mara", "a"))
