"""What a policy set is: its files, its digest, and what is refused in its folder."""

import os
from pathlib import Path

import pytest

from appliance.access.policy_set import PolicySet, read
from appliance.errors import PolicyRefused
from appliance.settings import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "rules.cedar").write_text("// none\n")
    (tmp_path / "schema.cedarschema").write_text("entity A;\n")
    (tmp_path / "tables" / "decisions.yaml").write_text("rows: []\n")
    (tmp_path / "README.md").write_text("for people\n")
    return tmp_path


def test_the_digest_covers_every_file_and_its_place_but_no_readme_and_no_signature(folder: Path) -> None:
    """Guards the two halves of each line in `PolicySet.listing`."""
    before = read(folder).digest
    (folder / "README.md").write_text("something else\n")
    (folder / "signatures").mkdir()
    (folder / "signatures" / "ada.sig").write_text("x")
    assert read(folder).digest == before
    (folder / "rules.cedar").rename(folder / "other.cedar")
    moved = read(folder).digest
    (folder / "other.cedar").write_text("// some\n")
    assert len({before, moved, read(folder).digest}) == 3


def test_what_is_moved_between_files_changes_the_digest() -> None:
    one = PolicySet({"a.cedar": b"xy", "b.cedar": b""})
    other = PolicySet({"a.cedar": b"x", "b.cedar": b"y"})
    assert one.digest != other.digest
    assert one.version == one.digest[:12]


@pytest.mark.parametrize(
    "name", ["run.sh", "rules.cedar~", ".hidden", "key.pem", "tables/more.json", "a\nb.cedar", "tables/README.md"]
)
def test_a_file_of_another_kind_is_refused_not_passed_over(folder: Path, name: str) -> None:
    """Guards the refusal in `policy_set._content`: what an officer sees in the folder is what he signs."""
    (folder / name).write_text("")
    with pytest.raises(PolicyRefused):
        read(folder)


def test_links_pipes_and_large_files_are_refused(folder: Path) -> None:
    for make in (
        lambda path: path.symlink_to(folder / "rules.cedar"),
        lambda path: path.symlink_to(folder / "tables"),
        os.mkfifo,
        lambda path: path.write_bytes(b" " * ((1 << 20) + 1)),
    ):
        path = folder / "more.cedar"
        make(path)
        with pytest.raises(PolicyRefused):
            read(folder)
        path.unlink()
    assert read(folder)


def test_too_many_files_are_refused(folder: Path) -> None:
    for number in range(200):
        (folder / f"r{number}.cedar").write_text("")
    with pytest.raises(PolicyRefused, match="more than 200"):
        read(folder)


def test_a_folder_without_rules_or_schema_is_no_set(folder: Path, tmp_path: Path) -> None:
    (folder / "schema.cedarschema").unlink()
    for place in (folder, tmp_path / "nowhere"):
        with pytest.raises(PolicyRefused, match="no policy set"):
            read(place)


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(PolicyRefused, match="cannot be read"):
        read(Path("a" * 5_000))
    with pytest.raises(PolicyRefused, match=r"has no clients\.toml"):
        PolicySet({}).text("clients.toml")
    with pytest.raises(PolicyRefused, match="not UTF-8"):
        _ = PolicySet({"schema.cedarschema": b"\xff"}).schema


def test_the_shipped_set_is_one() -> None:
    shipped = read(ROOT / "policies")
    assert "read-as-reader" in shipped.policies
    assert "entity Document" in shipped.schema
    assert {"tables/decisions.yaml", "tables/duties.yaml"} <= set(shipped.files)
