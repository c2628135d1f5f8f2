"""How often each range of seconds came, as the geometry of a drawing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

WIDTH: Final = 360
HEIGHT: Final = 150
FLOOR: Final = 22
"""Height below the bars, for the numbers."""
CEILING: Final = 16
BINS: Final = 14
_STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class Column:
    """One bar: `count` values in [`start`, `end`) seconds, and where it is drawn."""

    start: float
    end: float
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """A drawing WIDTH by HEIGHT: its columns, the numbers below them as (x, text), and the median's place."""

    columns: tuple[Column, ...]
    marks: tuple[tuple[float, str], ...]
    median: float
    median_x: float
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = HEIGHT - FLOOR


def histogram(values: Sequence[float]) -> Histogram | None:
    """The histogram of `values` (seconds, not negative) in at most BINS columns of a round width; None for none."""
    if not values:
        return None
    step = next((step for step in _STEPS if step * BINS > max(values)), max(values) / BINS)
    count = max(1, int(max(values) / step) + 1)
    edges = [number * step for number in range(count + 1)]
    counts = np.histogram(values, bins=edges)[0]
    wide, tall = WIDTH / count, HEIGHT - FLOOR - CEILING
    columns = []
    for number, held in enumerate(counts):
        high = tall * int(held) / max(1, int(counts.max()))
        place = (number * wide, HEIGHT - FLOOR - high)
        columns.append(Column(edges[number], edges[number + 1], int(held), *place, max(1.0, wide - 2), high))
    every = -(-count // 7)
    marks = tuple((number * wide, f"{edges[number]:g}") for number in range(0, count + 1, every))
    middle = median(values)
    return Histogram(tuple(columns), marks, middle, middle / edges[-1] * WIDTH)
