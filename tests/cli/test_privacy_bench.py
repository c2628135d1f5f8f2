"""`muniment privacy bench` and `show` refuse what they cannot judge before any model is loaded."""

from pathlib import Path

import pytest

from appliance.cli import privacy_bench
from appliance.errors import BadRequest
from appliance.privacy.judging.before_after import found, render
from appliance.records.privacy import Finding


def test_a_bad_sample_is_told_by_line(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "1", "text": "abc", "spans": [{"start": 1, "end": 9, "label": "PERSON"}]}\n', "utf-8")
    with pytest.raises(BadRequest, match=r"line 1: span 1 .* outside the text"):
        privacy_bench.bench(path)


def test_a_text_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadRequest):
        privacy_bench.show(path)


def test_the_page_marks_what_was_found_and_escapes_the_rest() -> None:
    """Guards `autoescape=True` in `before_after.render`."""
    page = render("letter", found("<i>Ada Birch</i>", [Finding(3, 12, "PERSON", 1, "t")]), [])
    assert '<mark class="found" title="PERSON">Ada Birch</mark>' in page
    assert "&lt;i&gt;" in page
    assert "<script" not in page
