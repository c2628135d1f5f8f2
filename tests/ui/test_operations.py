"""The operator's page in the browser, of a house in which something is broken; and who does not see it."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.ui.accessibility import grave, script
from tests.ui.conftest import free_port, portal_at, running
from tests.ui.test_portal import sign_in
from tests.ui.walking import settled

pytestmark = pytest.mark.browser
SLOW = 30_000


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    port = free_port()
    told = ["-m", "tests.ui.operations_stage", str(port), "broken"]
    with (
        running(told, f"http://127.0.0.1:{port}/healthz", dict(os.environ)),
        portal_at(f"http://127.0.0.1:{port}") as portal,
    ):
        yield portal


def test_an_operator_sees_what_is_broken_what_waits_and_how_long_it_takes(page: Page, portal: str) -> None:
    sign_in(page, portal, "Otto Brandt")  # without an address he is led to the page that is for him
    expect(page.get_by_role("heading", name="How the house is doing")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Parts that do not work: 1")).to_be_visible(timeout=SLOW)
    worker = page.locator(".mun-part").filter(has_text="Worker")
    expect(worker).to_contain_text("worker-unavailable")
    expect(page.locator(".mun-part")).to_have_count(7)
    expect(page.get_by_text("This cannot be told at this moment.")).to_have_count(2)  # index, escalations
    expect(page.get_by_role("row", name="brought in 42")).to_be_visible()
    expect(page.get_by_role("row", name="until the first sentence 60")).to_be_visible()
    expect(page.get_by_role("row", name="documents 9.4 MB 1", exact=True)).to_be_visible()
    expect(page.get_by_text("number 1,")).to_be_visible()
    expect(page.locator('[data-testid="stVegaLiteChart"]').first).to_be_visible(timeout=SLOW)
    assert page.locator('[data-testid="stVegaLiteChart"]').count() == 6
    for word in ("Mara", "mara", "nursing/"):
        assert word not in page.locator('[data-testid="stMain"]').inner_text()
    script()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # two of three words
        settled(page)
        assert not grave(page), scheme
    for name in ("Ask", "Approvals"):
        expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)


def test_nobody_else_is_led_there_or_sees_it(page: Page, portal: str) -> None:
    sign_in(page, portal, "Mara Lindqvist", "/operations")
    expect(page.get_by_text("Not for you")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("link", name="How the house is doing")).to_have_count(0)
    expect(page.locator(".mun-part")).to_have_count(0)
