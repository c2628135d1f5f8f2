"""Documents in the browser: the house's own shelf and quarantine behind the real portal, several people beside."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.accessibility import grave, script
from tests.ui.conftest import house_at, portal_at
from tests.ui.documents_stage import FALLS, LOCKED, REPLACED, SECRET
from tests.ui.walking import Scheme, resize, settled, visit

pytestmark = pytest.mark.browser

SLOW = 30_000
WHY = "It is the locked copy of a plan that is here already."


@pytest.fixture(scope="module")
def house() -> Iterator[str]:
    with house_at("tests.ui.documents_stage") as address:
        yield address


@pytest.fixture(scope="module")
def portal(house: str) -> Iterator[str]:
    with portal_at(house) as address:
        yield address


def titles(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".mun-row .mun-title .mun-said").all_inner_texts()]


def search(page: Page, words: str) -> None:
    settled(page)  # a page that is being drawn anew forgets what is typed into it
    page.get_by_label("Words of the title").fill(words, timeout=SLOW)
    page.get_by_role("button", name="Search").click()


def test_a_reader_finds_what_he_may_see_and_learns_why(browser: Browser, portal: str, house: str) -> None:
    with visit(browser, portal, "Mara Lindqvist", "/documents") as page:
        expect(page.locator(".mun-row").first).to_be_visible(timeout=SLOW)
        assert page.evaluate("window.pwned") is None
        assert page.locator("[data-testid=stMain] img").count() == 0
        expect(page.get_by_role("link", name="Held back")).to_have_count(0)
        settled(page)
        page.get_by_role("button", name="More").click()
        expect(page.get_by_role("button", name="Open 21")).to_be_visible(timeout=SLOW)
        search(page, "falls preventing")
        expect(page.locator(".mun-row")).to_have_count(2, timeout=SLOW)
        assert titles(page) == [REPLACED, FALLS]
        search(page, "heliotrope")
        expect(page.get_by_text("Nothing that you may read is like that")).to_be_visible(timeout=SLOW)
        search(page, FALLS)
        expect(page.locator(".mun-row")).to_have_count(2, timeout=SLOW)
        settled(page)
        page.get_by_role("button", name="Open 2").click()
        expect(page.get_by_role("heading", name=FALLS, exact=True)).to_be_visible(timeout=SLOW)
        expect(page.get_by_text("read-as-reader")).to_be_visible(timeout=SLOW)
        expect(page.get_by_text(f"It replaces: {REPLACED}")).to_be_visible(timeout=SLOW)
        expect(page.get_by_role("heading", name="Who else can see it")).to_have_count(0)
        settled(page)
        page.get_by_role("button", name="Open the older one").click()
        expect(page.get_by_role("heading", name=REPLACED)).to_be_visible(timeout=SLOW)
        settled(page)
        page.get_by_role("link", name="Give a document").click()
        settled(page)
        page.get_by_role("link", name="Documents", exact=True).click()
        expect(page.get_by_label("Words of the title")).to_have_value(FALLS, timeout=SLOW)
        settled(page)
        page.get_by_role("button", name="Show everything").click()
        expect(page.get_by_role("button", name="More")).to_be_visible(timeout=SLOW)
        hidden = of(house, "helen", SECRET)
    with visit(browser, portal, "Mara Lindqvist", f"/documents?document={hidden}") as page:
        expect(page.get_by_text("There is no such document, or it is not for you")).to_be_visible(timeout=SLOW)
        assert SECRET not in page.content()


def test_a_house_without_topics_offers_questions_to_begin_with(browser: Browser, portal: str) -> None:
    """Fails if `_examples()` is deleted from `ui.ask.teaching.teach`. This house's API proposes nothing."""
    with visit(browser, portal, "Mara Lindqvist", "") as page:
        expect(page.get_by_role("button", name="How long may a blood transfusion take?")).to_be_visible(timeout=SLOW)
        expect(page.get_by_role("button", name="Ask about this")).to_have_count(0)


def of(house: str, persona: str, title: str) -> str:
    with httpx.Client(base_url=house, trust_env=False) as asking:
        token = asking.post("/v1/demo/token", json={"persona": persona}).json()["access_token"]
        found = asking.get("/v1/documents?limit=200", headers={"Authorization": f"Bearer {token}"}).json()
        return next(str(one["id"]) for one in found["documents"] if one["title"] == title)


def give(page: Page, name: str, group: str, content: bytes = b"# Night") -> None:
    page.locator("input[type=file]").set_input_files(
        files=[{"name": name, "mimeType": "text/plain", "buffer": content}], timeout=SLOW
    )
    send(page, group)


def send(page: Page, group: str) -> None:
    if group:
        box = page.get_by_role("combobox", name="Who may read it: groups of your own")
        box.click()
        page.get_by_role("option", name=group, exact=True).click()
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Give to the house").click()


