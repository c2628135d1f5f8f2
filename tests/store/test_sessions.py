import json
import stat
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from appliance.errors import OperatorError, RegistryUnavailable
from appliance.store.database import open_database
from appliance.store.sessions import Session, Sessions
from appliance.store.sessions_sealed import KeyRing, SealBroken

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def session(name: str = "a", **other: object) -> Session:
    made = Session(
        name * 64,
        "weir-canary",
        "mara-canary",
        "access-canary",
        "refresh-canary",
        NOON + HOUR,
        NOON,
        NOON,
        NOON + 10 * HOUR,
    )
    return replace(made, **other)  # type: ignore[arg-type]  # any of its fields


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys" / "sessions.json"


@pytest.fixture
def engine(database: str) -> Engine:
    """SQLite and PostgreSQL alike."""
    return open_database(database)


@pytest.fixture
def kept(engine: Engine, file: Path) -> Sessions:
    return Sessions(engine, KeyRing(file))


def test_what_was_kept_is_found_as_it_was(kept: Sessions) -> None:
    kept.add(session())
    assert kept.find("a" * 64) == session()
    assert kept.find("b" * 64) is None


def test_nothing_of_a_session_stands_in_the_database_in_clear(kept: Sessions, engine: Engine) -> None:
    """Fails if `_columns` stores `told` without `seal`."""
    kept.add(session())
    with engine.connect() as connection:
        row = repr(connection.execute(text("SELECT * FROM sessions")).one())
    assert "a" * 64 in row
    assert "canary" not in row
    assert "canary" not in repr(session(person="x", tenant="x"))


def test_a_new_session_takes_the_place_of_the_one_before(kept: Sessions) -> None:
    """Fails without the deletion in `add`."""
    assert kept.add(session("a")) is None
    assert kept.add(session("b"), instead_of="a" * 64) == session("a")
    assert kept.find("a" * 64) is None
    assert kept.find("b" * 64) is not None


def test_what_is_removed_does_not_come_back(kept: Sessions) -> None:
    kept.add(session())
    assert kept.remove("a" * 64) == session()
    assert kept.remove("a" * 64) is None
    assert kept.change("a" * 64, lambda it: it) is None
    assert kept.find("a" * 64) is None


def test_a_change_is_kept(kept: Sessions) -> None:
    kept.add(session())
    changed = kept.change("a" * 64, lambda it: replace(it, used=NOON + HOUR))
    assert kept.find("a" * 64) == changed == session(used=NOON + HOUR)


def test_purging_takes_what_is_over_and_nothing_else(kept: Sessions) -> None:
    kept.add(session("a"))
    kept.add(session("b", ends=NOON + 20 * HOUR))
    assert kept.purge(NOON + 10 * HOUR) == 1
    assert kept.find("b" * 64) is not None
    assert kept.remove_all() == 1
    assert kept.find("b" * 64) is None


def test_one_alone_renews(kept: Sessions) -> None:
    """Fails if `claim` no longer asks whether somebody else is at it."""
    kept.add(session())
    together, won = threading.Barrier(4), []

    def try_it() -> None:
        together.wait(10)
        won.append(kept.claim("a" * 64, now=NOON, until=NOON + HOUR))

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(won) == [False, False, False, True]
    assert kept.claim("a" * 64, now=NOON + HOUR, until=NOON + 2 * HOUR)  # whoever had it is taking too long
    kept.release("a" * 64)
    assert kept.claim("a" * 64, now=NOON, until=NOON + HOUR)
    assert not kept.claim("z" * 64, now=NOON, until=NOON + HOUR)


@pytest.mark.parametrize("place", [0, 4, 16, 40, -1])
def test_a_tampered_row_is_none(kept: Sessions, engine: Engine, place: int) -> None:
    """Fails if the sealing has no tag: with any other cipher than an authenticated one."""
    kept.add(session())
    with engine.begin() as connection:
        sealed = bytearray(connection.execute(text("SELECT sealed FROM sessions")).scalar_one())
        sealed[place] ^= 1
        connection.execute(text("UPDATE sessions SET sealed = :sealed"), {"sealed": bytes(sealed)})
    assert kept.find("a" * 64) is None
    assert kept.change("a" * 64, lambda it: it) is None


@pytest.mark.parametrize("sealed", [b"", b"abcd", b"x" * 20])
def test_a_row_that_nobody_sealed_is_none(kept: Sessions, engine: Engine, sealed: bytes) -> None:
    kept.add(session())
    with engine.begin() as connection:
        connection.execute(text("UPDATE sessions SET sealed = :sealed"), {"sealed": sealed})
    assert kept.find("a" * 64) is None


def test_a_row_filled_from_another_one_is_none(kept: Sessions, engine: Engine) -> None:
    """Fails if `_about` no longer names the row: somebody who writes in the database would be whom he likes."""
    kept.add(session("a", person="director"))
    kept.add(session("b"))
    with engine.begin() as connection:
        director = connection.execute(text("SELECT sealed FROM sessions WHERE id LIKE 'a%'")).scalar_one()
        connection.execute(text("UPDATE sessions SET sealed = :sealed WHERE id LIKE 'b%'"), {"sealed": director})
    assert kept.find("b" * 64) is None


def test_an_end_that_was_edited_moves_nothing(kept: Sessions, engine: Engine) -> None:
    """Fails if the times are read from the plain columns."""
    kept.add(session())
    with engine.begin() as connection:
        connection.execute(text("UPDATE sessions SET ends = '2099-01-01 00:00:00'"))
    found = kept.find("a" * 64)
    assert found is not None
    assert found.ends == NOON + 10 * HOUR


