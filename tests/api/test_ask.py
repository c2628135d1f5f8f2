import json
import socket
import threading
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from fastapi.testclient import TestClient

from appliance.api.telling import Step
from appliance.records import UNFILTERED, Filters, Kind, Principal
from tests.api.scripted import PATIENCE, ScriptedDesk
from tests.api.serving import client, demo_app, served

EVENTS = {"Accept": "text/event-stream"}


def told(text: str) -> list[tuple[str, dict[str, object]]]:
    """The events of a stream, by name."""
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


@pytest.fixture
def mara() -> TestClient:
    app, identity = demo_app()
    return client(app, identity.token("mara"))


def test_an_answer_is_one_document(mara: TestClient) -> None:
    answer = mara.post("/v1/ask", json={"question": "blood"}).json()
    assert answer["kind"] == "answer"
    assert answer["text"].endswith("Platelets run through within thirty minutes. [2]")
    assert [sentence["citations"][0]["number"] for sentence in answer["sentences"]] == [1, 2]
    assert answer["citations"][0] | {"quote": ""} == {
        "number": 1,
        "passage": "00000000-0000-4000-8000-000000000001",
        "document": "document-1",
        "title": "Giving blood",
        "uri": "nursing/transfusion.html",
        "heading": "Time limits",
        "page": 3,
        "quote": "",
        "valid_from": "2026-03-01",
    }
    assert (answer["withheld"], answer["origin"], answer["usage"]["prompt_tokens"]) == (1, "local", 700)


def test_a_refusal_is_no_error(mara: TestClient) -> None:
    response = mara.post("/v1/ask", json={"question": "helicopter"})
    assert response.status_code == 200
    refusal = response.json()
    assert (refusal["kind"], refusal["code"], refusal["looked_for"]) == (
        "refusal",
        "NO_EVIDENCE",
        ["helicopter", "parking"],
    )


def test_sentences_come_as_events_and_the_answer_ends_them(mara: TestClient) -> None:
    response = mara.post("/v1/ask", json={"question": "blood"}, headers=EVENTS)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = told(response.text)
    assert [name for name, _ in events] == ["sentence", "sentence", "answer"]
    assert events[0][1]["citations"]
    assert events[2][1]["text"] == mara.post("/v1/ask", json={"question": "blood"}).json()["text"]


def test_a_refusal_is_an_event(mara: TestClient) -> None:
    events = told(mara.post("/v1/ask", json={"question": "helicopter"}, headers=EVENTS).text)
    assert [name for name, _ in events] == ["refusal"]


@pytest.mark.parametrize(("question", "status"), [("store", 503), ("empty", 400)])
@pytest.mark.parametrize("headers", [{}, EVENTS])
def test_what_fails_before_the_first_sentence_has_its_own_status(
    mara: TestClient, question: str, status: int, headers: dict[str, str]
) -> None:
    response = mara.post("/v1/ask", json={"question": question}, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["advice"]


@pytest.mark.parametrize("question", ["breaks", "stops"])
def test_what_fails_in_the_middle_ends_in_an_error_and_not_in_a_full_stop(mara: TestClient, question: str) -> None:
    events = told(mara.post("/v1/ask", json={"question": question}, headers=EVENTS).text)
    assert [name for name, _ in events] == ["sentence", "error"]
    assert (events[1][1]["status"], events[1][1]["code"]) == (503, "model-unavailable")
    assert mara.post("/v1/ask", json={"question": question}).status_code == 503


def test_events_survive_any_text(mara: TestClient) -> None:
    events = told(mara.post("/v1/ask", json={"question": "hostile"}, headers=EVENTS).text)
    assert [name for name, _ in events] == ["sentence", "answer"]
    assert "\u202e" in str(events[0][1]["text"])


class KeepingDesk(ScriptedDesk):
    """Keeps every story, so that none is closed by merely being forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Iterator[Step]] = []

    def answer(self, principal: Principal, question: str, **_filters: object) -> Iterator[Step]:
        self.kept.append(super().answer(principal, question))
        return self.kept[-1]


@pytest.mark.parametrize("headers", [{}, EVENTS])
def test_a_caller_who_leaves_stops_the_engine(headers: dict[str, str]) -> None:
    """Fails if `Telling.__call__` loses its watch or its `_close`."""
    desk = KeepingDesk()
    app, identity = demo_app(desk)
    signed = {"Authorization": f"Bearer {identity.token('mara')}", **headers}
    with served(app) as address, socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0)) as caller:
        asked = httpx.Request("POST", f"{address}/v1/ask", json={"question": "endless"}, headers=signed)
        lines = [b"POST /v1/ask HTTP/1.1", *(b"%s: %s" % pair for pair in asked.headers.raw)]
        caller.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + asked.content)
        assert desk.begun.wait(PATIENCE)
        assert not desk.closed.is_set()
        caller.close()
        assert desk.closed.wait(PATIENCE)


def test_sentences_leave_one_by_one() -> None:
    """The first sentence arrives while the second is not yet written: it is only after the first was seen."""
    goes_on = threading.Event()
    app, identity = demo_app(ScriptedDesk(goes_on))
    signed = {"Authorization": f"Bearer {identity.token('mara')}", **EVENTS}
    with (
        served(app) as address,
        httpx.Client(base_url=address, headers=signed, trust_env=False, timeout=PATIENCE / 2) as caller,
        caller.stream("POST", "/v1/ask", json={"question": "blood"}) as response,
    ):
        lines = response.iter_lines()
        assert next(lines) == "event: sentence"
        goes_on.set()
        assert any(line == "event: answer" for line in lines)


def test_filters_reach_the_search_and_nothing_else_is_a_filter() -> None:
    app, identity = demo_app(desk := ScriptedDesk())
    mara = client(app, identity.token("mara"))
    asked = {"departments": ["nursing"], "kinds": ["pdf"], "since": "2026-01-01"}
    assert mara.post("/v1/ask", json={"question": "blood", "filters": asked}).status_code == 200
    assert desk.filters == Filters(frozenset({"nursing"}), frozenset({Kind.PDF}), since=date(2026, 1, 1))
    assert mara.post("/v1/ask", json={"question": "blood"}).status_code == 200
    assert desk.filters == UNFILTERED
    for wrong in ({"kinds": ["exe"]}, {"level": "restricted"}, {"since": "soon"}, {"departments": [""]}):
        assert mara.post("/v1/ask", json={"question": "blood", "filters": wrong}).status_code == 422
