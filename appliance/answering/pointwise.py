"""Which of the lines near a question states what is asked: the model reads each one by itself. Pure but for its calls.

Asked to choose among a dozen lines, a small model takes one that only sounds right. Shown a single line, what it is
about to say tells more: how likely it begins with NOT STATED orders lines better than their nearness does. (What was
measured: `deploy/decisions/0026-lines-one-by-one.md`.)
"""

from collections.abc import Callable, Generator, Sequence
from statistics import median
from typing import Final

from appliance.answering.prompts import NOT_STATED, Prompt
from appliance.models.local import ChatModel, Waiting

READ: Final = 8
"""So many lines are read by themselves: nine in ten that answer are among them."""

TRIED: Final = 2
"""From so many of them, the best first, an answer is sought."""

SURE: Final = 0.25
"""From a line of which the model says NOT STATED more often than so, no answer is sought."""

TELLING: Final = 0.1
MANY: Final = 3
CLEAR: Final = 0.02
"""Where the middle one of so many lines is below TELLING, the model has something to say of anything: then none counts,
unless the best is so far before the next."""

SILENT: Final = 0.12
"""What a certain NOT STATED takes off a line's nearness to the question."""


def read(
    model: ChatModel, near: Sequence[int], alone: Callable[[int], Prompt], nearness: Sequence[float]
) -> Generator[Waiting, None, list[int]]:
    """The lines of `near` from which an answer is to be sought, best first.

    Yields Waiting meanwhile and after each line, so that leaving stops it.
    `alone` gives the prompt that shows one line only, `nearness` how near each line is to the question.
    Raises ModelUnavailable.
    """
    silent: dict[int, float] = {}
    for line in near:
        prompt = alone(line)
        shares = yield from model.choose(prompt.messages, (NOT_STATED,), salt=prompt.salt)
        silent[line] = shares[NOT_STATED]
        yield Waiting()
    worth = {line: nearness[line] - SILENT * silent[line] for line in near}
    best = sorted(near, key=lambda line: -worth[line])
    if len(near) >= MANY and median(silent.values()) < TELLING and worth[best[0]] - worth[best[1]] < CLEAR:
        return []
    return [line for line in best[:TRIED] if silent[line] <= SURE]
