"""How surely a text speaks to a model instead of to its reader: a score in [0, 1], and by which signs. Pure.

A sum of signs with weights, none of them below 0, over windows of the text; the highest window counts. So no text can
talk itself clean by what it adds, and each score can be explained by its largest terms. It is a sign for the policies,
not a verdict; what a model is shown stays data in any case.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp
from typing import Final

from appliance.privacy.labelling import disguises
from appliance.privacy.labelling.lexicon import Lexicon, shipped
from appliance.privacy.labelling.signs import is_turned, signs

WINDOW: Final = 1_200
STEP: Final = 900
_WORDS: Final = re.compile(r"[a-z]+")
_ALONE: Final = frozenset({"rules", "model", "loose", "wrong", "become", "reply", "secret", "send", "code", "fence"})
"""Signs that a decoded text must not be held guilty for: a word alone says nothing."""
DISGUISED: Final = "disguised"
HIDDEN: Final = "hidden"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`score` in [0, 1], and the signs that it comes from with what each adds, the largest first."""

    score: float
    signs: tuple[tuple[str, float], ...] = ()


def suspicion(text: str, *, hidden: bool = False, lexicon: Lexicon | None = None) -> Suspicion:
    """How surely `text` speaks to a model. `hidden`: people do not see it where it stands."""
    known = lexicon or shipped()
    weighed = (weigh(terms(window, known, hidden=hidden), known) for window in windows(text))
    return max(weighed, key=lambda one: one.score, default=Suspicion(0.0))


def suspicious(text: str) -> bool:
    """Whether the score reaches the shipped threshold."""
    return suspicion(text).score >= shipped().threshold


def windows(text: str) -> Iterator[str]:
    """Overlapping stretches of `text`; the whole of it where it is short."""
    for start in range(0, max(1, len(text) - WINDOW + STEP), STEP):
        yield text[start : start + WINDOW]


def terms(window: str, lexicon: Lexicon, *, hidden: bool = False) -> dict[str, float]:
    """Every sign of one window and its strength, those in disguise among them."""
    found = signs(window, lexicon)
    open_ones = dict(found)
    for said in _in_disguise(window, lexicon):
        for name, strength in signs(said, lexicon).items():
            if strength > open_ones.get(name, 0.0) and name not in _ALONE:
                found[name], found[DISGUISED] = max(found.get(name, 0.0), strength), 1.0
    if hidden and found:
        found[HIDDEN] = 1.0
    return found


def weigh(found: Mapping[str, float], lexicon: Lexicon) -> Suspicion:
    """The score of these signs: the logistic of their weighted sum."""
    parts = {name: lexicon.weights.get(name, 0.0) * strength for name, strength in found.items()}
    told = sorted(
        ((name, round(part, 3)) for name, part in parts.items() if part > 0), key=lambda one: (-one[1], one[0])
    )
    return Suspicion(1 / (1 + exp(-lexicon.bias - sum(parts.values()))), tuple(told))


def _in_disguise(window: str, lexicon: Lexicon) -> Iterator[str]:
    yield from disguises.hidden_inside(window, lambda word: bool(lexicon.classes(word)))
    low = window.lower()
    if is_turned(_WORDS.findall(low), lexicon):
        yield from disguises.turned(low)
