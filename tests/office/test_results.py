"""Evaluations and leak tests at the officers' desk: as their own writers write them, figures alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.selftest.report import Finding, Way
from appliance.selftest.report import Report as LeakReport
from appliance.selftest.report import to_json as leak_json
from appliance.workshop.report import to_json
from tests.office.office_house import House, house
from tests.workshop.invented import questions, report

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house(tmp_path_factory.mktemp("results"))


def write(folder: Path, name: str, content: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, "utf-8")


def leak_test(began: datetime, *findings: Finding) -> LeakReport:
    return LeakReport(
        began=began, seconds=3.0, tenant="scratch", policy="abc", model="repeating", seed=1,
        cells=Counter({("helen", "ask"): 40}), findings=findings, controls=4, missed=[], unanswered=Counter(), times=[],
    )  # fmt: skip


def test_evaluations_in_the_order_of_time_and_figures_alone(stage: House) -> None:
    folder = stage.settings.data / "evaluations"
    assert stage.client("priya").get("/v1/office/evaluations").json()["runs"] == []
    for name in ("second", "first"):
        write(folder, f"{name}-golden.json", to_json(report(run=name), None))
    write(folder, "broken-golden.json", "{")
    write(folder, "second-golden.html", "<p>a page</p>")
    answer = stage.client("priya").get("/v1/office/evaluations")
    told = answer.json()
    assert ([one["run"] for one in told["runs"]], told["unread"]) == (["first", "second"], 1)
    assert told["runs"][0]["figures"] == report(run="first").overall.values
    assert {"name", "meaning", "unit", "target", "frozen_target"} == set(told["figures"][0])
    assert questions(1)[0].question not in answer.text


def test_leak_tests_without_what_they_asked(stage: House) -> None:
    folder = stage.settings.data / "selftest"
    found = Finding(Way.WORDS, "ask", "mara", "plain", "pay", "in an answer")
    write(folder, "leaks-2.json", leak_json(leak_test(NOON, found)))
    write(folder, "leaks-1.json", leak_json(leak_test(NOON - timedelta(days=1))))
    told = stage.client("priya").get("/v1/office/leaks").json()
    assert [(one["exit_code"], one["attempts"], one["findings"]) for one in told["runs"]] == [(0, 40, 0), (1, 40, 1)]
    assert "mara" not in str(told)


@pytest.mark.parametrize("path", ["/v1/office/evaluations", "/v1/office/leaks"])
@pytest.mark.parametrize("persona", ["mara", "otto"])
def test_they_are_an_officers_alone(stage: House, path: str, persona: str) -> None:
    """Guards `_demand` in `Results`."""
    assert stage.client(persona).get(path).status_code == 403
