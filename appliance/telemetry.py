"""The figures of one process, for whoever watches the house: counts and times. Never content, names or ids.

Everything is counted where it is recorded: what goes into the ledger is what happened. The list stands in
`deploy/README.md`; a test keeps the two equal.
"""

import math
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from appliance.errors import DependencyError
from appliance.records import Entry, Event, Journal
from appliance.records.operating import Times

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
SEVERAL: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names a folder in which the workers of one API add up their figures."""
_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0)
_ANSWER_SECONDS: Final = (0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0)
_REQUEST_SECONDS: Final = (0.06, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)
"""Refusals that look alike are held back for 50 ms: nothing below tells anything."""
WAITED, FIRST, WHOLE = "waited", "first", "whole"
"""Steps of an answer: its turn came, its first sentence was released, it was complete."""
_TURNED_AWAY: Final = frozenset({Event.REFUSED, Event.BROKEN, Event.SIGN_IN_REFUSED})


class _Reviews(Collector):
    """How many emergencies wait for their review, asked when it is told. What cannot be asked is no number, never 0."""

    STATES: Final = ("open", "overdue")

    def __init__(self, waiting: Callable[[], Mapping[str, int]]) -> None:
        self._waiting = waiting

    def collect(self) -> Iterator[Metric]:
        told = GaugeMetricFamily("muniment_emergency_reviews", "Emergencies without their review.", labels=["state"])
        try:
            waiting: Mapping[str, float] = self._waiting()
        except DependencyError:
            waiting = dict.fromkeys(self.STATES, math.nan)
        for state in self.STATES:
            told.add_metric([state], waiting[state])
        yield told


class Figures:
    """Counters and histograms, and what waits. Many threads at once."""

    def __init__(self) -> None:
        self._reviews: _Reviews | None = None
        self._registry = CollectorRegistry()
        self._events = Counter(
            "muniment_events", "Entries of the ledger, by event.", ["event"], registry=self._registry
        )
        self._refusals = Counter(
            "muniment_refusals", "Questions and people turned away, by code.", ["code"], registry=self._registry
        )
        self._cut = Counter(
            "muniment_cut_answers", "Answers that were cut, by what changed.", ["kind"], registry=self._registry
        )
        self._revocation = self._histogram(
            "muniment_revocation_seconds",
            "Seconds from a change until this process decided by it, at most.",
            "kind",
            _SECONDS,
        )
        self._answers = self._histogram(
            "muniment_answer_seconds", "Seconds from a question to a step of its answer.", "step", _ANSWER_SECONDS
        )
        self._requests = self._histogram(
            "muniment_request_seconds", "Seconds of a request, by the template of its route.", "route", _REQUEST_SECONDS
        )
        self._tripped = Counter(
            "muniment_tripwire",
            "Attempts in this process to reach out, start a program or get around Python, by kind.",
            ["kind"],
            registry=self._registry,
        )

    def _histogram(self, name: str, words: str, label: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, words, [label], buckets=buckets, registry=self._registry)

    def tripped(self, kind: str) -> None:
        """The tripwire saw an attempt of this kind."""
        self._tripped.labels(kind).inc()

    def revoked(self, kind: str, seconds: float) -> None:
        """A change of this kind took effect here, so many seconds after it was made at most."""
        self._revocation.labels(kind).observe(max(0.0, seconds))

    def answered(self, step: str, seconds: float) -> None:
        """An answer came to this step, so many seconds after it was asked for."""
        self._answers.labels(step).observe(max(0.0, seconds))

    def requested(self, route: str, seconds: float) -> None:
        """A request was answered. `route` is the template of a path, never a path."""
        self._requests.labels(route).observe(max(0.0, seconds))

    def reviews(self, waiting: Callable[[], Mapping[str, int]]) -> None:
        """Tell from now on how many emergencies are `open` for review, and `overdue`, as `waiting` says then."""
        self._reviews = _Reviews(waiting)

    def recorded(self, entry: Entry) -> None:
        """An entry of the ledger is durable."""
        self._events.labels(entry.event.value).inc()
        if entry.event in _TURNED_AWAY:
            self._refusals.labels(entry.reason or "none").inc()
        if entry.event is Event.WITHDRAWN:
            self._cut.labels(entry.reason or "none").inc()

    def times(self) -> list[Times]:
        """How long what took, of all workers of this API together."""
        told: dict[tuple[str, str], list[tuple[float, int]]] = {}
        for sample in self._samples("_bucket"):
            labels = dict(sample.labels)
            bound = float(labels.pop("le"))
            (kind,) = labels.values()
            told.setdefault((sample.name.removesuffix("_bucket"), kind), []).append((bound, int(sample.value)))
        return [Times(name, kind, tuple(sorted(buckets))) for (name, kind), buckets in sorted(told.items())]

    def events(self) -> dict[str, int]:
        """How many entries of each kind went into the ledger, of all workers of this API together."""
        found = (one for one in self._samples("_total") if one.name == "muniment_events_total")
        return {sample.labels["event"]: int(sample.value) for sample in found}

    def _samples(self, ending: str) -> Iterator[Sample]:
        for metric in self._counted().collect():
            yield from (sample for sample in metric.samples if sample.name.endswith(ending))

    def _counted(self) -> CollectorRegistry:
        return self._registry if SEVERAL not in os.environ else _together()

    def exposition(self) -> bytes:
        """All of them, as Prometheus reads them: this process's, or those of all workers of this API together."""
        told = generate_latest(self._counted())
        if self._reviews is None:
            return told
        waiting = CollectorRegistry()  # of its own: it stands in the database, so it is nobody's to add up
        waiting.register(self._reviews)
        return told + generate_latest(waiting)


def _together() -> CollectorRegistry:
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


class Counted:
    """A journal whose entries are counted once they are durable."""

    def __init__(self, journal: Journal, figures: Figures) -> None:
        self._journal = journal
        self._figures = figures

    def append(self, entry: Entry, /) -> int:
        """See `Journal.append`."""
        number = self._journal.append(entry)
        self._figures.recorded(entry)
        return number