def test_a_file_is_given_held_back_thrown_away_and_its_owner_told(browser: Browser, portal: str) -> None:
    locked = f"{LOCKED}-plan.pdf"
    with visit(browser, portal, "Mara Lindqvist", "/give") as mara:
        give(mara, "night.md", "")
        expect(mara.get_by_text("at least one group that may read it")).to_be_visible(timeout=SLOW)
        send(mara, "icu")  # the file is still chosen
        expect(mara.get_by_text("night.md is safe, and will be read in its turn.")).to_be_visible(timeout=SLOW)
        expect(mara.get_by_text("waits to be read")).to_have_count(0, timeout=SLOW)
        give(mara, locked, "icu")
        expect(mara.locator(".mun-row").filter(has_text=locked).get_by_text("held back")).to_be_visible(timeout=SLOW)

        with visit(browser, portal, "Carla Winter", "/quarantine") as carla:
            held = carla.locator('[class*="st-key-held-"]').filter(has_text="A file (.pdf)")
            expect(held.get_by_text("it is encrypted")).to_be_visible(timeout=SLOW)
            assert locked not in carla.content(), "she could not read it, so she is not told its name"
            held.get_by_role("button", name="Throw it away").click()
            carla.get_by_label("Why? Who gave it is told").fill(WHY)
            carla.get_by_role("button", name="Throw it away now").click()
            expect(carla.get_by_text("It is thrown away.")).to_be_visible(timeout=SLOW)
            expect(held).to_have_count(0)
            carla.get_by_role("link", name="Give a document").click()
            give(carla, f"{LOCKED}-mine.pdf", "staff")
            mine = carla.locator(".mun-row").filter(has_text=f"{LOCKED}-mine.pdf")
            expect(mine.get_by_text("held back")).to_be_visible(timeout=SLOW)
            carla.get_by_role("link", name="Held back").click()
            expect(carla.get_by_role("heading", name="old-plan.docx")).to_be_visible(timeout=SLOW)
            assert f"{LOCKED}-mine.pdf" not in carla.locator("[data-testid=stMain]").inner_text(), "never one's own"

        mara.get_by_role("link", name="Documents", exact=True).click()
        thrown = mara.locator(".mun-row").filter(has_text=locked)
        expect(thrown.get_by_text(WHY)).to_be_visible(timeout=SLOW)


def test_the_portal_takes_no_larger_file_than_the_house(browser: Browser, portal: str) -> None:
    """Guards `max_upload_size` and `_follow` in `ui.documents.giving`: without the latter 1.5 MiB would be too much."""
    with visit(browser, portal, "Mara Lindqvist", "/give") as page:
        expect(page.get_by_text("2MB per file")).to_be_visible(timeout=SLOW)
        page.locator("input[type=file]").set_input_files(
            files=[{"name": "large.md", "mimeType": "text/plain", "buffer": b"x" * ((2 << 20) + 1)}], timeout=SLOW
        )
        expect(page.get_by_text("File must be 2.0MB or smaller")).to_be_visible(timeout=SLOW)
    with visit(browser, portal, "Mara Lindqvist", "/give") as page:
        give(page, "middle.md", "icu", b"x" * (3 << 19))
        expect(page.get_by_text("middle.md is safe, and will be read in its turn.")).to_be_visible(timeout=SLOW)


def test_what_cannot_be_given_is_told_file_by_file(browser: Browser, portal: str) -> None:
    """An empty file, and names that would turn what stands after them or run: each is said as text."""
    with visit(browser, portal, "Mara Lindqvist", "/give") as page:
        files = [
            {"name": "void.md", "mimeType": "text/plain", "buffer": b""},
            {"name": "a\u202efdp.md", "mimeType": "text/plain", "buffer": b"x"},
            {"name": "<img src=x onerror=window.pwned=1> **b**.md", "mimeType": "text/plain", "buffer": b"x"},
        ]
        page.locator("input[type=file]").set_input_files(files=files, timeout=SLOW)  # type: ignore[arg-type]
        send(page, "icu")
        expect(page.get_by_text("The file is empty.")).to_be_visible(timeout=SLOW)
        expect(page.get_by_text("The name holds control or direction characters.")).to_be_visible()
        expect(page.get_by_text("a[U+202E]fdp.md")).to_be_visible()
        expect(page.locator(".mun-done").get_by_text("<img src=x onerror=window.pwned=1> **b**.md")).to_be_visible()
        assert page.evaluate("window.pwned") is None
        assert page.locator("[data-testid=stMain] img").count() == 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_every_page_of_documents_is_for_everybody_to_use(
    browser: Browser, portal: str, house: str, scheme: Scheme, width: int
) -> None:
    script()
    with visit(browser, portal, "Carla Winter", f"/documents?document={of(house, 'carla', FALLS)}", scheme) as page:
        expect(page.get_by_role("heading", name="Who else can see it")).to_be_visible(timeout=SLOW)
        _usable(page, width)
        for place, seen in (("Documents", ".mun-row"), ("Give a document", ".stForm"), ("Held back", ".mun-because")):
            page.get_by_role("link", name=place, exact=True).click()
            expect(page.locator(seen).first).to_be_visible(timeout=SLOW)
            _usable(page, width)


def _usable(page: Page, width: int) -> None:
    resize(page, width)
    settled(page)
    assert not grave(page)
    wider = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
    assert wider <= 0, "nobody has to scroll sideways"
    resize(page, 1280)
