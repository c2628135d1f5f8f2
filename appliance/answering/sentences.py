"""The model's stream of text, cut into sentences with the passage numbers that each cites."""

import re
from collections.abc import Iterator

from appliance.records import Draft

_MARK = re.compile(r"\s*\[\s*(\d{1,2}(?:\s*[,;]\s*\d{1,2})*)\s*\]")
_END = re.compile(r"""(?P<stop>[.!?…]+["'»”’)]*)(?P<marks>(?:\s*\[[\d\s,;]*\])*[.]?)(?P<gap>\s+)(?=[^\s\[])|\n""")
_LIST_MARK = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_LEAD_IN = re.compile(
    r"^(?:according to (?:the )?passages?|(?:the )?passages? (?:states?|says?) that|laut (?:der )?passage)"
    r"(?: in| aus)?(?: \d{1,2})?[,:]?\s+",
    re.IGNORECASE,
)
"""What small models put before an answer; the citation mark says it already."""

_ABBREVIATED = frozenset(
    """abb abs abt approx art bzw ca cf dr ext fig ggf hr inkl max min mr mrs ms nr no prof s. sec st str tel usw vgl vs
    z e.g i.e z.b d.h u.a o.g""".split()
)
_MONTHS = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez", "Quar")


class Sentences:
    """Feed it the stream's pieces; it returns each sentence as soon as its end is certain."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> Iterator[Draft]:
        """The sentences that `piece` completes, in order."""
        self._rest += piece
        start = 0
        for end in _END.finditer(self._rest):
            sentence = self._rest[start : end.end()]
            if end["stop"] and _goes_on(sentence.rstrip(), self._rest[end.end() :]):
                continue
            yield from _draft(sentence)
            start = end.end()
        self._rest = self._rest[start:]

    def close(self) -> Iterator[Draft]:
        """What is left when the stream has ended: at most one sentence."""
        rest, self._rest = self._rest, ""
        yield from _draft(rest)


def _draft(text: str) -> Iterator[Draft]:
    cites = [int(number) for marks in _MARK.findall(text) for number in re.findall(r"\d+", marks)]
    bare = _LIST_MARK.sub("", _MARK.sub("", text)).strip().replace("**", "")
    bare = _LEAD_IN.sub("", bare)
    if bare:
        bare = bare[0].upper() + bare[1:]
        yield Draft(bare, tuple(dict.fromkeys(cites)))


def _goes_on(sentence: str, following: str) -> bool:
    """Whether the full stop at the end of `sentence` is an abbreviation's or an ordinal's, not the sentence's."""
    if not sentence.endswith("."):
        return False
    words = sentence[:-1].split()
    if not words:
        return True
    last = words[-1].lstrip("([\"'„“").lower()
    if last in _ABBREVIATED or (len(last) == 1 and last.isalpha()):
        return True
    if following[:1].islower():
        return True
    if last.rstrip(".").isdigit():  # "1. Wash hands" at a line's start, "am 3. März"; undecided until a word is there
        return len(words) == 1 or len(following) < 4 or following.startswith(_MONTHS)
    return False
