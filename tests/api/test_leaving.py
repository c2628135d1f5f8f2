"""While the model is silent: whoever leaves stops the engine, and whoever stays hears a sign of life."""

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from appliance.access.identity import DemoIdentity
from appliance.answering.ask import Desk
from appliance.api.app import create_app
from appliance.api.telling import AsDocument, AsEvents, Step
from appliance.errors import ModelUnavailable
from appliance.models.local import OpenAIChatModel, Waiting
from appliance.records import Entry, Event, Level, Passage, Principal
from appliance.settings import load
from tests.answering.test_prompts import passage
from tests.api.scripted import FIRST, REFUSAL, ScriptedReader
from tests.api.serving import PERSONAS, room, served
from tests.contracts.journals import ListJournal
from tests.contracts.silent_engine import silent_engine
from tests.rules import rules

MARA = Principal("mara", "M", "aldermoor", frozenset({"staff"}), Level.INTERNAL, "test")
EVENTS = {"Accept": "text/event-stream"}
QUESTION = {"question": "Until when can family visit a general ward?"}


class Shelf:
    """Finds one passage, whoever asks."""

    def find(self, _question: str, _scope: object, *, limit: int, **_filters: object) -> list[Passage]:
        return [passage("Visits on general wards end at 20:00.")][:limit]

    def standing(self, passages: Sequence[Passage], _scope: object) -> Sequence[Passage]:
        return passages

    def nearness(self, _question: str, texts: Sequence[str]) -> list[float]:
        return [0.5 for _ in texts]


class WatchedJournal(ListJournal):
    """Sets `left` when somebody's leaving is recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.left = threading.Event()

    def append(self, entry: Entry) -> int:
        number = super().append(entry)
        if entry.event is Event.LEFT:
            self.left.set()
        return number


@pytest.mark.parametrize("headers", [{}, EVENTS], ids=["document", "events"])
def test_who_leaves_before_the_first_word_stops_the_engine_and_is_recorded(
    headers: dict[str, str], tmp_path: Path
) -> None:
    """Fails without `yield piece` for Waiting in `Desk._sentences`, without `_watch`, and without `Call.hang_up`."""
    journal, identity = WatchedJournal(), DemoIdentity(PERSONAS, "aldermoor")
    with silent_engine(tmp_path) as engine:
        model = OpenAIChatModel(engine.endpoint, seconds=60)
        desk = Desk(search=Shelf(), model=model, journal=journal, settings=load(), rules=rules())
        app = create_app(settings=load(), identity=identity, desk=desk, reader=ScriptedReader(), checks={})
        signed = {"Authorization": f"Bearer {identity.token('mara')}", **headers}
        with served(app) as address, httpx.Client(base_url=address, headers=signed, trust_env=False) as caller:
            with pytest.raises(httpx.ReadTimeout):
                caller.post("/v1/ask", json=QUESTION, timeout=1)
            assert engine.asked.is_set()
            assert engine.left.wait(5)
            assert journal.left.wait(5)
    assert [entry.event for entry in journal.entries] == [Event.ASKED, Event.RETRIEVED, Event.OPENED, Event.LEFT]
    assert not [thread for thread in threading.enumerate() if thread.name == "chat-model"]


def waiting(*last: Step | ModelUnavailable, seconds: float) -> Iterator[Step]:
    """A story that waits for so long before each of its steps."""
    for step in last:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.02)
            yield Waiting()
        if isinstance(step, ModelUnavailable):
            raise step
        yield step


def told(story: Iterator[Step], *, quiet: float) -> httpx.Response:
    return TestClient(AsEvents(story, admission=room(), person=MARA, quiet=quiet)).get("/")


def test_a_long_silence_is_filled_with_comments_but_not_with_many() -> None:
    """Fails without the comment in `AsEvents._tell`, and if it does not look at the time that has passed."""
    blocks = told(waiting(FIRST, REFUSAL, seconds=0.5), quiet=0.2).text.strip().split("\n\n")
    heads = [block.split("\n")[0] for block in blocks]
    assert [head for head, _ in groupby(heads)] == [": waiting", "event: sentence", ": waiting", "event: refusal"]
    assert heads.count(": waiting") <= 4  # of some fifty moments of waiting


def test_what_fails_during_a_short_silence_keeps_its_status() -> None:
    """Guards the wait for the first step that is not Waiting."""
    failed = told(waiting(ModelUnavailable("It stopped."), seconds=0.1), quiet=5)
    assert failed.status_code == 503
    late = told(waiting(ModelUnavailable("It stopped."), seconds=0.4), quiet=0.1)
    assert late.status_code == 200
    assert late.text.rstrip().split("\n")[-2] == "event: error"
    assert "model-unavailable" in late.text


def test_a_document_knows_no_waiting() -> None:
    answered = TestClient(AsDocument(waiting(FIRST, REFUSAL, seconds=0.1), admission=room(), person=MARA)).get("/")
    assert answered.json()["kind"] == "refusal"
