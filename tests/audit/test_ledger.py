import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.audit.keys import SubjectKeys
from appliance.audit.ledger import Ledger
from appliance.audit.verification import verify
from appliance.errors import LedgerUnavailable
from appliance.records import Entry, Event
from appliance.store.database import open_database, writing

ENTRY = Entry(Event.OPENED, "mara", "a1", tenant="aldermoor", client="portal")
Make = Callable[..., Ledger]


@pytest.fixture
def make(database: str, tmp_path: Path) -> Make:
    def made(**options: object) -> Ledger:
        return Ledger(open_database(database), SubjectKeys(tmp_path / "keys"), **options)  # type: ignore[arg-type]

    return made


def bodies(ledger: Ledger) -> list[dict[str, object]]:
    return [json.loads(body) for _, body, _ in ledger.rows()]


def test_entries_chain_and_survive_reopening(make: Make) -> None:
    assert [make().append(replace(ENTRY, about=f"a{number}")) for number in range(3)] == [1, 2, 3]
    assert make().append(ENTRY) == 4
    assert verify(make().rows(), keys={}).whole


def test_nothing_that_names_or_tells_stands_in_clear(make: Make) -> None:
    """Guards each `key.digest` in `chain.body`."""
    told = replace(
        ENTRY, subject="mara-canary", tenant="tenant-canary", scope="scope-canary", question="question-canary",
        documents=("document-canary",), shown=("passage-canary",),
    )  # fmt: skip
    ledger = make(policy=lambda: "v7")
    ledger.append(told)
    ((_, body, _),) = ledger.rows()
    assert "canary" not in body
    plain = json.loads(body)
    assert {len(plain[name]) for name in ("subject", "scope", "question")} == {32}
    assert (plain["policy"], plain["client"], plain["event"], plain["about"]) == ("v7", "portal", "opened", "a1")
    assert [len(plain["documents"]), len(plain["shown"])] == [1, 1]


def test_an_entry_may_name_its_own_policy(make: Make) -> None:
    ledger = make(policy=lambda: "new")
    ledger.append(replace(ENTRY, policy="old"))
    assert bodies(ledger)[0]["policy"] == "old"


def test_many_writers_keep_one_chain(make: Make) -> None:
    ledgers = [make() for _ in range(4)]

    def write(ledger: Ledger) -> None:
        for _ in range(25):
            ledger.append(ENTRY)

    threads = [threading.Thread(target=write, args=(ledger,)) for ledger in ledgers for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = list(ledgers[0].rows())
    assert len(rows) == 200
    assert verify(rows, keys={}).whole


def test_a_ledger_that_cannot_write_or_be_read_is_an_error(make: Make, database: str) -> None:
    ledger = make()
    ledger.append(ENTRY)
    ledger.check()
    with writing(open_database(database)) as connection:
        connection.execute(text("DROP TABLE ledger"))
    for broken in (lambda: ledger.append(ENTRY), ledger.check, lambda: list(ledger.rows())):
        with pytest.raises(LedgerUnavailable):
            broken()


def test_rows_may_be_chosen_by_what_they_hold(make: Make) -> None:
    ledger = make()
    for about in ("a1", "a2", "a_"):
        ledger.append(replace(ENTRY, about=about))
    assert [number for number, _, _ in ledger.rows(holding='"about":"a_"')] == [3]


def test_a_clock_that_is_set_back_changes_no_order_and_is_told(make: Make) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    moments = iter([noon, noon - timedelta(days=400), noon, noon + timedelta(hours=1)])
    for moment in moments:
        make(clock=lambda moment=moment: moment).append(ENTRY)
    found = verify(make().rows(), keys={})
    assert (found.whole, found.backwards, found.first_backwards) == (True, 1, 2)


def test_a_fault_of_our_own_is_no_entry_and_stops_nobody_else(make: Make) -> None:
    """Guards `finally` in `Ledger._lead`: whoever waits would wait for ever."""

    def broken() -> str:
        raise ZeroDivisionError

    ledger = make(policy=broken)
    with pytest.raises(ZeroDivisionError):
        ledger.append(ENTRY)
    assert list(ledger.rows()) == []
