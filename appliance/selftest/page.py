"""A leak test as a page for people: one HTML file without scripts or anything from elsewhere. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from appliance.selftest.report import Report


def render(report: Report) -> str:
    """The page of `report`."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    loader = ChoiceLoader([PackageLoader("appliance.selftest", "."), PackageLoader("appliance.workshop", ".")])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("leaks.html.j2").render(_content(report))


def _content(report: Report) -> Mapping[str, Any]:
    found = Counter((finding.person, finding.route) for finding in report.findings)
    people = list(dict.fromkeys(person for person, _ in report.cells))
    routes = list(dict.fromkeys(route for _, route in report.cells))
    elsewhere = [finding for finding in report.findings if (finding.person, finding.route) not in report.cells]
    return {
        "report": report,
        "people": sorted(people),
        "rows": [
            (route, [(report.cells[person, route], found[person, route]) for person in sorted(people)])
            for route in sorted(routes)
        ],
        "elsewhere": len(elsewhere),
        "state": {0: "good", 1: "bad", 2: "bad"}[report.exit_code],
    }
