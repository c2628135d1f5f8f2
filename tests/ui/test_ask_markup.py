"""How questions, answers and pages are made into HTML and text: pure, and nothing from outside gets through."""

import json
from datetime import UTC, date, datetime

import httpx
import pytest

from tests.ui.test_client import SENTENCE, WHO, answering, event
from ui.ask import client, copying, filtering, markup
from ui.ask.client import Citation, CitedPage, Filters, Heading, Near, Queued, Refusal, Sentence, Topic
from ui.house.client import Api

BAD = "<i>x</i>"
CITED = Citation(
    number=2, passage="p", document="d", title="Giving blood", uri="a.pdf", heading="Limits", page=3, quote="q",
    valid_from=date(2026, 3, 1),
)  # fmt: skip


def page(text: str, mark: str = "", **other: object) -> CitedPage:
    start = text.index(mark) if mark else 0
    told = {
        "document": "d", "title": "T", "uri": "a.xlsx", "heading": "", "language": "en", "level": "public",
        "valid_from": None, "superseded": False, "page": 1, "pages": 1, "text": text, "start": start,
        "end": start + len(mark), "boxes": [], "picture": None,
    }  # fmt: skip
    return CitedPage.model_validate(told | other)


def test_a_place_in_the_queue_is_told() -> None:
    body = ": queued, place 2\n\n: waiting\n\n" + event("sentence", SENTENCE)
    body += event("refusal", {"kind": "refusal", "id": "r", "reason": "No.", "code": "X", "looked_for": []})
    steps = list(client.ask(answering(200, body), WHO, "q"))
    assert steps[:2] == [Queued(2), Queued(0)]
    assert [type(step) for step in steps[2:]] == [Sentence, Refusal]
    assert "<div" in markup.queued(0)
    assert "number 2" in markup.queued(2)
    assert "next" in markup.queued(1)


def test_filters_go_along_only_where_there_are_some() -> None:
    sent: list[dict[str, object]] = []

    def reply(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        no = {"kind": "refusal", "id": "r", "reason": "", "code": "X", "looked_for": []}
        return httpx.Response(200, text=event("refusal", no))

    api = Api("http://127.0.0.1:1", transport=httpx.MockTransport(reply))
    list(client.ask(api, WHO, "q"))
    list(client.ask(api, WHO, "q", filters=Filters(("icu",), ("pdf",), until=date(2026, 1, 2))))
    assert sent[0] == {"question": "q"}
    assert sent[1]["filters"] == {"departments": ["icu"], "kinds": ["pdf"], "until": "2026-01-02"}


def test_nothing_from_outside_gets_through() -> None:
    """Fails if any text reaches the page without `said`."""
    made = [
        markup.topic(Topic(title=BAD, heading=BAD, question=BAD)),
        markup.near(Near(passage="p", document="d", title=BAD, heading=BAD, page=1, department=BAD)),
        markup.heading(Heading(id="c", title=BAD, updated=datetime(2026, 3, 1, tzinfo=UTC), turns=2), UTC),
        markup.sentences([Sentence(text=BAD, citations=[])], origin=f"outside: {BAD}"),
        markup.page_sheet(page(f"{BAD}\n{BAD}: {BAD} | {BAD}: {BAD}\n{BAD}", f"{BAD}: {BAD}")),
        markup.page_sheet(page(BAD, BAD)),
        filtering.told(Filters((BAD,))),
    ]
    assert not [html for html in made if BAD in html]
    assert all("&lt;i&gt;x&lt;/i&gt;" in html for html in made)


def test_rows_of_a_sheet_are_a_table_and_the_passage_s_row_is_marked() -> None:
    text = "Stock\nDrug: Heparin | Shelf: 4\nDrug: Insulin | Shelf: 7\n\nCounted daily: yes"
    html = markup.page_sheet(page(text, "Drug: Insulin | Shelf: 7"))
    assert html.count("<table>") == html.count("</table>") == 1
    assert html.count("<th>") == 2
    assert html.count("<tr>") == 3
    rows = html.split("<tr>")
    assert "<mark>" not in rows[2]
    assert rows[3].count("<mark>") == 2
    assert "mun-slide" not in html
    assert "mun-slide" in markup.page_sheet(page(text, uri="a.pptx"))


@pytest.mark.parametrize("mark", ["", "second", "first\nsecond", "nd\nthi"])
def test_a_passage_is_marked_line_by_line_and_no_letter_is_lost(mark: str) -> None:
    text = "first\nsecond\nthird"
    html = markup.page_sheet(page(text, mark))
    assert html.count("<mark>") == len([line for line in mark.split("\n") if line])
    letters = html
    for tag in ("<mark>", "</mark>", '<bdi dir="auto" class="mun-said">', "</bdi>", '<div class="mun-line">', "</div>"):
        letters = letters.replace(tag, "")
    assert letters.endswith("firstsecondthird")


def test_a_house_that_keeps_nothing_promises_nothing() -> None:
    """Guards `if not days` in `markup.nothing`."""
    assert "keeps no questions" in markup.nothing("", 0)
    assert "keeps no questions" in markup.nothing("pharmacy", 0)
    assert "appears here" in markup.nothing("", 90)
    assert "Nothing found" in markup.nothing("pharmacy", 90)


def test_what_came_from_outside_the_house_looks_otherwise() -> None:
    ours = markup.sentences([Sentence(text="So it is.", citations=[])], origin="local")
    theirs = markup.sentences([Sentence(text="So it is.", citations=[])], origin="outside: large")
    assert "mun-foreign" not in ours
    assert "mun-foreign" in theirs
    assert "large" in theirs


def test_a_copy_has_marks_and_sources_and_hides_nothing() -> None:
    copied = copying.plain("How \u202elong?", [Sentence(text="Four hours.", citations=[CITED])])
    assert copied == (
        "How [U+202E]long?\n\nFour hours. [2]\n\n[2] Giving blood, Limits, page 3, in force since 1 March 2026"
    )
