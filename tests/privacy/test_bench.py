"""The bench: figures by hand, faults by line, and no text where none was asked for."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.errors import BadRequest, DetectorUnavailable
from appliance.privacy.judging import label_map
from appliance.privacy.judging.bench import Report, run, to_json
from appliance.privacy.judging.bench_page import render
from appliance.privacy.judging.sample import Sample, Span, read
from appliance.privacy.judging.scoring import apart, figures, judge, safe
from appliance.records.privacy import Finding

LABELS = label_map.read()
TEXT = "Ada Birch, born 3 May 1961, <b>MRN 4471</b>"


class Words:
    """Finds given words as given kinds."""

    version = "words"

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words

    def find(self, texts: Sequence[str], *, language: str) -> list[list[Finding]]:  # noqa: ARG002
        return [
            [
                Finding(text.index(word), text.index(word) + len(word), kind, 0.9, "words")
                for word, kind in self._words.items()
                if word in text
            ]
            for text in texts
        ]


def sample(name: str = "1", text: str = TEXT, marked: dict[str, str] | None = None, language: str = "en") -> Sample:
    marked = {"Ada Birch": "PERSON", "3 May 1961": "DATE", "4471": "MRN"} if marked is None else marked
    spans = tuple(Span(text.index(word), text.index(word) + len(word), kind, kind) for word, kind in marked.items())
    return Sample(name, text, spans, language)


def report(words: dict[str, str], *samples: Sample) -> Report:
    return run(samples or (sample(),), Words(words), name="made up", direct=LABELS.direct)


def test_figures_by_hand() -> None:
    """Two of three spans are covered; of three findings one is a false alarm: recall 2/3, precision 2/3, F2 2/3."""
    held = report({"Ada Birch": "LOCATION", "4471": "MRN", "born": "PERSON"}).overall
    assert (held.spans, held.covered, held.findings, held.right) == (3, 2, 3, 2)
    assert held.recall == pytest.approx(2 / 3)
    assert held.precision == pytest.approx(2 / 3)
    assert held.f2 == pytest.approx(2 / 3)
    assert held.characters == pytest.approx(13 / 17)


def test_f2_weighs_recall_four_times() -> None:
    held = report({"Ada Birch": "PERSON"}).overall
    assert held.f2 == pytest.approx(5 * 1 * (1 / 3) / (4 * 1 + 1 / 3))


@pytest.mark.parametrize(("found", "covered"), [(9, True), (8, False)])
def test_a_span_is_covered_by_nine_tenths_of_its_characters(found: int, covered: bool) -> None:
    judged = judge(sample(marked={"3 May 1961": "DATE"}), [Finding(16, 16 + found, "DATE", 1, "t")])
    assert judged.spans[0].covered is covered


@pytest.mark.parametrize(("end", "right"), [(18, True), (19, False)])
def test_a_finding_is_right_if_half_of_it_is_marked(end: int, right: bool) -> None:
    judged = judge(sample(marked={"Ada Birch": "PERSON"}), [Finding(0, end, "PERSON", 1, "t")])
    assert judged.findings[0].right is right


def test_findings_that_overlap_count_once() -> None:
    held = apart([Finding(4, 9, "A", 0.5, "t"), Finding(0, 6, "B", 0.9, "t"), Finding(9, 12, "C", 0.1, "t")])
    assert [(one.start, one.end, one.entity) for one in held] == [(0, 9, "B"), (9, 12, "C")]


def test_a_document_is_safe_unless_a_direct_identifier_is_left_open() -> None:
    everything_but_date = {"Ada Birch": "PERSON", "4471": "MRN"}
    assert report(everything_but_date).safe == 1
    assert report({"Ada Birch": "PERSON", "3 May 1961": "DATE"}).safe == 0
    assert safe(judge(sample(marked={}), []), LABELS.direct)


def test_by_kind_and_language() -> None:
    german = sample("2", "Frau Klaasen kam.", {"Klaasen": "PERSON"}, "de")
    held = report({"Ada Birch": "PERSON", "kam": "DATE"}, sample(), german)
    assert held.kinds["PERSON"].recall == 0.5
    assert held.kinds["DATE"].precision == 0
    assert held.languages["de"].recall == 0
    assert held.languages["en"].recall == pytest.approx(1 / 3)
    assert figures(held.judged, label="MRN").spans == 1


def test_nothing_found_is_no_division_by_nothing() -> None:
    held = report({}).overall
    assert (held.recall, held.precision, held.f2) == (0, None, 0)
    clean = report({}, sample(marked={})).overall
    assert (clean.recall, clean.precision, clean.f2) == (None, None, None)


def test_the_report_holds_no_text_unless_asked_for() -> None:
    """Guards `if with_texts` in `to_json`."""
    made = report({"born": "PERSON"})
    plain = to_json(made)
    assert "Birch" not in plain
    assert "born" not in plain
    assert json.loads(plain)["all"]["spans"] == 3
    assert "Birch" in to_json(made, with_texts=True)


def test_the_page_escapes_the_sample_and_asks_for_nothing() -> None:
    """Guards `autoescape=True` in `bench_page.render`."""
    page = render(report({"born": "PERSON"}))
    assert "<b>MRN 4471" not in page
    assert "&lt;b&gt;MRN" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_detector_that_fails_ends_the_bench() -> None:
    class Failing:
        version = "failing"

        def find(self, texts: Sequence[str], *, language: str) -> list[list[Finding]]:  # noqa: ARG002
            raise DetectorUnavailable("It failed.")

    with pytest.raises(DetectorUnavailable):
        run([sample()], Failing(), name="made up", direct=LABELS.direct)


GOOD = '{"id": "1", "text": "Ada", "spans": [{"start": 0, "end": 3, "label": "per"}]}'
FAULTS = {
    "no json": ("{", "line 2: no JSON"),
    "a list": ("[]", "line 2: no JSON object"),
    "no id": ('{"text": "a", "spans": []}', "line 2: `id` is missing"),
    "the same id": (GOOD, "line 2: `id` was used before"),
    "no text": ('{"id": "2", "spans": []}', "line 2: `text` is missing"),
    "no spans": ('{"id": "2", "text": "a"}', "line 2: `spans` must be a list"),
    "a language by name": ('{"id": "2", "text": "a", "spans": [], "language": "english"}', "line 2: `language`"),
    "outside the text": (
        '{"id": "2", "text": "abc", "spans": [{"start": 1, "end": 4, "label": "PERSON"}]}',
        "line 2: span 1 is empty or lies outside the text of 3 characters",
    ),
    "empty": ('{"id": "2", "text": "abc", "spans": [{"start": 1, "end": 1, "label": "PERSON"}]}', "span 1 is empty"),
    "before the text": (
        '{"id": "2", "text": "abc", "spans": [{"start": -1, "end": 1, "label": "PERSON"}]}',
        "span 1 is empty or lies",
    ),
    "no number": ('{"id": "2", "text": "abc", "spans": [{"start": true, "end": 1, "label": "A"}]}', "whole numbers"),
    "no label": ('{"id": "2", "text": "abc", "spans": [{"start": 0, "end": 1}]}', "needs a `label`"),
    "an unknown label": (
        '{"id": "2", "text": "abc", "spans": [{"start": 0, "end": 1, "label": "WARD_BADGE"}]}',
        "a label that no map knows",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_faulty_line_is_told_by_its_number(tmp_path: Path, case: str) -> None:
    line, said = FAULTS[case]
    path = tmp_path / "set.jsonl"
    path.write_text(f"{GOOD}\n{line}\n", "utf-8")
    with pytest.raises(BadRequest) as refused:
        read(path, LABELS)
    assert said in str(refused.value)


def test_an_empty_or_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("\n", "utf-8")
    with pytest.raises(BadRequest, match="no documents"):
        read(path, LABELS)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRequest, match="UTF-8"):
        read(path, LABELS)
    with pytest.raises(BadRequest, match="no such file"):
        read(tmp_path / "missing.jsonl", LABELS)


def test_labels_of_others_are_ours(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(GOOD + "\n", "utf-8")
    held = read(path, LABELS)
    assert held == [Sample("1", "Ada", (Span(0, 3, "per", "PERSON"),), "en")]


def test_a_site_has_labels_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "map.toml"
    own.write_text('[labels]\nward_badge = "WARD_BADGE"\ngpe = "ADDRESS"\n', "utf-8")
    labels = label_map.read(own)
    assert labels.kind("Ward_Badge") == "WARD_BADGE"
    assert labels.kind("GPE") == "ADDRESS"
    assert labels.kind("NRP") == "NATIONALITY"


@pytest.mark.parametrize(
    "text", ["labels = 3", "[labels]\na = 3", '[labels]\na = "some kind"', "x = 1", "direct = 3", "["]
)
def test_a_map_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    own = tmp_path / "map.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(BadRequest):
        label_map.read(own)
