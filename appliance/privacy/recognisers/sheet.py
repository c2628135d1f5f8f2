"""A text made ready for rules: written plainly and in small letters, both as long as the text itself.

Rules look at `plain` or `low`; because nothing moves, their offsets are offsets of the text.
"""

from dataclasses import dataclass
from typing import Final

_ALIKE: Final = {
    **dict.fromkeys(
        map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"), " "
    ),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4"), "'"),
    **{0xFF01 + offset: chr(0x21 + offset) for offset in range(94)},  # the full-width forms of ASCII
    ord("\u2215"): "/",
    ord("\u2206"): "Δ",
    ord("\u2126"): "Ω",
}
_NO_DIGITS: Final = dict.fromkeys(map(ord, "0123456789"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A text, and what rules read of it. `digits` counts those of `plain`, ASCII ones only."""

    text: str
    plain: str
    low: str
    digits: int


def sheet_of(text: str) -> Sheet:
    """Make `text` ready. Spaces, hyphens, quotes and full-width letters become the plain ones of their kind."""
    plain = text if text.isascii() else text.translate(_ALIKE)
    low = plain.lower()
    if len(low) != len(plain):  # a letter whose small form is two characters, as the Turkish capital I with a dot
        low = "".join(small if len(small := letter.lower()) == 1 else letter for letter in plain)
    return Sheet(text, plain, low, len(plain) - len(plain.translate(_NO_DIGITS)))
