"""The words and weights of `injection.toml`, compiled: which classes a word belongs to, what each sign weighs."""

import codecs
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("injection.toml")
_LONGEST_STEM: Final = 16


@dataclass(frozen=True)
class Lexicon:
    """Classes by whole word and by stem; weights by sign, none below 0; `bias` and `threshold` of the score.

    `disguised` are telling words back to front or turned by thirteen letters; `phrases` are looked for
    over the ends of lines, `frames` line by line, both only where one of their `needs` stands, if they have any.
    """

    words: Mapping[str, frozenset[str]]
    stems: Mapping[str, frozenset[str]]
    disguised: frozenset[str]
    phrases: Mapping[str, re.Pattern[str]]
    frames: Mapping[str, re.Pattern[str]]
    needs: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, float]
    bias: float
    threshold: float

    def classes(self, word: str) -> frozenset[str]:
        """The classes of a word in small letters."""
        return _classes(self, word)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@lru_cache(maxsize=32_768)
def _classes(lexicon: Lexicon, word: str) -> frozenset[str]:
    found = set(lexicon.words.get(word, ()))
    for end in range(2, min(len(word), _LONGEST_STEM) + 1):
        found |= lexicon.stems.get(word[:end], frozenset())
    return frozenset(found)


@cache
def shipped() -> Lexicon:
    """The lexicon that lies beside this page."""
    return parsed(FILE.read_text("utf-8"))


def _over_lines(pattern: str) -> re.Pattern[str]:
    """A pattern whose blanks may be line ends: an order goes on in the next line, and may begin with one."""
    return re.compile(pattern.replace(" ", r"\s"), re.MULTILINE)


def parsed(text: str) -> Lexicon:
    """A lexicon from its TOML. Raises ValueError, KeyError or TypeError for what is none: the file is our own."""
    told = tomllib.loads(text)
    words: dict[str, set[str]] = {}
    stems: dict[str, set[str]] = {}
    for name, listed in told["words"].items():
        for word in listed:
            place = stems if word.endswith("*") else words
            place.setdefault(word.rstrip("*"), set()).add(name)
    weights = {str(name): float(weight) for name, weight in told.get("weights", {}).items()}
    if any(weight < 0 for weight in weights.values()):
        raise ValueError("a sign never speaks for a text")
    telling = {word for name in ("drop", "rules", "reveal", "prior") for word in told["words"][name] if word.isascii()}
    plain = {word.rstrip("*") for word in telling if len(word) >= 6}
    return Lexicon(
        {word: frozenset(names) for word, names in words.items()},
        {stem: frozenset(names) for stem, names in stems.items()},
        frozenset(word[::-1] for word in plain) | frozenset(codecs.encode(word, "rot13") for word in plain),
        {name: _over_lines("|".join(several)) for name, several in told["phrases"].items()},
        {name: re.compile("|".join(several), re.MULTILINE) for name, several in told["frames"].items()},
        {name: tuple(several) for name, several in told["needs"].items()},
        weights,
        float(told.get("bias", 0.0)),
        float(told["threshold"]),
    )
