"""What of the passages the model is shown: the lines that are near the question. Pure.

A small model answers from ten lines better than from a hundred, and on processors a person waits for each line that is
read. Verification and citations always have the whole passage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.answering.lines import cut
from appliance.answering.wanted import gives
from appliance.records import Passage, Question

RANK: Final = 0.025
"""What the fused score of a line's passage counts beside the line's own nearness to the question."""

BEHIND: Final = 0.035
"""How far behind the nearest line a line may lie: farther ones only lead astray. Nine right lines in ten lie nearer."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or row of passage number `passage` (from 0), and the heading that it stands under."""

    passage: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of one passage, in their order, each on a line of its own."""

    passage: Passage
    text: str


def lines(passages: Sequence[Passage]) -> list[Line]:
    """Every line of `passages`, in their order."""
    return [
        Line(number, passage.heading or passage.title, text)
        for number, passage in enumerate(passages)
        for text in map(str.strip, cut(passage.text))
    ]


def nearness(lines: Sequence[Line], passages: Sequence[Passage], cosines: Sequence[float]) -> list[float]:
    """How near each line is to the question: the mean of its own cosine to it and of its passage's.

    A line alone does not say what it is about, and its passage does not say which line answers.
    """
    return [(cosine + passages[line.passage].similarity) / 2 for line, cosine in zip(lines, cosines, strict=True)]


def nearest(
    passages: Sequence[Passage], candidates: Sequence[Line], near: Sequence[float], question: Question, *, most: int
) -> list[int]:
    """The places in `candidates` of the `most` best, best first.

    `near` is the nearness of each line to the question; only lines that are nearly as near as the nearest are taken.
    Lines without the kind of thing that is asked for (a number, a time) come after all others.
    """
    top = max((passage.score for passage in passages), default=0.0) or 1.0
    worth = [
        nearness + RANK * passages[line.passage].score / top for line, nearness in zip(candidates, near, strict=True)
    ]
    floor = max(near, default=0.0) - BEHIND
    fit = [index for index in range(len(candidates)) if near[index] >= floor]
    return sorted(fit, key=lambda index: (not gives(candidates[index].text, question.text), -worth[index]))[:most]


def excerpts(passages: Sequence[Passage], candidates: Sequence[Line], chosen: Sequence[int]) -> list[Excerpt]:
    """The `chosen` lines of `candidates`, by passage; a passage's place is that of its best line, which is told first.

    So what is cut off for want of room is the least.
    """
    order = dict.fromkeys(candidates[index].passage for index in chosen)
    return [
        Excerpt(
            passages[number],
            "\n".join(candidates[index].text for index in sorted(chosen) if candidates[index].passage == number),
        )
        for number in order
    ]
