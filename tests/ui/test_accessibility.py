"""Everybody can use every page (WCAG 2.2 AA as far as a program can tell), and nobody finds what is not for him."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.accessibility import grave, script
from tests.ui.test_portal import sign_in
from tests.ui.walking import EVERYBODY, answered, links, settled

pytestmark = pytest.mark.browser

OFFICE = {"office", "ledger", "policies", "playground", "results"}
MUST_NOT = {
    "mara": {"reviews", "approvals", "emergency", "operations", "quarantine", *OFFICE},
    "tobias": {"reviews", "approvals", "operations", "quarantine", *OFFICE},
    "ines": {"operations", "quarantine", "emergency"},
    "carla": {"reviews", "approvals", "operations", "emergency", *OFFICE},
    "otto": {"ask", "reviews", "approvals", "quarantine", "emergency", "documents", *OFFICE},
}
"""What no link leads to, by whose sidebar it is."""
SEEN: set[str] = set()
"""Pages that have been looked at: each once, by whoever has it first."""


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


@pytest.mark.parametrize("person", MUST_NOT)
def test_each_page_is_for_everybody_to_use_who_has_it_and_nobody_else_finds_it(
    page: Page, portal: str, person: str
) -> None:
    """Fails if `open_to` is deleted from `ui.shell.ways._linked`."""
    sign_in(page, portal, EVERYBODY[person])
    settled(page)
    found = links(page)
    assert not MUST_NOT[person] & set(found)
    for number, place in enumerate(found):
        if place in SEEN:
            continue
        SEEN.add(place)
        page.get_by_test_id("stSidebar").get_by_role("link").nth(number).click()
        settled(page)
        assert not grave(page), place


def test_whoever_types_the_address_is_not_let_in_either(page: Page, portal: str) -> None:
    sign_in(page, portal, EVERYBODY["mara"], path="/reviews")
    expect(page.get_by_text("Not for you")).to_be_visible(timeout=20_000)
    sign_in(page, portal, EVERYBODY["otto"], path="/reviews")
    expect(page.get_by_text("Not for you")).to_be_visible(timeout=20_000)


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
