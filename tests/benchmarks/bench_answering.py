"""What lies between the engine and the person: the first token on its way in, the first sentence on its way out.

    python -m tests.benchmarks.bench_answering [--questions 12] [--calls 29] [--out FILE] [--again]

Needs a running stack with the sample institution in it. The Desk is the real one, in this process, over the running
store and engine; its model writes down when it was asked and when each piece came. A bare call sends the same messages
to the same engine with httpx and nothing else. Both take turns, and both carry a salt of their own right after the
constant beginning, so that neither finds the other's prompt in the engine's cache. At most `--calls` calls are made.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final, cast
from uuid import uuid4

from appliance import wiring
from appliance.answering.ask import Desk
from appliance.answering.sentences import Sentences
from appliance.audit.keys import SubjectKeys
from appliance.audit.ledger import Ledger
from appliance.errors import NotRunning
from appliance.models import engines
from appliance.models.local import SEED, ChatModel, Message, OpenAIChatModel, Piece, Text, Waiting
from appliance.operations.parts import check_model
from appliance.records import Draft, Principal, Sentence
from appliance.retrieval.search import Search
from appliance.settings import ROOT, Settings, load
from appliance.store.database import open_database
from appliance.workshop.evaluation import Golden, read

GOLDEN: Final = ROOT / "tests" / "journeys" / "golden.jsonl"
KINDS: Final = {"fact", "superseded", "table", "german"}
"""Questions of one part: one call each."""
CALLS_A_QUESTION: Final = 3
BREATH: Final = 0.5
"""Seconds that the engine has to drop an answer that nobody hears any more."""
FIRST_TOKEN: Final = "first token at the Desk, by a bare call"
FIRST_SENTENCE: Final = "first verified sentence after the engine finished it"


@dataclass(frozen=True)
class Row:
    """One line of the report."""

    name: str
    value: float
    unit: str
    asked: str
    calls: int


def salted(messages: Sequence[Message]) -> tuple[Message, ...]:
    """`messages` with a salt that nothing was ever asked with, of always the same length."""
    return (*messages[:-1], replace(messages[-1], text=f"{uuid4().hex}\n\n{messages[-1].text}"))


@dataclass
class Timed:
    """The chat model, writing down its first call: the messages, when it was asked, and when each text came."""

    model: ChatModel
    settings: Settings | None = None
    """Set: the bare call comes first, before the Desk's own."""
    bare: float | None = None
    messages: tuple[Message, ...] = ()
    asked: float = 0.0
    texts: list[tuple[float, str]] = field(default_factory=list)
    calls: int = 0

    @property
    def name(self) -> str:
        """The model's."""
        return self.model.name

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = (), salt: str = ""
    ) -> Generator[Piece, None, None]:
        """The model's, with a fresh salt."""
        self.calls += 1
        first = self.calls == 1
        if first:
            self.messages = tuple(messages)
            if self.settings is not None:
                self.calls += 1
                self.bare = bare(messages, self.settings)
                time.sleep(BREATH)
            self.asked = perf_counter()
        with closing(self.model.stream(salted(messages), max_tokens=max_tokens, stop=stop, salt=salt)) as pieces:
            for piece in pieces:
                if first and isinstance(piece, Text):
                    self.texts.append((perf_counter(), piece.text))
                yield piece

    def choose(
        self, messages: Sequence[Message], options: Sequence[str], *, salt: str = ""
    ) -> Generator[Waiting, None, dict[str, float]]:
        """The model's."""
        return self.model.choose(messages, options, salt=salt)

    def finished(self, sentence: Sentence) -> float | None:
        """When the engine had written all of `sentence`, its marks included; None if that cannot be told."""
        whole = _drafts([text for _, text in self.texts])
        wanted = next((draft for draft in whole if draft.text == sentence.text), None)
        for number, (at, _) in enumerate(self.texts, start=1):
            if wanted is not None and wanted in _drafts([text for _, text in self.texts[:number]]):
                return at
        return None


def _drafts(texts: Sequence[str]) -> list[Draft]:
    cutter = Sentences()
    return [draft for text in texts for draft in cutter.feed(text)] + list(cutter.close())


