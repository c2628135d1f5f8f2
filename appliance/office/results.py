"""What evaluations and leak tests found, run after run: figures alone, no question, no answer, no name.

The files are written by `muniment eval` and `muniment selftest leaks`. One that cannot be read
is counted, not passed over.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from appliance.access.rules import Rules
from appliance.records import Action, Principal
from appliance.workshop.figures import FIGURES, Figure

NEWEST: Final = 200
"""Runs that are read, the newest files."""
LARGEST: Final = 64 << 20
"""Bytes of one."""
_Kind = TypeVar("_Kind", bound=BaseModel)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class _Figures(_File):
    all: dict[str, float]


class _EvaluationFile(_File):
    run: str
    set: str
    finished: AwareDatetime
    questions: int
    figures: _Figures


class _LeakFile(_File):
    began: AwareDatetime
    verdict: str
    exit_code: int
    attempts: int
    findings: list[dict[str, str]]
    controls: int
    controls_missed: list[str]
    model: str
    policy: str


class Evaluation(_File):
    """One run of the golden questions: `figures` by their names, for all questions together."""

    run: str
    golden_set: str
    finished: datetime
    questions: int
    figures: Mapping[str, float]


class LeakTest(_File):
    """One leak test. `exit_code`: 0 nothing came out, 1 something did, 2 the test itself failed."""

    began: datetime
    verdict: str
    exit_code: int
    attempts: int
    findings: int
    controls: int
    missed: int
    model: str
    policy: str


@dataclass(frozen=True, slots=True)
class Runs(Generic[_Kind]):
    """Runs in the order of time; `unread` files could not be read."""

    runs: tuple[_Kind, ...]
    unread: int


class Results:
    """Every method raises NotAllowed for anyone but an officer, PolicyUnavailable. A folder that is not there holds no
    runs."""

    def __init__(self, *, rules: Rules, evaluations: Path, leaks: Path) -> None:
        self._rules = rules
        self._evaluations = evaluations
        self._leaks = leaks

    def evaluations(self, officer: Principal) -> Runs[Evaluation]:
        """What the golden questions came to."""
        self._demand(officer)
        found, unread = _read(self._evaluations.glob("*.json"), _evaluation)
        return Runs(tuple(sorted(found, key=lambda one: one.finished)), unread)

    def leaks(self, officer: Principal) -> Runs[LeakTest]:
        """What the leak tests came to."""
        self._demand(officer)
        found, unread = _read(self._leaks.glob("leaks-*.json"), _leak_test)
        return Runs(tuple(sorted(found, key=lambda one: one.began)), unread)

    def figures(self) -> tuple[Figure, ...]:
        """What each figure of an evaluation means, and what it must reach."""
        return tuple(FIGURES)

    def _demand(self, officer: Principal) -> None:
        self._rules.demand(officer, Action.MANAGE_POLICIES)


def _read(paths: Iterable[Path], parsed: Callable[[bytes], _Kind]) -> tuple[list[_Kind], int]:
    found, unread = [], 0
    for path in _newest(paths):
        try:
            if path.stat().st_size > LARGEST:
                unread += 1
                continue
            found.append(parsed(path.read_bytes()))
        except (OSError, ValueError):  # what pydantic refuses is a ValueError too
            unread += 1
    return found, unread


def _evaluation(content: bytes) -> Evaluation:
    told = _EvaluationFile.model_validate_json(content)
    return Evaluation(
        run=told.run,
        golden_set=told.set,
        finished=told.finished,
        questions=told.questions,
        figures=told.figures.all,
    )


def _leak_test(content: bytes) -> LeakTest:
    told = _LeakFile.model_validate_json(content)
    plain = {name: getattr(told, name) for name in LeakTest.model_fields if name not in {"findings", "missed"}}
    return LeakTest(**plain, findings=len(told.findings), missed=len(told.controls_missed))


def _newest(paths: Iterable[Path]) -> list[Path]:
    dated: list[tuple[float, Path]] = []
    for path in paths:
        try:
            dated.append((path.stat().st_mtime, path))
        except OSError:
            dated.append((0.0, path))
    return [path for _, path in sorted(dated, reverse=True)[:NEWEST]]
