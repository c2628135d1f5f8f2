"""Two evaluations compared question by question: what changed, and whether more of it is worse than chance explains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from appliance.workshop.evaluation import Case
from appliance.workshop.figures import FIGURES, Figure

LEVEL: Final = 0.05
"""A worsening that chance alone would bring about in fewer than one of twenty comparisons is none of chance."""
DRAWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """One figure before and now, over the questions that both runs asked. `chance` is the probability that signs drawn
    at random worsen it as much; None for a figure that is shown but not judged (seconds depend on the machine)."""

    name: str
    before: float
    now: float
    chance: float | None

    @property
    def regression(self) -> bool:
        """Whether it is worse, beyond what chance explains."""
        return self.chance is not None and self.chance < LEVEL


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed since `run`. `questions` is how many were asked alike in both."""

    run: str
    questions: int
    changes: tuple[Change, ...]
    newly_wrong: tuple[str, ...]
    newly_right: tuple[str, ...]

    @property
    def regressions(self) -> list[str]:
        """The names of the figures that are worse beyond chance."""
        return [change.name for change in self.changes if change.regression]

    def change(self, name: str) -> Change | None:
        """The change of the figure called `name`."""
        return next((change for change in self.changes if change.name == name), None)


def compare(run: str, before: Sequence[Case], now: Sequence[Case]) -> Comparison:
    """Compare the cases of `now` with those of the earlier `run`; questions that were changed since are left out."""
    earlier = {(case.id, case.digest): case for case in before}
    pairs = [(earlier[case.id, case.digest], case) for case in now if (case.id, case.digest) in earlier]
    changes = tuple(change for figure in FIGURES if (change := _change(figure, pairs)) is not None)
    wrong = tuple(new.id for old, new in pairs if old.right and not new.right)
    right = tuple(new.id for old, new in pairs if new.right and not old.right)
    return Comparison(run, len(pairs), changes, wrong, right)


def _change(figure: Figure, pairs: Sequence[tuple[Case, Case]]) -> Change | None:
    before, now = figure.of(old for old, _ in pairs), figure.of(new for _, new in pairs)
    if before is None or now is None:
        return None
    both = [(figure.each(old), figure.each(new)) for old, new in pairs]
    differences = [new - old for old, new in both if old is not None and new is not None]
    return Change(figure.name, before, now, chance(differences) if figure.compared else None)


def chance(differences: Sequence[float]) -> float:
    """How often signs given at random to paired `differences` make their sum as low as it is: 1 for no loss at all.

    The sign-flip test: exact for up to 13 questions that differ, else drawn at random, always the same. Five questions
    lost and none gained are beyond chance (1 in 32), four are not.
    """
    from scipy.stats import permutation_test

    changed = [0.0, *(value for value in differences if value)]  # scipy wants two or more; a zero changes nothing
    if sum(changed) >= 0:
        return 1.0
    tested = permutation_test(
        (np.array(changed),), np.sum, permutation_type="samples", alternative="less", n_resamples=DRAWS, rng=0
    )
    return float(tested.pvalue)
