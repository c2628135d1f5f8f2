"""`muniment eval` against the real API on a port of its own, with a scripted desk behind it."""

import fcntl
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from appliance.api.telling import Step
from appliance.cli.evaluation import evaluate
from appliance.cli.golden_run import TRIES, identity, patiently
from appliance.errors import BadRequest, LoadError, ModelUnavailable, MunimentError, QueueFull
from appliance.records import Access, Document, Level, Page, Passage, Principal, Sentence
from appliance.settings import load
from appliance.store.database import open_database
from appliance.store.registry import Registry
from tests.api.scripted import REFUSAL, answer, citation
from tests.api.serving import demo_app, served

URI = "nursing/transfusion.html"
SAID = "A bag must have run through within four hours."
READERS = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing",))
PASSAGE = Passage("p", "d", "v", 0, "Giving blood", URI, "", SAID, 1, 0, 9, (), "en", READERS, score=0.5)
SENTENCE = Sentence(SAID, (citation(1, "p"),))


class Desk:
    """Answers every question but those that hold a word of `silent`, and breaks off at those that hold `broken`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.silent: set[str] = set()
        self.broken = ""

    def answer(self, _principal: Principal, question: str, **_filters: object) -> Iterator[Step]:
        self.asked.append(question)
        if self.broken and self.broken in question:
            raise ModelUnavailable("The chat model's engine broke off.")
        yield REFUSAL if any(word in question for word in self.silent) else answer(SENTENCE)

    def search(self, _principal: Principal, _question: str, *, limit: int, **_filters: object) -> list[Passage]:
        return [PASSAGE][:limit]


def line(number: int) -> str:
    asked: dict[str, Any] = {
        "id": f"q{number}", "persona": "mara", "language": "en", "kind": "fact",
        "question": f"How long, number{number}?",
        "expect": "answer", "documents": [URI], "points": [["four hours"]], "evidence": [SAID], "near": "",
    }  # fmt: skip
    return json.dumps(asked)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Behind the API that the settings name; the registry of those settings knows the cited document."""
    one = Desk()
    (tmp_path / "small.jsonl").write_text("\n".join(map(line, range(6))))
    monkeypatch.setenv("MUNIMENT_DATA", str(tmp_path / "data"))
    with served(demo_app(one)[0]) as url:
        monkeypatch.setenv("MUNIMENT_API_PORT", url.rsplit(":", 1)[1])
        registry = Registry(open_database(load().database))
        document = Document("d", URI, "v", "Giving blood", "text/html", "en", 1, READERS)
        registry.register(document, [Page(1, SAID)])
        yield one


def run(tmp_path: Path, name: str, **options: Any) -> int:
    chosen = {"against": "", "again": False, "no_compare": False} | options
    with pytest.raises(typer.Exit) as left:
        evaluate(str(tmp_path / "small.jsonl"), name, **chosen)
    return left.value.exit_code


def result(tmp_path: Path, name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((tmp_path / "data" / "evaluations" / f"{name}-small.json").read_text())
    return told


def test_a_run_is_kept_for_its_owner_alone_and_is_not_asked_twice(desk: Desk, tmp_path: Path) -> None:
    """Guards `touch(mode=0o600)` in `_written` and in `_kept`: answers are for the operator's eyes."""
    assert run(tmp_path, "one") == 0
    told = result(tmp_path, "one")
    assert told["figures"]["all"]["Wholly right"] == told["figures"]["languages"]["en"]["Evidence recall@3"] == 1
    assert told["figures"]["kinds"]["fact"]["questions"] == told["questions"] == 6
    assert told["comparison"] is None
    for path in (tmp_path / "data" / "evaluations").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert run(tmp_path, "one") == 0
    assert desk.asked == [f"How long, number{number}?" for number in range(6)]
    assert run(tmp_path, "one", again=True) == 0
    assert len(desk.asked) == 12


def test_a_broken_engine_stops_the_run_and_what_was_asked_is_kept(desk: Desk, tmp_path: Path) -> None:
    desk.broken = "number3"
    with pytest.raises(MunimentError) as stopped:
        evaluate(str(tmp_path / "small.jsonl"), "one", no_compare=True)
    assert stopped.value.code == "model-unavailable"
    assert "--run one " in stopped.value.advice
    kept = tmp_path / "data" / "evaluations" / "one-small.jsonl"
    with kept.open("a") as torn:
        torn.write('{"id": "q3", "ki')
    desk.broken, desk.asked = "", []
    assert run(tmp_path, "one") == 0
    assert desk.asked == [f"How long, number{number}?" for number in range(3, 6)]
    assert len(kept.read_text().splitlines()) == 7


def test_a_run_is_asked_by_one_process_at_a_time(desk: Desk, tmp_path: Path) -> None:
    """Guards `_alone`: two processes that asked the same run would count each question twice."""
    assert run(tmp_path, "one") == 0
    kept = tmp_path / "data" / "evaluations" / "one-small.jsonl"
    first, *_ = kept.read_text().splitlines(keepends=True)
    kept.write_text(first)
    with kept.open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BadRequest, match="another process"):
            evaluate(str(tmp_path / "small.jsonl"), "one", no_compare=True)
    assert len(desk.asked) == 6


