"""The whole way out and back as people walk it: in a browser, with real parts behind the portal.

    python -m tests.journeys.outside_portal [--out FOLDER]

A nurse asks the house, which does not know; asks outside, sees what would leave and sends it; an officer reads the very
bytes and approves them; the answer comes back to the page that she left open. Then the operator looks at the house.
API, gate, door, ledger, detection and TLS are an installation's; the house's model never knows an answer, the one
outside says again what it was told. Exit code 1 if anything is wrong.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect, sync_playwright
from rich.console import Console

from tests.journeys.outside_house import CANARIES, House, outside_house
from tests.journeys.outside_other import reciting
from tests.ui.conftest import CHROMIUM, FLAGS, portal_at
from tests.ui.test_portal import ask, sign_in

QUESTION: Final = "Who agrees before thawed plasma is used for Corvin Aldersby?"
WHY: Final = "The ward has to know today, and nothing in it names anybody."
SLOW: Final = 120_000
console = Console(highlight=False, width=118)


@contextmanager
def visit(browser: Browser, portal: str, name: str, path: str = "") -> Iterator[Page]:
    """Somebody with a browser of his own."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        sign_in(page, portal, name, path)
        yield page


def walked(house: House, browser: Browser, portal: str, out: Path) -> Iterator[str]:
    """Walk it; tells what is wrong."""
    with visit(browser, portal, "Mara Lindqvist") as nurse:
        ask(nurse, QUESTION)
        nurse.get_by_role("button", name="Ask outside").click(timeout=SLOW)
        expect(nurse.get_by_text("You asked this in the house")).to_be_visible(timeout=SLOW)
        began = time.monotonic()
        nurse.get_by_text("Without the passages that may not leave").click()
        nurse.get_by_role("button", name="See what would leave").click()
        expect(nurse.get_by_role("button", name="Send this for approval")).to_be_visible(timeout=SLOW)
        console.print(f"what would leave was shown after {time.monotonic() - began:.1f} s")
        nurse.screenshot(path=out / "nurse.png", full_page=True)
        nurse.get_by_text("The exact bytes").click()
        seen = nurse.locator(".mun-bytes").inner_text()
        nurse.get_by_role("button", name="Send this for approval").click()
        expect(nurse.get_by_text("Waiting for an officer")).to_be_visible(timeout=SLOW)
        if house.other.asked:
            yield "something left before it was approved"
        with visit(browser, portal, "Priya Raman", "/approvals") as officer:
            read = officer.locator(".mun-bytes").inner_text(timeout=SLOW)
            officer.get_by_label("What your word rests on").fill(WHY)
            officer.screenshot(path=out / "officer.png", full_page=True)
            officer.get_by_role("button", name="Approve exactly these bytes").click()
            expect(officer.get_by_text("Approved; it leaves now.")).to_be_visible(timeout=SLOW)
            began = time.monotonic()
        came = nurse.locator(".mun-outside")
        expect(came).to_be_visible(timeout=SLOW)
        console.print(f"the answer stood on the open page {time.monotonic() - began:.1f} s after the approval")
        if "Edda Marlowe-Quist agrees in writing" not in came.inner_text():
            yield "the answer was not restored"
        nurse.screenshot(path=out / "answer.png", full_page=True)
    left = [one.body.decode() for one in house.other.asked]
    if left != [seen] or read != seen:
        yield "what left is not what the nurse and the officer read"
    yield from (f"{one} reached the other side" for one in CANARIES if one.encode() in house.other.everything)


def overseen(browser: Browser, portal: str, out: Path) -> Iterator[str]:
    """The operator looks at the same house."""
    with visit(browser, portal, "Otto Brandt") as operator:
        expect(operator.get_by_role("heading", name="How the house is doing")).to_be_visible(timeout=SLOW)
        expect(operator.locator(".mun-health")).to_be_visible(timeout=SLOW)
        operator.wait_for_timeout(2_000)
        operator.screenshot(path=out / "operator.png", full_page=True)
        told = operator.get_by_test_id("stMain").inner_text()
        console.print(operator.locator(".mun-health").inner_text())
        if "cannot be told" in told:
            yield "something of the house cannot be told"
        yield from (f"the operator sees {one}" for one in (*CANARIES, "Mara", "plasma") if one in told)


def main() -> int:
    """Walk it once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="a folder for the pictures")
    out: Path = parser.parse_args().out or Path(tempfile.mkdtemp(prefix="outside-portal-"))
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="out-"))
    try:
        with (
            outside_house(folder / "house", reciting) as house,
            portal_at(house.settings.api_url) as portal,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            faults = [*walked(house, browser, portal, out), *overseen(browser, portal, out)]
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    console.print("faults:", "; ".join(faults) or "none")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
