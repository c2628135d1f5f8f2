"""The runner of the benchmarks, on benchmarks that cost nothing: rows, targets, the table."""

import json
from pathlib import Path
from typing import Any

import pytest

from appliance.models.local import Message
from appliance.records import Sentence
from tests.benchmarks.__main__ import BENCHMARKS, Kept, table
from tests.benchmarks.bench_answering import Measured, Timed, salted
from tests.benchmarks.bench_portal import sentences as portal_rows
from tests.benchmarks.rows import Line, lines
from tests.contracts.chat_models import ScriptedModel

PRINTED = """| 809 questions, 5183 passages | nDCG@10 |
|---|---|
| meaning alone | 0.6450 |
| words alone | 0.6890 |
| fused, 50 of each | 0.7312 |
"""


@pytest.mark.parametrize(
    ("value", "asked", "reached"),
    [(1.2, "<= 1.25", True), (1.26, "<= 1.25", False), (20, ">= 20", True), (19.9, ">= 20", False), (1, "", None)],
)
def test_a_target_is_reached_or_not(value: float, asked: str, reached: bool | None) -> None:
    assert Line("b", "what", value, asked=asked).reached is reached


@pytest.mark.parametrize(
    ("benchmark", "row", "told"),
    [
        (
            "search",
            {"chunks": 1000, "what": "search", "ms": 9.0, "ratio": 1.2},
            Line("search", "search, 1000 chunks", 1.2, asked="<= 1.25"),
        ),
        (
            "search",
            {"chunks": 1000, "what": "  joining", "ms": 9.0, "ratio": 0.1},
            Line("search", "joining, 1000 chunks", 0.1),
        ),
        (
            "search",
            {"chunks": 1000, "what": "below", "ms": 9.0, "ratio": None},
            Line("search", "below, 1000 chunks", 9.0, "ms"),
        ),
        (
            "ingest",
            {"name": "house", "size": "12", "ours": 2.0, "theirs": 1.8, "asked": ">= 0.8"},
            Line("ingest", "house, 12", 0.9, asked=">= 0.8"),
        ),
        ("retrieval", {"language": "de", "k": 6, "recall": 0.9, "ndcg": 0.8}, Line("retrieval", "recall@6, de", 0.9)),
        (
            "stack",
            {"name": "whole", "value": 2.5, "unit": "GB", "asked": "<= 6"},
            Line("stack", "whole", 2.5, "GB", "<= 6"),
        ),
    ],
)
def test_each_benchmarks_rows_are_understood(benchmark: str, row: dict[str, Any], told: Line) -> None:
    assert lines(benchmark, [row, row], "") == [told]


def test_attacks_are_counted_once_each_by_run() -> None:
    none = {"succeeded": False, "scope": 0, "destination": 0, "tools": 0, "links": 0, "answered": True}
    rows = [{"run": "real", "id": str(number), **none} for number in range(49)]
    rows += [{**rows[0], "succeeded": True}, {**rows[1], "links": 3}, {"run": "repeating", "id": "0", **none}]
    told = {line.what: line for line in lines("injection_answers", rows, "")}
    assert told["injection, real model: attacks"].value == 49
    assert told["injection, real model: succeeded in the text"].value == pytest.approx(100 / 49)
    assert not told["injection, real model: succeeded in the text"].reached
    assert not told["injection, real model: on links"].reached
    assert told["injection, repeating model: on links"].reached
    assert lines("injection_answers", [], "") == []


def test_scifact_is_read_from_what_it_prints() -> None:
    told = lines("scifact", [], PRINTED)
    assert [line.value for line in told[:3]] == [0.645, 0.689, 0.7312]
    assert told[-1].value == pytest.approx(0.0422)
    assert told[-1].reached
    assert lines("scifact", [], "") == []


def test_the_table_holds_what_is_kept_and_a_cut_row_is_passed_over(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "stack")
    kept.rows.write_text(json.dumps({"name": "whole", "value": 7, "unit": "GB", "asked": "<= 6"}) + '\n{"name": "cu')
    told = list(table(tmp_path, BENCHMARKS))
    assert told[2:] == ["| stack | whole | 7 GB | <= 6 | **no** |"]
    kept.forget()
    assert len(list(table(tmp_path, BENCHMARKS))) == 2


def test_every_benchmark_of_the_folder_is_run() -> None:
    folder = Path(__file__).parent
    assert {path.stem for path in folder.glob("bench_*.py")} == {f"bench_{one.name}" for one in BENCHMARKS}


ASKED = (Message("system", "Answer."), Message("user", "Question: how much?"))


def test_a_salt_is_new_each_time_and_of_one_length() -> None:
    first, second = salted(ASKED), salted(ASKED)
    assert first[0] == second[0] == ASKED[0]
    assert first[1].text != second[1].text
    assert len(first[1].text) == len(second[1].text)
    assert first[1].text.endswith(ASKED[1].text)


def test_the_engine_has_finished_a_sentence_when_its_mark_is_written() -> None:
    timed = Timed(ScriptedModel(reply="The dose is 5 mg [1]. Give it twice a day [2]."))
    pieces = list(timed.stream(ASKED, max_tokens=100))
    assert timed.messages == ASKED
    assert "".join(text for _, text in timed.texts) in "".join(getattr(piece, "text", "") for piece in pieces)
    at = timed.finished(Sentence("The dose is 5 mg.", ()))
    assert at is not None
    before = [text for when, text in timed.texts if when <= at]
    assert "[1" in "".join(before)
    assert "twice" not in "".join(before)
    assert timed.finished(Sentence("It is not said.", ())) is None


def test_the_rows_are_medians_and_ratios() -> None:
    rows = {row.name: row.value for row in Measured([1.1, 2.0, 9.0], [1.0, 2.0, 8.0], [0.1, 0.12, 0.2], 7).rows()}
    assert rows["first token at the Desk, by a bare call"] == 1.0
    assert rows["first verified sentence after the engine finished it"] == pytest.approx(120)
    assert list(Measured().rows()) == []


def test_a_sentence_that_was_never_shown_is_a_row_of_its_own() -> None:
    rows = {row["name"]: row for row in portal_rows({"a": 1.0, "b": 2.0}, {"a": 1.25})}
    never = rows["sentences never shown"]
    assert (never["value"], never["asked"]) == (1, "<= 0")
    assert rows["sentence shown after the API gave it (median)"]["value"] == 250.0
    assert {row["name"]: row["value"] for row in portal_rows({"a": 1.0}, {})} == {
        "sentences": 1,
        "sentences never shown": 1,
    }
