"""axe-core over pages of the portal: `python -m tests.ui.accessibility [--portal ADDRESS]`.

It walks every page as everybody, light and dark, wide and narrow, and prints what it finds as a table.
"""

import argparse
import sys
from collections import Counter
from contextlib import ExitStack
from functools import cache
from itertools import chain, product
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

from tests.npm import installed
from tests.ui.conftest import CHROMIUM, FLAGS
from tests.ui.walking import EVERYBODY, answered, resize, settled, stage, walked

HERE = Path(__file__).parent / "axe"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}


class Violation(NamedTuple):
    """A rule that a page breaks, and where for the first time."""

    impact: str
    rule: str
    where: str
    why: str


@cache
def script() -> str:
    """axe-core's, installed as its lock file says into a cache of the user's; leaves the test out where npm cannot."""
    folder = installed("ACCESSIBILITY", HERE)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[Violation]:
    """What axe finds on a page as it stands."""
    page.evaluate(script())
    run = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
    found = page.evaluate(run, TAGS)["violations"]
    return [
        Violation(
            one["impact"] or "none", one["id"], one["nodes"][0]["html"][:160], one["nodes"][0]["failureSummary"][:300]
        )
        for one in found
    ]


def grave(page: Page) -> list[Violation]:
    """Those that keep somebody from using the page."""
    return [one for one in violations(page) if one.impact in GRAVE]


def main() -> int:
    """Walk everything; 1 if anything serious was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portal", default="")
    parser.add_argument("--question", default="How long for blood?")
    told = parser.parse_args()
    found: Counter[Violation] = Counter()
    looked = 0
    with ExitStack() as stack:
        portal = told.portal or stage(stack)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stack.callback(browser.close)
        for scheme, (person, name) in product(("light", "dark"), EVERYBODY.items()):
            with browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}) as context:
                page = context.new_page()
                story = answered(page, portal, name, told.question) if person == "mara" else iter(())
                for _ in chain(story, walked(page, portal, name)):
                    for width in (1280, 390):
                        resize(page, width)
                        settled(page)
                        found.update(violations(page))
                        looked += 1
                    resize(page, 1280)
    for (impact, rule, where, why), count in sorted(found.items()):
        sys.stdout.write(f"{impact:9} {rule:32} {count:3} pages  {where}\n          {why}\n")
    sys.stdout.write(f"{looked} pages looked at; serious or critical: {sum(key[0] in GRAVE for key in found)}\n")
    return int(any(key[0] in GRAVE for key in found))


if __name__ == "__main__":
    sys.exit(main())
