"""Long texts in pieces: cut where a reader would pause, each piece beginning a little before the end of the last."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_PAUSES: Final = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"[.!?;:]\s+"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True)
class Cut:
    """Characters of the longest piece, and how many at most stand in two. What is longer than `overlap` may be cut."""

    longest: int = 4_000
    overlap: int = 400


def pieces(text: str, cut: Cut) -> Iterator[tuple[int, str]]:
    """Where each piece begins, and the piece; a short text is one piece. Every character stands in one or two."""
    start = 0
    while len(text) - start > cut.longest:
        end = _pause(text, start + cut.longest // 2, start + cut.longest)
        yield start, text[start:end]
        start = max(start + 1, _pause(text, end - cut.overlap, end - cut.overlap // 2))
    yield start, text[start:]


def _pause(text: str, earliest: int, latest: int) -> int:
    """The offset after the last pause of the strongest kind between the two; `latest` if there is none."""
    for kind in _PAUSES:
        ends = [match.end() for match in kind.finditer(text, earliest, latest)]
        if ends:
            return ends[-1]
    return latest
