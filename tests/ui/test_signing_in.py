"""A person signs in: a real browser, the real portal and API, the certified OpenID provider."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.api.scripted import FIRST
from tests.identity import provider as providers
from tests.ui.conftest import free_port, portal_at, running

pytestmark = pytest.mark.browser
NAME = "muniment-session"


@dataclass
class Site:
    """The addresses of a house whose people sign in at `provider`, and where its logs and its database lie."""

    api: str
    portal: str
    provider: providers.Provider
    folder: Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    api_port, portal_port = free_port(), free_port()
    api = f"http://127.0.0.1:{api_port}"
    with providers.running(
        folder, f"{api}/v1/session/callback", back_to=f"http://127.0.0.1:{portal_port}/"
    ) as provider:
        told = {
            "IDENTITY": "oidc", "ISSUER": provider.issuer, "AUDIENCE": providers.AUDIENCE, "ISSUER_CA": provider.ca,
            "DIRECTORY": "absent",
            "CLIENT_ID": providers.PORTAL, "CLIENT_SECRET": providers.PORTAL_SECRET, "DATA": folder / "data",
            "API_PORT": api_port, "PORTAL_PORT": portal_port,
            "LEDGER_WITNESS": f"file:{folder / 'checkpoints'}",
        }  # fmt: skip
        (folder / "checkpoints").touch()
        environment = dict(os.environ) | {f"MUNIMENT_{name}": str(value) for name, value in told.items()}
        with (
            running(["-m", "tests.ui.signed_stage"], f"{api}/healthz", environment),
            portal_at(api, portal_port) as portal,
        ):
            yield Site(api, portal, provider, folder)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own that believes the provider's certificate and fails the test if it asks outside."""
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, ignore_https_errors=True)
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    opened.close()
    here = ("http://127.0.0.1:", "https://localhost:", "data:", "blob:http://127.0.0.1:")
    assert not [url for url in asked if not url.startswith(here)]


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def press(page: Page, label: str = "Sign in") -> None:
    link = page.get_by_role("link", name=label)
    expect(link).to_be_visible(timeout=30_000)
    link.click()


BOX = re.compile("Ask a question|Eine Frage stellen")
"""Where one writes, in the language of whoever has signed in."""


def sign_in(page: Page, site: Site, person: str = "mara") -> None:
    page.goto(site.portal)
    press(page)
    page.get_by_role("button", name=person, exact=True).click(timeout=30_000)
    expect(page.get_by_placeholder(BOX)).to_be_visible(timeout=30_000)


def cookie(context: BrowserContext) -> str:
    return next(kept["value"] for kept in context.cookies() if kept["name"] == NAME)


def me(site: Site, value: str) -> int:
    return httpx.get(f"{site.api}/v1/me", headers={"Muniment-Session": value}, trust_env=False).status_code


def test_the_browser_fetches_an_original_from_the_house_itself(page: Page, site: Site) -> None:
    """Guards `demo()` in `ui.shell.files.offer`: with a session nothing of a file passes through the portal."""
    sign_in(page, site)
    box = page.get_by_placeholder("Ask a question")
    box.fill("How long for blood?")
    box.press("Enter")
    page.get_by_role("button", name="Open page 3").click(timeout=30_000)
    link = page.get_by_role("link", name="Download the original")
    expect(link).to_have_attribute("target", "_blank", timeout=20_000)
    with page.expect_download() as download:
        link.click()
    assert download.value.url == f"{site.api}/v1/documents/d-1/original"
    assert download.value.suggested_filename == "transfusion.html"
    assert Path(download.value.path()).read_bytes() == b"<script>window.pwned=1</script>"


