"""Who may read a file is said by the lists above it, or it is quarantined."""

import os
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from appliance.errors import OperatorError
from appliance.records import Access, Level
from ingest import sources
from ingest.records import Fault, SourceFile

LIST = "readers: [staff]\nlevel: internal\ndepartment: nursing\n"


def put(root: Path, name: str, text: str = "text") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found(root: Path, under: str = "") -> dict[str, SourceFile]:
    source = sources.Folder(root, "aldermoor", 1 << 20, PurePosixPath(under))
    return {file.uri: file for file in sources.discover(source).files}


def test_a_list_is_inherited_key_by_key_and_a_file_may_have_its_own(tmp_path: Path) -> None:
    put(tmp_path, "n/.access.yaml", LIST + "files:\n  rota.md: {readers: [hr], level: confidential}\n")
    put(tmp_path, "n/icu/.access.yaml", "readers: [icu]\nlabels: [patient]\n")
    put(tmp_path, "n/icu/deep/sheet.md")
    put(tmp_path, "n/rota.md")
    put(tmp_path, "n/icu/rota.md")
    files = found(tmp_path)
    assert files["n/icu/deep/sheet.md"].access == Access(
        "aldermoor", Level.INTERNAL, frozenset({"icu"}), "nursing", frozenset({"patient"}), ("n", "n/icu", "n/icu/deep")
    )
    assert files["n/rota.md"].access == Access(
        "aldermoor", Level.CONFIDENTIAL, frozenset({"hr"}), "nursing", frozenset(), ("n",)
    )
    assert files["n/icu/rota.md"].access is not None
    assert files["n/icu/rota.md"].access.readers == {"icu"}, "what is said of a file counts in its own folder only"
    assert set(files) == {"n/icu/deep/sheet.md", "n/rota.md", "n/icu/rota.md"}, "a list is never a document"


def test_owner_wall_patient_purpose_and_hold_are_inherited_and_replaced(tmp_path: Path) -> None:
    more = "owner: dana\nwall: kestrel\npurpose: care\nhold: true\n"
    put(tmp_path, "n/.access.yaml", LIST + more + "files:\n  a.md: {patient: p-17, wall: heron, hold: false}\n")
    for name in ("n/a.md", "n/b.md"):
        put(tmp_path, name)
    a, b = (found(tmp_path)[name].access for name in ("n/a.md", "n/b.md"))
    assert a is not None
    assert b is not None
    assert (a.owner, a.wall, a.patient, a.purpose, a.hold) == ("dana", "heron", "p-17", "care", False)
    assert (b.owner, b.wall, b.patient, b.purpose, b.hold) == ("dana", "kestrel", "", "care", True)


def test_five_thousand_readers_are_read(tmp_path: Path) -> None:
    put(tmp_path, ".access.yaml", LIST.replace("[staff]", f"[{', '.join(f'g{n}' for n in range(5_000))}]"))
    put(tmp_path, "a.md")
    access = found(tmp_path)["a.md"].access
    assert access is not None
    assert len(access.readers) == 5_000


