"""`muniment documents relabel --apply`: that it was begun, and what was written, is in the ledger."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from appliance import wiring
from appliance.cli import documents
from appliance.operations.relabelling import Change
from appliance.records import Access, Document, DocumentLabels, Level
from appliance.settings import Settings

OLD = Access("aldermoor", Level.INTERNAL, frozenset({"icu"}), "nursing", frozenset({"unscanned"}), ("nursing",))
NEW = replace(OLD, labels=frozenset())


def test_a_relabelling_is_recorded_however_it_ends(tmp_path: Path) -> None:
    """Guards `begins` and the `finally` in `documents._recorded`."""
    settings = Settings(data=tmp_path / "data")
    document = Document("d1", "a.md", "v1", "A", "text/markdown", "en", 1, OLD)
    labels = DocumentLabels("v1", "x", OLD, Level.PUBLIC, frozenset(), "")
    found = [Change(document, NEW, labels), Change(document, replace(OLD, level=Level.RESTRICTED), labels)]
    with pytest.raises(KeyboardInterrupt), documents._recorded(settings, found):
        raise KeyboardInterrupt
    entries = [json.loads(body) for _, body, _ in wiring.ledger_reader(settings).rows()]
    told = [one["reason"] for one in entries if one["event"] == "relabelled"]
    assert told == ["begins", "2 changed, 1 for fewer, 1 for more"]
