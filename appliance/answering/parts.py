"""A question that asks two things, taken apart. Pure.

"From when is the family let in, and where can a son sleep?" is two questions for two documents; a search for both at
once finds one of them, and a small model answers one of them.
"""

import re
from dataclasses import replace
from typing import Final

from appliance.records import Question

MOST: Final = 3
"""Questions that one question is taken apart into at most."""

_ASKING: Final = {
    "en": r"(?:(?:at|by|from|on|in|to|up|until|till|for|with|after|since|of|about)\s+){0,2}(?:what|which|who|whom|whose"
    r"|when|where|why|how)\b",
    "de": r"(?:(?:ab|an|auf|aus|bei|bis|für|in|mit|nach|seit|über|um|unter|von|vor|zu)\s+){0,2}(?:was|welche[mnrs]?|wer"
    r"|wem|wen|wessen|wann|wo|woher|wohin|warum|wie|womit|wodurch|wofür|wozu)\b",
}
_JOINED: Final = {
    language: re.compile(rf"[,;]?\s+(?:and|und|sowie)\s+(?=(?:{asking}))", re.IGNORECASE)
    for language, asking in _ASKING.items()
}
_SENTENCE: Final = re.compile(r"(?<=[.!?:;])\s+(?=\S)")


def parts(question: Question) -> list[Question]:
    """The questions in `question`, in order; only itself where it asks one thing.

    What stands before the first of them ("The scanner is broken: …") is said again before each of the others, because
    they are about it.
    """
    *before, asked = _SENTENCE.split(question.text)
    pieces = _JOINED[question.language].split(asked)
    told = " ".join(before)
    if len(pieces) == 1 or len(pieces) > MOST or any(len(piece.split()) < 2 for piece in pieces):
        return [question]
    return [replace(question, text=f"{told} {_whole(piece)}".strip()) for piece in pieces]


def _whole(piece: str) -> str:
    """`piece` as a question of its own."""
    bare = piece.strip().rstrip("?,;.").rstrip()
    return f"{bare[:1].upper()}{bare[1:]}?"
