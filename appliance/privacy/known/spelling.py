"""In how many ways one known string can be written, and the one form that stands for them all. Pure.

A text becomes *words* (runs of letters, runs of digits), each folded: without case, accents, compatibility forms,
look-alike letters, invisible characters; ä, ae and a are one. What stands between words does not count: the form of
several words is the words joined, so that "Keller-Stein", "KellerStein" and "K e l l e r  S t e i n" have one form.
Every word knows where it stands in the text.

Not undone: digits that pass for letters (k3ller), letters in another order, "aa" for "å".
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from appliance.privacy.lookalikes import DISGUISES, GREEK, LATIN

_ALONE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
"""Characters of scripts that put no space between words: each is a word of its own."""
_WORD: Final = re.compile(rf"[{_ALONE}]|[^\W\d_{_ALONE}]+|\d+")
_INVISIBLE: Final = frozenset({"Cf", "Cc", "Mn", "Me", "Cn", "Co", "Cs"})
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by their category that show nothing."""
_BLANK: Final = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_SOFT_HYPHEN: Final = "\u00ad"
_E: Final = re.compile("([aou])e+")


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word and the characters `start` to `end` (exclusive) of the text that it stands for."""

    form: str
    start: int
    end: int


def words(text: str, *, shapes: bool = False) -> list[Word]:
    """The words of `text` in order. With `shapes`, Greek letters count as the Latin letters that they look like."""
    if text.isascii() and not _CONTROL.search(text):
        return [_word(found[0], *found.span()) for found in _WORD.finditer(text.lower())]
    pieces = [_folded(character, shapes) for character in text]
    at: list[int] = []
    for place, piece in enumerate(pieces):
        at.extend([place] * len(piece))
    found_in = _WORD.finditer("".join(pieces))
    return [_word(found[0], at[found.start()], at[found.end() - 1] + 1) for found in found_in]


def has_shapes(text: str) -> bool:
    """Whether `text` holds letters that must be looked at by their shapes too."""
    return not text.isascii() and not GREEK.keys().isdisjoint(text)


def joined(forms: Iterable[str]) -> str:
    """The one form of several words."""
    whole = ""
    for form in forms:
        whole = extended(whole, form)
    return whole


def extended(whole: str, form: str) -> str:
    """The form of what `whole` is the form of, and one word more."""
    return whole + (form.lstrip("e") if whole and whole[-1] in "aou" else form)


def form(text: str) -> str:
    """The one form of a known string, "" if it has no letter and no digit."""
    return joined(word.form for word in words(text))


def is_disguised(piece: str) -> bool:
    """Whether a piece of text was written so that it is not found: invisible characters, letters of two alphabets.

    A soft hyphen is no disguise: word processors write it.
    """
    if piece.isascii():
        return False
    if any(unicodedata.category(one) == "Cf" and one != _SOFT_HYPHEN for one in piece):
        return True
    return not DISGUISES.isdisjoint(piece) and bool(re.search("[A-Za-z]", piece))


def is_spaced(forms: Sequence[str]) -> bool:
    """Whether these words are one that is written letter by letter."""
    return len(forms) > 2 and all(len(one) == 1 for one in forms)


def _word(written: str, start: int, end: int) -> Word:
    return Word(_E.sub(r"\1", written) if "e" in written else written, start, end)


@lru_cache(maxsize=1 << 16)
def _folded(character: str, shapes: bool) -> str:  # noqa: FBT001 - a key of the cache
    """What one character counts as: "" if it shows nothing, more than one letter for ß and its like."""
    if character in _BLANK:
        return " "
    if character in _FILLERS or unicodedata.category(character) in _INVISIBLE:
        return ""
    known = LATIN.get(character) or (GREEK.get(character) if shapes else None)
    if known:
        return known
    return "".join(_plain(one, shapes) for one in unicodedata.normalize("NFKC", character).casefold())


def _plain(character: str, shapes: bool) -> str:  # noqa: FBT001 - positional as in the cache
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))
    bare = "".join(
        one for one in unicodedata.normalize("NFD", character) if unicodedata.category(one) not in _INVISIBLE
    )
    bare = unicodedata.normalize("NFC", bare)
    return "".join(LATIN.get(one) or (GREEK.get(one, one) if shapes else one) for one in bare)
