"""The pages of questions with conversations that are kept: history, pages turned, filters, what follows a refusal."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.api.scripted import DRAWN, FIRST, HOSTILE_TITLE, QUOTE, SECOND
from tests.ui.conftest import free_port, portal_at, running
from tests.ui.test_portal import ask, sign_in
from tests.ui.walking import settled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def kept() -> Iterator[str]:
    port = free_port()
    with (
        running(["-m", "tests.ui.kept_stage", str(port)], f"http://127.0.0.1:{port}/healthz", dict(os.environ)),
        portal_at(f"http://127.0.0.1:{port}") as portal,
    ):
        yield portal


def answered(page: Page) -> None:
    expect(page.get_by_text("One sentence was left out")).to_be_visible(timeout=20_000)


def test_topics_to_ask_about_come_from_the_house_and_are_text(page: Page, kept: str) -> None:
    sign_in(page, kept)
    topics = page.locator('[class*="st-key-topic-"]')
    expect(topics).to_have_count(2, timeout=20_000)
    expect(topics.nth(1)).to_contain_text(HOSTILE_TITLE)
    expect(page.get_by_role("heading", level=1)).to_have_attribute("lang", "en")
    assert page.locator('a[href*="evil"]').count() == 0
    topics.nth(0).get_by_role("button").click()
    answered(page)
    expect(page.get_by_text("What do the documents say about blood and its time limits?")).to_be_visible()


def test_pages_are_turned_the_original_is_taken_away_and_an_address_leads_to_its_page(page: Page, kept: str) -> None:
    sign_in(page, kept)
    ask(page, "blood")
    answered(page)
    page.get_by_role("button", name="Open page 3").click()
    expect(page.get_by_text("Page 3 of 12")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("Page 4 of 12")).to_be_visible(timeout=15_000)
    expect(page.locator(".mun-box")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Page 3 of 12")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Previous page").click()
    expect(page.get_by_text("Page 2 of 12")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Back to the marked passage").click()
    expect(page.locator(".mun-box")).to_have_count(2, timeout=15_000)
    settled(page)  # until then the button is that of the page before, whose file is let go
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the original").click()
    assert download.value.suggested_filename == "transfusion.html"
    assert Path(download.value.path()).read_bytes() == b"<script>window.pwned=1</script>"


def test_a_refusal_leads_on(page: Page, kept: str) -> None:
    sign_in(page, kept)
    ask(page, "Where may a helicopter park?")
    expect(page.locator(".mun-no")).to_contain_text("Looked for:", timeout=20_000)
    page.get_by_role("button", name="Whom could I ask?").click()
    near = page.get_by_text("Kept by: nursing")
    expect(near).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Say it otherwise").click()
    expect(page.get_by_placeholder("Ask a question")).to_have_value("Where may a helicopter park?", timeout=15_000)
    expect(page.get_by_role("button", name="Ask outside")).to_have_count(0)  # this house has no way out


def test_filters_are_sent_told_and_taken_off(page: Page, kept: str) -> None:
    sign_in(page, kept)
    page.get_by_role("button", name="Filters").click(timeout=20_000)
    page.get_by_label("Kinds of file").click()
    page.get_by_role("option", name="Slides").click()
    expect(page.get_by_role("button", name="Remove all filters")).to_be_visible(timeout=15_000)
    page.keyboard.press("Escape")  # the list
    page.keyboard.press("Escape")  # the filters
    expect(page.get_by_role("button", name="Filters (1)")).to_be_visible(timeout=15_000)
    ask(page, "How long for blood?")
    no = page.locator(".mun-no")
    expect(no).to_contain_text("Filters were on", timeout=20_000)
    expect(page.get_by_text("Looked only at:")).to_contain_text("Slides")
    page.get_by_role("button", name="Ask without filters").click()
    answered(page)
    expect(page.get_by_role("button", name=re.compile(r"Filters \("))).to_have_count(0)


def test_what_was_asked_is_found_opened_taken_away_and_deleted(page: Page, kept: str) -> None:
    sign_in(page, kept, "Tobias Renner")
    ask(page, "How long for blood?")
    answered(page)
    page.get_by_role("link", name="Earlier questions").click()
    expect(page.get_by_text("Only you see this.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text(re.compile("kept until"))).to_be_visible()
    box = page.get_by_label("Search your questions")
    box.fill("helicopter")
    box.press("Enter")
    expect(page.get_by_text("Nothing found")).to_be_visible(timeout=15_000)
    box.fill("BLOOD how")
    box.press("Enter")
    with page.expect_download() as download:
        page.get_by_role("button", name="As PDF").click(timeout=15_000)
    text = " ".join(one.extract_text() for one in pypdf.PdfReader(download.value.path()).pages)
    assert FIRST.text in " ".join(text.split())
    page.get_by_role("main").get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_text(SECOND.text).first).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Earlier questions").click()
    page.get_by_role("button", name="Delete", exact=True).click(timeout=20_000)
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("Nothing is kept here yet")).to_be_visible(timeout=20_000)


def test_an_answer_is_copied_with_its_sources(page: Page, kept: str) -> None:
    sign_in(page, kept, "Tobias Renner", spoken="Deutsch")
    box = page.get_by_placeholder("Eine Frage stellen")
    box.fill("blood")
    box.press("Enter")
    page.get_by_role("button", name="Mit Quellen kopieren").click(timeout=20_000)
    copied = page.get_by_test_id("stCode")
    expect(copied).to_contain_text(f"{FIRST.text} [1]", timeout=15_000)
    expect(copied).to_contain_text("[1] Giving blood, Time limits, Seite 3, in Kraft seit 1. März 2026")
    assert QUOTE not in copied.inner_text()


def test_an_answer_that_never_ends_can_be_stopped(page: Page, kept: str) -> None:
    """Guards `submit_mode` of the box in `asking.show` and `stopped` in `_answer`."""
    sign_in(page, kept)
    ask(page, "endless")
    stop = page.get_by_role("button", name="Stop script")
    expect(stop).to_be_visible(timeout=20_000)
    expect(page.get_by_text(FIRST.text).first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Interrupted before")).to_be_hidden()
    stop.click()
    expect(page.get_by_text("Interrupted before")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Reading and checking")).to_be_hidden()


def test_an_address_that_leads_nowhere_says_what_may_have_happened(page: Page, kept: str) -> None:
    sign_in(page, kept, path=f"/cited?passage={DRAWN}&page=99")
    expect(page.locator(".mun-wrong")).to_contain_text("There is nothing here that you may see.", timeout=20_000)
    expect(page.get_by_text("What may have happened")).to_be_visible()
    sign_in(page, kept, path=f"/cited?passage={DRAWN}&page=-1%00x")
    expect(page.get_by_text("Page 3 of 12")).to_be_visible(timeout=20_000)  # what is no number is none
