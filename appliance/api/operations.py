"""The operator's route: whether each part works, what waits, how long things take, what is used. Never content."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Protocol, Self

import anyio
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from appliance.api.admission import Bounds, Places
from appliance.api.checking import Check, Checks
from appliance.api.routes import PROBLEMS, Caller
from appliance.errors import DependencyError
from appliance.records import Principal
from appliance.records.operating import STEEPEST, Covered, IndexState, ModelInUse, Operating, Storage, Times, Waiting
from appliance.telemetry import Figures

HALF: Final = 0.5
NEARLY_ALL: Final = 0.95


class Operations(Protocol):
    """How the house is doing (`appliance.operations.overseeing.Overseeing`)."""

    @property
    def checks(self) -> Mapping[str, Check]:
        """For each part, those included without which questions are answered all the same, what `/readyz` asks."""
        ...

    def look(self, principal: Principal, /) -> Operating:
        """All that is known. Raises NotAllowed."""
        ...


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class PartView(_View):
    """A part of the house: "ok", or the code of what is wrong."""

    name: str = Field(examples=["store"])
    state: str = Field(examples=["ok"])
    seconds: float = Field(examples=[0.004], description="What it took to find out.")


class BucketView(_View):
    """How many took at most `upto` seconds; null for all of them."""

    upto: float | None = Field(examples=[2.0])
    count: int = Field(examples=[17])


class TimesView(_View):
    """How long something took since this API started. Null: there was none yet, or it lies beyond the last bound."""

    name: str = Field(examples=["muniment_answer_seconds"])
    kind: str = Field(examples=["first"])
    count: int = Field(examples=[17])
    half: float | None = Field(examples=[1.7], description="Seconds within which half of them were done, estimated.")
    nearly_all: float | None = Field(examples=[4.2], description="The same for 95 of 100.")
    buckets: list[BucketView]

    @classmethod
    def told(cls, times: Times) -> Self:
        """The view of times."""
        return cls(
            name=times.name,
            kind=times.kind,
            count=times.count,
            half=times.within(HALF),
            nearly_all=times.within(NEARLY_ALL),
            buckets=[
                BucketView(upto=None if bound == STEEPEST else bound, count=count) for bound, count in times.buckets
            ],
        )


class QuestionsView(_View):
    """The queue of questions: how many are answered and how many wait now, and how many of each may be."""

    running: int = Field(examples=[1])
    waiting: int = Field(examples=[0])
    places: int = Field(examples=[2])
    room: int = Field(examples=[16])


class WaitingView(_View):
    """Things by their state, and since when the oldest with work left waits."""

    counts: dict[str, int] = Field(examples=[{"queued": 2, "running": 1}])
    oldest: datetime | None = Field(examples=[None])


class ModelView(_View):
    """A model in use. `digest` is the beginning of its SHA-256, "" if it is run elsewhere."""

    role: str = Field(examples=["chat"])
    name: str = Field(examples=["large-1"])
    engine: str = Field(examples=["llama.cpp"])
    digest: str = Field(examples=["9f2c41aa03b7d5e8"])


class IndexView(_View):
    """The index, and what its passages were made with."""

    passages: int = Field(examples=[128_000])
    embedder: str = Field(examples=["embedding-1"])
    dimension: int = Field(examples=[384])
    words: str = Field(examples=["bm25-2"])


class StoredView(_View):
    """What a part keeps on the disk: bytes, and files."""

    part: str = Field(examples=["documents"])
    size: int = Field(examples=[1_048_576])
    files: int = Field(examples=[42])


class StorageView(_View):
    """All of that, and the bytes left on the disk of the data."""

    parts: list[StoredView]
    free: int = Field(examples=[10_737_418_240])
    total: int = Field(examples=[107_374_182_400])


class LedgerView(_View):
    """How far the ledger's last checkpoint goes; `waiting` have not reached their second place."""

    entries: int = Field(examples=[4_711])
    number: int = Field(examples=[12])
    covers: int = Field(examples=[4_700])
    at: datetime | None
    waiting: int = Field(examples=[0])


class OperationsView(_View):
    """How the house is doing at `at`. Null is what cannot be told at this moment, and never nothing."""

    at: datetime
    software: str = Field(examples=["0.1.0"])
    policies: str | None = Field(examples=["5d41402abc4b"])
    parts: list[PartView]
    questions: QuestionsView | None
    uploads: WaitingView | None
    documents: WaitingView | None
    escalations: WaitingView | None
    reviews: dict[str, int] | None = Field(examples=[{"open": 1, "overdue": 0}], description="Of emergencies.")
    conversations: int | None = Field(examples=[310])
    times: list[TimesView]
    events: dict[str, int] = Field(
        examples=[{"asked": 41}], description="Entries of the ledger since this API started."
    )
    models: list[ModelView] | None
    index: IndexView | None
    storage: StorageView | None
    ledger: LedgerView | None


def operations(known: Operations, *, places: Places, bounds: Bounds, figures: Figures) -> APIRouter:
    """How the house is doing, for its operator."""
    router = APIRouter(prefix="/v1", tags=["operations"], responses=PROBLEMS)
    looking = Checks(known.checks)

    @router.get("/operations")
    async def told(caller: Caller) -> OperationsView:
        """Tell health, queues, times, versions and storage: counts, and nothing of anybody's."""
        found = await anyio.to_thread.run_sync(known.look, caller)  # first: it says whether he may be told anything
        outcomes = await looking.outcomes()
        return OperationsView(
            at=datetime.now(UTC),
            software=_software(),
            parts=[PartView(name=name, state=state, seconds=took) for name, (state, took) in outcomes.items()],
            questions=await _questions(places, bounds),
            times=[TimesView.told(one) for one in figures.times()],
            events=figures.events(),
            **_plain(found),
        )

    return router


def _software() -> str:
    try:
        return version("muniment")
    except PackageNotFoundError:  # run from its source
        return ""


async def _questions(places: Places, bounds: Bounds) -> QuestionsView | None:
    try:
        running, waiting = await places.counts()
    except DependencyError:
        return None
    return QuestionsView(running=running, waiting=waiting, places=bounds.running, room=bounds.waiting)


_VIEWS: Final[dict[type, type[_View]]] = {
    Waiting: WaitingView,
    IndexState: IndexView,
    Storage: StorageView,
    Covered: LedgerView,
}


def _plain(found: Operating) -> dict[str, Any]:
    names = set(OperationsView.model_fields) & set(Operating.__dataclass_fields__)
    told = {name: getattr(found, name) for name in names}
    models: list[ModelInUse] | None = told.pop("models")
    views = {name: _VIEWS[type(one)].model_validate(one) if type(one) in _VIEWS else one for name, one in told.items()}
    return views | {"models": None if models is None else [ModelView.model_validate(one) for one in models]}
