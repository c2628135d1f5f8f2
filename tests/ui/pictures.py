"""Screenshots of every page, light and dark, wide and narrow: `python -m tests.ui.pictures FOLDER [--portal ADDRESS]`.

Without an address of a portal that runs already (the demonstration's, say) one is started around a scripted desk.
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.ui.conftest import CHROMIUM, FLAGS
from tests.ui.walking import EVERYBODY, answered, resize, settled, stage, walked

WIDTHS = {"wide": 1280, "narrow": 390}
TALLEST = 4_000
"""Pixels of a picture; a page may be longer."""


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--portal", default="")
    parser.add_argument("--question", default="How long for blood?")
    parser.add_argument("--spoken", default="English", help="or Deutsch; pages only, no answer")
    parser.add_argument("--schemes", nargs="*", default=["light", "dark"])
    parser.add_argument("--as", dest="people", nargs="*", default=list(EVERYBODY))
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        portal = told.portal or stage(stack)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        for scheme in told.schemes:
            for name, page in _pages(browser, portal, scheme, told):
                _take(page, told.folder / f"{name}-{scheme}")


def _pages(browser: Browser, portal: str, scheme: str, told: argparse.Namespace) -> Iterator[tuple[str, Page]]:
    """Each page once, by its name and whose it is; the first one of everybody's comes as he has it."""
    seen: set[str] = set()
    for person in told.people:
        with browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}) as context:
            page = context.new_page()
            if not seen and told.spoken == "English":
                page.goto(portal)
                settled(page)
                yield "welcome", page
                for name in answered(page, portal, EVERYBODY[person], told.question):
                    yield name, page
                seen.add("cited")
            for place in walked(page, portal, EVERYBODY[person], spoken=told.spoken):
                if place not in seen:
                    seen.add(place)
                    yield f"{place}-{person}", page


def _take(page: Page, where: Path) -> None:
    """The whole page, wide and narrow."""
    for name, width in WIDTHS.items():
        resize(page, width)
        height = page.evaluate(
            "Math.max(...[...document.querySelectorAll('main, .stMain, main *')].map(e => e.scrollHeight))"
        )
        resize(page, width, min(max(int(height), 900), TALLEST))
        page.screenshot(path=f"{where}-{name}.png")
    resize(page, 1280)


if __name__ == "__main__":
    main()
