"""A small real chat model that needs no weights beside the self-test's repeating one, and the real one as a process.

All pass `test_chat_model.py`. `fake_engine.py` serves the first two over the wire.
"""

import os
import subprocess
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance.errors import ModelMissing
from appliance.models.engines import Endpoint, launch, ready
from appliance.models.local import Message, Piece, Waiting
from appliance.models.manifest import entry, locate
from appliance.selftest.repeating import UNSURE, spoken
from appliance.settings import Settings, load
from tests.left_out import left_out


@dataclass
class ScriptedModel:
    """Answers with the first of `replies` whose key occurs in the last message, else with `reply`.

    `choice` is the option it is sure of; if "", the first one of several, and of a single one it is not sure. `asked`
    keeps every prompt that it went on from, `read` every one that it chose for, and `salts` the salts of both.
    """

    reply: str = "The dose is 5 mg [1]."
    replies: Mapping[str, str] = field(default_factory=dict)
    choice: str = ""
    name: str = "scripted"
    asked: list[tuple[Message, ...]] = field(default_factory=list)
    salts: list[str] = field(default_factory=list)
    read: list[tuple[Message, ...]] = field(default_factory=list)

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = (), salt: str = ""
    ) -> Generator[Piece, None, None]:
        self.asked.append(tuple(messages))
        self.salts.append(salt)
        fitting = (reply for key, reply in self.replies.items() if key in messages[-1].text)
        return spoken(next(fitting, self.reply), messages, max_tokens, stop)

    def choose(
        self, messages: Sequence[Message], options: Sequence[str], *, salt: str = ""
    ) -> Generator[Waiting, None, dict[str, float]]:
        yield from ()
        self.read.append(tuple(messages))
        self.salts.append(salt)
        if len(options) == 1 and not self.choice:
            return {options[0]: UNSURE}
        return {option: float(option == (self.choice or options[0])) for option in options}


def chosen(choice: Generator[Waiting, None, dict[str, float]]) -> dict[str, float]:
    """What a choice comes to, waited for."""
    while True:
        try:
            next(choice)
        except StopIteration as end:
            shares: dict[str, float] = end.value
            return shares


def real_model_settings(data: Path) -> Settings:
    """Settings that use the fetched models (MUNIMENT_MODELS, or the default place) and keep all else in `data`."""
    return load(data=data, models=os.environ.get("MUNIMENT_MODELS") or load().models_folder)


@contextmanager
def running_engine(data: Path) -> Iterator[tuple[Endpoint, subprocess.Popen[bytes], Path]]:
    """The real engine while the block runs, its process and the file with all it prints. Skips if there is no model."""
    settings = real_model_settings(data)
    try:
        locate(entry("chat", settings.engine), settings.models_folder)
    except ModelMissing as missing:
        left_out("THE REAL MODEL", f"{missing} {missing.advice}")
    start, output = launch(settings), data / "engine.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            start.arguments, env=start.environment, umask=start.umask, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: ready(start.endpoint) or process.poll() is not None, seconds=120)
        assert process.poll() is None, output.read_text()
        yield start.endpoint, process, output
    finally:
        process.terminate()
        process.wait(30)


def wait_until(holds: Callable[[], bool], *, seconds: float) -> None:
    """Poll ten times a second until it holds. Fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"it did not happen within {seconds:.0f} s"
        time.sleep(0.1)
