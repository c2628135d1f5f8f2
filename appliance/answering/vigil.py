"""A vigil over one answer: while it is written, whether it may still be given is decided again and again.

Between two sentences, before the last word, and while the model is silent. What a person was allowed when he asked is
no reason to go on: what counts is what he is allowed when a sentence leaves.
"""

import time
from collections.abc import Callable, Generator
from contextlib import closing
from enum import StrEnum
from typing import Final, TypeVar

EVERY_S: Final = 0.25
"""How long a decision serves while nothing is released, in seconds. One about a dozen documents costs 2 ms."""


Step = TypeVar("Step")
End = TypeVar("End")


class Change(StrEnum):
    """What took away the right to an answer. The words stand in the ledger and in the metrics."""

    NOTHING = ""
    DOCUMENTS = "documents"
    """A document is gone, has another version, or other readers."""
    POLICIES = "policies"
    """Another policy set came into force since the question was asked, and says no."""
    PURPOSE = "purpose"
    """The purpose that was stated is not, or no longer, one of the person's."""
    PEOPLE = "people"
    """The person may not ask any more, or is nobody any more."""


class Vigil:
    """Asks `decide` what forbids to go on. Once something does, it stays so: what comes back is asked for anew.

    `decide` raises DependencyError where it cannot tell. `clock` gives seconds that only grow.
    """

    def __init__(
        self, decide: Callable[[], Change], *, every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.broken_by = Change.NOTHING
        self.open_s = 0.0
        """Seconds between the last yes and the no: at most so long after the change did the answer go on."""
        self._decide = decide
        self._every_s = every_s
        self._clock = clock
        self._yes = clock()

    def holds(self) -> bool:
        """Whether the answer may go on, decided now."""
        if not self.broken_by:
            began = self._clock()
            self.broken_by = self._decide()
            if self.broken_by:
                self.open_s = self._clock() - self._yes
            else:
                self._yes = began
        return not self.broken_by

    def held(self) -> bool:
        """The same, decided at most `every_s` seconds ago: good enough where nothing is released."""
        return not self.broken_by if self._clock() - self._yes < self._every_s else self.holds()

    def over(self, story: Generator[Step, None, End]) -> Generator[Step, None, End | None]:
        """The steps of `story`, and what it returns; None, once it is closed, if it may not be told to its end."""
        with closing(story):
            while self.held():
                try:
                    step = next(story)
                except StopIteration as end:
                    told: End = end.value
                    return told
                yield step
        return None
