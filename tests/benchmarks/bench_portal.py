"""The portal, as people wait for it: the page, a sentence, a citation, fifty at once, and what an open page weighs.

    python -m tests.benchmarks.bench_portal [--tries 10] [--people 50] [--portal ADDRESS] [--out FILE]

One browser for what one person sees, fifty visits without a browser for the crowd (`visitor.py`); the API is the real
one around a desk that answers at the engine's pace (`paced_stage.py`). With --portal the page and the citation are
measured at a portal that runs already, the demonstration's, with its real model; nothing else is.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.benchmarks.visitor import Visitor
from tests.ui.conftest import CHROMIUM, FLAGS, ROOT, free_port, portal_environment, running
from tests.ui.test_portal import ask, sign_in

READY_S, SHOWN_MS, CITED_S = 2.0, 150.0, 1.0
"""What it must reach."""
PERSONAS: Final = ROOT / "deploy" / "demo" / "personas.yaml"
WATCH: Final = """
window.shown = {};
new MutationObserver(() => {
  for (const [word] of (document.body?.innerText || '').matchAll(/Sentence-\\d+/g))
    if (!(word in window.shown)) {
      window.shown[word] = 0;
      requestAnimationFrame(() => { window.shown[word] = Date.now() / 1000; });
    }
}).observe(document, {childList: true, subtree: true, characterData: true});
"""
"""Notes when each sentence is drawn: with the first frame after it stands in the page."""


def main() -> None:
    """Measure, print the rows and keep them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--portal", default="")
    parser.add_argument("--question", default="How long for blood?")
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="portal-") as folder, ExitStack() as stack:
        if told.portal:
            rows += _alone(stack, told.portal, told, None)
        else:
            given = Path(folder) / "given"
            portal, process = stack.enter_context(house(Path(folder), given, told.people))
            rows += _alone(stack, portal, told, given)
            rows += crowd(portal, process, told.people)
    for row in rows:
        sys.stdout.write(f"{row['name']:58} {row['value']:10.3f} {row['unit']:4} {row.get('asked', '')}\n")
    if told.out is not None:
        told.out.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@contextmanager
def house(folder: Path, given: Path, people: int) -> Iterator[tuple[str, psutil.Process]]:
    """A portal before a house in which `people` people live, and the portal's process."""
    persons = yaml.safe_load(PERSONAS.read_text("utf-8"))
    persons += [persons[0] | {"id": f"p{number}", "name": f"Person {number}"} for number in range(people)]
    (folder / "people.yaml").write_text(yaml.safe_dump(persons), "utf-8")
    port, portal_port = free_port(), free_port()
    api, portal = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{portal_port}"
    queue = {"MUNIMENT_WAITING": str(people + 10), "MUNIMENT_WAITING_SECONDS": "600", "MUNIMENT_RUNNING": "4"}
    stage = ["-m", "tests.benchmarks.paced_stage", str(port), str(folder / "people.yaml"), str(given)]
    with (
        running(stage, f"{api}/healthz", dict(os.environ) | queue),
        running(["-m", "ui.serve", "--port", str(portal_port)], f"{portal}/_stcore/health", portal_environment(api)),
    ):
        mine = psutil.Process().children(recursive=True)
        yield portal, next(one for one in mine if "ui.serve" in one.cmdline())


def _alone(stack: ExitStack, portal: str, told: argparse.Namespace, given: Path | None) -> Iterator[dict[str, Any]]:
    """What one person waits for, with nobody else there."""
    playwright = stack.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    stack.callback(browser.close)
    fresh, again = zip(*(_visits(browser, portal) for _ in range(told.tries)), strict=True)
    yield _row("others at work on this machine (load by processor)", psutil.getloadavg()[0] / (os.cpu_count() or 1), "")
    for name, taken in (("a browser that was never here", fresh), ("one that was here before", again)):
        yield _row(f"Ask usable, {name} (median)", statistics.median(taken), "s", f"<= {READY_S}")
        yield _row(f"Ask usable, {name} (worst)", max(taken), "s")
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        sign_in(page, portal)
        cited = [_until_cited(page, told.question, number) for number in range(1, told.tries + 1)]
        yield _row("citation's page with its mark (worst)", max(cited), "s", f"<= {CITED_S}")
        yield _row("citation's page with its mark (median)", statistics.median(cited), "s")
        if given is not None:
            shown = page.evaluate("window.shown")
            yield from sentences(_given(given), shown)


