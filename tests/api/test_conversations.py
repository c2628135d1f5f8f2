"""The routes of conversations over a real database; the desk behind them says one sentence."""

import io
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest
from fastapi.testclient import TestClient
from markdown import markdown as rendered
from openapi_schema_validator import OAS31Validator

from appliance.access.identity import DemoIdentity
from appliance.answering.ask import Outcome
from appliance.answering.conversation import Dialogue
from appliance.answering.showing import Opened, Shown
from appliance.api import conversation_pdf
from appliance.api.app import create_app
from appliance.api.conversation_file import markdown
from appliance.api.conversation_pdf import _Sheet, pdf
from appliance.api.conversation_views import ConversationView
from appliance.errors import QueueFull
from appliance.records import Access, Answer, Citation, Document, Level, Passage, Principal, Sentence, Usage
from appliance.settings import load
from appliance.store.conversations import Conversations
from appliance.store.conversations_told import Heading, Source, Spoken, Turn
from appliance.store.database import open_database
from appliance.store.registry import Registry
from tests.answering.test_plain import leading
from tests.api.scripted import ScriptedReader
from tests.api.serving import PERSONAS
from tests.contracts.chat_models import ScriptedModel
from tests.contracts.journals import ListJournal
from tests.rules import rules

WEEKDAYS, SUNDAYS = "When does the pharmacy open on weekdays?", "When does the pharmacy open on Sundays?"
MISSING = "00000000-0000-4000-8000-00000000ffff"


class Desk:
    """Says one sentence of document d1."""

    def answer(self, _principal: Principal, _text: str, **_so_long_as: object) -> Iterator[Outcome]:
        cited = Citation(1, "p1", "d1", "Title", "a.md", "", 1, "At 8:00.", version="v1")
        sentence = Sentence("It opens at 8:00.", (cited,))
        yield sentence
        yield Answer(str(uuid.uuid4()), (sentence,), (cited,), "local", 0, Usage())

    def search(self, _principal: Principal, _question: str, *, limit: int, **_filters: object) -> list[Passage]:
        return [][:limit]


class House:
    """The app around a real dialogue."""

    def __init__(self, data: Path, url: str, *, days: int = 90) -> None:
        settings = load(data=data)
        engine = open_database(url)
        self.registry, desk = Registry(engine), Desk()
        self.identity = DemoIdentity(PERSONAS, "aldermoor")
        talk = Dialogue(
            desk=desk, model=ScriptedModel(reply=SUNDAYS), kept=Conversations(engine, days=days),
            documents=self.registry, journal=ListJournal(), settings=settings, rules=rules(),
        )  # fmt: skip
        self.app = create_app(
            settings=settings, identity=self.identity, desk=desk, reader=ScriptedReader(), checks={}, talk=talk
        )
        access = Access("aldermoor", Level.PUBLIC, frozenset({"staff"}), "pharmacy", frozenset(), ())
        self.registry.register(Document("d1", "a.md", "v1", "Title", "text/markdown", "en", 1, access), [])

    def client(self, persona: str) -> TestClient:
        headers = {"Authorization": f"Bearer {self.identity.token(persona)}"}
        return TestClient(self.app, base_url="http://localhost", headers=headers)


@pytest.fixture
def house(tmp_path: Path, database: str) -> House:
    return House(tmp_path, database)


def ask(who: TestClient, question: str, conversation: str = "") -> dict[str, Any]:
    told = who.post("/v1/ask", json={"question": question, "conversation": conversation})
    assert told.status_code == 200
    answer: dict[str, Any] = told.json()
    return answer


