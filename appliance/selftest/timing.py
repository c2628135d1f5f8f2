"""Whether the time of an answer tells what exists: pairs of a forbidden thing and a missing one, asked in turn."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Final
from uuid import uuid4

from appliance.selftest.canaries import Canary
from appliance.selftest.door import Door
from appliance.selftest.report import Finding, Times, Way

PAIRS: Final = 60
CHANCE: Final = 1e-5
"""Two rounds must each be less probable than this by chance, and point the same way, before it is a finding."""
LEAST: Final = 0.0003
"""Seconds: a smaller difference of medians is below what anybody can use over a network."""
WARMING: Final = 4
_ROUTES: Final[dict[str, Callable[[Canary], str]]] = {
    "/v1/documents/{}": lambda canary: canary.id,
    "/v1/documents/{}/why": lambda canary: canary.id,
    "/v1/documents/{}/versions": lambda canary: canary.id,
    "/v1/passages/{}": lambda canary: canary.passage().id,
    "/v1/documents/{}/original": lambda canary: canary.id,
    "/v1/passages/{}/picture": lambda canary: canary.passage().id,
}


def timed(door: Door, canaries: Sequence[Canary], *, pairs: int = PAIRS) -> Iterator[tuple[Times, Finding | None]]:
    """For each route the medians of both, and a finding where they differ in two rounds."""
    for path, of in _ROUTES.items():
        first = _round(door, path, [of(canary) for canary in canaries], pairs)
        found = None
        if _differs(first):
            again = _round(door, path, [of(canary) for canary in canaries], pairs)
            if _differs(again) and (first.forbidden < first.missing) == (again.forbidden < again.missing):
                both = f"{1e3 * again.forbidden:.2f} ms if forbidden, {1e3 * again.missing:.2f} ms if missing"
                found = Finding(Way.TIME, path, door.asker.name, "by its id", "any", both)
        yield first, found


def _differs(times: Times) -> bool:
    return times.p < CHANCE and abs(times.forbidden - times.missing) > LEAST


def _round(door: Door, path: str, forbidden: Sequence[str], pairs: int) -> Times:
    from scipy.stats import wilcoxon

    chance = random.Random(0)  # noqa: S311  # an order, no secret
    taken: list[tuple[float, float]] = []
    for number in range(WARMING + pairs):
        there = forbidden[number % len(forbidden)]
        both = {True: there, False: str(uuid4())}
        order = chance.choice(((True, False), (False, True)))  # neither is always the one that comes second
        seconds = {exists: _seconds(door, path.format(both[exists])) for exists in order}
        if number >= WARMING:
            taken.append((seconds[True], seconds[False]))
    p = float(wilcoxon([a - b for a, b in taken]).pvalue)
    return Times(path, pairs, median(a for a, _ in taken), median(b for _, b in taken), p)


def _seconds(door: Door, path: str) -> float:
    began = time.perf_counter()
    door.send("GET", path)
    return time.perf_counter() - began
