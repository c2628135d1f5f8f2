"""Whoever is served only what is public, because the directory is silent, is told so wherever he looks."""

import json

import pytest
from fastapi.testclient import TestClient

from appliance.errors import DirectoryUnavailable
from appliance.records import Principal
from tests.access.test_presence import MARA, Silent
from tests.api.serving import client, oidc_app


class Known:
    """An identity that lets Mara in, as `silent` has it."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent

    def principal(self, _header: str | None, _purpose: str, /) -> Principal:
        return Silent().effective(MARA) if self._silent else MARA


@pytest.fixture(params=[True, False], ids=["silent", "heard"])
def house(request: pytest.FixtureRequest) -> tuple[TestClient, bool]:
    return client(oidc_app(Known(silent=request.param), None), "t"), request.param


def test_the_person_s_own_view(house: tuple[TestClient, bool]) -> None:
    http, silent = house
    told = http.get("/v1/me")
    assert told.json()["narrowed"] is silent
    assert told.headers.get("muniment-narrowed", "") == ("directory-silent" if silent else "")


@pytest.mark.parametrize("question", ["blood", "helicopter"], ids=["an answer", "a refusal"])
def test_answers_and_refusals(house: tuple[TestClient, bool], question: str) -> None:
    """Guards `narrowed` in `telling._view`."""
    http, silent = house
    told = http.post("/v1/ask", json={"question": question})
    assert told.json()["narrowed"] is silent
    events = http.post("/v1/ask", json={"question": question}, headers={"Accept": "text/event-stream"})
    last = json.loads(events.text.strip().rpartition("data: ")[2])
    assert last["narrowed"] is silent
    assert ("muniment-narrowed" in events.headers) is silent


def test_programs_that_speak_openai_s_language_are_told_in_a_header(house: tuple[TestClient, bool]) -> None:
    http, silent = house
    asked = {"model": "muniment", "messages": [{"role": "user", "content": "blood"}]}
    assert ("muniment-narrowed" in http.post("/v1/chat/completions", json=asked).headers) is silent


def test_the_error_has_a_word_for_readyz() -> None:
    assert DirectoryUnavailable("x").code == "directory-unavailable"