def test_a_conversation_from_its_first_question_to_its_end(house: House) -> None:
    mara = house.client("mara")
    first = ask(mara, WEEKDAYS)
    second = ask(mara, "And on Sundays?", first["conversation"])
    assert (first["understood"], second["understood"]) == (None, SUNDAYS)
    rated = {"verdict": "down", "reason": "incomplete", "note": "The night entrance."}
    assert mara.post(f"/v1/answers/{second['id']}/feedback", json=rated).json() == rated
    path = f"/v1/conversations/{first['conversation']}"
    opened = mara.get(path).json()
    assert (opened["title"], opened["turns"]) == (WEEKDAYS, 2)
    last = opened["questions"][1]
    assert (last["question"], last["understood"], last["feedback"]) == ("And on Sundays?", SUNDAYS, rated)
    assert last["sentences"][0]["citations"][0]["title"] == "Title"
    house.registry.forget("d1")
    last = mara.get(path).json()["questions"][1]
    assert (last["sentences"], last["withdrawn"], bool(last["note"])) == ([], 1, True)
    assert mara.delete(path).status_code == 204
    assert mara.get(path).status_code == 404
    assert mara.get("/v1/conversations").json() == {"conversations": [], "next": None, "days": 90}


def test_an_export_is_decided_again_and_recorded(house: House) -> None:
    """Guards `_shown` for exports: no file holds more than opening shows."""
    mara = house.client("mara")
    first = ask(mara, WEEKDAYS)
    path = f"/v1/conversations/{first['conversation']}/export"
    told = mara.get(path)
    assert told.headers["content-type"].startswith("text/markdown")
    assert told.headers["content-disposition"] == 'attachment; filename="conversation.md"'
    assert "It opens at 8:00. \\[1\\]" in told.text
    assert "Title, page 1 (a.md)" in told.text
    assert mara.get(path, params={"format": "json"}).json()["questions"][0]["sentences"]
    assert mara.get(path, params={"format": "docx"}).status_code == 422
    assert house.client("dana").get(path).status_code == 404
    house.registry.forget("d1")
    left = mara.get(path).text
    assert WEEKDAYS in left
    assert "8" not in left.split("##")[1]
    assert "not shown any more" in left
    assert "Title" not in left + mara.get(path, params={"format": "json"}).text


def test_nothing_in_an_export_is_markdown_but_ours() -> None:
    """Guards `_plain`: whatever opens the file later must not fetch what a document names."""
    hostile = "![p](https://evil.invalid/p.png) <img src=x> # **b** https://evil.invalid\n\n# x"
    cited = Citation(1, "p1", "d1", hostile, hostile, "", 1, hostile, version="v1")
    source = frozenset({Source("d1", "v1")})
    now = datetime.now(UTC)
    turn = Turn("a1", hostile, Spoken(hostile, (), source), "ANSWERED", (Spoken(hostile, (cited,), source),), 1, now)
    heading = Heading("c1", hostile, now, now, 1)
    told = markdown(ConversationView.opened(Opened(heading, (Shown(turn, 0, (False,)),))))
    shown = rendered(told)
    assert all(tag not in shown for tag in ("<img", "<a ", "<strong", "<script"))
    assert shown.count("<h") == 2
    assert "https://" not in told  # other readers make links of bare addresses
    assert not leading(told)
    assert [line.split()[0] for line in told.splitlines() if line.startswith("#")] == ["#", "##"]


def test_another_s_and_none_look_the_same(house: House) -> None:
    """Fails without `ConversationRow.person == owner.person` in `Conversations._own`, on every route."""
    mara, tobias = house.client("mara"), house.client("tobias")
    first = ask(mara, WEEKDAYS)
    rated = {"verdict": "up", "reason": "right"}

    def told(conversation: str, answer: str) -> list[tuple[int, str]]:
        answers = [
            tobias.get(f"/v1/conversations/{conversation}"),
            tobias.delete(f"/v1/conversations/{conversation}"),
            tobias.post("/v1/ask", json={"question": "And on Sundays?", "conversation": conversation}),
            tobias.post(f"/v1/answers/{answer}/feedback", json=rated),
        ]
        return [(answer.status_code, answer.json()["detail"]) for answer in answers]

    assert told(first["conversation"], first["id"]) == told(MISSING, MISSING)
    assert {status for status, _ in told(MISSING, MISSING)} == {404}
    assert tobias.get("/v1/conversations").json()["conversations"] == []
    assert tobias.delete("/v1/conversations").status_code == 204
    assert len(mara.get("/v1/conversations").json()["conversations"]) == 1


