"""A question on its way outside, in the browser: real gate, courier and ledger; the other side is the stage's."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.accessibility import grave, script
from tests.ui.conftest import house_at, portal_at
from tests.ui.test_portal import sign_in
from tests.ui.walking import settled, visit

pytestmark = pytest.mark.browser

QUESTION = "How long may red cells hang, and who agrees to plasma for Tobias Renner?"
WHY = "The ward needs it today, and nothing in it names anybody."
SLOW = 30_000


@pytest.fixture(autouse=True)
def installed() -> None:
    script()


@pytest.fixture(scope="module")
def house() -> Iterator[str]:
    with house_at("tests.ui.outside_stage") as address:
        yield address


@pytest.fixture(scope="module")
def portal(house: str) -> Iterator[str]:
    with portal_at(house) as address:
        yield address


@contextmanager
def client(house: str, persona: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house, trust_env=False) as made:
        token = made.post("/v1/demo/token", json={"persona": persona}).json()["access_token"]
        made.headers["Authorization"] = f"Bearer {token}"
        yield made


def usable(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Everybody can use it as it stands, on a light ground or on a dark one."""
    page.emulate_media(color_scheme=scheme)
    settled(page)
    assert not grave(page)


def look(page: Page, question: str = QUESTION) -> None:
    page.get_by_label("Your question").fill(question, timeout=SLOW)
    page.get_by_role("button", name="See what would leave").click()


def proposed(house: str, persona: str) -> dict[str, str]:
    """One that waits for an officer."""
    with client(house, persona) as asker:
        shown = asker.post("/v1/escalations", json={"destination": "careful", "question": QUESTION}).json()
        asker.post(f"/v1/escalations/{shown['id']}/send", json={"digest": shown["digest"]}).raise_for_status()
        return dict(shown)


def test_from_the_question_to_what_came_back_with_an_officer_between(browser: Browser, portal: str) -> None:
    with visit(browser, portal, "Mara Lindqvist", "/outside") as page:
        look(page)
        ours, theirs = page.locator("del.mun-put"), page.locator("ins.mun-put")
        expect(ours).to_contain_text(["Tobias Renner", "MRN 4471", "Tobias Renner"], timeout=SLOW)
        expect(theirs).to_have_count(3)
        assert all("Tobias" not in text for text in theirs.all_inner_texts())
        expect(page.get_by_text("May leave once another person has approved it")).to_be_visible()
        expect(page.get_by_text("costs at most")).to_be_visible()
        expect(page.get_by_role("link", name="Approvals")).to_have_count(0)
        usable(page, "light")
        page.get_by_role("button", name="Send this for approval").click()
        expect(page.get_by_text("Waiting for an officer")).to_be_visible(timeout=SLOW)

        with visit(browser, portal, "Ines Albrecht", "/approvals") as officer:
            expect(officer.get_by_role("link", name="Approvals")).to_be_visible(timeout=SLOW)
            body = officer.locator(".mun-bytes")
            expect(body).to_contain_text("Person_", timeout=SLOW)
            assert json.loads(body.inner_text())["model"] == "careful-1"
            expect(officer.get_by_text("Mara Lindqvist (mara), nursing")).to_be_visible()
            expect(officer.get_by_text("Not for you.")).to_have_count(1)  # the question is Mara's alone
            usable(officer, "dark")
            officer.get_by_role("button", name="Approve exactly these bytes").click()
            expect(officer.get_by_text("Write first what your word rests on.")).to_be_visible(timeout=SLOW)
            officer.get_by_label("What your word rests on").fill(WHY)
            officer.get_by_role("button", name="Approve exactly these bytes").click()
            expect(officer.get_by_text("Approved; it leaves now.")).to_be_visible(timeout=SLOW)

        came = page.locator(".mun-outside")  # by itself: nobody has touched Mara's page
        expect(came).to_contain_text("From outside: careful", timeout=SLOW)
        expect(came).to_contain_text("within five days if Tobias Renner agrees")
        expect(page.get_by_text(WHY)).to_be_visible()
        expect(page.get_by_role("link", name="Open page 1")).to_have_count(2)
        usable(page, "dark")


