"""The routes of what officers try out and look back at: the playground, evaluations and leak tests."""

from datetime import datetime
from typing import Any, Final, Literal, Protocol, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from appliance.access.redactions import Way
from appliance.api.office import View
from appliance.api.routes import PROBLEM, PROBLEMS, Caller
from appliance.office.playground import Leaving
from appliance.office.results import Evaluation, LeakTest, Runs
from appliance.records import Principal
from appliance.workshop.figures import Figure

PLAYGROUND: Final = "/v1/office/redactions"
TEXT: Final = 8_000
"""Characters that the playground takes: as JSON it stays below the largest body."""


class PlaygroundPort(Protocol):
    """Says what would leave of a text (`appliance.office.playground.Playground`)."""

    def leaving(self, officer: Principal, text: str, language: str, /) -> list[Leaving]: ...  # noqa: D102


class ResultsPort(Protocol):
    """What tests of the house came to (`appliance.office.results.Results`)."""

    def evaluations(self, officer: Principal, /) -> Runs[Evaluation]: ...  # noqa: D102
    def leaks(self, officer: Principal, /) -> Runs[LeakTest]: ...  # noqa: D102
    def figures(self) -> tuple[Figure, ...]: ...  # noqa: D102


class TextAsked(BaseModel):
    """A text, and what it is written in."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    text: str = Field(min_length=1, max_length=TEXT, examples=["Mr Renner, born 3 May 1961, was admitted on 2 March."])
    language: Literal["en", "de"] = "en"


class ReplacementView(View):
    """What stands instead of the original's characters `start` to `end`: `put`, from `at` on in what would leave."""

    entity: str = Field(examples=["PERSON"], description='"" for what only looked like a token of ours.')
    start: int
    end: int
    way: Way
    put: str = Field(examples=["Person_K7Q4XM"])
    at: int
    source: str = Field(description="`house`, or the site's own recogniser that found it.")


class LeavingView(View):
    """What would leave for one kind of destination. With any `residual` nothing would."""

    ways: str = Field(examples=["external"])
    destinations: list[str]
    text: str
    replacements: list[ReplacementView]
    residual: int

    @classmethod
    def of(cls, one: Leaving) -> Self:
        """The view of what would leave."""
        replaced = [
            ReplacementView(**{name: getattr(each, name) for name in ReplacementView.model_fields})
            for each in one.replacements
        ]
        names = list(one.destinations)
        return cls(ways=one.ways, destinations=names, text=one.text, replacements=replaced, residual=one.residual)


class LeavingsView(View):
    """What would leave, for each kind of destination that `redaction.toml` names."""

    leaving: list[LeavingView]


class FigureView(View):
    """What a figure means and must reach. A `share` should be high, anything else low."""

    name: str = Field(examples=["Citation precision"])
    meaning: str
    unit: str = Field(examples=["share"])
    target: float | None
    frozen_target: float | None


class EvaluationView(View):
    """One run of the golden questions."""

    run: str
    golden_set: str = Field(examples=["golden"])
    finished: datetime
    questions: int
    figures: dict[str, float]


class EvaluationsView(View):
    """Runs in the order of time, and what their figures mean; `unread` files could not be read."""

    figures: list[FigureView]
    runs: list[EvaluationView]
    unread: int


class LeakTestView(View):
    """One leak test: paths found, and controls, readers who should have found what is theirs."""

    began: datetime
    verdict: str
    exit_code: int
    attempts: int
    findings: int
    controls: int
    missed: int
    model: str
    policy: str


class LeakTestsView(View):
    """Leak tests in the order of time; `unread` files could not be read."""

    runs: list[LeakTestView]
    unread: int


_BUSY: Final[dict[int | str, dict[str, Any]]] = {
    409: {**PROBLEM, "description": "Another text is being looked through."}
}


def playground(desk: PlaygroundPort) -> APIRouter:
    """Try out what would leave of a text."""
    router = APIRouter(prefix="/v1/office", tags=["office"], responses=PROBLEMS)

    @router.post("/redactions", responses=_BUSY)
    def redactions(asked: TextAsked, caller: Caller) -> LeavingsView:
        """What would leave of a text. Nothing of it is kept or recorded but that you tried, and nothing leaves."""
        return LeavingsView(leaving=[LeavingView.of(one) for one in desk.leaving(caller, asked.text, asked.language)])

    return router


def results(desk: ResultsPort) -> APIRouter:
    """What evaluations and leak tests came to."""
    router = APIRouter(prefix="/v1/office", tags=["office"], responses=PROBLEMS)

    @router.get("/evaluations")
    def evaluations(caller: Caller) -> EvaluationsView:
        """How good the answers were, run after run; figures alone."""
        found = desk.evaluations(caller)
        return EvaluationsView(
            figures=[
                FigureView(
                    name=one.name,
                    meaning=one.meaning,
                    unit=one.unit,
                    target=one.target,
                    frozen_target=one.frozen_target,
                )
                for one in desk.figures()
            ],
            runs=[EvaluationView.model_validate(one.model_dump()) for one in found.runs],
            unread=found.unread,
        )

    @router.get("/leaks")
    def leaks(caller: Caller) -> LeakTestsView:
        """Whether anything came out in the leak tests, run after run."""
        found = desk.leaks(caller)
        runs = [LeakTestView.model_validate(one.model_dump()) for one in found.runs]
        return LeakTestsView(runs=runs, unread=found.unread)

    return router
