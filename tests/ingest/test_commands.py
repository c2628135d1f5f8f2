"""`muniment ingest`: what may be ingested, and what is told at the end."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from appliance.errors import OperatorError
from appliance.settings import load
from ingest.commands import corpus, report
from ingest.records import Quarantined, Run, Stored


def test_demo_identity_ingests_the_demo_corpus_only(tmp_path: Path) -> None:
    """Delete the `raise` in `commands.corpus` and any persona could read real documents."""
    (tmp_path / "demo" / "hr").mkdir(parents=True)
    (tmp_path / "real").mkdir()
    (tmp_path / "demo" / "out").symlink_to(tmp_path / "real")
    settings = load(demo_corpus=tmp_path / "demo", data=tmp_path / "data")
    assert corpus(tmp_path / "demo", settings) == tmp_path / "demo"
    assert corpus(tmp_path / "demo" / "hr", settings) == tmp_path / "demo"
    for path in (tmp_path / "real", tmp_path, tmp_path / "demo" / ".." / "real", tmp_path / "demo" / "out"):
        with pytest.raises(OperatorError, match="any persona") as caught:
            corpus(path, settings)
        assert "MUNIMENT_DEMO_CORPUS" in caught.value.advice


def test_real_identity_ingests_any_folder_but_only_folders(tmp_path: Path) -> None:
    told = {"issuer": "https://id.example", "audience": "muniment", "ledger_witness": "syslog:/dev/log"} | {
        "directory": "absent"
    }
    settings = load(identity="oidc", data=tmp_path / "data", **told)
    assert corpus(tmp_path, settings) == tmp_path
    with pytest.raises(OperatorError, match="no such folder"):
        corpus(tmp_path / "gone", settings)


def test_the_report_counts_and_names_the_quarantined() -> None:
    stream = io.StringIO()
    run = Run((Stored("a.md", 3), Quarantined("d/[bold]b.md", "no access list")), ("d: no such file: c.md",))
    report(run, Console(file=stream, width=100))
    told = stream.getvalue()
    assert "3 passages stored." in told
    assert "d/[bold]b.md: no access list" in told
    assert "Notice: d: no such file: c.md" in told
    counts = {
        line.split("│")[1].strip(): line.split("│")[2].strip() for line in told.splitlines() if line.count("│") == 3
    }
    assert counts["stored"] == counts["quarantined"] == "1"
    assert counts["all"] == "2"
