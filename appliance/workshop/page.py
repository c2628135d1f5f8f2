"""An evaluation as a page for people: one HTML file without scripts, without anything from elsewhere, for screen and
paper, light and dark. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from appliance.records import Reason
from appliance.workshop.comparison import Change, Comparison
from appliance.workshop.evaluation import Case, Golden
from appliance.workshop.figures import COSTS, DEPTHS, FIGURES, HEADLINES, RETRIEVAL, Figure, Unit, cause
from appliance.workshop.histogram import histogram
from appliance.workshop.report import Report

PLOTTED: Final = ("Answered of answerable", "Answer points", "Citation precision", "Refused of unanswerable")
RANKED: Final = ("Document recall", "Document nDCG", "Evidence recall", "Evidence nDCG")
_THIN: Final = "\u202f"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a plot: a share of `of` questions."""

    label: str
    of: int
    value: float
    reached: bool | None
    heading: bool = False
    """Whether it opens a group of its own."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A question that was not wholly right, and why."""

    case: Case
    golden: Golden
    cause: str
    reason: str


def render(report: Report, asked: Iterable[Golden], comparison: Comparison | None) -> str:
    """The page of `report`, whose questions are `asked`, compared with an earlier run if there is one.

    Of the frozen set, questions, answers and documents are left out: nobody is to tune on them.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("appliance.workshop", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["written"] = written
    environment.filters["percent"] = lambda value: f"{100 * value:.1f}%"
    page = environment.get_template("page.html.j2")
    return page.render(_content(report, {golden.id: golden for golden in asked}, comparison))


def _content(report: Report, asked: Mapping[str, Golden], comparison: Comparison | None) -> dict[str, Any]:
    answered = [case for case in report.cases if case.answered]
    return {
        "report": report,
        "tiles": [_tile(report, figure, comparison) for figure in HEADLINES],
        "plots": [_plot(report, figure) for figure in HEADLINES if figure.name in PLOTTED],
        "depths": DEPTHS,
        "ranked": [(name, _ranked(report, name)) for name in RANKED],
        "seconds": [
            ("First verified sentence", histogram([case.first_sentence_s for case in answered])),
            ("Whole answer or refusal", histogram([case.total_s for case in report.cases])),
        ],
        "strips": _strips(report),
        "wrong": [] if report.frozen else _wrong(report, asked),
        "causes": causes(report),
        "comparison": comparison,
        "changes": [] if comparison is None else [(change, trend(change)) for change in comparison.changes],
        "units": {figure.name: figure for figure in FIGURES},
        "groups": [report.overall, *report.languages],
        "kinds": report.kinds,
        "headlines": HEADLINES,
        "figures": (*HEADLINES, *RETRIEVAL, *COSTS),
    }


def written(value: float | None, figure: Figure) -> str:
    """`value` as people write it, with its unit; a dash for none."""
    if value is None:
        return "–"
    if figure.unit is Unit.SHARE:
        return f"{100 * value:.1f}{_THIN}%".replace(f".0{_THIN}%", f"{_THIN}%")
    if figure.unit is Unit.SECONDS:
        return f"{value:.1f}{_THIN}s"
    return f"{value:.0f}" if value == int(value) or figure.unit is Unit.TOKENS else f"{value:.2f}"


def trend(change: Change) -> str:
    """ "better", "worse" or "same", as the figure is meant."""
    figure = next(figure for figure in FIGURES if figure.name == change.name)
    moved = change.now - change.before
    if abs(moved) < 5e-4:
        return "same"
    return "better" if (moved > 0) != figure.lower_is_better else "worse"


def _tile(report: Report, figure: Figure, comparison: Comparison | None) -> dict[str, Any]:
    value = report.overall.values.get(figure.name)
    change = comparison.change(figure.name) if comparison else None
    return {
        "figure": figure,
        "value": value,
        "wanted": figure.wanted(report.golden_set),
        "reached": None if value is None else figure.reached(value, report.golden_set),
        "change": change,
        "trend": trend(change) if change else "",
    }


def _plot(report: Report, figure: Figure) -> dict[str, Any]:
    """The bars of one figure: all, each language, each kind that it speaks about."""
    bars = []
    for held in ([("all", report.cases)], _split(report, _language), _split(report, _kind)):
        opens = True
        for label, cases in held:
            of = [case for case in cases if figure.each(case) is not None]
            value = figure.of(of)
            if value is not None:
                reached = figure.reached(value, report.golden_set)
                bars.append(Bar(label, len(of), value, reached, heading=opens))
                opens = False
    return {"figure": figure, "wanted": figure.wanted(report.golden_set), "bars": bars}


def _language(case: Case) -> str:
    return {"en": "English", "de": "German"}.get(case.language, case.language)


def _kind(case: Case) -> str:
    return case.kind


def _split(report: Report, by: Callable[[Case], str]) -> list[tuple[str, list[Case]]]:
    held: dict[str, list[Case]] = defaultdict(list)
    for case in report.cases:
        held[by(case)].append(case)
    return sorted(held.items())


def _ranked(report: Report, name: str) -> list[tuple[str, list[float | None]]]:
    """For all and each language, the figure at each depth."""
    return [
        (held.name, [held.values.get(f"{name}@{depth}") for depth in DEPTHS])
        for held in (report.overall, *report.languages)
    ]


def _strips(report: Report) -> list[tuple[str, list[tuple[Case, float]]]]:
    """For each kind its questions in their order, with the share that is right of each."""
    return [
        (kind, [(case, case.points if case.expect == "answer" else float(case.right)) for case in cases])
        for kind, cases in _split(report, _kind)
    ]


def _wrong(report: Report, asked: Mapping[str, Golden]) -> list[Wrong]:
    found = []
    for case in report.cases:
        why = cause(case, shown=report.shown)
        if why is not None and case.id in asked:
            reason = Reason[case.reason].value if case.reason in Reason.__members__ else case.reason
            found.append(Wrong(case, asked[case.id], why.value, reason))
    return found


def causes(report: Report) -> list[tuple[str, list[Case]]]:
    """For each cause the questions, the most frequent first."""
    held: dict[str, list[Case]] = defaultdict(list)
    for case in report.cases:
        why = cause(case, shown=report.shown)
        if why is not None:
            held[why.value].append(case)
    return sorted(held.items(), key=lambda item: -len(item[1]))
