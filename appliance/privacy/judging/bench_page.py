"""A privacy bench as a page for people: one HTML file without scripts or anything from elsewhere. Pure.

The page shows texts of the sample. It is for those who may read them, and stays on the machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from appliance.privacy.judging.bench import Report
from appliance.privacy.judging.scoring import Figures

_THIN: Final = "\u202f"
_LANGUAGES: Final = {"en": "English", "de": "German", "es": "Spanish", "fr": "French"}


@dataclass(frozen=True, slots=True)
class Tile:
    """A headline."""

    name: str
    value: str
    told: str
    meaning: str


def render(report: Report) -> str:
    """The page of `report`."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    loader = ChoiceLoader([PackageLoader("appliance.privacy.judging", "."), PackageLoader("appliance.workshop", ".")])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["share"] = share
    environment.filters["percent"] = lambda value: f"{100 * (value or 0):.1f}%"
    return environment.get_template("bench.html.j2").render(_content(report))


def share(value: float | None) -> str:
    """As people write it; a dash for none."""
    return "–" if value is None else f"{100 * value:.1f}{_THIN}%".replace(f".0{_THIN}%", f"{_THIN}%")


def _content(report: Report) -> Mapping[str, Any]:
    overall = report.overall
    kinds = report.kinds
    return {
        "report": report,
        "tiles": _tiles(report, overall),
        "marked": [(kind, held) for kind, held in kinds.items() if held.spans],
        "unmarked": [(kind, held) for kind, held in kinds.items() if not held.spans],
        "languages": [(_LANGUAGES.get(name, name), held) for name, held in report.languages.items()],
        "misses": report.misses(),
        "missed": overall.spans - overall.covered,
        "alarms": report.false_alarms(),
        "alarmed": overall.findings - overall.right,
    }


def _tiles(report: Report, overall: Figures) -> list[Tile]:
    documents = len(report.judged)
    return [
        Tile(
            "Documents safe",
            share(report.safe / documents),
            f"{report.safe} of {documents}",
            "Nothing by which somebody is known at once (name, address, number) is left uncovered in them.",
        ),
        Tile(
            "Marked spans covered",
            share(overall.recall),
            f"{overall.covered} of {overall.spans}",
            "At least 90 % of their characters were found, whatever kind they were taken for.",
        ),
        Tile(
            "Findings right",
            share(overall.precision),
            f"{overall.right} of {overall.findings}",
            "At least half of their characters are marked. The rest are false alarms.",
        ),
        Tile("F2", share(overall.f2), "both in one figure", "What is covered counts twice as much as what is right."),
    ]
