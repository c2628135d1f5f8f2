"""When a sentence does not check out but points at a line that is near the question: the line itself. Pure.

A small model finds the right row and then says "54 degrees.", or forgets half of a unit. The document's own words say
it better than no answer does, and there is nothing in them that could be wrong.
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


def pointed_at(draft: Draft, lines: Sequence[Line], near: Sequence[float], question: Question) -> Line | None:
    """The line nearest to `question` that holds every number and every word that `draft` says; None if there is none.

    `near` is how near each line is to the question. What the draft took from the question proves nothing and is not
    looked for; a draft that says nothing of its own points at nothing.
    """
    said = numbers(draft.text) | content_stems(draft.text, question.language)
    own = said - numbers(question.text) - content_stems(question.text, question.language)
    floor = max(NEAREST, max(near, default=1.0) - BEHIND)
    fitting = [
        (nearness, -index)
        for index, (line, nearness) in enumerate(zip(lines, near, strict=True))
        if nearness >= floor
        and gives(line.text, question.text)
        and own <= numbers(line.text) | content_stems(line.text, question.language)
    ]
    return lines[-max(fitting)[1]] if own and fitting else None
