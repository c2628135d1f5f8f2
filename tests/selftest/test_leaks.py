"""The leak test finds nothing in the house as it is, and finds a planted bug: both, or its zero would mean nothing."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from appliance.retrieval.embedding import Embedder
from appliance.retrieval.index import Index
from appliance.retrieval.search import Search
from appliance.selftest.leaks import Plan, leaks
from appliance.selftest.people import COLLEAGUE, GUEST, LENDER, NURSE, PHARMACIST, STRANGER
from appliance.selftest.repeating import RepeatingModel
from appliance.selftest.report import Report, Way
from appliance.selftest.routes import ASKING, BY_ID, PLAIN, UPLOADING
from appliance.settings import Settings
from appliance.wiring import Instead
from tests.selftest.planted import ClauseMissing, Trusting

FEW = (NURSE, COLLEAGUE, PHARMACIST, LENDER, GUEST, STRANGER)
SMALL = Plan(attempts=120, pairs=0, people=FEW, seed=7)


def report_of(
    site: Settings, embedder: Embedder, plan: Plan, *, index: type[Index] = Index, search: type[Search] = Search
) -> Report:
    return leaks(site, plan, instead=Instead(model=RepeatingModel(), embedder=embedder, index=index, search=search))


def test_nothing_comes_out_of_the_house_as_it_is(site: Settings, embedder: Embedder) -> None:
    report = report_of(site, embedder, Plan(attempts=260, pairs=10, seed=1))
    assert not report.findings
    assert not report.missed
    assert report.exit_code == 0
    assert report.attempts >= 258
    tried = {route for _, route in report.cells}
    assert {*ASKING, *BY_ID, *UPLOADING} <= tried
    assert len({*PLAIN} & tried) > len(PLAIN) / 2
    assert len({person for person, _ in report.cells}) == len(Plan().people)
    assert not report.notes, "each canary has readers and others"
    assert not list((site.data / "selftest").iterdir()), "the scratch house is gone"


def test_a_missing_clause_is_found_and_the_path_is_named(site: Settings, embedder: Embedder) -> None:
    """The filter lacks the clause of the readers and the second decision is off: who is of no group is shown all."""
    report = report_of(site, embedder, SMALL, index=ClauseMissing, search=Trusting)
    assert report.exit_code == 1
    words = [finding for finding in report.findings if finding.way is Way.WORDS]
    assert {"search"} < {finding.route for finding in words}, "by search, and by what is asked of a model"
    paths = {(finding.person, finding.canary) for finding in words}
    assert ("lender", "a group") in paths or ("pharmacist", "a group") in paths
    assert all(finding.phrasing and finding.how for finding in words)
    assert not any(finding.canary in ("another tenant", "a wall") for finding in words), "other clauses still hold"


@pytest.mark.parametrize(("index", "search"), [(ClauseMissing, Search), (Index, Trusting)])
def test_either_alone_lets_nothing_out(
    site: Settings, embedder: Embedder, index: type[Index], search: type[Search]
) -> None:
    """What one decision misses the other stops: the test finds no words, since none came out."""
    report = report_of(site, embedder, replace(SMALL, attempts=60), index=index, search=search)
    assert not [finding for finding in report.findings if finding.way is Way.WORDS]


def test_a_run_that_is_interrupted_leaves_nothing(site: Settings, embedder: Embedder) -> None:
    """Guards `stack.callback(_removed, folder)` and `stack.down()` in `scratch.py`."""
    seen: list[psutil.Process] = []

    def interrupting(step: str, done: int, of: int) -> None:
        if step.startswith("Readers"):
            seen.extend(_stores(site.data))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leaks(site, SMALL, instead=Instead(model=RepeatingModel(), embedder=embedder), watch=interrupting)
    assert len(seen) == 1
    assert not seen[0].is_running()
    assert not list((site.data / "selftest").iterdir())


def _stores(data: Path) -> Iterator[psutil.Process]:
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # what another test left dying beside us
            if any(str(data) in argument for argument in process.cmdline()):
                yield process