def test_pages_and_bad_places(house: House) -> None:
    mara = house.client("mara")
    made = [ask(mara, WEEKDAYS)["conversation"] for _ in range(3)]
    page = mara.get("/v1/conversations", params={"limit": 2}).json()
    rest = mara.get("/v1/conversations", params={"limit": 2, "before": page["next"]}).json()
    assert [one["id"] for one in (*page["conversations"], *rest["conversations"])] == made[::-1]
    assert rest["next"] is None
    for before in ("x", "/w==", "MjAyNi0wMS0wMSBj"):
        assert mara.get("/v1/conversations", params={"before": before}).status_code == 400
    assert mara.delete("/v1/conversations").status_code == 204
    assert mara.get("/v1/conversations").json()["conversations"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"verdict": "up", "reason": "wrong"}, 400),
        ({"verdict": "sideways", "reason": "other"}, 422),
        ({"verdict": "up", "reason": "because"}, 422),
        ({"verdict": "up", "reason": "other", "note": "x" * 501}, 422),
        ({"verdict": "up"}, 422),
    ],
)
def test_feedback_of_the_wrong_shape(house: House, body: dict[str, str], status: int) -> None:
    assert house.client("mara").post(f"/v1/answers/{MISSING}/feedback", json=body).status_code == status


def test_a_chat_client_s_own_questions_are_history_and_its_answers_are_not(house: House) -> None:
    """Fails without `if turn.role == "user"` in `chat.completions`."""
    messages = [
        {"role": "user", "content": WEEKDAYS},
        {"role": "assistant", "content": "The bakery in the basement opens at 3:00."},
        {"role": "user", "content": "And on Sundays?"},
    ]
    mara = house.client("mara")
    told = mara.post("/v1/chat/completions", json={"model": "muniment", "messages": messages}).json()
    assert told["choices"][0]["message"]["muniment"]["understood"] == SUNDAYS
    bakery = [{"role": "user", "content": "Where is the way?"}, *messages[1:]]
    told = mara.post("/v1/chat/completions", json={"model": "muniment", "messages": bakery}).json()
    assert "bakery" not in told["choices"][0]["message"]["muniment"]["understood"]
    assert mara.get("/v1/conversations").json()["conversations"] == []


def test_the_routes_are_described_with_examples_that_fit(house: House) -> None:
    document = house.app.openapi()
    found = 0
    for path in ("/v1/conversations", "/v1/conversations/{conversation_id}", "/v1/answers/{answer_id}/feedback"):
        for operation in document["paths"][path].values():
            assert operation["summary"]
            assert operation["description"]
            assert {"401", "403", "500", "503"} <= set(operation["responses"])
            for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
                for body in holder.get("content", {}).values():
                    OAS31Validator({**body["schema"], "components": document["components"]}).validate(body["example"])
                    found += 1
    assert found > 20


def read(file: bytes) -> str:
    """All text of a PDF."""
    held = pypdf.PdfReader(io.BytesIO(file))
    return " ".join(" ".join(page.extract_text() for page in held.pages).split())


def test_a_pdf_says_what_the_conversation_says_and_is_decided_again(house: House) -> None:
    mara = house.client("mara")
    first = ask(mara, WEEKDAYS)
    path = f"/v1/conversations/{first['conversation']}/export"
    told = mara.get(path, params={"format": "pdf", "language": "de"})
    assert told.headers["content-type"] == "application/pdf"
    assert told.headers["content-disposition"] == 'attachment; filename="conversation.pdf"'
    assert "It opens at 8:00. [1] [1] Title, Seite 1 (a.md)" in read(told.content)
    assert house.client("dana").get(path, params={"format": "pdf"}).status_code == 404
    house.registry.forget("d1")
    left = read(mara.get(path, params={"format": "pdf"}).content)
    assert "1 sentences are not shown any more" in left
    assert "8:00" not in left
    assert "Title" not in left


