"""The officers' pages in a real browser, over real rules, a real ledger and a registry of invented documents."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from appliance.access import signing
from appliance.access.policy_set import PolicySet
from tests.office.test_sets import NEXT, SOUND, zipped
from tests.ui.accessibility import grave
from tests.ui.conftest import free_port, portal_at, running
from tests.ui.test_portal import sign_in
from tests.ui.walking import settled

pytestmark = pytest.mark.browser
SLOW = 30_000


@dataclass
class Stage:
    """A portal over a house with officers, and where that house lies."""

    portal: str
    data: Path

    def signed(self, found: PolicySet, count: int = 2) -> bytes:
        """`found` in a zip, with the signatures of so many of the demonstration's officers."""
        keys = sorted((self.data / "demo-officers").glob("*.key"))[:count]
        given = {key.stem: signing.signed(found.digest, signing.private_key(key)) for key in keys}
        return zipped(found, given)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    data, port = tmp_path_factory.mktemp("office"), free_port()
    api = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        command = ["-m", "tests.ui.office_stage", str(port), str(data)]
        stack.enter_context(running(command, f"{api}/healthz", dict(os.environ)))
        yield Stage(stack.enter_context(portal_at(api)), data)


def choose(page: Page, label: str, text: str) -> None:
    box = page.get_by_role("combobox", name=label).first
    box.click()
    box.fill(text)
    page.keyboard.press("Enter")
    settled(page)


def turn(page: Page, name: str) -> None:
    """Another part of the page."""
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first.click()
    settled(page)


def upload(page: Page, content: bytes) -> None:
    file = {"name": "next.zip", "mimeType": "application/zip", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("heading", name=re.compile("compared with|verglichen mit"))).to_be_visible(timeout=SLOW)
    settled(page)


def test_the_four_questions(page: Page, stage: Stage) -> None:
    alarms: list[str] = []
    page.on("dialog", lambda dialog: alarms.append(dialog.message))
    sign_in(page, stage.portal, "Ines Albrecht", path="/office")
    choose(page, "Document", "salary")
    expect(page.get_by_text("1 of 13 may read it")).to_be_visible(timeout=SLOW)
    choose(page, "Person", "Mara")
    expect(page.get_by_text("It is denied.")).to_be_visible(timeout=SLOW)
    expect(
        page.get_by_text("he were cleared for restricted and he belonged to the group hr", exact=True)
    ).to_be_visible()
    assert not grave(page)
    turn(page, "What can this person read?")
    choose(page, "Person", "Mara")
    expect(page.get_by_text("May read 8 of 13 documents")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("nursing/<img src=x onerror=alert(1)> **bold**")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    turn(page, "What did this person see?")
    choose(page, "Person", "Mara")
    expect(page.get_by_role("columnheader", name="Documents")).to_be_visible(timeout=SLOW)
    assert not grave(page)
    turn(page, "What would a change change?")
    upload(page, zipped(NEXT))
    expect(page.get_by_text("row 8, lead read standard: denied, no-salaries")).to_be_visible()
    expect(page.get_by_text("Nobody has signed it")).to_be_visible()
    page.locator("summary").filter(has_text="Helen Okafor").click()
    expect(page.get_by_text("hr/salary-bands-2026.pdf").last).to_be_visible()
    assert not grave(page)
    assert not alarms


def test_the_ledger_is_verified_while_one_looks_on(page: Page, stage: Stage) -> None:
    sign_in(page, stage.portal, "Ines Albrecht", path="/ledger")
    page.get_by_role("button", name="Verify the whole ledger").click()
    expect(page.get_by_text("Every entry is in its place")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("The second place agrees")).to_be_visible()
    page.get_by_role("textbox", name="From day").fill("yesterday")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That is no day")).to_be_visible(timeout=SLOW)
    page.get_by_role("textbox", name="From day").fill("2026-01-01")
    page.keyboard.press("Enter")
    choose(page, "What happened", "opened a cited")
    expect(page.get_by_role("cell", name="opened a cited page").first).to_be_visible(timeout=SLOW)
    assert not grave(page)


def test_what_would_leave_and_what_tests_found(page: Page, stage: Stage) -> None:
    sign_in(page, stage.portal, "Ines Albrecht", path="/playground")
    page.get_by_role("textbox", name="Text").fill("Tobias Renner has the password hunter2!x.")
    page.get_by_role("button", name="Show what would leave").click()
    expect(page.get_by_role("heading", name="A language model elsewhere")).to_be_visible(timeout=SLOW)
    expect(page.locator(".mun-text").first).not_to_contain_text("Renner")
    assert not grave(page)
    sign_in(page, stage.portal, "Ines Albrecht", path="/results")
    expect(page.get_by_text("The last test: nothing came out. Attempts: 5,000")).to_be_visible(timeout=SLOW)
    assert not grave(page)


def test_activation_by_two(page: Page, stage: Stage) -> None:
    """One signature gives no button; two do, and what was signed decides at once."""
    sign_in(page, stage.portal, "Ines Albrecht", path="/policies", spoken="Deutsch")
    turn(page, "Tabellen")
    expect(page.get_by_text("Alle Zeilen stimmen, soeben entschieden")).to_be_visible(timeout=SLOW)
    turn(page, "Ein anderes Regelwerk")
    upload(page, stage.signed(SOUND, 1))
    expect(page.get_by_text("Es kann noch nicht in Kraft treten")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="In Kraft setzen")).to_have_count(0)
    upload(page, stage.signed(SOUND))
    assert not grave(page)
    page.get_by_text("Ich habe die Version verglichen").click()
    settled(page)
    page.get_by_role("button", name="In Kraft setzen").click()
    expect(page.get_by_text(f"Regelwerk {SOUND.version} ist in Kraft.")).to_be_visible(timeout=SLOW)


def test_nobody_else_is_let_in(page: Page, stage: Stage) -> None:
    """The other pages' `needs` are looked at in `test_every_page.py`, by links and addresses."""
    sign_in(page, stage.portal, "Mara Lindqvist", path="/policies")
    expect(page.get_by_text("Not for you")).to_be_visible(timeout=SLOW)
