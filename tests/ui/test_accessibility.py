"""Everybody can use every page (WCAG 2.2 AA as far as a program can tell), with something on each of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.accessibility import grave, script
from tests.ui.test_portal import ask, sign_in
from tests.ui.walking import EVERYBODY, answered, settled, stage

pytestmark = pytest.mark.browser

LOOKED: Final = {
    "tobias": ("emergency", "documents", "give", "outside"),
    "ines": ("approvals", "reviews", "office", "ledger", "policies", "playground", "results"),
    "carla": ("quarantine",),
    "otto": ("operations",),
}
"""Each page beside Ask once, as somebody who has it; who has which, `test_every_page.py` says."""


@pytest.fixture(scope="module")
def whole() -> Iterator[str]:
    """A portal before a house with something of everything."""
    with ExitStack() as stack:
        yield stage(stack)


@pytest.fixture(autouse=True)
def installed() -> None:
    script()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_answer_and_its_page_are_for_everybody_to_use(browser: Browser, portal: str, scheme: str) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(portal)
        settled(page)
        assert not grave(page)
        for place in answered(page, portal, EVERYBODY["mara"], "How long for blood?"):
            assert not grave(page), place
        page.set_viewport_size({"width": 390, "height": 700})
        settled(page)
        assert not grave(page)


@pytest.mark.parametrize("person", LOOKED)
def test_each_page_is_for_everybody_to_use(page: Page, whole: str, person: str) -> None:
    sign_in(page, whole, EVERYBODY[person])
    settled(page)
    for place in LOOKED[person]:
        page.get_by_test_id("stSidebar").locator(f'a[href$="{place}"]').click()
        settled(page)
        assert not grave(page), place


def test_filters_topics_and_what_was_asked_before_are_for_everybody_to_use(page: Page, whole: str) -> None:
    sign_in(page, whole)
    settled(page)
    expect(page.get_by_role("button", name="Ask about this").first).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_text("Departments").first).to_be_visible(timeout=20_000)
    settled(page)
    assert not grave(page)
    page.keyboard.press("Escape")
    ask(page, "How long for blood?")
    expect(page.get_by_role("button", name="Open page").last).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Earlier questions").click()
    expect(page.get_by_text("How long for blood?").first).to_be_visible(timeout=20_000)
    settled(page)
    assert not grave(page)


def test_the_keyboard_alone_gets_to_an_answer(page: Page, portal: str) -> None:
    sign_in(page, portal)
    settled(page)
    page.keyboard.press("Tab")
    for _ in range(40):
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("How long for blood?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Open page 3")).to_be_visible(timeout=40_000)
    settled(page)  # while a page is drawn, what has the focus may go away
    for _ in range(60):
        if "Open page" in str(page.evaluate("document.activeElement.innerText")):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Back to the answer")).to_be_visible(timeout=20_000)
