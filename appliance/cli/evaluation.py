"""`muniment eval`: the golden questions, asked through the API as the people who would ask them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from appliance.errors import BadRequest
from appliance.settings import ROOT, Settings, load

if TYPE_CHECKING:
    from appliance.workshop.comparison import Comparison
    from appliance.workshop.evaluation import Golden
    from appliance.workshop.report import Report

console = Console(highlight=False)
JOURNEYS = ROOT / "tests" / "journeys"
SETS = {"golden": JOURNEYS / "golden.jsonl", "unseen": JOURNEYS / "unseen.jsonl"}
"""The questions that may be tuned on, and the frozen ones; each is measured and reported apart."""


def evaluate(
    golden_set: Annotated[str, typer.Option("--set", help="golden, unseen, all, or a file of questions")] = "golden",
    run: Annotated[str, typer.Option(help="a name for this run; a run that was cut short is resumed by it")] = "",
    against: Annotated[str, typer.Option(help="the run to compare with; the last one of the same set if none")] = "",
    again: Annotated[bool, typer.Option("--again", help="forget what this run has already asked")] = False,  # noqa: FBT002  # a command-line flag
    no_compare: Annotated[bool, typer.Option("--no-compare", help="do not look at earlier runs")] = False,  # noqa: FBT002  # likewise
) -> None:
    """Ask golden questions and tell how good the answers are, on the screen and as a page.

    Exit code 1 on an access violation, or if a figure is worse than in the compared run beyond what chance explains.
    """
    settings = load()
    name = run or datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
    if not all(letter.isalnum() or letter in "-_." for letter in name):
        raise BadRequest("The name of a run is letters, digits, dots, dashes and underscores.")
    failed = False
    for label, path in _sets(golden_set):
        report, asked = _asked(settings, (label, path), name, again=again)
        comparison = None if no_compare else _compared(settings, report, against)
        page = _written(settings, report, asked, comparison)
        _show(report, comparison)
        console.print(f"The page: {page}\n", soft_wrap=True)
        failed |= any(case.violation for case in report.cases)
        failed |= comparison is not None and bool(comparison.regressions)
    raise typer.Exit(1 if failed else 0)


def _sets(golden_set: str) -> list[tuple[str, Path]]:
    if golden_set == "all":
        return list(SETS.items())
    if golden_set in SETS:
        return [(golden_set, SETS[golden_set])]
    path = Path(golden_set)
    if not path.is_file():
        raise BadRequest("There is no such set of questions.", advice="Give golden, unseen, all, or a file.")
    return [(path.stem, path)]


def _asked(settings: Settings, golden_set: tuple[str, Path], run: str, *, again: bool) -> "tuple[Report, list[Golden]]":
    """Ask what this run has not asked yet."""
    from appliance.cli.golden_run import GoldenRun, identity
    from appliance.workshop.evaluation import read
    from appliance.workshop.report import Report

    label, path = golden_set
    asked = read(path)
    who = identity(settings, path)
    held = GoldenRun(settings, f"{run}-{label}", who)
    if again:
        held.forget()
    cases = held.ask(asked, console)
    return Report(run, label, datetime.now(UTC), who, settings.passages, tuple(cases)), asked


def _folder(settings: Settings) -> Path:
    return settings.data / "evaluations"


def _compared(settings: Settings, report: "Report", against: str) -> "Comparison | None":
    from appliance.workshop.comparison import compare
    from appliance.workshop.report import from_json, last

    folder = _folder(settings)
    if against:
        path = folder / f"{against}-{report.golden_set}.json"
        if not path.is_file():
            raise BadRequest("There is no such run of this set to compare with.", advice=f"Runs lie in {folder}.")
        before = from_json(path)
    else:
        found = last(folder, report.golden_set, before=report.run)
        if found is None:
            return None
        before = found
    return compare(before.run, before.cases, report.cases)


def _written(settings: Settings, report: "Report", asked: "list[Golden]", comparison: "Comparison | None") -> Path:
    """Write the result as JSON and as a page, for this user's eyes only; return the page."""
    from appliance.workshop.page import render
    from appliance.workshop.report import to_json

    stem = _folder(settings) / f"{report.run}-{report.golden_set}"
    for path, content in (
        (stem.with_name(f"{stem.name}.json"), to_json(report, comparison)),
        (stem.with_name(f"{stem.name}.html"), render(report, asked, comparison)),
    ):
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(content, "utf-8")
    return stem.with_name(f"{stem.name}.html")


def _show(report: "Report", comparison: "Comparison | None") -> None:
    from appliance.workshop.figures import FIGURES
    from appliance.workshop.page import trend, written

    arrows = {"better": "[green]▲[/]", "worse": "[red]▼[/]", "same": "·"}
    groups = [report.overall, *report.languages]
    columns = [f"{group.name} ({group.questions})" for group in groups]
    figures = Table("figure", *columns, "target", "before", box=None, title=f"{report.golden_set}, run {report.run}")
    for figure in FIGURES:
        value = report.overall.values.get(figure.name)
        wanted = figure.wanted(report.golden_set)
        target = ""
        if value is not None and wanted is not None:
            mark = "[green]✓[/]" if figure.reached(value, report.golden_set) else "[red]✗[/]"
            target = f"{mark} {written(wanted, figure)}"
        change = comparison.change(figure.name) if comparison else None
        before = f"{arrows[trend(change)]} {written(change.before, figure)}" if change else ""
        shown = [written(group.values.get(figure.name), figure) for group in groups]
        figures.add_row(figure.name, *shown, target, before)
    _show_kinds(report)
    console.print(figures)
    if comparison:
        console.print(
            f"Since {comparison.run}: newly right {', '.join(comparison.newly_right) or 'none'}; "
            f"newly wrong {', '.join(comparison.newly_wrong) or 'none'}."
        )
        for name in comparison.regressions:
            console.print(f"[bold red]Regression beyond chance: {name}[/]")


def _show_kinds(report: "Report") -> None:
    """What is not wholly right, by cause; questions and answers are on the page."""
    from appliance.workshop.page import causes

    kinds = Table("kind", "questions", "wholly right", box=None)
    for kind in report.kinds:
        kinds.add_row(kind.name, str(kind.questions), f"{kind.values['Wholly right']:.0%}")
    console.print(kinds)
    for why, cases in causes(report):
        console.print(f"{len(cases):3} {why}: {', '.join(case.id for case in cases)}")
    console.print()
