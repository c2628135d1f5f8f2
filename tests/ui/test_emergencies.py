"""An emergency in the portal, from its opening to somebody else's review: real routes and rules, a scripted desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.test_portal import ask, sign_in

pytestmark = pytest.mark.browser

REASON = (
    '**Unconscious** patient <img src=x onerror="window.pwned=1"> in bay [two](https://evil.invalid), no relatives.'
)
FOUND = "The duty log confirms it: <b>admitted</b> at ![two](https://evil.invalid/p.png)."


def go(page: Page, label: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=label).click()


def become(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("combobox").click()
    page.get_by_role("option", name=name).click()


def test_from_opening_to_somebody_else_s_review(page: Page, portal: str) -> None:
    """Fails if `said` is deleted from `ui.shell.notices.quoted`, or `entering.enter` draws no `_banner`."""
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if "evil" in request.url else None)
    banner = page.locator(".st-key-emergency")
    sign_in(page, portal, "Tobias Renner")
    go(page, "Emergency access")
    expect(page.get_by_text("officers are told at once")).to_be_visible(timeout=10_000)
    page.get_by_label("Why?").fill("help")
    page.get_by_role("button", name="Open emergency access").click()
    expect(page.locator(".mun-wrong")).to_contain_text("Say why", timeout=10_000)
    page.get_by_label("Why?").fill(REASON)
    page.get_by_role("button", name="Open emergency access").click()
    expect(banner).to_contain_text(re.compile(r"is open until \d\d:\d\d"), timeout=10_000)
    expect(page.get_by_role("main")).to_contain_text(REASON)

    go(page, "Ask")
    expect(banner).to_be_visible(timeout=10_000)
    ask(page, "something urgent")
    expect(page.locator(".mun-urgent")).to_contain_text("Given in your emergency", timeout=10_000)
    page.get_by_role("button", name="Open page 3").click()
    expect(page.get_by_role("heading", name="Giving blood")).to_be_visible(timeout=10_000)
    expect(banner).to_be_visible()

    become(page, "Priya Raman")
    expect(page.locator(".st-key-watch")).to_contain_text("1 open now", timeout=10_000)
    expect(banner).to_have_count(0)

    become(page, "Tobias Renner")
    page.get_by_role("button", name="End now").click(timeout=10_000)
    expect(page.get_by_text("is over. Somebody else reviews it until")).to_be_visible(timeout=10_000)
    expect(banner).to_have_count(0)

    become(page, "Priya Raman")
    page.get_by_role("link", name="Look at them").click()
    expect(page.get_by_text("Tobias Renner (tobias)")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("main")).to_contain_text(REASON)
    page.get_by_role("button", name="Record the verdict").click()
    expect(page.get_by_text("Nothing was recorded")).to_be_visible(timeout=10_000)
    page.get_by_text("Justified", exact=True).click()
    page.get_by_label("What your verdict rests on").fill(FOUND)
    page.get_by_role("button", name="Record the verdict").click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible(timeout=10_000)

    become(page, "Tobias Renner")
    expect(page.get_by_text("was found justified.")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("main")).to_contain_text(FOUND)
    page.get_by_role("button", name="Seen").click()
    expect(page.get_by_text("was found justified.")).to_have_count(0, timeout=10_000)
    assert page.evaluate("window.pwned") is None
    assert page.locator('a[href*="evil"]').count() == 0
    assert not outside


def test_who_has_nothing_to_do_there_finds_no_way_and_no_form(page: Page, portal: str) -> None:
    sign_in(page, portal, path="/emergency")
    expect(page.get_by_text("open nothing for you in an emergency")).to_be_visible(timeout=10_000)
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("Ask$"))).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("mergenc"))).to_have_count(0)
    expect(page.get_by_label("Why?")).to_have_count(0)
    sign_in(page, portal, path="/reviews")
    expect(page.get_by_text("Security officers review emergencies.")).to_be_visible(timeout=10_000)