def bare(messages: Sequence[Message], settings: Settings) -> float:
    """Seconds until the first token of the engine's answer to `messages`, asked with httpx alone."""
    body = {
        "model": engines.SERVED_NAME,
        "messages": [{"role": message.role, "content": message.text} for message in salted(messages)],
        "max_tokens": settings.answer_tokens, "temperature": 0, "seed": SEED, "stream": True,
    }  # fmt: skip
    start = perf_counter()
    with (
        engines.endpoint(settings).client(settings.model_seconds) as client,
        client.stream("POST", "/v1/chat/completions", json=body) as response,
    ):
        for line in response.iter_lines():
            if line.startswith("data: {") and json.loads(line[6:])["choices"][0]["delta"].get("content"):
                return perf_counter() - start
    raise NotRunning("The engine wrote nothing.")


@dataclass
class Measured:
    """Seconds of each question: to the first token at the Desk and of a bare call, and to the verified sentence."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    sentences: list[float] = field(default_factory=list)
    calls: int = 0

    def rows(self) -> Iterator[Row]:
        """A row each."""
        ratios = [ours / bare for ours, bare in zip(self.ours, self.bare, strict=True)]
        if ratios:
            yield Row(FIRST_TOKEN, median(self.ours) / median(self.bare), "", "<= 1.1", self.calls)
            yield Row("  the same, median of each question's ratio", median(ratios), "", "", self.calls)
            yield Row("  first token at the Desk", median(self.ours), "s", "", self.calls)
            yield Row("  first token of a bare call", median(self.bare), "s", "", self.calls)
        if self.sentences:
            late = [1e3 * seconds for seconds in self.sentences]
            yield Row(FIRST_SENTENCE, median(late), "ms", "<= 150", self.calls)
            yield Row(f"  the slowest of {len(late)}", max(late), "ms", "", self.calls)


class Bench:
    """The Desk over the running parts."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.parts = wiring.ingest_parts(settings)
        self.people = wiring.personas(settings)
        self.ledger = Ledger(open_database(f"sqlite:///{folder / 'ledger.sqlite'}"), SubjectKeys(folder / "keys"))
        self.rules = wiring.rules(settings)
        self.search = Search(self.parts.index, self.parts.embedder, self.parts.registry.current, rules=self.rules)
        check_model(settings)

    def ask(self, golden: Golden, found: Measured, *, bare_first: bool) -> Timed:
        """Ask until the first verified sentence, or to the end if there is none."""
        model = OpenAIChatModel(engines.endpoint(self.settings), seconds=self.settings.model_seconds)
        timed = Timed(model, settings=self.settings if bare_first else None)
        desk = Desk(search=self.search, model=timed, journal=self.ledger, settings=self.settings, rules=self.rules)
        principal: Principal = self.people.principal(f"Bearer {self.people.token(golden.persona)}")
        with closing(cast("Generator[object, None, None]", desk.answer(principal, golden.question))) as story:
            for step in story:
                if isinstance(step, Sentence):
                    came = perf_counter()
                    at = timed.finished(step)
                    if at is not None:
                        found.sentences.append(came - at)
                    break
        return timed

    def measure(self, questions: Sequence[Golden], most: int) -> Measured:
        """Both ways by turns, each first every other time; the first question only warms up."""
        found = Measured()
        found.calls = self.ask(questions[0], Measured(), bare_first=False).calls
        for number, golden in enumerate(questions[1:]):
            if found.calls + CALLS_A_QUESTION > most:
                break
            timed = self.ask(golden, found, bare_first=bool(number % 2))
            found.calls += timed.calls
            if not timed.texts:
                continue
            found.ours.append(timed.texts[0][0] - timed.asked)
            if timed.bare is None:
                time.sleep(BREATH)
                timed.bare = bare(timed.messages, self.settings)
                found.calls += 1
            found.bare.append(timed.bare)
        return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="From the engine to the person.")
    parser.add_argument("--questions", type=int, default=12)
    parser.add_argument("--calls", type=int, default=29)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.out is not None and chosen.out.exists() and not chosen.again:
        sys.stdout.write("bench_answering is done.\n")
        return
    asked = [one for one in read(GOLDEN) if one.expect == "answer" and one.kind in KINDS][: chosen.questions + 1]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(load(), Path(folder))
        with closing(bench.parts.index):
            rows = list(bench.measure(asked, chosen.calls).rows())
    for row in rows:
        sys.stdout.write(f"{row.name:60} {row.value:9.3f} {row.unit} {row.asked} ({row.calls} calls)\n")
        if chosen.out is not None:
            with chosen.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"benchmark": "answering", **asdict(row)}) + "\n")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
