"""When the line itself is said, word for word: in place of a sentence that does not check out, or after a short one.
Pure.

A small model finds the right row and then says "54 degrees.", forgets half of a unit, or stops after the first of two
things. The document's own words say it better than no answer does, and there is nothing in them that could be wrong.
"""

from collections.abc import Sequence
from typing import Final

from appliance.answering.excerpts import Line
from appliance.answering.wanted import gives
from appliance.answering.words import content_stems, numbers
from appliance.records import Draft, Question

BEHIND: Final = 0.02
"""How far behind the line that is nearest to the question a quoted one may lie (`excerpts.nearness`)."""

NEAREST: Final = 0.81
"""Below this even the nearest line is not about the question: the model's cosines lie between .7 and .95."""

MORE: Final = 2
"""Words of its own that a line must tell beyond what was said of it, if no number is among them."""


def pointed_at(draft: Draft, lines: Sequence[Line], near: Sequence[float], question: Question) -> Line | None:
    """The line nearest to `question` that holds every number and every word that `draft` says; None if there is none.

    `near` is how near each line is to the question. What the draft took from the question proves nothing and is not
    looked for; a draft that says nothing of its own points at nothing.
    """
    own = _told(draft.text, question) - _told(question.text, question)
    floor = max(NEAREST, max(near, default=1.0) - BEHIND)
    fitting = [
        (nearness, -index)
        for index, (line, nearness) in enumerate(zip(lines, near, strict=True))
        if nearness >= floor and gives(line.text, question.text) and own <= _told(line.text, question)
    ]
    return lines[-max(fitting)[1]] if own and fitting else None


def shortly(said: str, line: str, question: Question) -> bool:
    """Whether `said` is drawn from `line` and leaves out a number of it, or more than a word.

    Then `line` is told too: who is asked for a dose is also asked how often. What was taken from another line is no
    reason to tell this one.
    """
    own = _told(said, question) - _told(question.text, question)
    left = _told(line, question) - own - _told(question.text, question)
    return own <= _told(line, question) and (bool(left & numbers(line)) or len(left) >= MORE)


def _told(text: str, question: Question) -> frozenset[str]:
    """The numbers and the stems of `text`."""
    return numbers(text) | content_stems(text, question.language)
