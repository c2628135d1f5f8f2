import sqlite3
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from appliance.audit.keys import DayKey, SubjectKeys
from appliance.errors import LedgerUnavailable

MONDAY = date(2026, 3, 2)


def test_a_person_has_one_key_a_day_and_nobody_elses(tmp_path: Path) -> None:
    keys = SubjectKeys(tmp_path)
    mine = keys.key("aldermoor", "mara", MONDAY)
    assert SubjectKeys(tmp_path).key("aldermoor", "mara", MONDAY) == mine
    others = [
        keys.key("aldermoor", "mara", MONDAY + timedelta(days=1)),
        keys.key("aldermoor", "tom", MONDAY),
        keys.key("bank", "mara", MONDAY),
        keys.key("aldermoor\0mara", "", MONDAY),
    ]
    assert len({mine.id, *(key.id for key in others)}) == 5
    assert len({mine.secret, *(key.secret for key in others)}) == 5
    assert keys.held("aldermoor", "mara", since=MONDAY) == [mine, others[0]]
    assert keys.held("aldermoor", "mara", since=MONDAY + timedelta(days=1)) == [others[0]]


def test_digests_differ_by_key_and_kind_and_nothing_is_nothing(tmp_path: Path) -> None:
    keys = SubjectKeys(tmp_path)
    mine, other = keys.key("a", "mara", MONDAY), keys.key("a", "tom", MONDAY)
    digests = {mine.digest("document", "d"), mine.digest("passage", "d"), other.digest("document", "d")}
    assert len(digests) == 3
    assert mine.digest("document", "") == ""
    assert "secret" not in repr(mine)


def test_an_erased_person_leaves_no_key_on_the_disk(tmp_path: Path) -> None:
    """Guards `delete` and `empty_log` in `SubjectKeys.erase`."""
    keys = SubjectKeys(tmp_path)
    mine, other = keys.key("a", "mara", MONDAY), keys.key("a", "tom", MONDAY)
    keys.key("a", "mara", MONDAY + timedelta(days=1))
    assert keys.erase("a", "mara") == 2
    assert keys.held("a", "mara", since=MONDAY) == []
    assert keys.held("a", "tom", since=MONDAY) == [other]
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert mine.id.encode() not in left
    assert other.id.encode() in left
    assert keys.key("a", "mara", MONDAY).secret != mine.secret


def test_old_days_can_be_forgotten(tmp_path: Path) -> None:
    keys = SubjectKeys(tmp_path)
    keys.key("a", "mara", MONDAY)
    kept = keys.key("a", "mara", MONDAY + timedelta(days=1))
    assert keys.forget(MONDAY + timedelta(days=1)) == 1
    assert keys.held("a", "mara", since=MONDAY) == [kept]


def test_neither_people_nor_keys_lie_in_clear(tmp_path: Path) -> None:
    """Guards the wrapping in `_made` and the digest in `_person`."""
    keys = SubjectKeys(tmp_path / "keys", master=tmp_path / "elsewhere.key")
    mine = keys.key("tenant-canary", "mara-canary", MONDAY)
    left = b"".join(path.read_bytes() for path in (tmp_path / "keys").iterdir())
    assert b"canary" not in left
    assert mine.secret not in left
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert (tmp_path / "elsewhere.key").stat().st_mode & 0o777 == 0o600


def test_threads_that_ask_at_one_time_get_one_key(tmp_path: Path) -> None:
    """Guards the second look in `_made`."""
    stores = [SubjectKeys(tmp_path) for _ in range(4)]
    found: list[DayKey] = []
    together = threading.Barrier(len(stores))

    def ask(keys: SubjectKeys) -> None:
        together.wait()
        found.append(keys.key("a", "mara", MONDAY))

    threads = [threading.Thread(target=ask, args=(keys,)) for keys in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_a_lost_or_foreign_master_key_is_never_replaced(tmp_path: Path) -> None:
    """Guards `new` in `_master`: a new master key would silently open nothing that is there."""
    SubjectKeys(tmp_path).key("a", "mara", MONDAY)
    kept = (tmp_path / "master.key").read_bytes()
    (tmp_path / "master.key").unlink()
    with pytest.raises(LedgerUnavailable):
        SubjectKeys(tmp_path)
    (tmp_path / "master.key").write_bytes(b"short")
    with pytest.raises(LedgerUnavailable):
        SubjectKeys(tmp_path)
    (tmp_path / "master.key").write_bytes(bytes(32))
    foreign = SubjectKeys(tmp_path)
    assert foreign.held("a", "mara", since=MONDAY) == []
    (tmp_path / "master.key").write_bytes(kept)
    with sqlite3.connect(tmp_path / "keys.sqlite") as connection:
        connection.execute("UPDATE subject_keys SET sealed = x'00112233445566778899aabbccddeeff'")
    connection.close()
    with pytest.raises(LedgerUnavailable, match="does not open"):
        SubjectKeys(tmp_path).key("a", "mara", MONDAY)


def test_two_first_starts_make_one_master_key(tmp_path: Path) -> None:
    from appliance.audit.keys import write_new

    write_new(tmp_path / "master.key", b"first")
    write_new(tmp_path / "master.key", b"second")
    assert (tmp_path / "master.key").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def test_keys_that_cannot_be_read_or_written_are_an_error(tmp_path: Path) -> None:
    keys = SubjectKeys(tmp_path)
    with sqlite3.connect(tmp_path / "keys.sqlite") as connection:
        connection.execute("DROP TABLE subject_keys")
    connection.close()
    for broken in (lambda: keys.key("a", "mara", MONDAY), lambda: keys.erase("a", "mara")):
        with pytest.raises(LedgerUnavailable):
            broken()
