"""How old what is known of people may be, what a silent directory leaves, and how its silence is told."""

import threading
import time
from dataclasses import replace
from typing import Any, Final

import pytest

from appliance.access.directory import REMEMBERED_S, WatchedDirectory
from appliance.access.presence import Known
from appliance.errors import DirectoryUnavailable, LedgerUnavailable, NotAuthenticated
from appliance.records import Entry, Event
from tests.access.test_presence import KNOWN, MARA
from tests.contracts.directories import ScriptedDirectory
from tests.contracts.journals import ListJournal

FRESH: Final = 5.0
GRACE: Final = 120.0


class House:
    """A watched directory, with a clock in the test's hand."""

    def __init__(self, **people: Known) -> None:
        self.now = 1_000.0
        self.journal = ListJournal()
        self.directory = ScriptedDirectory(people or {"mara": KNOWN})
        self.watched = WatchedDirectory(
            self.directory, fresh=FRESH, grace=GRACE, journal=self.journal, clock=lambda: self.now
        )

    def pass_by(self, seconds: float) -> None:
        """Time passes, with a sign of life looked for at its end."""
        self.now += seconds
        self.watched.look()

    @property
    def told(self) -> list[Event]:
        return [entry.event for entry in self.journal.entries]


@pytest.fixture
def house() -> House:
    return House()


def test_a_person_is_read_once_in_a_while(house: House) -> None:
    for _ in range(5):
        assert house.watched.effective(MARA) == MARA
    assert house.directory.asked == ["mara"]
    house.now += FRESH
    house.watched.effective(MARA)
    assert house.directory.asked == ["mara", "mara"]


CHANGES: Final[dict[str, dict[str, Any]]] = {"a group": {"groups": {"staff"}}, "the last group": {"groups": set()}}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_group_that_was_taken_away_is_gone_in_time(house: House, change: dict[str, Any]) -> None:
    """Guards `self._clock() - read.at < self._fresh`: what was read once would count for ever."""
    house.watched.effective(MARA)
    house.directory.people["mara"] = replace(KNOWN, **change)
    house.now += FRESH
    assert house.watched.effective(MARA).groups == change["groups"]


@pytest.mark.parametrize("gone", [None, replace(KNOWN, enabled=False)], ids=["removed", "disabled"])
def test_who_is_gone_is_gone_in_time_and_stays_so_while_the_directory_is_silent(gone: Known | None) -> None:
    """Guards `read.is_gone` in `_last`: a silent directory would let back in whom it had put out."""
    house = House(mara=KNOWN, tobias=KNOWN)
    house.watched.effective(MARA)
    if gone is None:
        del house.directory.people["mara"]
    else:
        house.directory.people["mara"] = gone
    house.now += FRESH
    with pytest.raises(NotAuthenticated):
        house.watched.effective(MARA)
    house.directory.down = True
    for _ in range(3):
        house.pass_by(GRACE)
        with pytest.raises(NotAuthenticated):
            house.watched.effective(MARA)


def test_a_silent_directory_is_borne_for_a_while_and_then_only_what_is_public_is_left(house: House) -> None:
    """Guards the `grace` in `_last`, and `narrowed` in `effective`."""
    house.watched.effective(MARA)
    house.directory.down = True
    house.pass_by(GRACE)
    assert house.watched.effective(MARA) == MARA
    assert house.told == []
    with pytest.raises(DirectoryUnavailable, match="for a while"):
        house.watched.check()
    house.pass_by(1)
    assert house.watched.effective(MARA).narrowed
    assert house.told == [Event.DIRECTORY_SILENT]
    with pytest.raises(DirectoryUnavailable, match="only what is public"):
        house.watched.check()
    house.pass_by(GRACE)
    assert house.told == [Event.DIRECTORY_SILENT]  # once
    house.directory.down = False
    house.pass_by(FRESH)
    assert house.watched.effective(MARA) == MARA
    assert house.told == [Event.DIRECTORY_SILENT, Event.DIRECTORY_HEARD]
    house.watched.check()


def test_whom_nobody_knows_while_the_directory_is_down_is_served_what_is_public(house: House) -> None:
    house.directory.down = True
    assert house.watched.effective(MARA).narrowed


def test_a_directory_that_names_nobody_has_failed_and_dismissed_nobody(house: House) -> None:
    house.watched.effective(MARA)
    house.directory.people.clear()
    house.now += FRESH
    assert house.watched.effective(MARA) == MARA
    with pytest.raises(DirectoryUnavailable):
        house.watched.check()


def test_a_directory_that_is_down_holds_nobody_up(house: House) -> None:
    """Fails if each decision asks a directory again that does not answer: each would wait for its patience."""
    house.directory.down = True
    for _ in range(5):
        house.watched.effective(MARA)
    assert len(house.directory.asked) == 1


def test_a_record_that_cannot_be_read_makes_nobody_else_s_older() -> None:
    """Guards `_missed`: one person whose record is broken would let all others be served from what was read last."""

    class Broken(ScriptedDirectory):
        def person(self, person_id: str, /) -> Known | None:
            if person_id == "tobias":
                raise DirectoryUnavailable("His record cannot be read.")
            return super().person(person_id)

    house = House()
    told = Broken({"mara": KNOWN})
    house.watched = WatchedDirectory(told, fresh=FRESH, grace=GRACE, journal=house.journal, clock=lambda: house.now)
    house.watched.effective(MARA)
    house.now += FRESH
    assert house.watched.effective(replace(MARA, id="tobias")).narrowed
    assert house.watched.effective(MARA) == MARA
    told.people["mara"] = replace(KNOWN, groups=set())
    house.now += FRESH
    assert house.watched.effective(replace(MARA, id="tobias")).narrowed
    assert house.watched.effective(MARA).groups == set()


def test_many_at_once_ask_once(house: House) -> None:
    threads = [threading.Thread(target=house.watched.effective, args=(MARA,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert house.directory.asked == ["mara"]


def test_who_is_not_asked_about_is_forgotten(house: House) -> None:
    house.watched.effective(MARA)
    house.pass_by(REMEMBERED_S + 1)
    house.directory.down = True
    house.watched.effective(replace(MARA, id="tobias"))  # notices that it is down
    assert house.watched.effective(MARA).narrowed


class FullLedger:
    """A journal that takes nothing."""

    def append(self, _entry: Entry, /) -> int:
        raise LedgerUnavailable("The disk is full.")


def test_a_ledger_that_cannot_be_told_is_told_later() -> None:
    directory, now = ScriptedDirectory({"mara": KNOWN}), [0.0]
    watched = WatchedDirectory(directory, fresh=1, grace=2, journal=FullLedger(), clock=lambda: now[0])
    directory.down = True
    now[0] = 3
    watched.look()
    watched._journal = ListJournal()
    watched.look()
    assert [entry.event for entry in watched._journal.entries] == [Event.DIRECTORY_SILENT]


def test_the_thread_looks_and_ends() -> None:
    directory, journal = ScriptedDirectory({"mara": KNOWN}), ListJournal()
    directory.down = True
    watched = WatchedDirectory(directory, fresh=0.01, grace=0.02, journal=journal)
    watched.start()
    until = time.monotonic() + 5
    while not journal.entries and time.monotonic() < until:
        time.sleep(0.01)
    watched.stop()
    assert [entry.event for entry in journal.entries] == [Event.DIRECTORY_SILENT]