def test_another_installation_s_copy_of_the_database_is_worth_nothing(
    kept: Sessions, engine: Engine, tmp_path: Path
) -> None:
    kept.add(session())
    elsewhere = Sessions(engine, KeyRing(tmp_path / "elsewhere.json"))
    assert elsewhere.find("a" * 64) is None


def test_the_keys_are_their_own_user_s_alone(kept: Sessions, file: Path) -> None:
    """Fails without the look at the file's mode in `_load`."""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o640)
    with pytest.raises(OperatorError, match="other users"):
        KeyRing(file)


@pytest.mark.parametrize(
    "damaged",
    ["", "[]", "{}", '{"current": "00000000", "keys": {}}',
     '{"current": "00000000", "keys": {"00000000": {"key": "c2hvcnQ=", "made": "2026-01-01T00:00:00Z"}}}',
     '{"current": "zz", "keys": {"zz": {"key": "c2hvcnQ=", "made": "2026-01-01T00:00:00Z"}}}'],
)  # fmt: skip
def test_damaged_keys_are_the_operator_s(file: Path, damaged: str) -> None:
    KeyRing(file)
    file.write_text(damaged)
    with pytest.raises(OperatorError, match="damaged"):
        KeyRing(file)


def test_keys_that_vanish_are_an_error_and_not_an_empty_house(kept: Sessions, file: Path) -> None:
    kept.add(session())
    file.unlink()
    with pytest.raises(RegistryUnavailable):
        kept.find("a" * 64)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(RegistryUnavailable):
        KeyRing(tmp_path / "keys" / "sessions.json")


def test_two_processes_that_begin_at_once_have_one_key(file: Path) -> None:
    """Fails if `_begin` replaces a file that another process has just made."""
    rings: list[KeyRing] = []
    threads = [threading.Thread(target=lambda: rings.append(KeyRing(file))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert all(one.open(rings[0].seal(b"x", about="y"), about="y") == b"x" for one in rings)
    assert len(rings) == 8
    assert list(file.parent.iterdir()) == [file]


def test_what_is_sealed_about_one_thing_does_not_open_as_another(file: Path) -> None:
    """Fails if `_cipher` derives its key without `about`."""
    ring = KeyRing(file)
    with pytest.raises(SealBroken):
        ring.open(ring.seal(b"x", about="one"), about="another")
    assert ring.seal(b"x", about="one") != ring.seal(b"x", about="one")


def test_a_rotated_key_seals_from_then_on_and_the_old_one_opens_as_long_as_it_must(file: Path) -> None:
    now = [NOON]
    ring, other = KeyRing(file, clock=lambda: now[0]), KeyRing(file)
    old = ring.seal(b"x", about="y")
    now[0] += HOUR
    assert ring.rotate(keep=10 * HOUR) == 0
    assert ring.open(old, about="y") == b"x"
    assert other.open(ring.seal(b"z", about="y"), about="y") == b"z"  # another process takes the new key up by itself
    assert ring.seal(b"x", about="y")[:4] != old[:4]
    now[0] += 10 * HOUR - timedelta(seconds=1)
    assert ring.rotate(keep=10 * HOUR) == 0  # one of the sessions that the first key sealed may still be open
    now[0] += timedelta(seconds=1)
    assert ring.rotate(keep=10 * HOUR) == 1
    with pytest.raises(SealBroken):
        ring.open(old, about="y")
    ring.rotate(keep=timedelta(0))
    assert len(json.loads(file.read_text())["keys"]) == 1  # keep nothing: not even the key that was in use until now


def test_a_broken_database_is_an_error(kept: Sessions, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE sessions"))
    with pytest.raises(RegistryUnavailable):
        kept.find("a" * 64)
    with pytest.raises(RegistryUnavailable):
        kept.add(session())


def test_sessions_end_by_the_issuer_s_own_and_by_their_person(kept: Sessions) -> None:
    for name, sid, person in (("a", "one", "mara"), ("b", "two", "mara"), ("c", "", "mara"), ("d", "three", "tobias")):
        kept.add(session(name, sid=sid, person=person))
    assert [one.id for one in kept.remove_of(sid="two", person="", before=NOON)] == ["b" * 64]
    assert kept.remove_of(sid="two", person="", before=NOON) == []
    assert kept.remove_of(sid="one", person="tobias", before=NOON) == []
    assert kept.remove_of(sid="", person="mara", before=NOON - HOUR) == []
    assert {one.id[0] for one in kept.remove_of(sid="", person="mara", before=NOON)} == {"a", "c"}
    assert [kept.has(name * 64) for name in "abcd"] == [False, False, False, True]


def test_the_issuer_s_session_does_not_stand_in_clear(kept: Sessions, engine: Engine) -> None:
    kept.add(session(sid="sid-canary"))
    with engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM sessions")).one()
    assert b"canary" not in b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)


def test_a_row_of_another_session_ends_nobody_s(kept: Sessions, engine: Engine) -> None:
    """Guards `one.sid == sid`: what stands beside the seal is an index, and decides nothing."""
    kept.add(session("a", sid="one"))
    kept.add(session("b", sid="two"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE sessions SET at_issuer = (SELECT max(at_issuer) FROM sessions)"))
    ended = [len(kept.remove_of(sid=sid, person="", before=NOON)) for sid in ("one", "two")]
    assert sorted(ended) == [0, 1]
