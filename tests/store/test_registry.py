from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.errors import RegistryUnavailable
from appliance.records import Access, Document, Level, Page
from appliance.store.archive import Archive
from appliance.store.database import open_database, writing
from appliance.store.registry import QUARANTINED, Registry

ACCESS = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))


def document(document_id: str = "d1", uri: str = "nursing/a.md", version: str = "v1") -> Document:
    return Document(document_id, uri, version, "A", "text/markdown", "en", 2, ACCESS, date(2026, 3, 1), None)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'deep' / 'registry.sqlite'}"


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
    gone = ", ".join(f"'$.{name}'" for name in ("owner", "wall", "patient", "purpose", "hold"))
    with writing(open_database(url)) as connection:
        connection.exec_driver_sql(f"UPDATE files SET access = json_remove(access, {gone}) WHERE id = 'd1'")  # noqa: S608  # ours
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


def test_a_row_without_readers_is_an_error_not_a_public_document(registry: Registry, url: str) -> None:
    """Guards `not plain["readers"]` in `_access`."""
    registry.register(document(), [Page(1, "one")])
    with writing(open_database(url)) as connection:
        connection.execute(text("""UPDATE files SET access = json_set(access, '$.readers', json('[]'))"""))
    with pytest.raises(RegistryUnavailable):
        registry.current(["d1"])


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE files SET access = '{\"tenant\": '",
        "UPDATE files SET access = '[1]'",
        "UPDATE files SET access = json_remove(access, '$.level')",
        "UPDATE files SET access = json_remove(access, '$.readers')",
        "UPDATE files SET access = json_set(access, '$.level', 99)",
        "UPDATE files SET access = json_remove(access, '$.hold')",
        "UPDATE files SET access = json_set(access, '$.hold', 1)",
        "UPDATE files SET access = json_set(access, '$.owner', 7)",
        "UPDATE files SET access = json_set(access, '$.readers', 'staff')",
        "UPDATE files SET access = json_set(access, '$.ancestors', 7)",
        "UPDATE files SET valid_from = 'yesterday'",
    ],
)
def test_a_damaged_row_is_a_broken_registry(registry: Registry, url: str, damage: str) -> None:
    """Guards the second `except` of `_session`, and for readers that are no list `_words`."""
    registry.register(document(), [Page(1, "one")])
    with writing(open_database(url)) as connection:
        connection.exec_driver_sql(damage)
    for read in (registry.documents, lambda: registry.document("d1"), lambda: registry.by_uri("aldermoor")):
        with pytest.raises(RegistryUnavailable):
            read()


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
