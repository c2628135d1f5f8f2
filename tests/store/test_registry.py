from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from appliance.errors import RegistryUnavailable
from appliance.records import Access, Document, Level, Page
from appliance.store.archive import Archive
from appliance.store.database import open_database, writing
from appliance.store.registry import QUARANTINED, Registry
from appliance.store.tables import FileRow

Plain = dict[str, Any]
ACCESS = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))


def document(document_id: str = "d1", uri: str = "nursing/a.md", version: str = "v1") -> Document:
    return Document(document_id, uri, version, "A", "text/markdown", "en", 2, ACCESS, date(2026, 3, 1), None)


@pytest.fixture
def url(database: str) -> str:
    return database


@pytest.fixture
def registry(url: str) -> Registry:
    return Registry(open_database(url))


def test_a_registered_document_comes_back_whole(registry: Registry, url: str) -> None:
    pages = [Page(1, "one", "aa"), Page(2, "two")]
    registry.register(document(), pages)
    again = Registry(open_database(url))
    assert again.document("d1") == document()
    assert [again.page("d1", 1), again.page("d1", 2), again.page("d1", 3)] == [*pages, None]
    assert again.current(["d1", "d2"]) == {"d1": document()}


def test_a_row_from_before_there_were_owners_is_known_and_read_by_nobody(registry: Registry, url: str) -> None:
    """Guards the second line of `_READABLE`, and `_older` in `_record`."""
    registry.register(document(), [Page(1, "one")])
    registry.register(document("d2", "nursing/b.md"), [Page(1, "two")])
    gone = ("owner", "wall", "patient", "purpose", "hold")
    with writing(open_database(url)) as connection:
        access = connection.execute(select(FileRow.access).where(FileRow.id == "d1")).scalar_one()
        older = {name: value for name, value in access.items() if name not in gone}
        connection.execute(update(FileRow).where(FileRow.id == "d1").values(access=older))
    assert registry.document("d1") is None
    assert [one.id for one in registry.documents()] == ["d2"]
    assert set(registry.current(["d1", "d2"])) == {"d2"}
    assert [one.id for one in registry.after("aldermoor", "", 1)] == ["d2"]
    record = registry.by_uri("aldermoor")["nursing/a.md"]
    assert (record.outcome, record.access) == ("stored", None)
    assert registry.needed({"v1"}, besides="d2") == {"v1"}, "its original is kept"


def test_a_new_version_replaces_pages(registry: Registry) -> None:
    registry.register(document(), [Page(1, "one"), Page(2, "two")])
    registry.register(document(version="v2"), [Page(1, "new")])
    assert registry.page("d1", 1) == Page(1, "new")
    assert registry.page("d1", 2) is None


def test_a_document_being_updated_is_noted_until_it_is_registered(registry: Registry) -> None:
    registry.register(document(), [Page(1, "one")])
    registry.updating("d1")
    assert registry.by_uri("aldermoor")["nursing/a.md"].reason == "updating"
    assert registry.document("d1") == document()
    registry.register(document(version="v2"), [Page(1, "two")])
    assert registry.by_uri("aldermoor")["nursing/a.md"].reason == ""


def test_quarantine_takes_away_what_was_readable(registry: Registry) -> None:
    registry.register(document(), [Page(1, "one")])
    registry.quarantine(document="d1", tenant="aldermoor", uri="nursing/a.md", version="v2", reason="no access list")
    assert registry.document("d1") is None
    assert registry.current(["d1"]) == {}
    assert registry.page("d1", 1) is None
    record = registry.by_uri("aldermoor")["nursing/a.md"]
    assert (record.outcome, record.reason, record.access) == (QUARANTINED, "no access list", None)


def test_amending_access_keeps_the_text(registry: Registry) -> None:
    registry.register(document(), [Page(1, "one")])
    stricter = Access("aldermoor", Level.RESTRICTED, frozenset({"hr"}), "hr", frozenset(), ("nursing",))
    registry.amend("d1", access=stricter, superseded_by="nursing/b.md")
    found = registry.document("d1")
    assert found is not None
    assert (found.access, found.superseded_by) == (stricter, "nursing/b.md")
    assert registry.page("d1", 1) == Page(1, "one")


