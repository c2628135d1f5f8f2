import json
from pathlib import Path

import httpx
import pytest

from ui.ask import client, markup
from ui.ask.client import Answer, Citation, CitedPage, Queued, Refusal, Sentence
from ui.house.client import Api, bearer, session
from ui.house.problem import Problem
from ui.shell import notices
from ui.words.said import said

WHO = bearer("t")
REFUSAL = {"kind": "refusal", "id": "r", "reason": "No.", "code": "NO_EVIDENCE", "looked_for": ["x"]}
SENTENCE = {"text": "So it is.", "citations": []}
PROBLEM = {"code": "model-unavailable", "detail": "It stopped.", "advice": "Wait.", "request_id": "7"}


def answering(status: int, body: str | bytes, kind: str = "text/event-stream") -> Api:
    """The client in front of a transport that gives one answer."""
    response = httpx.Response(status, content=body, headers={"content-type": kind})
    return Api("http://127.0.0.1:1", transport=httpx.MockTransport(lambda _: response))


def event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def test_sentences_then_an_end() -> None:
    steps = list(client.ask(answering(200, event("sentence", SENTENCE) + event("refusal", REFUSAL)), WHO, "q"))
    assert [type(step) for step in steps] == [Sentence, Refusal]


def test_comments_are_signs_of_life_wherever_they_stand() -> None:
    beat = ": waiting\n\n"
    body = beat + event("sentence", SENTENCE) + beat + beat + event("refusal", REFUSAL) + beat
    steps = [step for step in client.ask(answering(200, body), WHO, "q") if step != Queued(0)]
    assert [type(step) for step in steps] == [Sentence, Refusal]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, event("sentence", SENTENCE) + event("error", PROBLEM), "model-unavailable"),
        (200, event("sentence", SENTENCE), "connection-lost"),
        (200, "", "connection-lost"),
        (200, event("surprise", {}), "not-understood"),
        (200, event("sentence", {"text": 7}), "not-understood"),
        (200, "event: sentence\ndata: {\n\n", "not-understood"),
        (503, json.dumps(PROBLEM), "model-unavailable"),
        (502, "<html>proxy</html>", "not-understood"),
        (500, "[]", "not-understood"),
    ],
)
def test_every_failure_is_a_problem(status: int, body: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        list(client.ask(answering(status, body), WHO, "q"))
    assert caught.value.code == code
    assert caught.value.detail
    assert caught.value.advice


def test_nobody_there() -> None:
    with pytest.raises(Problem) as caught:
        Api("http://127.0.0.1:9").personas()
    assert caught.value.code == "api-unavailable"


def test_a_passage_s_id_is_one_step_of_the_path() -> None:
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(404, json=PROBLEM)

    with pytest.raises(Problem):
        client.page(Api("http://127.0.0.1:1", transport=httpx.MockTransport(reply)), WHO, "../demo/personas?x=#y")
    assert asked == ["/v1/passages/..%2Fdemo%2Fpersonas%3Fx%3D%23y"]


HOSTILE = '<script>alert(1)</script> "quoted" & \u202eevil\u2066 \x07 \ud800 **b** [l](javascript:x)'


def test_text_from_outside_is_escaped_and_its_controls_are_shown() -> None:
    """Fails if `escape` or the substitution is deleted from `said`."""
    shown = said(HOSTILE)
    inner = shown.removeprefix('<bdi dir="auto" class="mun-said">').removesuffix("</bdi>")
    assert "<" not in inner
    assert '"' not in inner
    assert "[U+202E]evil[U+2066] [U+0007] [U+D800] **b**" in inner
    shown.encode("utf-8")


def test_no_maker_of_markup_lets_anything_through() -> None:
    """Fails if any text reaches the page without `said`."""
    bad = "<i>x</i>"
    citation = Citation(
        number=1, passage="p", document="d", title=bad, uri=bad, heading=bad, page=1, quote=bad, valid_from=None
    )
    sentence = Sentence(text=bad, citations=[citation])
    cited = CitedPage(
        title=bad, uri=bad, heading=bad, language="en", level=bad, valid_from=None, superseded=True, page=1, pages=1,
        text=f"{bad}{bad}{bad}", start=8, end=16, boxes=[], picture=None,
    )  # fmt: skip
    no = Refusal(kind="refusal", id="r", reason=bad, code="?", looked_for=[bad])
    made = [
        markup.sentences([sentence]),
        markup.card(citation),
        markup.page_head(cited),
        markup.page_text(cited),
        markup.refusal(no),
        notices.problem(bad, f"`{bad}`", bad),
    ]
    assert not [html for html in made if bad in html]
    assert all("&lt;i&gt;x&lt;/i&gt;" in html for html in made)


def test_boxes_stay_on_the_page() -> None:
    cited = CitedPage.model_validate(
        {"title": "", "uri": "", "heading": "", "language": "en", "level": "public", "valid_from": None}
        | {"superseded": False, "page": 1, "pages": 1, "text": "", "start": 0, "end": 0, "picture": "/p"}
        | {"boxes": [{"left": -1, "top": 0.5, "right": 2, "bottom": 0.4}]}
    )
    assert "left:0.00%;top:50.00%;width:100.00%;height:0.00%" in markup.page_picture(cited, b"")


def test_how_many_were_left_out_is_said() -> None:
    def closing(withheld: int) -> str:
        return markup.closing(
            Answer.model_validate(
                {"kind": "answer", "id": "a", "sentences": [], "citations": [], "origin": "local"}
                | {"withheld": withheld, "usage": {"total_s": 3.21}}
            )
        )

    assert "3.2 s" in closing(0)
    assert "left out" not in closing(0)
    assert "One sentence was" in closing(1)
    assert "2 sentences were" in closing(2)


def test_the_readme_gives_the_command_that_the_browser_tests_use() -> None:
    from tests.ui.conftest import PORTAL

    assert PORTAL in (Path(__file__).resolve().parents[2] / "ui" / "README.md").read_text("utf-8")


def test_each_credential_goes_in_its_own_header_and_into_no_log() -> None:
    sent: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"person": {"id": "m", "name": "M", "department": "", "language": "en"}})

    api = Api("http://127.0.0.1:1", transport=httpx.MockTransport(reply))
    assert api.session(session("canary")).person.id == "m"
    assert (sent[0].headers["muniment-session"], sent[0].headers.get("authorization")) == ("canary", None)
    assert "canary" not in repr(session("canary"))
    assert "canary" not in str(bearer("canary"))


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.invalid", "", "data:text/html,x"])
def test_only_a_web_address_is_a_way(address: str) -> None:
    """Fails without the look at the scheme in `ui.shell.notices.way`."""
    assert notices.way("Sign in", address) == ""
    assert 'href="https://x/&quot;&gt;"' in notices.way("Sign in", 'https://x/">')