def test_nothing_in_a_pdf_is_more_than_letters() -> None:
    """Guards `plainly` in `_Sheet.write`: no link, no action, no picture, no font from elsewhere, whatever is said."""
    hostile = (
        "Prüfe „Größe“ <b>x</b> <img src=x> https://evil.invalid/p [a](https://evil.invalid) \u202eevil Ж " + "w" * 400
    )
    cited = Citation(1, "p", "d", hostile, hostile, hostile, 1, hostile)
    sentence = Spoken(hostile, (cited,), frozenset({Source("d", "v")}))
    at = datetime(2026, 3, 2, tzinfo=UTC)
    turn = Turn("a", hostile, sentence, "ANSWERED", (sentence,), 1, at)
    opened = Opened(Heading("c", hostile, at, at, 40), (Shown(turn, 0, (False,)),) * 40)
    file = pdf(ConversationView.opened(opened), language="de")
    held = pypdf.PdfReader(io.BytesIO(file))
    assert len(held.pages) > 3
    assert "„Größe“" in read(file)
    assert "(U+0416)" in read(file)
    assert "https:" not in read(file)
    for page in held.pages:
        assert "/Annots" not in page
        assert "/XObject" not in page["/Resources"]
        for font in page["/Resources"]["/Font"].values():
            described = font.get_object().get("/FontDescriptor")
            assert described is None or "/FontFile2" in described.get_object()
    assert not {"/OpenAction", "/AA", "/AcroForm", "/Names"} & set(held.trailer["/Root"])


def told(text: str) -> ConversationView:
    """A kept conversation of one question, `text`."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    turn = Turn("a", text, None, "NOT_ANSWERED", (), 1, at)
    return ConversationView.opened(Opened(Heading("c", "T", at, at, 1), (Shown(turn, 0, ()),)))


def test_a_word_without_an_end_is_broken_in_time_that_grows_with_its_length() -> None:
    """Guards that widths are added letter by letter in `_Sheet._pieces`: reckoned anew for each prefix, 800 letters
    took a minute and a half, and nobody else had a thread."""
    widths = []

    class Counting(_Sheet):
        def _wide(self, text: str, font: str, size: float) -> float:
            widths.append(len(text))
            return super()._wide(text, font, size)

    word = "漢" * 500
    assert "".join(Counting()._pieces(word, "Vera", 11, 480.0)) == word
    assert sum(widths) <= len(word)
    assert read(pdf(told("漢" * 2_000))).count("(U+6F22)") > 1_500  # some are broken at a line's end


def test_whoever_waits_for_another_pdf_waits_not_for_ever() -> None:
    """Guards the time-out of `_ONE_AT_A_TIME.acquire` in `pdf`."""
    with conversation_pdf._ONE_AT_A_TIME, pytest.raises(QueueFull):
        pdf(told("Until when?"))


def test_conversations_are_found_by_the_words_that_their_owner_asked_with(house: House) -> None:
    """Guards that the answers are not searched: what they say may not be his to read any more."""
    mara, dana = house.client("mara"), house.client("dana")
    first, second = ask(mara, WEEKDAYS), ask(mara, "Who may visit on Sundays in Müllheim?")
    ask(dana, WEEKDAYS)

    def found(words: str) -> list[str]:
        told = mara.get("/v1/conversations", params={"search": words}).json()
        return [one["id"] for one in told["conversations"]]

    assert found("pharmacy OPEN") == [first["conversation"]]
    assert found("müllheim") == [second["conversation"]]
    assert found("") == [second["conversation"], first["conversation"]]
    assert found("8:00") == found("pharmacy visit") == found("%") == []
    page = mara.get("/v1/conversations", params={"search": "on", "limit": 1}).json()
    rest = mara.get("/v1/conversations", params={"search": "on", "limit": 1, "before": page["next"]}).json()
    assert [one["id"] for one in rest["conversations"]] == [first["conversation"]]


def test_a_conversation_says_until_when_it_is_kept(house: House) -> None:
    mara = house.client("mara")
    ask(mara, WEEKDAYS)
    (heading,) = mara.get("/v1/conversations").json()["conversations"]
    updated, until = (datetime.fromisoformat(heading[name]) for name in ("updated", "until"))
    assert (until - updated).days == 90