def sentences(given: Mapping[str, float], shown: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    """How late sentences were shown: `given` and `shown` are seconds by sentence, no or 0 for what was never drawn."""
    late = sorted((shown[one] - at) * 1_000 for one, at in given.items() if shown.get(one))
    yield _row("sentences", len(given), "")
    yield _row("sentences never shown", len(given) - len(late), "", "<= 0")
    if late:
        yield _row("sentence shown after the API gave it (median)", statistics.median(late), "ms", f"<= {SHOWN_MS}")
        yield _row("sentence shown after the API gave it (95 of 100)", late[int(len(late) * 0.95)], "ms")


def _visits(browser: Browser, portal: str) -> tuple[float, float]:
    """Seconds of a first visit and of the next one of the same browser, which has the portal's files by then."""
    with browser.new_context() as context:
        return _until_usable(context, portal), _until_usable(context, portal)


def _until_usable(context: BrowserContext, portal: str) -> float:
    """Seconds from the first request to the box that takes a question; the drawing of the page on which one chooses who
    one is counts, too."""
    page = context.new_page()
    begun = time.monotonic()
    page.goto(portal, wait_until="commit")
    page.locator(".st-key-be-mara button").click()
    expect(page.get_by_placeholder("Ask a question")).to_be_editable(timeout=60_000)
    taken = time.monotonic() - begun
    page.close()
    return taken


def _until_cited(page: Page, question: str, number: int) -> float:
    """Seconds from the click on a citation of the answer with this number to the mark on its page."""
    ask(page, question)
    opener = page.get_by_role("button", name=re.compile("Open page")).last
    expect(page.get_by_text("Every sentence was checked")).to_have_count(number, timeout=150_000)
    page.wait_for_timeout(500)
    begun = time.monotonic()
    opener.click()
    expect(page.locator(".mun-box, mark").first).to_be_visible(timeout=60_000)
    taken = time.monotonic() - begun
    page.get_by_role("button", name="Back to the answer").click()
    expect(page.get_by_placeholder("Ask a question")).to_be_editable(timeout=60_000)
    return taken


def crowd(portal: str, process: psutil.Process, people: int) -> Iterator[dict[str, Any]]:
    """What `people` open pages weigh, and what becomes of as many questions at once."""
    visitors = [Visitor(portal) for _ in range(people)]
    before = process.memory_info().rss
    for number, visitor in enumerate(visitors):
        visitor.enter()
        visitor.press(f"be-p{number}")
    weight = (process.memory_info().rss - before) / people / 1e6
    yield _row(f"memory of an idle visit, of {people}", weight, "MB")
    yield _row(f"memory of the portal with {people} idle visits", process.memory_info().rss / 1e6, "MB")
    begun = time.time()
    with ThreadPoolExecutor(people) as together:
        list(together.map(lambda one: one.ask("How long for blood?"), visitors))
    answered = [[at for at, text in one.seen if "Every sentence was checked" in text] for one in visitors]
    yield _row(f"{people} at once: answered", sum(map(bool, answered)), "")
    yield _row(f"{people} at once: lost", sum(not one for one in answered), "", "<= 0")
    placed = [any("mun-queue" in text for _, text in one.seen) for one in visitors]
    yield _row(f"{people} at once: told their place in the queue", sum(placed), "")
    first = [
        next((at for at, text in one.seen if "mun-queue" in text or "Sentence-" in text), begun) for one in visitors
    ]
    yield _row(f"{people} at once: told anything at all (worst)", max(first) - begun, "s")
    if any(answered):
        yield _row(f"{people} at once: the last one answered", max(map(max, filter(None, answered))) - begun, "s")
    yield _row(f"memory of the portal after {people} answers", process.memory_info().rss / 1e6, "MB")
    for visitor in visitors:
        visitor.leave()


def _given(file: Path) -> dict[str, float]:
    pairs = (line.split() for line in file.read_text().splitlines())
    return {name: float(at) for name, at in pairs}


def _row(what: str, value: float, unit: str, asked: str = "") -> dict[str, Any]:
    return {"name": what, "value": value, "unit": unit} | ({"asked": asked} if asked else {})


if __name__ == "__main__":
    main()
