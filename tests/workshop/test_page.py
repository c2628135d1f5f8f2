import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.errors import BadRequest
from appliance.workshop.comparison import compare
from appliance.workshop.figures import FIGURES
from appliance.workshop.histogram import HEIGHT, WIDTH, histogram
from appliance.workshop.page import render
from appliance.workshop.report import from_json, last, to_json
from tests.workshop.invented import questions, report

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Checks that every element is closed in its turn, and gathers text, elements and what attributes refer to."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.references: set[str] = set()
        self.ids: list[str] = []
        self.words: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "src", "srcset", "action", "data", "poster", "xlink:href"}:
                self.references.add(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


NOW, BEFORE = report(), report(run="first", worse=0.1)
MARKUP = render(NOW, questions(), compare(BEFORE.run, BEFORE.cases, NOW.cases))
FROZEN = render(report(golden_set="unseen"), questions(), None)


@pytest.mark.parametrize("markup", [MARKUP, FROZEN])
def test_the_page_is_whole_and_refers_to_nothing_outside_itself(markup: str) -> None:
    """Guards the template: a script, a style sheet, a picture or a font from elsewhere would be a reference."""
    page = Page(markup)
    assert page.open == []
    assert markup.startswith("<!DOCTYPE html>")
    assert page.elements.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form"})
    assert all(reference.startswith("#") for reference in page.references)
    assert {reference[1:] for reference in page.references} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert not re.search(r"url\(|@import|https?:|//[a-z]", markup)
    assert "default-src 'none'" in markup


def test_what_models_and_documents_say_is_text_and_no_markup() -> None:
    """Guards `autoescape=True` in `render`: without it the invented answers' script element would be one."""
    assert "<script>" not in MARKUP
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in MARKUP


def test_every_figure_is_there_with_its_explanation() -> None:
    text = Page(MARKUP).text
    for figure in FIGURES:
        assert figure.name in text
        assert figure.meaning in text


def test_every_question_that_was_not_wholly_right_is_told_and_no_other() -> None:
    page = Page(MARKUP)
    wrong = {case.id for case in NOW.cases if not case.right}
    assert wrong
    assert set(page.ids) == wrong
    for golden in questions():
        assert (golden.question in page.text) == (golden.id in wrong)


def test_the_frozen_set_is_counted_and_not_shown() -> None:
    """Guards `[] if report.frozen` in `_content`: with the questions on the page, somebody would tune on them."""
    page = Page(FROZEN)
    assert not any(golden.question in page.text for golden in questions())
    assert "wick" not in page.text
    assert "invented/" not in page.text
    assert "q05" in page.text


def test_the_page_of_a_run_without_answers_or_faults() -> None:
    refused = tuple(case for case in NOW.cases if case.right and case.expect == "refuse")
    page = Page(render(replace(NOW, cases=refused), questions(), None))
    assert "Nothing was answered." in page.text
    assert "every question was wholly right" in page.text
    assert "no earlier run" in page.text


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "second-golden.json").write_text(to_json(NOW, compare("first", BEFORE.cases, NOW.cases)))
    (tmp_path / "first-golden.json").write_text(to_json(BEFORE, None))
    (tmp_path / "third-unseen.json").write_text(to_json(report(run="third", golden_set="unseen"), None))
    assert from_json(tmp_path / "second-golden.json") == NOW
    assert last(tmp_path, "golden", before="second") == BEFORE
    assert last(tmp_path, "golden", before="third") == NOW
    assert last(tmp_path, "other", before="") is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', '{"format": 99}'])
def test_another_file_is_no_result(content: str, tmp_path: Path) -> None:
    file = tmp_path / "x-golden.json"
    file.write_text(content)
    with pytest.raises(BadRequest):
        from_json(file)


@pytest.mark.parametrize("values", [[0.0], [0.04, 0.05], [1.0, 2.0, 2.0, 31.0], [3.0] * 50, [9_000.0, 1.0]])
def test_a_histogram_counts_every_value_inside_its_drawing(values: list[float]) -> None:
    drawn = histogram(values)
    assert drawn is not None
    assert sum(column.count for column in drawn.columns) == len(values)
    assert all(left.end == right.start for left, right in pairwise(drawn.columns))
    assert all(column.x >= 0 and column.x + column.width <= WIDTH + 1 for column in drawn.columns)
    assert all(0 <= column.y <= column.y + column.height <= HEIGHT for column in drawn.columns)
    assert 0 <= drawn.median_x <= WIDTH
    assert histogram([]) is None
