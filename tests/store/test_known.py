"""Known persons as they are kept: whole or not at all, and nobody's name in clear."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from appliance.errors import Conflict, DetectorUnavailable, RegistryUnavailable
from appliance.privacy.known.detector import Known
from appliance.privacy.known.key import KnownKey
from appliance.privacy.known.loading import Loaded, load
from appliance.privacy.known.naming import Person
from appliance.store.database import open_database
from appliance.store.known import KnownLists
from tests.contracts.known_lists import PEOPLE


@pytest.fixture
def engine(database: str) -> Engine:
    """SQLite and PostgreSQL alike."""
    return open_database(database)


@pytest.fixture
def lists(engine: Engine) -> KnownLists:
    return KnownLists(engine)


@pytest.fixture
def key(tmp_path: Path) -> KnownKey:
    return KnownKey(tmp_path / "keys" / "known.key")


def found(lists: KnownLists, key: KnownKey, said: str) -> list[str]:
    return [said[one.start : one.end] for one in Known(lists, key).detect([said], "de")[0]]


def test_what_was_loaded_is_found(lists: KnownLists, key: KnownKey) -> None:
    told = load("patients", PEOPLE, lists, key)
    assert told.persons == len(PEOPLE) < told.digests
    assert found(lists, key, "Frau Kellenbach und Herr Großmann") == ["Kellenbach", "Großmann"]
    [kept] = lists.lists()
    assert (kept.name, kept.persons) == ("patients", len(PEOPLE))
    assert {"PERSON", "MRN", "PHONE", "DATE_OF_BIRTH"} <= set(kept.entities)


def test_a_list_takes_the_place_of_the_one_before(lists: KnownLists, key: KnownKey) -> None:
    """Fails without `_drop` in `replace`."""
    load("patients", [Person("Änne", "Kellenbach")], lists, key)
    load("customers", [Person("Fritz", "Osterwiek")], lists, key)
    load("patients", [Person("Jörg", "Großmann")], lists, key)
    assert found(lists, key, "Kellenbach, Osterwiek, Großmann") == ["Osterwiek", "Großmann"]
    assert lists.remove("patients")
    assert not lists.remove("patients")
    assert found(lists, key, "Kellenbach, Osterwiek, Großmann") == ["Osterwiek"]


def test_a_list_that_breaks_off_changes_nothing(lists: KnownLists, key: KnownKey) -> None:
    def breaking() -> Iterator[Person]:
        yield Person("Fritz", "Osterwiek")
        raise OSError

    load("patients", [Person("Änne", "Kellenbach")], lists, key)
    before = lists.everything()
    with pytest.raises(OSError):  # noqa: PT011 - the one raised above
        load("patients", breaking(), lists, key)
    assert lists.everything() == before


def test_a_database_that_fails_midway_changes_nothing(lists: KnownLists, key: KnownKey, engine: Engine) -> None:
    """Fails if `replace` takes more than one transaction: the table of pieces is gone when it comes to them."""
    load("patients", [Person("Änne", "Kellenbach")], lists, key)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE moved AS SELECT * FROM known_pieces"))
        connection.execute(text("DROP TABLE known_pieces"))
    with pytest.raises(RegistryUnavailable):
        load("patients", [Person("Fritz", "Osterwiek")], lists, key)
    [kept] = lists.lists()
    with pytest.raises(DetectorUnavailable):
        found(lists, key, "Kellenbach")
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE moved RENAME TO known_pieces"))
    assert [one for one, _ in lists.everything()] == [kept]
    assert found(lists, key, "Kellenbach Osterwiek") == ["Kellenbach"]


def test_a_piece_that_is_missing_is_an_error(lists: KnownLists, key: KnownKey, engine: Engine) -> None:
    """Fails without the comparison of sizes in `_digests`."""
    load("patients", PEOPLE, lists, key)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM known_pieces"))
    with pytest.raises(DetectorUnavailable):
        found(lists, key, "Kellenbach")


def test_a_list_under_another_key_is_not_added(lists: KnownLists, key: KnownKey, tmp_path: Path) -> None:
    """Fails without the comparison of proofs in `load`."""
    load("patients", PEOPLE, lists, key)
    other = KnownKey(tmp_path / "other.key")
    with pytest.raises(DetectorUnavailable):  # and none is made while there are lists
        load("customers", PEOPLE, lists, other)
    other.made()
    with pytest.raises(Conflict):
        load("customers", PEOPLE, lists, other)
    assert [one.name for one in lists.lists()] == ["patients"]


def test_an_empty_list_is_legal_and_counted(lists: KnownLists, key: KnownKey) -> None:
    assert load("patients", [], lists, key) == Loaded(0, 0)
    assert [one.persons for one in lists.lists()] == [0]
    assert found(lists, key, "Kellenbach") == []


def test_no_name_or_number_stands_in_any_file_or_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Fails if a form is packed without `digests.of`."""
    lists = KnownLists(open_database(f"sqlite:///{tmp_path / 'registry.sqlite'}"))
    key = KnownKey(tmp_path / "keys" / "known.key")
    with caplog.at_level(logging.DEBUG):
        load("patients", PEOPLE, lists, key)
        load("customers", PEOPLE[:1], lists, key)
        found(lists, key, "Kellenbach und 55667788")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"registry.sqlite", "known.key"} <= {path.name for path in files}
    held = b"\n".join(path.read_bytes() for path in files).lower() + caplog.text.lower().encode()
    for clear in (
        b"kellenbach",
        b"kelenbach",
        b"grossmann",
        b"osterwiek",
        b"1234567",
        b"55667788",
        b"0202051",
        b"1960",
    ):
        assert clear not in held
    assert stat.S_IMODE((tmp_path / "keys" / "known.key").stat().st_mode) == 0o600
    assert (tmp_path / "keys" / "known.key").read_bytes() not in (tmp_path / "registry.sqlite").read_bytes()


def test_what_was_removed_is_gone_from_the_disk(tmp_path: Path) -> None:
    lists = KnownLists(open_database(f"sqlite:///{tmp_path / 'registry.sqlite'}"))
    load("patients", PEOPLE, lists, KnownKey(tmp_path / "known.key"))
    [(_, digests)] = lists.everything()
    lists.remove("patients")
    held = b"".join(path.read_bytes() for path in tmp_path.glob("registry.sqlite*"))
    assert digests[:16] not in held


def test_the_order_of_a_file_is_not_kept(lists: KnownLists, key: KnownKey) -> None:
    load("patients", PEOPLE, lists, key)
    load("customers", PEOPLE[::-1], lists, key)
    (_, one), (_, other) = lists.everything()
    assert one == other
