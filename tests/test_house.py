"""The house itself: what no room may do, and what its papers promise."""

import ast
import re
import socket
from pathlib import Path

import pytest

from appliance import errors
from appliance.settings import ROOT, Settings
from tests.conftest import NetworkIsClosedError

SOURCES = sorted(path for room in ("appliance", "ingest", "ui") for path in (ROOT / room).rglob("*.py"))


def test_tests_cannot_reach_the_network() -> None:
    for address in (("192.0.2.1", 80), ("example.org", 443)):
        with pytest.raises(NetworkIsClosedError):
            socket.create_connection(address, timeout=1)


def test_a_scope_is_named_for_building_in_one_place_only() -> None:
    """Guards the seal of `appliance/access/scope.py`: no other module touches it or calls the constructor."""
    for path in SOURCES:
        if path == ROOT / "appliance" / "access" / "scope.py":
            continue
        tree = ast.parse(path.read_text("utf-8"))
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "_SEAL" not in path.read_text("utf-8"), path
        if "appliance.access.scope import Scope" in path.read_text("utf-8"):
            assert "Scope" not in called, path


def test_a_redacted_is_built_in_one_place_only() -> None:
    """Guards the seal of `appliance/privacy/redaction.py`: no other module touches it or calls the constructor."""
    for path in SOURCES:
        text = path.read_text("utf-8")
        if path != ROOT / "appliance" / "privacy" / "redaction.py":
            assert "_ISSUED_HERE" not in text, path
            assert not re.search(r"\bRedacted\(", text), path


def test_qdrant_is_imported_only_by_retrieval() -> None:
    for path in SOURCES:
        if ROOT / "appliance" / "retrieval" not in path.parents:
            assert not re.search(r"^\s*(?:import|from) qdrant_", path.read_text("utf-8"), re.M), path


def test_every_setting_stands_in_the_operators_table() -> None:
    text = (ROOT / "deploy" / "README.md").read_text("utf-8")
    missing = [name for name in Settings.model_fields if f"`{name}`" not in text]
    assert not missing


def test_every_error_stands_in_the_tree_with_its_status() -> None:
    tree = errors.__doc__ or ""
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.MunimentError)
    ]
    for kind in kinds:
        assert re.search(rf"\b{kind.__name__}\b", tree), kind
        assert (kind.__doc__ or "").strip(), kind


def test_every_folder_has_a_plaque() -> None:
    rooms = [ROOT / name for name in ("appliance", "ingest", "ui", "policies", "deploy", "tests")]
    rooms += [path.parent for path in (ROOT / "appliance").glob("*/__init__.py")]
    missing = [str(room.relative_to(ROOT)) for room in rooms if not (room / "README.md").is_file()]
    assert not missing


def test_no_file_names_a_package_registry_or_this_machine() -> None:
    hosts = re.compile("|".join(("py" + r"pi\.org", "pytho" + r"nhosted\.org", "npm" + r"js\.(?:org|com)")))
    for path in [
        *SOURCES,
        *ROOT.glob("*.md"),
        *ROOT.glob("*.lock"),
        ROOT / "Makefile",
        *(ROOT / "deploy").rglob("*.md"),
    ]:
        assert not hosts.search(path.read_text("utf-8")), path


def test_no_page_is_half_written() -> None:
    for page in ROOT.rglob("*.md"):
        if not {".venv", ".venv-vllm"} & set(page.parts):
            assert "PLACEHOLDER" not in page.read_text("utf-8"), page


def test_every_test_that_is_named_exists() -> None:
    pages = [*SOURCES, *ROOT.glob("*.md"), *(ROOT / "deploy").rglob("*.md"), *(ROOT / "appliance").rglob("*.md")]
    for page in pages:
        for file, name in re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", page.read_text("utf-8")):
            assert (ROOT / file).is_file(), f"{page} names {file}"
            assert f"def {name}" in (ROOT / file).read_text("utf-8") or not name, f"{page} names {file}::{name}"


def test_readme_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "deploy").rglob("*.md"), *(ROOT / "appliance").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / Path(target)).exists(), f"{page}: {target}"
