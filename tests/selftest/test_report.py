import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from appliance.selftest.attempts import first, planned
from appliance.selftest.canaries import planted
from appliance.selftest.page import render
from appliance.selftest.people import EVERYBODY
from appliance.selftest.report import Finding, Report, Way, to_json
from appliance.selftest.scratch import LOCK, _alive, cleared

FOUND = Finding(Way.WORDS, "search", "guest", "direct", "a group", "its code, as it is, in an answer with status 200")
CLEAN = Report(
    began=datetime(2026, 3, 2, tzinfo=UTC),
    seconds=9.0,
    tenant="selftest-1",
    policy="07b22529d92f",
    model="repeating",
    seed=1,
    cells=Counter({("guest", "search"): 99, ("nurse", "ask"): 1}),
    findings=(),
    controls=7,
    missed=(),
    unanswered=Counter(),
    times=(),
)


def test_nothing_found_is_well_and_something_found_is_not() -> None:
    assert CLEAN.exit_code == 0
    assert replace(CLEAN, findings=(FOUND,)).exit_code == 1


def test_a_test_that_cannot_find_is_no_test() -> None:
    """Guards each part of `Report.sound`: zero findings count only if readers found their own and answers came."""
    assert replace(CLEAN, missed=("nurse did not find",)).exit_code == 2
    assert replace(CLEAN, controls=0).exit_code == 2
    assert replace(CLEAN, unanswered=Counter({"503": 2})).exit_code == 2
    assert replace(CLEAN, unanswered=Counter({"503": 1})).exit_code == 0
    assert replace(CLEAN, cells=Counter()).exit_code == 2


def test_a_path_is_named_on_the_page_and_in_the_report() -> None:
    report = replace(CLEAN, findings=(FOUND,))
    page = render(report)
    told = json.loads(to_json(report))
    assert '<td class="bad" title="99 tried">1</td>' in page
    assert '<td class="good" title="1 tried">0</td>' in page
    assert told["findings"][0]["route"] == "search"
    assert told["exit_code"] == 1
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_few_attempts_go_round_all_people_and_routes() -> None:
    canaries = planted("here", "elsewhere")
    readers = {canary.kind: frozenset[str]() for canary in canaries}
    every = planned(EVERYBODY, canaries, readers, operations=[("GET", "/v1/new/{id}")], seed=3)
    cells = {(attempt.asker.name, attempt.route) for attempt in every}
    again = planned(EVERYBODY, canaries, readers, operations=[("GET", "/v1/new/{id}")], seed=3)
    beginning = first(again, len(cells))
    assert {(attempt.asker.name, attempt.route) for attempt in beginning} == cells
    assert ("guest", "GET /v1/new/{id}") in cells


def test_what_a_killed_run_left_is_cleared_and_a_living_one_stays(tmp_path: Path) -> None:
    """Guards `if not held(folder / LOCK)` in `cleared`: a living run keeps its folder."""
    dead, alive = tmp_path / "run-dead", tmp_path / "run-alive"
    for folder in (dead, alive):
        (folder / "run").mkdir(parents=True)
    (dead / LOCK).touch()
    with _alive(alive):
        assert cleared(tmp_path) == 1
        assert alive.exists()
    assert not dead.exists()