def test_one_s_own_is_not_one_s_to_approve_and_nobody_sees_another_s(browser: Browser, house: str, portal: str) -> None:
    """The house decides it; the pages only do not offer it."""
    own, hers = proposed(house, "ines"), proposed(house, "mara")
    with client(house, "mara") as asker:
        asker.post("/v1/escalations", json={"destination": "large", "question": QUESTION}).raise_for_status()
    with client(house, "ines") as api:
        said = {"digest": own["digest"], "approved": True, "reason": WHY}
        assert api.post(f"/v1/escalations/{own['id']}/judge", json=said).status_code == 403
    with visit(browser, portal, "Ines Albrecht", "/outside") as officer:
        expect(officer.get_by_text("Questions on their way outside that wait for you: 1")).to_be_visible(timeout=SLOW)
        officer.get_by_role("link", name="Look at what waits").click()
        expect(officer.get_by_text("Mara Lindqvist asks careful")).to_be_visible(timeout=SLOW)
        expect(officer.get_by_text("Ines Albrecht asks careful")).to_have_count(0)
        officer.get_by_text("What this person asked outside before").click()
        expect(officer.locator(".mun-earlier").get_by_text("Prepared, not sent")).to_be_visible(timeout=SLOW)
        officer.get_by_label("What your word rests on").fill("It can be asked of the pharmacy.")
        officer.get_by_role("button", name="Reject").click()
        expect(officer.get_by_text("Rejected; what was prepared is destroyed.")).to_be_visible(timeout=SLOW)
        expect(officer.get_by_text("Nothing waits for you")).to_be_visible()
    with visit(browser, portal, "Mara Lindqvist", f"/outside?escalation={hers['id']}") as page:
        expect(page.get_by_text("An officer rejected it.")).to_be_visible(timeout=SLOW)
        expect(page.get_by_text("It can be asked of the pharmacy.")).to_be_visible()
        expect(page.locator(".mun-beside")).to_have_count(0)
    with visit(browser, portal, "Tobias Renner", f"/outside?escalation={hers['id']}") as page:
        expect(page.locator(".mun-wrong")).to_be_visible(timeout=SLOW)
        expect(page.get_by_text("careful")).to_have_count(0)
        sign_in(page, portal, "Tobias Renner", "/approvals")
        expect(page.get_by_text("Not for you")).to_be_visible(timeout=SLOW)


def test_what_a_label_holds_back_stays_and_the_rest_can_go_and_be_withdrawn(browser: Browser, portal: str) -> None:
    with visit(browser, portal, "Helen Okafor", "/outside") as page:
        look(page)
        expect(page.get_by_text("May not leave", exact=True)).to_be_visible(timeout=SLOW)
        expect(page.get_by_text("no-private-text-leaves").first).to_be_visible()
        expect(page.get_by_text("penicillin").first).to_be_visible()
        page.get_by_role("button", name="Try it without the passages that may not leave").click()
        expect(page.get_by_role("button", name="Withdraw it")).to_be_visible(timeout=SLOW)
        expect(page.get_by_text("penicillin")).to_have_count(0)
        page.get_by_role("button", name="Withdraw it").click()
        expect(page.get_by_text("You withdrew it.")).to_be_visible(timeout=SLOW)
        page.get_by_role("button", name="All of mine").click()
        expect(page.get_by_role("button", name="Look at it").first).to_be_visible(timeout=SLOW)


def test_hostile_text_is_shown_as_it_is_and_does_nothing(browser: Browser, portal: str) -> None:
    """Fails if `said` is deleted from `ui.outside.beside._marked` or `ui.outside.markup.bytes_of`."""
    with visit(browser, portal, "Nadia Ferrant", "/outside") as page:
        look(page, "How long? <script>window.pwned=1</script>")
        expect(page.get_by_text("<img src=x onerror=").first).to_be_visible(timeout=SLOW)
        page.get_by_text("The exact bytes").click()
        expect(page.locator(".mun-bytes")).to_be_visible()
        assert page.evaluate("window.pwned") is None
        assert page.locator(".mun-beside img, .mun-beside script, .mun-bytes img, .mun-beside a").count() == 0
        expect(page.get_by_text("evil[U+202E]txt.exe").first).to_be_visible()


def test_a_refusal_leads_outside_with_its_question(browser: Browser, portal: str) -> None:
    """From the house's own no to what would leave: `Ask outside` under a refusal."""
    with visit(browser, portal, "Mara Lindqvist", "") as page:
        box = page.get_by_placeholder("Ask a question")
        box.fill("Where may a helicopter park?", timeout=SLOW)
        box.press("Enter")
        page.get_by_role("main").get_by_role("button", name="Ask outside").click(timeout=SLOW)
        expect(page.get_by_label("Your question")).to_have_value("Where may a helicopter park?", timeout=SLOW)