def test_dates_and_successors(tmp_path: Path) -> None:
    put(tmp_path, "v/.access.yaml", LIST + "files:\n  a.md: {valid_from: 2024-04-01, superseded_by: ../w/b.md}\n")
    put(tmp_path, "v/a.md")
    file = found(tmp_path)["v/a.md"]
    assert (file.valid_from, file.superseded_by) == (date(2024, 4, 1), "w/b.md")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("readers: []\nlevel: internal\ndepartment: d\n", "readers: is empty"),
        ("readers: staff\nlevel: internal\ndepartment: d\n", "list of words"),
        ("readers: [no]\nlevel: internal\ndepartment: d\n", "list of words"),
        ("readers: [staff]\nlevel: secretish\ndepartment: d\n", "level:"),
        ("readers: [staff]\nlevel: 1\ndepartment: d\n", "level:"),
        ("readers: [staff]\nlevel: Internal\ndepartment: d\n", "level:"),
        ("readers: [staff]\ndepartment: d\n", "no level"),
        ("readers: [staff]\nlevel: internal\n", "no department"),
        ("level: internal\ndepartment: d\n", "no readers"),
        (LIST + "reader: [all]\n", "unknown key"),
        (LIST + "readers: [all]\n", "given twice"),
        (LIST + "labels: &a [x]\nfiles: {f: {labels: *a}}\n", "aliases"),
        (LIST + "<<: {level: public}\n", "not a word"),
        (LIST + "files: {a.md: {readers: []}}\n", "readers: is empty"),
        (LIST + "files: {a.md: {level: low}}\n", "level:"),
        (LIST + "files: {sub/a.md: {level: public}}\n", "file names of this folder"),
        (LIST + "files: [a.md]\n", "files:"),
        (LIST + "wall: ''\n", "wall: must be one word"),
        (LIST + "wall:\n", "wall: must be one word"),
        (LIST + "wall: [deal]\n", "wall: must be one word"),
        (LIST + "patient: 4711\n", "patient: must be one word"),
        (LIST + "owner: [a, b]\n", "owner: must be one word"),
        (LIST + "purpose: 'two words'\n", "purpose: must be one word"),
        (LIST + f"owner: {'x' * 200}\n", "owner: must be one word"),
        (LIST + "hold: 'true'\n", "hold: must be true or false"),
        (LIST + "hold: 1\n", "hold: must be true or false"),
        (LIST + "hold:\n", "hold: must be true or false"),
        (LIST + "files: {a.md: {hold: maybe}}\n", "hold: must be true or false"),
        (LIST + f"labels: [{', '.join(f'l{n}' for n in range(40_000))}]\n", "larger than"),
        (LIST + "valid_from: 2024-13-40\n", "not valid YAML"),
        (LIST + "valid_from: soon\n", "a date"),
        (LIST + "superseded_by: b.md\n", "single file"),
        ("- readers\n", "not a mapping"),
        ("{" * 5_000, "not valid YAML"),
        ("readers: [staff\n", "not valid YAML"),
        (LIST + "#" * 300_000, "larger than"),
        ("!!python/object/apply:os.system [id]\n", "not valid YAML"),
    ],
)
def test_a_list_that_is_not_understood_quarantines_all_below(tmp_path: Path, text: str, reason: str) -> None:
    put(tmp_path, ".access.yaml", LIST) if "no " not in reason else None
    put(tmp_path, "d/.access.yaml", text)
    put(tmp_path, "d/a.md")
    put(tmp_path, "d/e/.access.yaml", LIST) if "no " not in reason else None
    put(tmp_path, "d/e/b.md")
    files = found(tmp_path)
    for uri in ("d/a.md", "d/e/b.md"):
        assert files[uri].access is None
        assert reason in files[uri].reason


def test_no_list_at_all(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    assert found(tmp_path)["a.md"].reason == Fault.NO_ACCESS


@pytest.mark.parametrize("name", [".access.yml", "access.yaml", ".Access.yaml", ".access.yaml.bak", ".access.yaml~"])
def test_a_misspelt_list_is_not_ignored(tmp_path: Path, name: str) -> None:
    """Delete the branch on `strays` in `sources._inherit`: the wider list from above applies, and this fails."""
    put(tmp_path, ".access.yaml", LIST)
    put(tmp_path, f"d/{name}", "readers: [board]\n")
    put(tmp_path, "d/a.md")
    assert found(tmp_path)["d/a.md"].access is None


def test_links_are_not_followed_and_hidden_files_are_ignored(tmp_path: Path) -> None:
    """Delete the branch on `is_symlink` in `sources._file` and the restricted text is stored under the public list."""
    secret = put(tmp_path / "elsewhere", "secret.md")
    root = tmp_path / "root"
    put(root, ".access.yaml", LIST)
    put(root, ".hidden/x.md")
    put(root, ".git.md")
    (root / "linked.md").symlink_to(secret)
    (root / "folder").symlink_to(secret.parent)
    os.mkfifo(root / "pipe.md")
    ends = {uri: (file.access, file.reason) for uri, file in found(root).items()}
    assert ends == {
        "linked.md": (None, Fault.LINK),
        "folder": (None, Fault.LINK),
        "pipe.md": (None, Fault.NOT_A_FILE),
    }


def test_a_linked_list_grants_nothing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "a.md")
    (root / ".access.yaml").symlink_to(put(tmp_path, "list.yaml", LIST))
    assert found(root)["a.md"].access is None


