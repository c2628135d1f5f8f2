import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.errors import LedgerUnavailable, RegistryUnavailable
from appliance.records import Entry, Event
from appliance.records.operating import STEEPEST, Times
from appliance.settings import ROOT
from appliance.telemetry import SEVERAL, WHOLE, Counted, Figures
from tests.contracts.journals import ListJournal

SECRET = Entry(
    Event.WITHDRAWN,
    "mara",
    "a1",
    tenant="aldermoor",
    reason="documents",
    question="Who?",
    documents=("d1",),
    shown=("p1",),
)


def told(figures: Figures) -> str:
    return figures.exposition().decode()


def test_what_is_recorded_is_counted_once_it_is_durable() -> None:
    figures = Figures()
    journal = Counted(ListJournal(fails_at=3), figures)
    assert [journal.append(SECRET), journal.append(Entry(Event.REFUSED, "mara", reason="NO_EVIDENCE"))] == [1, 2]
    with pytest.raises(LedgerUnavailable):
        journal.append(SECRET)
    assert 'muniment_events_total{event="withdrawn"} 1.0' in told(figures)
    assert 'muniment_cut_answers_total{kind="documents"} 1.0' in told(figures)
    assert 'muniment_refusals_total{code="NO_EVIDENCE"} 1.0' in told(figures)


def test_no_name_and_no_content_is_told() -> None:
    """Fails if a label is made of anything of an entry but its event and its reason."""
    figures = Figures()
    Counted(ListJournal(), figures).append(SECRET)
    assert all(word not in told(figures) for word in ("mara", "aldermoor", "Who?", "d1", "p1", "a1"))


def test_times_are_told_by_kind() -> None:
    figures = Figures()
    figures.revoked("documents", 0.3)
    figures.revoked("documents", -1)  # a clock that was set back
    assert 'muniment_revocation_seconds_bucket{kind="documents",le="0.25"} 1.0' in told(figures)
    assert 'muniment_revocation_seconds_count{kind="documents"} 2.0' in told(figures)


def test_times_are_told_as_values_too() -> None:
    figures = Figures()
    for seconds in (0.7, 0.9, 1.8, 400.0):
        figures.answered(WHOLE, seconds)
    figures.requested("/v1/me", 0.01)
    found = {(one.name, one.kind): one for one in figures.times()}
    whole = found["muniment_answer_seconds", WHOLE]
    assert (whole.count, whole.buckets[-1]) == (4, (STEEPEST, 4))
    assert whole.within(0.25) == pytest.approx(0.75)  # half way between its bounds: two of four lie in there
    assert whole.within(0.5) == 1.0
    assert whole.within(0.95) is None, "beyond the last bound nobody knows"
    assert found["muniment_request_seconds", "/v1/me"].count == 1
    assert Times("none", "", ()).within(0.5) is None


def test_what_was_recorded_is_told_as_values_too() -> None:
    figures = Figures()
    Counted(ListJournal(), figures).append(SECRET)
    assert figures.events() == {"withdrawn": 1}


def test_reviews_that_wait_are_told_as_they_are_when_asked() -> None:
    figures, waiting = Figures(), {"open": 3, "overdue": 1}
    figures.reviews(lambda: waiting)
    assert 'muniment_emergency_reviews{state="overdue"} 1.0' in told(figures)
    waiting["overdue"] = 2
    assert 'muniment_emergency_reviews{state="overdue"} 2.0' in told(figures)
    assert 'muniment_emergency_reviews{state="open"} 3.0' in told(figures)
    assert told(figures).count("# HELP muniment_events_total") == 1


def test_a_database_that_does_not_tell_is_no_zero() -> None:
    """Fails if `math.nan` in `_Reviews.collect` becomes 0; the other figures are told all the same."""

    def broken() -> dict[str, int]:
        raise RegistryUnavailable("It does not answer.")

    figures = Figures()
    figures.reviews(broken)
    assert 'muniment_emergency_reviews{state="overdue"} NaN' in told(figures)
    assert "muniment_events_total" in told(figures)


def test_two_figures_count_apart() -> None:
    one, other = Figures(), Figures()
    one.revoked("documents", 1)
    assert "documents" not in told(other)


def test_workers_of_one_api_are_told_together(tmp_path: Path) -> None:
    """Each of them may be the one that is asked."""
    worker = (
        "from appliance.telemetry import Figures; told = Figures(); told.revoked('documents', 1); "
        "print(told.exposition().decode()); print('times', [one.count for one in told.times()])"
    )
    environment = os.environ | {SEVERAL: str(tmp_path)}
    told = [
        subprocess.run(
            [sys.executable, "-c", worker], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    ]
    assert ['muniment_revocation_seconds_count{kind="documents"} 2.0' in one for one in told] == [False, True]
    assert ["times [2]" in one for one in told] == [False, True]


def test_every_metric_stands_in_the_operator_s_table() -> None:
    figures = Figures()
    figures.revoked("documents", 1)
    figures.answered(WHOLE, 1)
    figures.requested("/v1/me", 1)
    figures.recorded(SECRET)
    figures.recorded(Entry(Event.REFUSED, "", reason="x"))
    figures.reviews(lambda: {"open": 0, "overdue": 0})
    names = {name for name in re.findall(r"^# HELP (\S+)", told(figures), re.M) if not name.endswith("_created")}
    table = set(re.findall(r"^\| `(muniment_\w+)` \|", (ROOT / "deploy" / "README.md").read_text("utf-8"), re.M))
    assert names == table
