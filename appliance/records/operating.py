"""How the house is doing, in counts and times: what an operator is told. Nobody's name, no question, no content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

STEEPEST: Final = float("inf")
"""The bound of a histogram's last bucket."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, since this API started. `buckets`: (bound in seconds, how many took at most that long),
    ascending, the last bound being `STEEPEST` and its count all of them."""

    name: str
    kind: str
    buckets: tuple[tuple[float, int], ...]

    @property
    def count(self) -> int:
        """How many there were."""
        return self.buckets[-1][1] if self.buckets else 0

    def within(self, share: float) -> float | None:
        """In how many seconds at most this share (0 to 1) of them was done, as near as the buckets tell.

        None for none at all, or where it lies beyond the last bound.
        """
        wanted = self.count * share
        below, before = 0.0, 0
        for bound, count in self.buckets:
            if self.count and count >= wanted:
                if bound == STEEPEST:
                    return None
                part = (wanted - before) / (count - before) if count > before else 0.0
                return below + (bound - below) * part
            below, before = bound, count
        return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, by its state. `oldest`: since when the oldest of those with work left does."""

    counts: Mapping[str, int]
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """A model as the manifest names it: `digest` is the beginning of the SHA-256 of its first file, "" if elsewhere."""

    role: str
    name: str
    engine: str
    digest: str


@dataclass(frozen=True, slots=True)
class IndexState:
    """The index: how many passages it holds, and what they were made with."""

    passages: int
    embedder: str
    dimension: int
    words: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What a part of the house keeps on the disk: bytes and files."""

    part: str
    size: int
    files: int


@dataclass(frozen=True, slots=True)
class Storage:
    """All of that, and how much room is left on the disk of the data."""

    parts: Sequence[Stored]
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Covered:
    """How far the ledger's last checkpoint goes: it is number `number`, made `at`, and covers the entries up to
    `covers`, of `entries` that there are. `waiting`: checkpoints that have not reached their second place. Without
    any checkpoint `number` and `covers` are 0 and `at` is None."""

    entries: int
    number: int
    covers: int
    at: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Operating:
    """How the house is doing. None is what cannot be told at this moment; it is never shown as nothing."""

    policies: str | None
    documents: Waiting | None
    uploads: Waiting | None
    escalations: Waiting | None
    reviews: Mapping[str, int] | None
    conversations: int | None
    models: Sequence[ModelInUse] | None
    index: IndexState | None
    storage: Storage | None
    ledger: Covered | None
