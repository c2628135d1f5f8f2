"""Every page of the portal as somebody has it: signed in, and along the links of the sidebar."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Literal

from playwright.sync_api import Browser, Page, expect

from tests.ui.conftest import house_at, portal_at
from tests.ui.test_portal import ask, sign_in

EVERYBODY = {
    "mara": "Mara Lindqvist",
    "tobias": "Tobias Renner",
    "helen": "Helen Okafor",
    "dana": "Dana Pruitt",
    "ines": "Ines Albrecht",
    "carla": "Carla Winter",
    "otto": "Otto Brandt",
    "priya": "Priya Raman",
}
"""Those who see different pages, by id."""
LONG = 60_000
Scheme = Literal["light", "dark"]


def stage(stack: ExitStack) -> str:
    """The address of a portal around a house with something of everything, as long as `stack` is open."""
    return stack.enter_context(portal_at(stack.enter_context(house_at("tests.ui.whole_stage"))))


@contextmanager
def visit(browser: Browser, portal: str, name: str, path: str, scheme: Scheme = "light") -> Iterator[Page]:
    """Somebody with a browser of his own; fails the test if it asks for anything but the portal."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, portal, name, path)
    yield page
    context.close()
    assert not [url for url in asked if not url.startswith((portal, "data:", f"blob:{portal}"))]


def settled(page: Page) -> None:
    """Once nothing is being drawn."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=LONG)
    page.wait_for_timeout(300)  # what has just been told to the browser is not drawn yet
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=LONG)


def resize(page: Page, width: int, height: int = 900) -> None:
    """Another window: the sidebar folds away or comes back by itself, and takes its time."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(700)


def links(page: Page) -> list[str]:
    """The last step of the address of each page that the sidebar leads to."""
    found = page.get_by_test_id("stSidebar").get_by_role("link")
    return [one.get_attribute("href").rsplit("/", 1)[-1] or "ask" for one in found.all()]  # type: ignore[union-attr]


def walked(page: Page, portal: str, name: str, *, spoken: str = "English") -> Iterator[str]:
    """Go to each page that `name` has; its name, once it stands there."""
    sign_in(page, portal, name, spoken=spoken)
    settled(page)
    unfold(page)
    expect(page.get_by_test_id("stSidebar").get_by_role("link").first).to_be_visible(timeout=LONG)
    settled(page)
    for number, place in enumerate(links(page)):
        unfold(page)
        page.get_by_test_id("stSidebar").get_by_role("link").nth(number).click()
        settled(page)
        yield place


def unfold(page: Page) -> None:
    """Open the sidebar where it is folded away, as it is on a narrow screen."""
    opener = page.get_by_test_id("stExpandSidebarButton")
    if opener.is_visible():
        opener.click()
        expect(page.get_by_test_id("stSidebar").get_by_role("radio").first).to_be_visible()


def answered(page: Page, portal: str, name: str, question: str) -> Iterator[str]:
    """An answer, and the page behind its last citation."""
    sign_in(page, portal, name)
    ask(page, question)
    opener = page.get_by_role("button", name="Open page").last
    expect(opener).to_be_visible(timeout=150_000)
    settled(page)
    yield "answer"
    opener.click()
    expect(page.get_by_role("button", name="Back to the answer")).to_be_visible(timeout=LONG)
    settled(page)
    yield "cited"
