"""A text as a reader sees it: without what is invisible, look-alike letters as plain ones; offsets can be told back.

The text itself is never changed: what is found stands at its own offsets. Beside `folded`, which keeps every offset,
`unveiled` is a second view of a text in which something was hidden. It is no normal form: spellings of a name that is
known are `appliance.privacy.known.detector`'s.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from appliance.privacy.lookalikes import LATIN_SHAPES

_SPACES: Final = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_TYPOGRAPHIC: Final = str.maketrans(dict.fromkeys(_SPACES, " ") | dict.fromkeys(_DASHES, "-"))
_INVISIBLE: Final = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters that are no white space
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\u2800\ufeff\uffa0\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]+"
)
_ALIKE: Final = str.maketrans(
    {letter: LATIN_SHAPES[letter].upper() if letter.isupper() else LATIN_SHAPES[letter] for letter in LATIN_SHAPES}
)
_MIXED: Final = re.compile(r"(?<!\w)(?=[^\WA-Za-z0-9]*[A-Za-z0-9])\w+")


@dataclass(frozen=True, slots=True)
class View:
    """What a detector is shown of a text, and for each of its characters where it stands there (None: at the same)."""

    text: str
    offsets: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters `start` to `end` (exclusive) of the view stand, what is hidden between too."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def folded(text: str) -> View:
    """The text with every space a plain one and every dash a hyphen, at the same offsets."""
    return View(text if text.isascii() else text.translate(_TYPOGRAPHIC))


def unveiled(text: str) -> View | None:
    """The text without invisible characters and stray marks, and with look-alikes (full-width, bold, Cyrillic) plain.

    None where that would be no other text. Delete `_INVISIBLE.finditer`, `_marks` or `_undisguised` and
    `tests/privacy/test_detection.py::test_what_is_invisible_hides_nothing` fails.
    """
    if text.isascii() and not _INVISIBLE.search(text):
        return None
    seen = text if text.isascii() else "".join(map(_plain, text.translate(_TYPOGRAPHIC)))
    hidden = {place for found in _INVISIBLE.finditer(seen) for place in range(*found.span())} | _marks(seen)
    kept = [place for place in range(len(seen)) if place not in hidden] if hidden else range(len(seen))
    shown = _undisguised("".join(seen[place] for place in kept) if hidden else seen)
    if not hidden:
        return View(shown) if shown != folded(text).text else None
    return View(shown, tuple(kept)) if kept else None


def _marks(text: str) -> set[int]:
    """Where marks stand that no letter is written with: drawn over a digit, they part it from its number."""
    if text.isascii() or not (marks := {sign for sign in set(text) if unicodedata.category(sign) in ("Mn", "Me")}):
        return set()
    places: set[int] = set()
    base = ""
    for place, sign in enumerate(text):
        if sign not in marks:
            base = sign
        elif len(composed := unicodedata.normalize("NFC", base + sign)) == 1:
            base = composed
        else:
            places.add(place)
    return places


def _undisguised(text: str) -> str:
    """Letters of other alphabets as the Latin ones that they pass for, in words that hold ASCII letters or digits."""
    return text if text.isascii() else _MIXED.sub(lambda word: word[0].translate(_ALIKE), text)


@lru_cache(maxsize=4_096)
def _plain(character: str) -> str:
    """One character for one: its form of compatibility where that is one character."""
    form = unicodedata.normalize("NFKC", character)
    return form if len(form) == 1 else character