def test_a_person_signs_in_asks_and_signs_out(page: Page, context: BrowserContext, site: Site) -> None:
    page.goto(site.portal)
    expect(page.get_by_role("link", name="Sign in")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("alert")).to_have_count(0)  # no banner of the demonstration
    page.screenshot(path=site.folder / "1-welcome.png")
    press(page)
    page.get_by_role("button", name="mara", exact=True).click(timeout=30_000)
    expect(page.get_by_text("What would you like to know, Mara?")).to_be_visible(timeout=30_000)
    assert page.url.rstrip("/") == site.portal  # nothing of the sign-in stays in the address
    page.screenshot(path=site.folder / "2-signed-in.png")

    box = page.get_by_placeholder("Ask a question")
    box.fill("How long for blood?")
    box.press("Enter")
    expect(page.get_by_text(FIRST.text)).to_be_visible(timeout=20_000)
    expect(page.get_by_text("One sentence was left out")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Open page 3").click()
    expect(page.get_by_text("Page 3 of 12")).to_be_visible(timeout=20_000)

    value = cookie(context)
    kept = next(one for one in context.cookies() if one["name"] == NAME)
    assert (kept["httpOnly"], kept["sameSite"], kept["path"]) == (True, "Strict", "/")
    assert NAME not in str(page.evaluate("document.cookie"))
    assert me(site, value) == 200
    page.get_by_role("button", name=re.compile("Sign out$")).click()
    expect(page.get_by_text("You are signed out", exact=True)).to_be_visible(timeout=20_000)
    expect(page.get_by_text("How long for blood?")).to_have_count(0)
    page.screenshot(path=site.folder / "3-signed-out.png")
    assert me(site, value) == 401

    page.goto(site.portal)  # the dead cookie is still there
    expect(page.get_by_text("Your sign-in has ended")).to_be_visible(timeout=20_000)
    page.screenshot(path=site.folder / "4-ended.png")
    press(page)  # the issuer still knows Mara; whoever sits here now must say who he is all the same
    page.get_by_role("button", name="dana", exact=True).click(timeout=30_000)
    expect(page.get_by_text("What would you like to know, Dana?")).to_be_visible(timeout=30_000)
    assert cookie(context) != value


def test_signed_out_in_one_window_is_signed_out_in_all(page: Page, context: BrowserContext, site: Site) -> None:
    sign_in(page, site)
    other = context.new_page()
    other.goto(site.portal)
    expect(other.get_by_placeholder("Ask a question")).to_be_visible(timeout=30_000)  # one cookie, no second sign-in
    page.get_by_role("button", name=re.compile("Sign out$")).click()
    expect(page.get_by_text("You are signed out", exact=True)).to_be_visible(timeout=20_000)
    box = other.get_by_placeholder("Ask a question")
    box.fill("blood")
    box.press("Enter")
    expect(other.get_by_text("Your sign-in has ended")).to_be_visible(timeout=20_000)
    expect(other.get_by_text(FIRST.text)).to_have_count(0)


def test_the_issuer_s_own_session_can_be_ended_too(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.get_by_role("button", name=re.compile("Sign out$")).click()
    press(page, "Sign out there too")
    page.get_by_role("button", name=re.compile("Sign out$")).click(timeout=20_000)
    expect(page.get_by_role("link", name="Sign in")).to_be_visible(timeout=30_000)
    assert page.url.startswith(site.portal)


def test_whoever_is_refused_is_told(page: Page, context: BrowserContext, site: Site) -> None:
    page.goto(site.portal)
    press(page)
    page.get_by_role("button", name="Nobody").click(timeout=30_000)
    expect(page.locator(".mun-wrong")).to_contain_text("Nobody was signed in.", timeout=30_000)
    page.screenshot(path=site.folder / "5-denied.png")
    assert NAME not in [kept["name"] for kept in context.cookies()]
    press(page)
    page.get_by_role("button", name="tobias", exact=True).click(timeout=30_000)
    expect(page.get_by_text("Was möchten Sie wissen, Tobias?")).to_be_visible(timeout=30_000)


def test_an_issuer_that_is_away_is_told_and_costs_nothing(page: Page, context: BrowserContext, site: Site) -> None:
    sign_in(page, site)
    site.provider.stop()
    try:
        page.reload()
        expect(page.get_by_placeholder("Ask a question")).to_be_visible(timeout=30_000)  # whoever is in stays in
        stranger = context.browser.new_context()  # type: ignore[union-attr]  # it has a browser
        other = stranger.new_page()
        other.goto(site.portal)
        begun = httpx.get(f"{site.api}/v1/session/login", trust_env=False)
        press(other)
        if begun.status_code != 303:  # the description of the issuer may still be known: then the browser gets nowhere
            expect(other.locator(".mun-wrong")).to_contain_text("does not answer", timeout=30_000)
        stranger.close()
    finally:
        site.provider.start()
    assert me(site, cookie(context)) == 200


def test_a_short_lived_token_is_renewed_unseen(page: Page, context: BrowserContext, site: Site) -> None:
    site.provider.lifetime(25)
    try:
        sign_in(page, site)
        value = cookie(context)
        time.sleep(8)
        assert me(site, value) == 200
        site.provider.lifetime(300)
        time.sleep(20)
        assert me(site, value) == 200  # the first token has ended; this one is new
    finally:
        site.provider.lifetime(300)
    page.reload()
    expect(page.get_by_text("What would you like to know, Mara?")).to_be_visible(timeout=30_000)


def test_an_account_that_the_issuer_removed_is_out_with_its_token(
    page: Page, context: BrowserContext, site: Site
) -> None:
    claims = providers.accounts()["viktor"]
    site.provider.account("leaver", claims)
    site.provider.lifetime(10)
    try:
        sign_in(page, site, "leaver")
        site.provider.account("leaver", None)
        time.sleep(1)
        assert me(site, cookie(context)) == 401
    finally:
        site.provider.lifetime(300)
    page.reload()
    expect(page.get_by_text("Your sign-in has ended")).to_be_visible(timeout=20_000)


def test_another_site_s_page_can_do_nothing_with_the_cookie(page: Page, context: BrowserContext, site: Site) -> None:
    """A page of another port of this machine: the same site to the browser, which sends the cookie along."""
    sign_in(page, site)
    value = cookie(context)
    evil = free_port()
    with running(
        ["-m", "http.server", "--bind", "127.0.0.1", str(evil)], f"http://127.0.0.1:{evil}/", dict(os.environ)
    ):
        attack = context.new_page()
        attack.goto(f"http://127.0.0.1:{evil}/README.md")
        script = "([url, method]) => fetch(url, {method, credentials: 'include', mode: 'no-cors'}).then(r => r.status)"
        attack.evaluate(script, [f"{site.api}/v1/session/logout", "POST"])
        read = "url => fetch(url, {credentials: 'include'}).then(r => r.text(), () => 'unreadable')"
        assert attack.evaluate(read, f"{site.api}/v1/me") == "unreadable"
    assert me(site, value) == 200
    page.reload()
    expect(page.get_by_text("What would you like to know, Mara?")).to_be_visible(timeout=30_000)


def test_nothing_of_it_lies_about_in_clear(site: Site, page: Page, context: BrowserContext) -> None:
    sign_in(page, site)
    value = cookie(context)
    disk = b"".join(file.read_bytes() for file in (site.folder / "data").glob("registry.sqlite*"))
    assert value.encode() not in disk
    assert b"eyJ" not in disk  # how every token begins
    assert re.search(rb"[0-9a-f]{64}", disk)


def test_signed_out_everywhere_is_signed_out_in_the_other_browser(
    page: Page, context: BrowserContext, site: Site
) -> None:
    sign_in(page, site)
    elsewhere = context.browser.new_context(ignore_https_errors=True)  # type: ignore[union-attr]  # it has a browser
    other = elsewhere.new_page()
    sign_in(other, site)
    values = cookie(context), cookie(elsewhere)
    assert [me(site, value) for value in values] == [200, 200]
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_text("You are signed out", exact=True)).to_be_visible(timeout=20_000)
    assert [me(site, value) for value in values] == [401, 401]
    other.get_by_role("link", name="Ask").click()
    expect(other.get_by_text("Your sign-in has ended").first).to_be_visible(timeout=20_000)
    elsewhere.close()


def test_who_is_away_is_warned_and_then_his_page_is_covered(page: Page, site: Site) -> None:
    """Fails if `idle.watch` is deleted from `ui.shell.session.person`. The house's clock is half an hour."""
    sign_in(page, site)
    warning, cover = page.locator(".st-key-idle"), page.locator(".mun-away")
    expect(warning).not_to_be_visible()
    expect(cover).not_to_be_visible()
    after = """minutes => document.getAnimations().filter(a => /^mun-(soon|over|gone)/.test(a.animationName))
        .map(a => { a.currentTime = minutes * 60000; return a.effect.getTiming().delay / 60000 })"""
    begins = sorted(page.evaluate(after, 28.5))
    assert (
        26 < begins[0] <= 28 < begins[1] <= begins[-1] <= 30
    )  # the house notes a use at most once in a minute and a half
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("You are signed out at")
    expect(cover).not_to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).not_to_be_visible(timeout=20_000)
    page.evaluate(after, 30)
    expect(cover).to_contain_text("Your sign-in has ended")
    expect(cover).to_be_in_viewport(ratio=1)
    box = cover.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (1280, 900)
    for beneath in ("stMainBlockContainer", "stSidebar"):
        # nobody selects, finds or hears what lies under the cover; `mun-gone` in `ui.shell.idle.style`
        assert page.get_by_test_id(beneath).evaluate("one => getComputedStyle(one).visibility") == "hidden"
    cover.get_by_role("link", name="Sign in").click(trial=True)
