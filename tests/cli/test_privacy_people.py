"""`muniment privacy people`: what it loads is found, what it prints names nobody."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from appliance import wiring
from appliance.cli.main import EXIT_FAULT, app
from appliance.errors import MunimentError
from appliance.privacy.known.parts import known
from appliance.settings import Settings

FILE = "Vorname;Nachname;MRN\nÄnne;Kellenbach;P-1234567\nOtto;Stein;77\n"


def people(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    """The exit code, and all that is shown. An error of ours is told by its words, as `main` does."""
    told = CliRunner().invoke(app, ["privacy", "people", *arguments], env={"MUNIMENT_DATA": str(tmp_path / "data")})
    if isinstance(told.exception, MunimentError):
        return EXIT_FAULT, f"{told.output}{told.exception}{told.exception.advice}"
    return told.exit_code, told.output


def found(tmp_path: Path, text: str) -> list[str]:
    return [text[one.start : one.end] for one in known(Settings(data=tmp_path / "data")).detect([text], "de")[0]]


def test_a_list_is_loaded_shown_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(FILE, "utf-8")
    code, told = people(tmp_path, "load", str(file), "--list", "patients")
    assert code == 2
    assert "row 3: an identifier" in told
    assert "Nothing was loaded" in told
    assert found(tmp_path, "Kellenbach") == []
    code, more = people(tmp_path, "load", str(file), "--list", "patients", "--skip-bad")
    assert code == 0
    assert "patients: 1 persons are known" in more
    assert found(tmp_path, "Kellenbach p1234567") == ["Kellenbach", "p1234567"]
    code, shown = people(tmp_path, "list")
    assert (code, "patients" in shown) == (0, True)
    for clear in ("kellenbach", "stein", "1234567"):
        assert clear not in (told + more + shown).lower()
    assert people(tmp_path, "remove", "--list", "patients")[0] == 0
    assert people(tmp_path, "remove", "--list", "patients")[0] == 2
    assert found(tmp_path, "Kellenbach") == []
    entries = [json.loads(body) for _, body, _ in wiring.ledger_reader(Settings(data=tmp_path / "data")).rows()]
    assert [one["reason"] for one in entries if one["event"] == "known-changed"] == ["patients 1", "patients removed"]


def test_the_staff_of_the_demonstration(tmp_path: Path) -> None:
    code, told = people(tmp_path, "staff")
    assert code == 0
    assert "Lindqvist" not in told
    assert found(tmp_path, "LINDQVIST, Mara fragt H. Okafor.") == ["LINDQVIST, Mara", "H. Okafor"]
    (tmp_path / "data" / "keys" / "known.key").unlink()
    code, told = people(tmp_path, "list")
    assert code == 2
    assert "key" in told


@pytest.mark.parametrize("arguments", [("--list", "Pa tients"), ("--list", "patients", "--column", "x")])
def test_a_name_or_column_that_is_none_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name\nÄnne Kellenbach\n", "utf-8")
    assert people(tmp_path, "load", str(file), *arguments)[0] == 2