def test_five_lost_answers_fail_the_run_and_comparing_can_be_left_out(desk: Desk, tmp_path: Path) -> None:
    assert run(tmp_path, "one") == 0
    desk.silent = {f"number{number}" for number in range(5)}
    assert run(tmp_path, "two") == 1
    assert result(tmp_path, "two")["comparison"]["newly_wrong"] == ["q0", "q1", "q2", "q3", "q4"]
    assert run(tmp_path, "three") == 0
    assert run(tmp_path, "three", against="one") == 1
    assert run(tmp_path, "three", no_compare=True) == 0
    with pytest.raises(BadRequest):
        evaluate(str(tmp_path / "small.jsonl"), "three", against="none")


def test_an_access_violation_fails_the_run(desk: Desk, tmp_path: Path) -> None:
    """Guards the violations in the exit code of `evaluate`: nothing else is wrong with this run."""
    Registry(open_database(load().database)).forget("d")
    assert run(tmp_path, "one", no_compare=True) == 1
    assert result(tmp_path, "one")["figures"]["all"]["Access violations"] == 6


def test_a_run_is_not_resumed_under_other_settings(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(tmp_path, "one") == 0
    monkeypatch.setenv("MUNIMENT_PASSAGES", "4")
    with pytest.raises(BadRequest, match="begun with another"):
        evaluate(str(tmp_path / "small.jsonl"), "one")


@pytest.mark.parametrize(("golden_set", "name"), [("nothing", "one"), ("golden", "../one")])
def test_a_set_that_is_not_there_and_a_name_that_leaves_the_folder_are_refused(golden_set: str, name: str) -> None:
    with pytest.raises(BadRequest):
        evaluate(golden_set, name)


def test_the_identity_names_models_prompt_settings_and_set_by_digest(tmp_path: Path) -> None:
    questions = tmp_path / "small.jsonl"
    questions.write_text(line(1))
    first = identity(load(), questions)
    assert first.keys() == {"Muniment", "chat model", "embedder", "answering", "settings", "questions"}
    assert identity(load(), questions) == first
    assert identity(load(answer_tokens=150), questions) != first
    questions.write_text(line(2))
    assert identity(load(), questions)["questions"] != first["questions"]


class Busy:
    """An API that has no room for the first `times` requests."""

    def __init__(self, times: int, error: MunimentError) -> None:
        self.left, self.error = times, error
        self.waited: list[float] = []

    def post(self, _path: str, body: dict[str, Any]) -> dict[str, Any]:
        if self.left:
            self.left -= 1
            raise self.error
        return body


def test_a_full_appliance_is_asked_again_a_bounded_number_of_times() -> None:
    full = QueueFull("Nobody else may wait.")
    for times in (0, 1, TRIES - 1):
        busy = Busy(times, full)
        assert patiently(busy.post, "/v1/ask", {"a": 1}, sleep=busy.waited.append) == {"a": 1}
        assert busy.waited == [QueueFull.retry_after] * times
    busy = Busy(TRIES, full)
    with pytest.raises(LoadError):
        patiently(busy.post, "/v1/ask", {}, sleep=busy.waited.append)
    broken = Busy(1, ModelUnavailable("It broke off."))
    with pytest.raises(ModelUnavailable):
        patiently(broken.post, "/v1/ask", {}, sleep=broken.waited.append)
    assert broken.waited == []
