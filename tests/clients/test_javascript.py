"""The routes of OpenAI's wire format through the official JavaScript client, over a real socket.

The client is installed as its lock file says, into a cache of the user's, once.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.scripted import FIRST, ScriptedDesk
from tests.api.serving import demo_app, served
from tests.npm import installed

HERE = Path(__file__).parent / "javascript"
SECONDS = 300
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def folder() -> Path:
    """Where the client is installed, with the scenes beside it."""
    return installed("THE JAVASCRIPT CLIENT", HERE, "ask.mjs")


@pytest.fixture(scope="module")
def ask(folder: Path) -> Iterator[Ask]:
    """Plays a scene against the app and returns what the client made of it."""
    app, identity = demo_app(ScriptedDesk())
    with served(app) as address:

        def scene(name: str, question: str, *, token: str = "") -> Any:
            arguments = [f"{address}/v1", token or identity.token("mara"), name, question]
            run = subprocess.run(
                ["node", "ask.mjs", *arguments],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            assert not run.returncode, run.stderr
            return json.loads(run.stdout)

        yield scene


def test_a_whole_answer_and_the_models(ask: Ask) -> None:
    told = ask("whole", "blood")
    message = told["choices"][0]["message"]
    assert message["content"].endswith("Platelets run through within thirty minutes. [2]")
    assert [citation["number"] for citation in message["muniment"]["citations"]] == [1, 2]
    assert [model["id"] for model in ask("models", "")] == ["muniment"]


def test_streams_are_put_together_by_the_client(ask: Ask) -> None:
    chunks = ask("stream", "blood")["chunks"]
    content = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    whole = ask("accumulated", "blood")
    assert whole["choices"][0]["message"]["content"] == content
    assert whole["choices"][0]["finish_reason"] == "stop"
    assert whole["choices"][0]["message"]["muniment"]["citations"]
    assert chunks[-1]["usage"]["total_tokens"] == 740


def test_a_refusal_is_read_as_words(ask: Ask) -> None:
    message = ask("accumulated", "helicopter")["choices"][0]["message"]
    assert message["content"].startswith("Nothing that you may read")
    assert message["muniment"]["refusal"]["code"] == "NO_EVIDENCE"


def test_an_error_in_the_middle_is_raised(ask: Ask) -> None:
    """Fails if the error is sent under the name of an event that the client does not raise."""
    told = ask("stream", "breaks")
    assert told["error"] == "APIError"
    assert "stopped in the middle" in told["message"]
    assert told["chunks"][0]["choices"][0]["delta"]["content"].startswith(FIRST.text)


def test_errors_are_the_client_s_own(ask: Ask) -> None:
    refused = ask("tools", "blood")
    assert (refused["error"], refused["param"]) == ("BadRequestError", "tools")
    assert ask("whole", "blood", token="forged")["error"] == "AuthenticationError"
    assert ask("whole", "store")["error"] == "InternalServerError"
