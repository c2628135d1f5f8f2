import pytest
from playwright.sync_api import Page, expect

from tests.api.scripted import FIRST, HOSTILE, HOSTILE_TITLE, QUOTE, SECOND
from tests.ui.conftest import portal_at
from tests.ui.stage import TAKE

pytestmark = pytest.mark.browser


GERMAN = {"Tobias Renner", "Viktor Salas", "Carla Winter", "Rafael Ortmann", "Jonas Wieland"}


def sign_in(page: Page, portal: str, name: str = "Mara Lindqvist", path: str = "", *, spoken: str = "English") -> None:
    """Become somebody; the visit is in English whatever he speaks, unless it is said otherwise."""
    page.goto(portal + path)
    card = page.locator('[class*="st-key-persona-"]').filter(has=page.get_by_text(name, exact=True))
    card.get_by_role("button").click(timeout=20_000)
    own = "Deutsch" if name in GERMAN else "English"
    if spoken != own:
        side = page.get_by_test_id("stSidebar")
        expect(side.get_by_role("radio", name=own)).to_be_checked(timeout=20_000)
        side.get_by_text(spoken, exact=True).click()
        expect(side.get_by_role("radio", name=spoken)).to_be_checked()


def ask(page: Page, question: str) -> None:
    box = page.get_by_placeholder("Ask a question")
    expect(box).to_be_visible(timeout=20_000)
    box.fill(question)
    box.press("Enter")


