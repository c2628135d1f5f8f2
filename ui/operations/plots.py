"""Plots for the operator, as Vega-Lite: every one has its figures beside it as a table. Labels and data are ours."""

from collections.abc import Sequence
from typing import Any, Final

from ui.words.speech import say
from ui.words.times import number

Spec = dict[str, Any]
BAR: Final = 26
"""Pixels that a bar takes, with the space between."""
AXIS: Final = 74
"""Pixels that the axis below takes, with its title."""
COLOUR: Final = "#3a8f88"
"""Seen on both grounds, the light one and the dark one."""


def bars(named: Sequence[tuple[str, float]], *, unit: str, told: str) -> Spec:
    """A bar for each name, in their order. `unit` stands at the axis; `told` says what it is to who cannot see it."""
    whole = {"labelLimit": 220, "labelOverlap": False}
    return {
        "description": told,
        "height": max(1, len(named)) * BAR + AXIS,
        "data": {"values": [{"name": name, "value": value} for name, value in named]},
        "mark": {"type": "bar", "cornerRadiusEnd": 3, "color": COLOUR},
        "encoding": {
            "y": {
                "field": "name",
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": whole,
            },
            "x": {"field": "value", "type": "quantitative", "title": unit, "axis": {"tickMinStep": _step(named)}},
            "tooltip": [{"field": "name", "title": " "}, {"field": "value", "title": unit}],
        },
    }


def histogram(apart: Sequence[tuple[float | None, int]], *, told: str) -> Spec:
    """How many took how long: a column for each bound; the last one is beyond all of them."""
    took = say("seconds")
    last = max((upto for upto, _ in apart if upto is not None), default=0.0)
    rows = [
        {"name": f"≤ {seconds(upto)}" if upto is not None else f"> {seconds(last)}", "value": count}
        for upto, count in apart
    ]
    return {
        "description": told,
        "height": 180 + AXIS,
        "data": {"values": rows},
        "mark": {"type": "bar", "cornerRadiusEnd": 3, "color": COLOUR},
        "encoding": {
            "x": {
                "field": "name",
                "type": "nominal",
                "sort": None,
                "title": say("seconds"),
                "axis": {"labelAngle": -40},
            },
            "y": {"field": "value", "type": "quantitative", "title": say("count"), "axis": {"tickMinStep": 1}},
            "tooltip": [{"field": "name", "title": took}, {"field": "value", "title": say("count")}],
        },
    }


def seconds(value: float) -> str:
    """As few digits as tell it apart."""
    return number(value, 0 if value >= 10 else 1 if value >= 1 else 2)


def _step(named: Sequence[tuple[str, float]]) -> float:
    """Nothing below one for what is counted."""
    return 1 if all(float(value).is_integer() for _, value in named) else 0
