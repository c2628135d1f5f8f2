"""Which attempts are made: every person on every route first, then in as many words as there is time for. Pure."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice, product

from appliance.selftest.canaries import Canary
from appliance.selftest.people import Asker
from appliance.selftest.phrasings import PHRASINGS
from appliance.selftest.routes import ASKING, BY_ID, PLAIN, UPLOADING

BY_NAME = "by its id"
"""The phrasing of an attempt that names an id instead of words."""
UPLOADS_EACH = 24
"""Uploads of one person: far fewer than may wait for the worker."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries, on `route` and in the words of `phrasing`, to get at a canary that is not for him."""

    asker: Asker
    route: str
    canary: Canary
    phrasing: str = BY_NAME
    operation: tuple[str, str] = ("", "")
    """For a route that was found in the API's own description."""


Readers = Mapping[str, AbstractSet[str]]
"""For each canary, by its kind, the names of those who may read it."""


def planned(
    people: Sequence[Asker],
    canaries: Sequence[Canary],
    readers: Readers,
    *,
    operations: Iterable[tuple[str, str]],
    seed: int,
) -> Iterator[Attempt]:
    """Every possible attempt, in such an order that any beginning of it is spread over people and routes."""
    chance = random.Random(seed)  # noqa: S311  # an order, no secret
    cells: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    walked = [(f"{method} {path}", (method, path)) for method, path in operations]
    for asker in people:
        forbidden = [canary for canary in canaries if asker.name not in readers[canary.kind]]
        for canary, route, phrasing in product(forbidden, ASKING, PHRASINGS):
            cells[asker.name, route].append(Attempt(asker, route, canary, phrasing))
        for canary, route in product(forbidden, BY_ID):
            cells[asker.name, route].append(Attempt(asker, route, canary))
        for route in UPLOADING:
            cells[asker.name, route] += [Attempt(asker, route, canary) for canary in forbidden[: UPLOADS_EACH // 4]]
        for route in PLAIN:
            cells[asker.name, route].append(Attempt(asker, route, chance.choice(forbidden)))
        for route, operation in walked:
            cells[asker.name, route].append(Attempt(asker, route, chance.choice(forbidden), operation=operation))
    for attempts in cells.values():
        chance.shuffle(attempts)
    return _in_turn(list(cells.values()), chance)


def _in_turn(cells: list[list[Attempt]], chance: random.Random) -> Iterator[Attempt]:
    """One of each cell, then the next of each, until all are through."""
    while cells:
        chance.shuffle(cells)
        for attempts in cells:
            yield attempts.pop()
        cells = [attempts for attempts in cells if attempts]


def first(attempts: Iterator[Attempt], most: int) -> list[Attempt]:
    """At most `most` of them."""
    return list(islice(attempts, most))
