"""An evaluation as a whole: who answered, what was asked, the cases. Written as JSON, read again to be compared."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from appliance.errors import BadRequest
from appliance.workshop.comparison import Comparison
from appliance.workshop.evaluation import Case, from_plain
from appliance.workshop.figures import FROZEN, Group, group, groups

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Report:
    """One finished evaluation. `identity` names what answered: models, prompt, settings, the set, each with a digest.

    `shown` is the number of passages that the model may see.
    """

    run: str
    golden_set: str
    finished: datetime
    identity: Mapping[str, str]
    shown: int
    cases: tuple[Case, ...]

    @property
    def frozen(self) -> bool:
        """Whether its questions are counted but not shown."""
        return self.golden_set == FROZEN

    @property
    def overall(self) -> Group:
        """The figures of all cases."""
        return group("all", self.cases)

    @property
    def languages(self) -> list[Group]:
        """The figures of each language."""
        return groups(self.cases, lambda case: case.language)

    @property
    def kinds(self) -> list[Group]:
        """The figures of each kind of question."""
        return groups(self.cases, lambda case: case.kind)


def to_json(report: Report, comparison: Comparison | None) -> str:
    """`report` with its figures for all, each language and each kind, as JSON."""
    plain = {
        "format": FORMAT,
        "run": report.run,
        "set": report.golden_set,
        "finished": report.finished.isoformat(),
        "identity": dict(report.identity),
        "shown": report.shown,
        "questions": len(report.cases),
        "figures": {
            "all": dict(report.overall.values),
            "languages": _plain(report.languages),
            "kinds": _plain(report.kinds),
        },
        "comparison": None if comparison is None else asdict(comparison),
        "cases": [asdict(case) for case in report.cases],
    }
    return json.dumps(plain, indent=1, ensure_ascii=False)


def _plain(held: Sequence[Group]) -> dict[str, dict[str, float]]:
    return {one.name: {"questions": one.questions, **one.values} for one in held}


def from_json(path: Path) -> Report:
    """The report in a file that holds what `to_json` wrote. Raises BadRequest for any other file."""
    try:
        raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if raw["format"] != FORMAT:
            raise BadRequest(f"{path.name} was written in another format.")
        return Report(
            run=raw["run"],
            golden_set=raw["set"],
            finished=datetime.fromisoformat(raw["finished"]),
            identity=raw["identity"],
            shown=raw["shown"],
            cases=tuple(map(from_plain, raw["cases"])),
        )
    except (ValueError, LookupError, TypeError) as error:
        raise BadRequest(f"{path.name} is not the result of an evaluation.") from error


def last(folder: Path, golden_set: str, *, before: str) -> Report | None:
    """The report of this set that was finished last, other than that of the run `before`."""
    reports = [from_json(path) for path in folder.glob(f"*-{golden_set}.json")]
    held = [report for report in reports if report.golden_set == golden_set and report.run != before]
    return max(held, key=lambda report: report.finished, default=None)