def test_a_question_is_answered_sentence_by_sentence_and_a_citation_opens_its_page(page: Page, portal: str) -> None:
    sign_in(page, portal)
    expect(page.get_by_role("alert")).to_contain_text("anyone on this machine can be any persona")
    ask(page, "How long for blood?")
    expect(page.get_by_text(FIRST.text)).to_be_visible(timeout=10_000)
    expect(page.get_by_text(SECOND.text).first).not_to_be_visible()
    expect(page.get_by_text("One sentence was left out")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("in force since 1 March 2026").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 600})
    page.get_by_role("button", name="Open page 1").scroll_into_view_if_needed()
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1280, "height": 900})

    page.get_by_role("button", name="Open page 3").click()
    expect(page.get_by_role("heading", name="Giving blood")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Page 3 of 12")).to_be_visible()
    picture = page.get_by_alt_text("Page 3, the passage marked")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 1000
    marks = page.locator(".mun-box")
    expect(marks).to_have_count(2)
    frame, mark = picture.bounding_box(), marks.first.bounding_box()
    assert frame is not None
    assert mark is not None
    assert (mark["x"] - frame["x"]) / frame["width"] == pytest.approx(0.10, abs=0.01)
    assert (mark["y"] - frame["y"]) / frame["height"] == pytest.approx(0.24, abs=0.01)
    assert mark["width"] / frame["width"] == pytest.approx(0.78, abs=0.01)

    page.get_by_role("button", name="Back to the answer").click()
    expect(page.get_by_text("How long for blood?")).to_be_visible(timeout=10_000)
    expect(page.get_by_text(FIRST.text)).to_be_visible()


def test_what_was_shown_before_is_decided_again_when_it_is_drawn_again(page: Page, portal: str) -> None:
    """Fails if `decide_again` is deleted from `ui.ask.asking.show`: the visit's memory is no permission."""
    sign_in(page, portal, "Tobias Renner")
    ask(page, "How long for blood?")
    expect(page.get_by_text("One sentence was left out")).to_be_visible(timeout=10_000)
    ask(page, "Where may a helicopter park?")
    expect(page.locator(".mun-no")).to_have_count(1, timeout=10_000)
    expect(page.get_by_text(FIRST.text)).to_be_visible()
    ask(page, TAKE)
    expect(page.locator(".mun-no")).to_have_count(2, timeout=10_000)
    ask(page, "Where may a helicopter land?")
    expect(page.locator(".mun-no")).to_have_count(3, timeout=10_000)
    expect(page.get_by_text("Some of this is not shown any more")).to_be_visible()
    expect(page.get_by_text(FIRST.text)).to_have_count(0)
    expect(page.get_by_text(QUOTE)).to_have_count(0)


def test_a_page_without_pictures_shows_its_text_with_the_passage_marked(page: Page, portal: str) -> None:
    sign_in(page, portal)
    ask(page, "blood")
    page.get_by_role("button", name="Open page 1").click(timeout=15_000)
    expect(page.locator("mark")).to_have_text(QUOTE, timeout=10_000)


def test_a_refusal_looks_like_one(page: Page, portal: str) -> None:
    sign_in(page, portal)
    ask(page, "Where may a helicopter park?")
    no = page.locator(".mun-no")
    expect(no).to_contain_text("Nothing that you may read speaks about this.", timeout=10_000)
    expect(no).to_contain_text("Looked for:")
    expect(no.locator(".mun-word")).to_have_text(["helicopter", "parking"])
    expect(no).to_contain_text("Try the words")


def test_what_is_taken_away_while_it_is_shown_is_gone(page: Page, portal: str) -> None:
    """Fails if `turn.forget()` is deleted from `ui.ask.asking._answer`: what the stream has shown is taken back."""
    sign_in(page, portal)
    ask(page, "taken")
    expect(page.get_by_text("A bag of red cells")).to_be_visible(timeout=10_000)
    expect(page.locator(".mun-no")).to_contain_text("no longer yours to read", timeout=10_000)
    expect(page.get_by_text("A bag of red cells")).to_have_count(0)


@pytest.mark.parametrize(
    ("question", "what", "then"),
    [
        ("breaks", "The chat model stopped in the middle.", "Try again in a minute"),
        ("store", "The vector store does not answer.", "Nothing was lost."),
        ("bug", "Something went wrong inside the appliance.", "Tell the operator"),
    ],
)
def test_an_error_says_what_happened_and_what_to_do(
    page: Page, portal: str, question: str, what: str, then: str
) -> None:
    sign_in(page, portal)
    ask(page, question)
    wrong = page.locator(".mun-wrong")
    expect(wrong).to_contain_text(what, timeout=10_000)
    expect(wrong).to_contain_text(then)
    expect(page.get_by_text("secret")).to_have_count(0)
    if question == "breaks":
        expect(page.get_by_text("it is not complete")).to_be_visible()


def test_hostile_titles_and_texts_are_shown_as_text(page: Page, portal: str) -> None:
    """Fails if `escape` is deleted from `ui.words.said.said`."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, portal)
    ask(page, "<b>hostile</b> **question** ![x](https://evil.invalid/q.png)")
    expect(page.get_by_role("button", name="Open page 1")).to_be_visible(timeout=10_000)
    body = page.get_by_role("main")
    expect(body).to_contain_text(HOSTILE_TITLE)
    expect(body).to_contain_text("<b>hostile</b> **question** ![x](https://evil.invalid/q.png)")
    expect(body).to_contain_text("evil[U+202E]txt.exe[U+202C]")
    expect(body).to_contain_text('<img src=x onerror="window.pwned=1"> # Heading :red[red] :material/delete:')
    page.get_by_role("button", name="Open page 1").click()
    expect(page.locator("mark")).to_contain_text("&lt;script&gt;", timeout=10_000)
    expect(page.get_by_text("Superseded")).to_be_visible()
    expect(page.get_by_role("heading").first).to_have_text(HOSTILE_TITLE)
    assert page.evaluate("window.pwned") is None
    assert page.locator('a[href*="evil"]').count() == 0
    assert not [url for url in asked if "evil" in url]


def test_what_is_not_for_me_does_not_exist(page: Page, portal: str) -> None:
    sign_in(page, portal, "Dana Pruitt", f"/cited?passage={HOSTILE}")
    expect(page.locator(".mun-wrong")).to_contain_text("There is nothing here that you may see.", timeout=10_000)


def test_an_empty_page_teaches(page: Page, portal: str) -> None:
    sign_in(page, portal, "Viktor Salas")
    expect(page.get_by_text("What would you like to know, Viktor?")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("button", name="Ask about this").first).to_be_visible()
    page.goto(f"{portal}/cited")
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_text("No page is open")).to_be_visible(timeout=10_000)


def test_another_persona_does_not_see_my_questions(page: Page, portal: str) -> None:
    sign_in(page, portal)
    ask(page, "Where may a helicopter park?")
    expect(page.locator(".mun-no")).to_be_visible(timeout=10_000)
    page.get_by_test_id("stSidebar").get_by_role("combobox").click()
    page.get_by_role("option", name="Dana Pruitt").click()
    expect(page.get_by_text("What would you like to know, Dana?")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("helicopter")).to_have_count(0)


def test_a_house_that_is_down_is_said_to_be_down(page: Page) -> None:
    with portal_at("http://127.0.0.1:9") as portal:
        page.goto(portal)
        expect(page.locator(".mun-wrong")).to_contain_text("The appliance does not answer.", timeout=20_000)
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
