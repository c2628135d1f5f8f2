"""What would leave of a text: by the steps of the way outside, kept nowhere."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from appliance.api.office_trying import TEXT
from appliance.errors import DetectorUnavailable
from appliance.escalation.preparing import Preparing
from appliance.office.playground import Playground
from appliance.privacy.detection import Detection
from appliance.records.privacy import Finding
from tests.contracts.word_list import WordList
from tests.office.office_house import House, house

PATH = "/v1/office/redactions"
SAID = "Tobias Renner asked; the password is hunter2!x. Did Tobias Renner sign?"
WORDS = {"Tobias Renner": "PERSON", "hunter2!x": "SECRET"}


def nothing(_text: str) -> list[Finding]:
    return []


def preparing() -> Preparing:
    return Preparing(Detection([WordList(WORDS)], thresholds={}), nothing, tokens=100)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> House:
    return with_playground(house(tmp_path_factory.mktemp("playground")), preparing)


def with_playground(made: House, prepared: Callable[[], Preparing]) -> House:
    desk = Playground(rules=made.rules, journal=made.evidence.ledger, preparing=prepared)
    return replace(made, office=replace(made.office, playground=desk))


def told(client: TestClient, text: str = SAID) -> dict[str, dict[str, object]]:
    answer = client.post(PATH, json={"text": text, "language": "en"})
    assert answer.status_code == 200, answer.text
    return {one["ways"]: one for one in answer.json()["leaving"]}


def test_what_would_leave_for_each_kind_of_destination(stage: House) -> None:
    leaving = told(stage.client("priya"))
    assert set(leaving) == {"external", "partner", "training", "export"}
    outside = leaving["external"]
    text, replaced = str(outside["text"]), outside["replacements"]
    assert isinstance(replaced, list)
    assert "Renner" not in text
    assert "hunter2" not in text
    assert [one["way"] for one in replaced] == ["token", "remove", "token"]
    assert replaced[0]["put"] == replaced[2]["put"]
    for one in replaced:
        assert text[one["at"] : one["at"] + len(one["put"])] == one["put"]
        assert SAID[one["start"] : one["end"]] in WORDS
    assert outside["residual"] == 0
    assert [one["way"] for one in leaving["training"]["replacements"]] == ["remove"] * 3  # type: ignore[attr-defined]


class Sourced(WordList):
    """Finds as the list of known persons, a model and a site's recogniser do."""

    def detect(self, texts: Sequence[str], language: str, /) -> list[list[Finding]]:
        sources = {"PERSON": "known", "SECRET": "rampart", "WARD": "site/ward"}
        return [[replace(one, source=sources[one.entity]) for one in some] for some in super().detect(texts, language)]


def test_who_is_on_a_list_is_not_told(stage: House) -> None:
    """Guards `source=_source(one.source)`: a name that the list of known persons found looks like any other."""
    words = {**WORDS, "WB-7": "WARD"}
    made = Preparing(Detection([Sourced(words)], thresholds={}), nothing, tokens=100)
    leaving = told(with_playground(stage, lambda: made).client("priya"), f"{SAID} WB-7")
    sources = [one["source"] for one in leaving["external"]["replacements"]]  # type: ignore[attr-defined]
    assert sources == ["house", "house", "house", "site/ward"]


def test_nothing_of_it_is_kept_or_logged(stage: House, caplog: pytest.LogCaptureFixture) -> None:
    """Guards `_InMemory`: the vault of the playground is no row of the database. One entry tells that it was used, and
    nothing of the text: guards `append(replace(by(officer, Event.REDACTION_TRIED)` too."""
    caplog.set_level(logging.DEBUG)
    before = len(stage.events())
    told(stage.client("priya"))
    (entry,) = stage.events()[before:]
    assert '"event":"redaction-tried"' in entry
    assert "Renner" not in entry
    assert "hunter2" not in entry
    assert "Renner" not in caplog.text
    written = [path for path in stage.settings.data.rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert b"Renner" not in path.read_bytes(), path
    assert not list(stage.settings.data.rglob("vaults.json"))


@pytest.mark.parametrize("persona", ["mara", "otto", "carla"])
def test_it_is_an_officers_alone(stage: House, persona: str) -> None:
    """Guards `demand` in `Playground.leaving`."""
    assert stage.client(persona).post(PATH, json={"text": SAID}).status_code == 403


def test_bad_input(stage: House) -> None:
    priya = stage.client("priya")
    for body in (
        {},
        {"text": ""},
        {"text": "x" * (TEXT + 1)},
        {"text": "x", "language": "fr"},
        {"text": "x", "more": 1},
    ):
        answer = priya.post(PATH, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong-fields")
    assert priya.post(PATH, json={"text": "ä" * TEXT}).status_code == 200
    hostile = "Person_K7Q4XM <script>alert(1)</script> \u202etxt.exe"
    assert "Person_K7Q4XM" not in str(told(priya, hostile)["external"]["text"])  # what looks like a token is none


def test_a_detector_that_fails_shows_nothing(stage: House) -> None:
    def broken() -> Preparing:
        raise DetectorUnavailable("A model is missing.")

    answer = with_playground(stage, broken).client("priya").post(PATH, json={"text": SAID})
    assert (answer.status_code, answer.json()["code"]) == (503, "detector-unavailable")


class Slow:
    """Finds nothing, when it is let."""

    name = "slow"

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def detect(self, texts: Sequence[str], _language: str, /) -> list[list[Finding]]:
        self.begun.set()
        assert self.go.wait(60)
        return [[] for _ in texts]


def test_one_text_at_a_time(stage: House) -> None:
    slow = Slow()
    made = Preparing(Detection([slow], thresholds={}), nothing, tokens=100)
    slowly = with_playground(stage, lambda: made)
    first = threading.Thread(target=told, args=(slowly.client("ines"),))
    first.start()
    assert slow.begun.wait(60)
    answer = slowly.client("priya").post(PATH, json={"text": SAID})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    slow.go.set()
    first.join(60)
