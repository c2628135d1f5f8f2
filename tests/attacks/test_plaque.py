"""What the plaque says is so: each guard stands where it says, and each test that it names exists."""

import ast

import pytest

from tests.attacks.rows import HERE, PLAQUE, ROOT, Row, rows

FAMILIES = {"tokens", "policies", "filters", "paths", "prompts", "caches", "concurrency", "neighbours", "door", "walls"}


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.family}: {row.attack}"[:60])
def test_each_row_names_a_guard_and_a_test_that_exist(row: Row) -> None:
    without = row.without((ROOT / row.file).read_text())
    if row.file.endswith(".py"):
        ast.parse(without)  # a file that no longer parses would fail every test, and prove nothing
    tested = ast.parse((ROOT / row.test).read_text())
    assert row.name in {node.name for node in ast.walk(tested) if isinstance(node, ast.FunctionDef)}


def test_each_family_has_rows_and_each_folder_a_heading() -> None:
    told = {row.family for row in rows()}
    assert told >= FAMILIES
    headings = {line.removeprefix("## ").split(":")[0] for line in PLAQUE.read_text().splitlines() if line[:3] == "## "}
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert folders <= headings


def test_each_file_of_tests_here_is_named() -> None:
    text = PLAQUE.read_text()
    files = [path.relative_to(ROOT).as_posix() for path in HERE.rglob("test_*.py")]
    assert not [file for file in files if file not in text and file != "tests/attacks/test_plaque.py"]
