import logging
import resource
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.audit.reserve import Reserve
from appliance.audit.verification import verify
from appliance.audit.witness import FileWitness, SyslogWitness, witness
from appliance.errors import LedgerUnavailable
from appliance.store.database import writing
from tests.audit.houses import ENDING, ENTRY, House, ListWitness

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def wait_for(what: object, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.01)


def test_each_round_covers_what_is_new_and_takes_it_to_the_second_place(database: str, tmp_path: Path) -> None:
    house = House(database, tmp_path)
    house.notary.round()
    assert not house.place.exists()
    for count in (3, 2):
        house.fill(count)
        house.notary.round()
        house.notary.round()
    assert [(one.number, one.entry) for one in house.given()] == [(1, 3), (2, 5)]
    assert list(house.ledger.kept(upto=5)) == house.given()
    assert list(house.ledger.kept(upto=4)) == house.given()[:1]
    found = verify(house.ledger.rows(), keys=house.public, checkpoints=house.given())
    assert (found.whole, found.vouched) == (True, house.given()[-1])
    house.notary.check()


def test_the_notary_works_by_itself_after_so_many_entries_and_at_the_end(tmp_path: Path) -> None:
    house = House(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path, every=5, seconds=3_600)
    house.notary.start()
    house.fill(5)
    wait_for(lambda: house.place.exists() and house.given())
    house.fill(2)
    house.notary.stop()
    assert house.given()[-1].entry == 7


def test_the_notary_works_by_itself_after_so_many_seconds(tmp_path: Path) -> None:
    house = House(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path, every=1_000, seconds=0.05)
    house.fill(1)
    house.notary.start()
    wait_for(lambda: house.place.exists() and house.given())
    house.notary.stop()
    House(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path).notary.stop()  # one that never started


def test_a_second_place_that_fails_is_loud_and_made_good_later(
    database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Guards `raise fault` in `Notary._take`, and the check that readyz and `status` ask."""
    place, clock = ListWitness(), [MONDAY]
    house = House(database, tmp_path, witness=place, seconds=0.05, clock=lambda: clock[0])
    house.fill(2)
    house.notary.round()
    place.broken = True
    for _ in range(2):
        house.fill(1)
        with pytest.raises(LedgerUnavailable):
            house.notary.round()
    house.notary.check()  # not yet: it may be tried again any moment
    clock[0] += timedelta(seconds=61)
    with pytest.raises(LedgerUnavailable, match="have not reached their second place since 2026-03-02 08:00"):
        house.notary.check()
    with caplog.at_level(logging.ERROR):
        house.notary.start()
        wait_for(lambda: caplog.records)
        house.notary.stop()
    assert "second place" in caplog.text
    place.broken = False
    house.notary.round()
    house.notary.check()
    assert [line.split(",")[0] for line in place.lines] == [f'{{"checkpoint":{number}' for number in (1, 2, 3)]


def test_nothing_new_begins_when_too_much_is_vouched_for_by_nobody(database: str, tmp_path: Path) -> None:
    """Guards the second `if` of `Ledger._stopped`: endings are still written, and nothing else."""
    place = ListWitness()
    place.broken = True
    house = House(database, tmp_path, bound=3, witness=place)
    house.ledger.append(ENTRY)
    house.fill(2)
    with pytest.raises(LedgerUnavailable, match="do not reach their second place"):
        house.ledger.append(ENTRY)
    with pytest.raises(LedgerUnavailable):
        house.ledger.check()
    assert house.ledger.append(ENDING) == 4
    with pytest.raises(LedgerUnavailable):
        house.notary.round()
    place.broken = False
    house.notary.round()
    house.ledger.check()
    assert house.ledger.append(ENTRY) == 5


def test_two_notaries_make_one_sequence(database: str, tmp_path: Path) -> None:
    houses = [House(database, tmp_path) for _ in range(3)]

    def work(house: House) -> None:
        for _ in range(5):
            house.fill(1)
            house.notary.round()

    threads = [threading.Thread(target=work, args=(house,)) for house in houses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    houses[0].notary.round()
    found = verify(houses[0].ledger.rows(), keys=houses[0].public, checkpoints=houses[0].given())
    assert (found.whole, found.remarks, found.last) == (True, [], 15)
    assert found.vouched is not None
    assert found.vouched.entry == 15


def test_a_database_that_fails_is_an_error(database: str, tmp_path: Path) -> None:
    house = House(database, tmp_path)
    house.fill(1)
    with writing(house.engine) as connection:
        connection.execute(text("DROP TABLE checkpoints"))
    for broken in (house.notary.round, house.notary.check):
        with pytest.raises(LedgerUnavailable):
            broken()
    with writing(house.engine) as connection:
        connection.execute(text("DROP TABLE ledger"))
    with pytest.raises(LedgerUnavailable):
        house.ledger.last()


def test_the_disk_is_watched(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reserve = Reserve(tmp_path / "reserve", 4096)
    calm = House(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path, reserve=reserve, alarm=1)
    calm.notary.round()
    assert reserve.held
    assert not calm.notary.short_of_room()
    assert caplog.records == []
    alarmed = House(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path, reserve=reserve, alarm=1 << 60)
    alarmed.notary.round()
    assert alarmed.notary.short_of_room()
    assert "nearly full" in caplog.text


def test_a_reserve_that_cannot_be_held_is_loud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    nowhere = Reserve(tmp_path / "reserve", 1 << 60)
    house = House(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path, reserve=nowhere)
    house.notary.round()
    assert "too full to hold the reserve" in caplog.text
    assert [path.name for path in tmp_path.glob("reserve*")] == []
    with pytest.raises(LedgerUnavailable, match="nearly full"):
        house.ledger.append(ENTRY)
    assert house.ledger.append(ENDING) == 1


def test_a_file_is_only_appended_to_and_made_only_where_that_is_wanted(tmp_path: Path) -> None:
    """Guards `os.O_APPEND`, and that a missing file is a fault."""
    place = tmp_path / "deep" / "checkpoints"
    with pytest.raises(LedgerUnavailable):
        FileWitness(place).write("x")
    FileWitness(place, make=True).write("one")
    witness(f"file:{place}").write("two")
    assert place.read_text().split() == ["one", "two"]
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_second_place_that_is_full_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable):
        FileWitness(Path("/dev/full")).write("x")
    place = tmp_path / "checkpoints"
    place.write_bytes(b"x" * 1000)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1005, most))  # the system takes five more bytes, and no more
    try:
        with pytest.raises(LedgerUnavailable, match="it is full"):
            FileWitness(place).write("a line that does not fit")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def test_the_systems_log_takes_checkpoints(tmp_path: Path) -> None:
    log = witness(f"syslog:{tmp_path / 'log'}")
    assert isinstance(log, SyslogWitness)
    with pytest.raises(LedgerUnavailable):
        log.write("nobody listens")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
        daemon.bind(str(tmp_path / "log"))
        log.write("line")
        assert daemon.recv(1_000) == b"<109>muniment-ledger: line"


def test_a_reserve_is_given_free_once(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve", 1 << 16)
    assert not reserve.held
    assert not reserve.release()
    assert reserve.hold()
    assert reserve.hold()
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= 1 << 16
    assert reserve.release()
    assert not reserve.held
