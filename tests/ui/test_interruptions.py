"""What interrupts a visit: the house restarts while somebody is answered, and two people at once in two browsers."""

import os
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.scripted import FIRST, SECOND
from tests.ui.conftest import free_port, portal_at, running
from tests.ui.test_portal import ask, sign_in

pytestmark = pytest.mark.browser


def test_a_house_that_restarts_in_the_middle_of_an_answer_goes_on_afterwards(page: Page) -> None:
    """What was shown is called incomplete; the next question is asked with a fresh sign-in, and nobody need do more."""
    port = free_port()
    playing = (["-m", "tests.ui.stage", str(port)], f"http://127.0.0.1:{port}/healthz", dict(os.environ))
    with ExitStack() as stack:
        house = stack.enter_context(running(*playing))
        with portal_at(f"http://127.0.0.1:{port}") as portal:
            sign_in(page, portal)
            ask(page, "How long for blood?")
            expect(page.get_by_text(FIRST.text)).to_be_visible(timeout=20_000)
            house.kill()
            house.wait(30)
            expect(page.locator(".mun-wrong").first).to_contain_text("broke before the end", timeout=20_000)
            page.get_by_placeholder("Ask a question").fill("blood")
            page.get_by_placeholder("Ask a question").press("Enter")
            expect(page.locator(".mun-wrong").first).to_contain_text("does not answer", timeout=20_000)
            expect(page.get_by_text(FIRST.text)).to_have_count(0)  # what the house cannot tell of is not shown
            stack.enter_context(running(*playing))
            page.get_by_role("button", name="Try again").click()
            ask(page, "How long for blood?")
            expect(page.get_by_text(SECOND.text).first).to_be_visible(timeout=20_000)


def test_two_people_at_once_each_see_their_own_answers_alone(browser: Browser, portal: str) -> None:
    with browser.new_context() as here, browser.new_context() as there:
        mara, viktor = here.new_page(), there.new_page()
        sign_in(mara, portal)
        sign_in(viktor, portal, "Viktor Salas")
        ask(mara, "How long for blood?")
        ask(viktor, "Where may a helicopter park?")
        expect(mara.get_by_text(SECOND.text).first).to_be_visible(timeout=20_000)
        expect(viktor.locator(".mun-no")).to_be_visible(timeout=20_000)
        expect(mara.get_by_text("helicopter")).to_have_count(0)
        expect(viktor.get_by_text(FIRST.text)).to_have_count(0)
        expect(viktor.get_by_text("How long for blood?")).to_have_count(0)
