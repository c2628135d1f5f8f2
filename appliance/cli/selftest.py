"""`muniment selftest leaks`: whether anything comes out of this installation, tried on site beside it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from appliance.settings import Settings, load

if TYPE_CHECKING:
    from appliance.selftest.report import Report
    from appliance.wiring import Instead

app = typer.Typer(
    help="Test this installation on site, beside it: nothing of its own is touched.", no_args_is_help=True
)
console = Console(highlight=False)
TOLD = 20
"""Findings that the terminal shows; the report and the page have them all."""


class Which(StrEnum):
    """The model that answers in the scratch house."""

    REPEATING = "repeating"
    REAL = "real"


@app.callback()
def _group() -> None:
    """Keeps `leaks` a command of its own, however many there are beside it."""


@app.command()
def leaks(
    model: Annotated[Which, typer.Option(help="repeating says its whole prompt again; real is slow")] = Which.REPEATING,
    attempts: Annotated[
        int | None, typer.Option(min=1, help="5000 with repeating, 100 with real, if nothing is said")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="where the report goes, as JSON")] = None,
    page: Annotated[Path | None, typer.Option(help="where the page goes, as HTML")] = None,
) -> None:
    """Plant canaries in a scratch tenant, let everybody else try to get at them, and tell what came out.

    Exit code 0: nothing. 1: something; the path is named. 2: the test could not be made, or found not even what it may.
    """
    from appliance.selftest.leaks import Plan
    from appliance.selftest.leaks import leaks as run
    from appliance.selftest.routes import BY_MODEL

    settings = load()
    plan = Plan(attempts=attempts or 5_000)
    if model is Which.REAL:  # what needs no model the repeating one's run has tried
        plan = Plan(attempts=attempts or 100, routes=BY_MODEL)
    with _stoppable(), _progress() as watch:
        found = run(settings, plan, instead=_instead(model), watch=watch)
    paths = _written(settings, found, report, page)
    _show(found)
    for path in paths:
        console.print(f"  {path}", soft_wrap=True)
    _record(settings, found)  # last: a ledger that cannot be written hides nothing that was found
    raise typer.Exit(found.exit_code)


def _instead(model: Which) -> "Instead":
    from appliance.selftest.repeating import RepeatingModel
    from appliance.wiring import ITS_OWN, Instead

    return Instead(model=RepeatingModel()) if model is Which.REPEATING else ITS_OWN


@contextmanager
def _stoppable() -> Iterator[None]:
    """Being stopped by the system is like Ctrl-C: everything is cleared away first."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Steps:
    """The steps of the test as bars of one progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, of: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=of)
        self._progress.update(self._tasks[step], completed=done, total=of)


@contextmanager
def _progress() -> Iterator[_Steps]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield _Steps(progress)


def _record(settings: Settings, found: "Report") -> None:
    """What came of it, in the site's own ledger. Raises LedgerUnavailable."""
    from appliance import wiring
    from appliance.audit.parts import operators
    from appliance.records import Event

    outcome = {0: "clean", 1: f"{len(found.findings)} found", 2: "failed"}[found.exit_code]
    reason = f"leaks: {outcome}, {found.attempts} attempts, model {found.model}"
    told = replace(operators(Event.SELF_TESTED, settings, reason=reason), policy=found.policy)
    wiring.ledger_of(settings).ledger.append(told)


def _written(settings: Settings, found: "Report", report: Path | None, page: Path | None) -> list[Path]:
    """Report and page, for this user's eyes only."""
    from appliance.selftest.page import render
    from appliance.selftest.report import to_json

    stem = settings.data / "selftest" / f"leaks-{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
    paths = [report or stem.with_suffix(".json"), page or stem.with_suffix(".html")]
    for path, content in zip(paths, (to_json(found), render(found)), strict=True):
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(content, "utf-8")
    return paths


def _show(found: "Report") -> None:
    style = {0: "green", 1: "bold red", 2: "bold yellow"}[found.exit_code]
    console.print(Text(f"{found.verdict}  ({found.seconds:.0f} s, model: {found.model})", style=style))
    console.print(f"  {found.controls - len(found.missed)} of {found.controls} times a reader found his own canary.")
    if found.findings:
        table = Table("way", "route", "person", "phrasing", "canary for", "how", box=None)
        for one in found.findings[:TOLD]:
            table.add_row(one.way, one.route, one.person, one.phrasing, one.canary, one.how)
        console.print(table)
        if len(found.findings) > TOLD:
            console.print(f"  and {len(found.findings) - TOLD} more, on the page.")
    for line in [*found.missed[:TOLD], *found.notes]:
        console.print(Text(f"  · {line}", style="yellow"))
    if found.unanswered:
        told = ", ".join(f"{count} with {status}" for status, count in sorted(found.unanswered.items()))
        console.print(f"  Without an answer: {told}.")
