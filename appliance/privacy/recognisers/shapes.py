"""Values whose shape speaks: a pattern, a check, and words near by that make it certain."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.privacy.recognisers.sheet import Sheet
from appliance.records import Finding

BEFORE: Final = 48
"""How many characters before a value its label may begin."""
AFTER: Final = 28


class Recogniser(Protocol):
    """One rule, or a book of them."""

    @property
    def name(self) -> str:
        """What findings name as their source."""
        ...

    def find(self, sheet: Sheet, /) -> Iterator[Finding]:
        """Yield what it finds, in any order."""
        ...


def always(sheet: Sheet) -> bool:  # noqa: ARG001  # a gate that is always open
    """Say that the pattern is worth trying on any text."""
    return True


def some_digits(count: int) -> Callable[[Sheet], bool]:
    """A gate that opens where a text has `count` digits or more."""
    return lambda sheet: sheet.digits >= count


def has(*signs: str) -> Callable[[Sheet], bool]:
    """A gate that opens where the small letters of a text hold one of `signs`."""
    return lambda sheet: any(sign in sheet.low for sign in signs)


def words(*alternatives: str) -> re.Pattern[str]:
    """Labels as one pattern over small letters, each a whole word (or the end of a German compound)."""
    return re.compile(r"(?:\b|(?<=[a-zäöüß-]))(?:" + "|".join(alternatives) + r")(?![a-zäöüß])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Find what `pattern` matches (of its groups `v` or `w` the one that took part, if it has any).

    `score` holds without a label, `labelled` with one of `labels` close by; 0 means no finding. What fails `check`
    counts only where a label names it, with `unproven`. `small` matches on small letters. Patterns are linear: bounded
    repeats, no repeat inside a repeat over the same letters.
    """

    name: str
    entity: str
    pattern: re.Pattern[str]
    score: float
    labelled: float = 0.0
    unproven: float = 0.0
    labels: re.Pattern[str] | None = None
    check: Callable[[str], bool] | None = None
    gate: Callable[[Sheet], bool] = always
    small: bool = False

    def find(self, sheet: Sheet, /) -> Iterator[Finding]:
        """Yield a finding for each match whose score is above 0."""
        if not self.gate(sheet):
            return
        groups = [self.pattern.groupindex[name] for name in ("v", "w") if name in self.pattern.groupindex] or [0]
        for match in self.pattern.finditer(sheet.low if self.small else sheet.plain):
            start, end = max(match.span(group) for group in groups)
            if start < end and (score := self._score(sheet, start, end)):
                yield Finding(start, end, self.entity, score, self.name)

    def _score(self, sheet: Sheet, start: int, end: int) -> float:
        proven = self.check is None or self.check(sheet.plain[start:end])
        if (proven and self.score >= self.labelled) or (not proven and not self.unproven):
            return self.score if proven else 0.0
        named = self.labels is not None and near(self.labels, sheet, start, end)
        if proven:
            return self.labelled if named else self.score
        return self.unproven if named else 0.0


def near(labels: re.Pattern[str], sheet: Sheet, start: int, end: int) -> bool:
    """Say whether one of `labels` stands shortly before or after the characters `start` to `end`."""
    return bool(
        labels.search(sheet.low, max(0, start - BEFORE), start)
        or labels.search(sheet.low, end, min(len(sheet.low), end + AFTER))
    )
