from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from appliance.audit.chain import Row
from appliance.audit.sight import seen
from appliance.records import Event
from tests.audit.houses import ENTRY, House

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
KNOWN = {"d1": "nursing/a.md", "d2": "nursing/b.md"}
MARA = ("aldermoor", "mara")


def test_what_a_person_saw_is_found_by_his_keys_and_by_nothing_else(database: str, tmp_path: Path) -> None:
    days = [MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=9)]
    for day, documents in zip(days, (("d1", "gone"), ("d2",), ("d1",)), strict=True):
        house = House(database, tmp_path, clock=lambda day=day: day)
        opened = replace(ENTRY, event=Event.PAGE_OPENED, about="", documents=documents)
        house.ledger.append(opened)
        house.ledger.append(replace(opened, subject="tom"))
        house.ledger.append(replace(opened, tenant="bank"))
    keys = house.keys.held(*MARA, since=date(2026, 3, 2))
    found = list(seen(house.ledger, keys, MARA, KNOWN))
    assert [(one.number, one.documents, one.unknown) for one in found] == [
        (1, ("nursing/a.md",), 1),
        (4, ("nursing/b.md",), 0),
        (7, ("nursing/a.md",), 0),
    ]
    assert {(one.event, one.client) for one in found} == {("page-opened", "portal")}
    later = house.keys.held(*MARA, since=date(2026, 3, 3))
    assert [one.number for one in seen(house.ledger, later, MARA, KNOWN)] == [4, 7]


def test_after_the_erasure_nobody_can_say_which_entries_are_his(tmp_path: Path) -> None:
    """Guards that a person stands in the ledger under his key only: without it nothing leads back to him."""
    house = House(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path)
    house.ledger.append(replace(ENTRY, documents=("d1",)))
    before = list(house.ledger.rows())
    assert house.keys.erase(*MARA) == 1
    assert list(seen(house.ledger, house.keys.held(*MARA, since=date.min), MARA, KNOWN)) == []
    assert list(house.ledger.rows()) == before
    new = house.keys.key(*MARA, datetime.now(UTC).date())
    assert new.digest("subject", "\0".join(MARA)) not in before[0][1]


class Told:
    """Rows that somebody wrote by hand."""

    def rows(self, *, holding: str) -> list[Row]:
        return [(1, "{" + holding + ',"number":1,"subject":"somebody"}', "")]


def test_an_entry_that_bears_his_key_but_not_his_name_is_not_his(tmp_path: Path) -> None:
    """Guards the comparison of `subject` in `seen`."""
    house = House(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path)
    key = house.keys.key(*MARA, datetime.now(UTC).date())
    assert list(seen(Told(), [key], MARA, KNOWN)) == []