@pytest.mark.parametrize(
    "character", sorted("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
def test_a_name_that_turns_the_direction_of_reading_is_refused(tmp_path: Path, character: str) -> None:
    """Guards `_BIDI`: every character that Unicode calls a control of direction (property Bidi_Control)."""
    put(tmp_path, ".access.yaml", LIST)
    put(tmp_path, f"a{character}b.md")
    assert [file.reason for file in found(tmp_path).values()] == [Fault.NAME]


def test_names_that_disturb_are_escaped_and_quarantined(tmp_path: Path) -> None:
    put(tmp_path, ".access.yaml", LIST)
    put(tmp_path, "a\nb.md")
    Path(os.fsdecode(bytes(tmp_path) + b"/\xff.md")).write_text("x")
    files = found(tmp_path)
    assert set(files) == {"a\\nb.md", "\\udcff.md"}
    assert all(file.reason == Fault.NAME for file in files.values())


def test_under_counts_from_the_root_and_inherits_from_above(tmp_path: Path) -> None:
    put(tmp_path, ".access.yaml", LIST)
    put(tmp_path, "d/a.md")
    put(tmp_path, "b.md")
    assert list(found(tmp_path, "d")) == ["d/a.md"]
    assert found(tmp_path, "d")["d/a.md"].access is not None


def test_a_successor_outside_the_source_is_refused(tmp_path: Path) -> None:
    put(tmp_path, ".access.yaml", LIST + "files: {a.md: {superseded_by: ../../b.md}, c.md: {superseded_by: c.md}}\n")
    put(tmp_path, "a.md")
    put(tmp_path, "c.md")
    assert [file.access for file in found(tmp_path).values()] == [None, None]


def test_a_file_that_is_named_but_not_there_is_told(tmp_path: Path) -> None:
    put(tmp_path, ".access.yaml", LIST + "files: {salry.md: {readers: [hr]}}\n")
    put(tmp_path, "salary.md")
    told = sources.discover(sources.Folder(tmp_path, "aldermoor", 1 << 20)).notices
    assert told == (".access.yaml: no such file: salry.md",)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be listed"):
        found(tmp_path / "gone")


def test_reading_what_has_changed_and_what_is_too_large(tmp_path: Path) -> None:
    """Delete the comparison of digests in `sources.read`: new bytes are stored under the list of the old ones."""
    put(tmp_path, ".access.yaml", LIST)
    path = put(tmp_path, "a.md", "one")
    file = found(tmp_path)["a.md"]
    path.write_text("two!")
    assert sources.read(file, limit=100) == Fault.CHANGED
    assert sources.read(file, limit=2) == Fault.TOO_LARGE
    path.unlink()
    assert sources.read(file, limit=100) == Fault.UNREADABLE


def test_a_folder_alone_gives_every_file_what_the_whole_source_gives_it(tmp_path: Path) -> None:
    """Delete `given.below()` in `sources.discover`: what is said of a file above counts for its namesake below."""
    put(tmp_path, ".access.yaml", LIST + "files:\n  rota.md: {readers: [all]}\n  new.md: {superseded_by: rota.md}\n")
    put(tmp_path, "n/.access.yaml", "readers: [hr]\nfiles:\n  rota.md: {readers: [icu], level: confidential}\n")
    for name in ("rota.md", "new.md", "n/rota.md", "n/icu/rota.md", "n/icu/new.md", "n/icu/deep/rota.md"):
        put(tmp_path, name)
    whole = found(tmp_path)
    assert whole["n/icu/rota.md"].access is not None
    assert whole["n/icu/rota.md"].access.readers == {"hr"}
    for under in ("n", "n/icu", "n/icu/deep"):
        assert found(tmp_path, under) == {uri: file for uri, file in whole.items() if uri.startswith(f"{under}/")}
