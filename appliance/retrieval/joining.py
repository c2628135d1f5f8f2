"""Neighbours of a hit: passages that stand side by side come as one, and a hit that is cut gets what it lacks. Pure.

What comes as one keeps the id, page, place and boxes of its best hit, which is what opens behind a citation; its
text is that of all of them in order, and `parts` are the passages themselves, each with its own id and place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from appliance.records import Passage
from appliance.retrieval import sparse

TOGETHER: Final = 80
"""Words of passages that come as one: a prompt of 900 tokens has room for four such."""
PIECE: Final = 20
"""Words that a neighbour lends at most: the rest of a sentence, the names of columns."""
HEADING: Final = 10
"""A hit of at most so many words that ends without a full stop announces what follows it."""
_CHARACTERS_A_WORD: Final = 6.0
_CELLS: Final = " | "
_ENDED: Final = re.compile(r"[.!?…:;][\"'”»)\]]*\s*$")
_SENTENCE: Final = re.compile(r"[.!?…][\"'”»)\]]*(?:\s+|$)|\n")

Place = tuple[str, str, int]
"""Document, version and position of a passage."""


def place(passage: Passage) -> Place:
    """Where a passage stands in the reading order of its document."""
    return passage.document, passage.version, passage.position


def lacking(hits: Iterable[Passage]) -> set[Place]:
    """The neighbours that may complete one of `hits`, judged by the hits alone; those that are hits are not asked for.

    At most two for each hit, and for most none.
    """
    held = list(hits)
    wanted = {(one.document, one.version, one.position + step) for one in held for step in _steps(one.text)}
    return {spot for spot in wanted if spot[2] >= 0} - {place(one) for one in held}


def joined(hits: Sequence[Passage], neighbours: Iterable[Passage]) -> list[Passage]:
    """`hits`, best first, with side-by-side ones made one and cut ones completed from each other and `neighbours`."""
    around = {place(one): one for one in (*neighbours, *hits)}
    told = []
    for run in _runs(hits):
        best, first, last = run[0], min(run, key=place), max(run, key=place)
        ordered = sorted(run, key=place)
        before, after = _before(first, around), _after(last, around)
        pieces = [lent for _, lent in before] + [one.text for one in ordered] + [lent for _, lent in after]
        parts = [one for one, _ in before] + ordered + [one for one, _ in after]
        told.append(best if len(parts) == 1 else replace(best, text="\n".join(pieces), parts=tuple(parts)))
    return told


def part(passage: Passage, sentence: str) -> Passage:
    """The part of `passage` that shares most words with `sentence`, for a citation that opens where it stands."""
    asked = set(sparse.words(sentence))
    candidates = sorted(passage.parts or (passage,), key=lambda one: one.id != passage.id)
    return max(candidates, key=lambda one: len(asked & set(sparse.words(one.text))))


def _runs(hits: Sequence[Passage]) -> Iterator[list[Passage]]:
    """Hits that stand side by side and are short enough together, the best first in each; the others alone."""
    at = {place(one): one for one in hits}
    taken: set[str] = set()
    for best in hits:
        if best.id in taken:
            continue
        run, length = [best], _length(best.text)
        taken.add(best.id)
        document, version, low = place(best)
        high = low
        while nearby := [
            one
            for spot in (low - 1, high + 1)
            if (one := at.get((document, version, spot))) is not None and one.id not in taken
        ]:
            beside = max(nearby, key=lambda one: one.score)
            length += _length(beside.text)
            if length > TOGETHER:
                break
            run.append(beside)
            taken.add(beside.id)
            low, high = min(low, beside.position), max(high, beside.position)
        yield run


def _steps(text: str) -> Iterator[int]:
    """Where a passage seems to go on: -1 before its beginning, 1 after its end."""
    if _begins_within(text) or _CELLS in text.partition("\n")[0]:
        yield -1
    if _announces(text) or not _ENDED.search(text):
        yield 1


def _before(hit: Passage, around: Mapping[Place, Passage]) -> list[tuple[Passage, str]]:
    """The passage before `hit` and what it lends: the beginning of a cut sentence, or the names of columns."""
    previous = around.get((hit.document, hit.version, hit.position - 1))
    if previous is None:
        return []
    lent = ""
    if _begins_within(hit.text) and not _ENDED.search(previous.text):
        lent = previous.text[_last_start(previous.text) :].strip()
    elif _CELLS in (row := hit.text.partition("\n")[0]):
        lent = _columns(previous.text, row)
    return [(previous, lent)] if lent and _length(lent) <= PIECE else []


def _after(hit: Passage, around: Mapping[Place, Passage]) -> list[tuple[Passage, str]]:
    """The passage after `hit` and what it lends: the end of a cut sentence, or what a heading announced."""
    following = around.get((hit.document, hit.version, hit.position + 1))
    if following is None:
        return []
    if _announces(hit.text) and _length(hit.text) + _length(following.text) <= TOGETHER:
        return [(following, following.text)]
    if _ENDED.search(hit.text) or not _begins_within(following.text):
        return []
    end = _SENTENCE.search(following.text)
    lent = following.text[: end.end() if end else None].strip()
    return [(following, lent)] if _length(lent) <= PIECE else []


def _columns(previous: str, row: str) -> str:
    """The first row of the table in which `previous` ends, if it names as many columns as `row` has and no figure."""
    top = ""
    for line in reversed(previous.split("\n")):
        if line.count(_CELLS) != row.count(_CELLS):
            break
        top = line
    return "" if any(letter.isdigit() for letter in top) else top


def _last_start(text: str) -> int:
    return max((match.end() for match in _SENTENCE.finditer(text) if match.end() < len(text)), default=0)


def _begins_within(text: str) -> bool:
    return text[:1].islower()


def _announces(text: str) -> bool:
    return _length(text) <= HEADING and not _begins_within(text) and not _SENTENCE.search(text)


def _length(text: str) -> float:
    """Words, where long ones count for more: the model reads tokens."""
    return max(len(text.split()), len(text) / _CHARACTERS_A_WORD)
