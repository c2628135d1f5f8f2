"""The signs in a text that it speaks to a model: words near each other, phrases, forged frames, links, disguises. Pure.

Each sign is a number that can only grow when text is added: nothing that is written beside an instruction hides it.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from math import log1p
from typing import Final

from appliance.privacy.labelling import disguises
from appliance.privacy.labelling.lexicon import Lexicon

_WORD: Final = re.compile(r"[^\W_](?:[\w.'-]{0,38}[^\W_])?")
_BLANKS: Final = re.compile(r"\s{2,}|[\t\r\f\v]")
_COUNTED: Final = ("model", "loose", "wrong", "become")
_MOST: Final = 6
_NEAR: Final = (
    ("drop", "rules", 8), ("drop", "prior", 4), ("no", "rules", 4), ("no", "wrong", 5), ("no", "loose", 5),
    ("you", "model", 6), ("become", "model", 8), ("you", "become", 5), ("you", "loose", 6), ("reveal", "secret", 6),
    ("send", "secret", 8), ("reveal", "rules", 7), ("model", "must", 6), ("reply", "loose", 8), ("edit", "reply", 9),
    ("must", "reply", 6), ("edit", "code", 10), ("user", "drop", 8), ("model", "drop", 8), ("send", "reply", 9),
    ("user", "send", 8), ("model", "send", 8), ("become", "loose", 10),
)  # fmt: skip
"""Pairs of word classes and within how many words, the first before the second."""
_CHAINS: Final = (
    ("drop", "you", "rules", 3),
    ("drop", "prior", "rules", 3),
    ("you", "no", "rules", 6),
    ("reveal", "you", "secret", 3),
)
"""Three classes in order, each within so many words of the one before."""
_TOUCHING: Final = (("you", "reply"), ("prior", "rules"), ("you", "code"), ("you", "rules"))

OF_WORDS: Final = (
    *_COUNTED,
    *(f"{first}_{second}" for first, second, _ in _NEAR),
    *(f"{first}+{second}" for first, second in _TOUCHING),
    *("_".join(names) for *names, _ in _CHAINS),
)
"""The signs that are made of word classes; the others are the lexicon's phrases and frames, and what is disguised."""


def signs(text: str, lexicon: Lexicon) -> dict[str, float]:
    """Every sign of one stretch of text and how strong it is, in [0, 2]; those that are not there are left out."""
    low = disguises.plain(text)
    words = _WORD.findall(low)
    found = _of_words(words, lexicon)
    close = _BLANKS.sub(lambda run: "\n" if "\n" in run[0] else " ", low)
    for patterns, place in ((lexicon.phrases, close), (lexicon.frames, low)):
        for name, pattern in patterns.items():
            if (needs := lexicon.needs.get(name)) is None or any(one in place for one in needs):
                found[name] = sum(1 for _ in islice(pattern.finditer(place), _MOST))
    found["odd_letters"] = min(disguises.odd_letters(text), _MOST)
    return {name: log1p(min(count, _MOST)) for name, count in found.items() if count}


def _of_words(words: Sequence[str], lexicon: Lexicon) -> dict[str, int]:
    at: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        for name in lexicon.classes(word):
            at.setdefault(name, []).append(place)
    found: dict[str, int] = {name: len(at[name]) for name in _COUNTED if name in at}
    for first, second, within in _NEAR:
        if first in at and second in at:
            found[f"{first}_{second}"] = _near(at[first], at[second], within)
    for first, second in _TOUCHING:
        if first in at and second in at:
            found[f"{first}+{second}"] = _near(at[first], at[second], 1)
    for one, two, three, within in _CHAINS:
        if one in at and two in at and three in at:
            middle = _after(at[one], at[two], within)
            found[f"{one}_{two}_{three}"] = _near(middle, at[three], within)
    return found


def _near(first: Sequence[int], second: Sequence[int], within: int) -> int:
    """How often one of `second` stands at most `within` places after one of `first`; both are in order."""
    return len(_after(first, second, within))


def _after(first: Sequence[int], second: Sequence[int], within: int) -> list[int]:
    """Those of `second` that do."""
    found, start = [], 0
    for place in second:
        while start < len(first) and first[start] < place - within:
            start += 1
        if start < len(first) and first[start] < place:
            found.append(place)
    return found


def is_turned(words: Iterable[str], lexicon: Lexicon) -> bool:
    """Whether words that give orders stand there back to front or turned by thirteen letters: two of them."""
    return len(lexicon.disguised.intersection(words)) > 1