def test_forgetting_removes_everything_and_can_be_repeated(registry: Registry) -> None:
    registry.register(document(), [Page(1, "one")])
    registry.forget("d1")
    registry.forget("d1")
    assert registry.documents() == []
    assert registry.page("d1", 1) is None
    assert registry.by_uri("aldermoor") == {}


def without(name: str) -> Callable[[Plain], Plain]:
    return lambda access: {key: value for key, value in access.items() if key != name}


DAMAGES: dict[str, Callable[[Plain], object]] = {
    "no readers": lambda access: access | {"readers": []},
    "a list": lambda _: [1],
    "no level": without("level"),
    "no list of readers": without("readers"),
    "no such level": lambda access: access | {"level": 99},
    "a word for readers": lambda access: access | {"readers": "staff"},
    "no hold": without("hold"),
    "a number for hold": lambda access: access | {"hold": 1},
    "a number for the owner": lambda access: access | {"owner": 7},
    "a number for folders": lambda access: access | {"ancestors": 7},
}


def check_broken(registry: Registry) -> None:
    for read in (
        registry.documents,
        lambda: registry.document("d1"),
        lambda: registry.by_uri("aldermoor"),
        lambda: registry.current(["d1"]),
    ):
        with pytest.raises(RegistryUnavailable):
            read()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_row_is_a_broken_registry_never_a_public_document(registry: Registry, url: str, damage: str) -> None:
    """Guards `not plain["readers"]` in `access_of`, the second `except` of `_session`, and `_words`."""
    registry.register(document(), [Page(1, "one")])
    with writing(open_database(url)) as connection:
        access = connection.execute(select(FileRow.access)).scalar_one()
        connection.execute(update(FileRow).values(access=DAMAGES[damage](access)))
    check_broken(registry)


@pytest.mark.parametrize(
    "damage", ["UPDATE files SET access = '{\"tenant\": '", "UPDATE files SET valid_from = 'yesterday'"]
)
def test_what_only_sqlite_lets_into_a_column_is_a_broken_registry(tmp_path: Path, damage: str) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'registry.sqlite'}"
    registry = Registry(open_database(url))
    registry.register(document(), [Page(1, "one")])
    with writing(open_database(url)) as connection:
        connection.exec_driver_sql(damage)
    check_broken(registry)


def test_uris_come_in_the_order_of_their_code_points(registry: Registry) -> None:
    """Guards the collation of `files.uri`: people's lists are merged with Python's order of texts."""
    uris = ["/uploads/a.md", "B.md", "Z.md", "a.md", "a/b.md", "a_b.md", "b.md", "é.md"]
    for number, uri in enumerate(uris):
        registry.register(document(f"d{number}", uri), [])
    assert [one.uri for one in registry.documents()] == sorted(uris)
    assert [one.uri for one in registry.after("aldermoor", "Z.md", 3)] == sorted(uris)[3:6]


def test_a_registry_of_another_version_is_refused_and_left_alone(registry: Registry, url: str) -> None:
    registry.register(document(), [Page(1, "one")])
    with writing(open_database(url)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RegistryUnavailable, match="another version") as refused:
        open_database(url)
    assert "Nothing was changed" in refused.value.advice
    assert registry.document("d1") == document()


def test_a_dead_database_is_an_error(registry: Registry, url: str) -> None:
    with writing(open_database(url)) as connection:
        connection.execute(text("DROP TABLE document_labels"))
        connection.execute(text("DROP TABLE pages"))
        connection.execute(text("DROP TABLE files"))
    with pytest.raises(RegistryUnavailable):
        registry.documents()
    with pytest.raises(RegistryUnavailable):
        registry.check()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(RegistryUnavailable):
        open_database(f"sqlite:///{path}")


def test_the_archive_keeps_bytes_under_their_digest(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    digest = archive.put(b"original")
    assert archive.put(b"original") == digest
    assert archive.get(digest) == b"original"
    archive.remove(digest)
    with pytest.raises(RegistryUnavailable):
        archive.get(digest)


def test_a_damaged_original_is_not_served(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    digest = archive.put(b"original")
    (tmp_path / digest[:2] / digest).write_bytes(b"forged")
    with pytest.raises(RegistryUnavailable):
        archive.get(digest)
