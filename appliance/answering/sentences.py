"""The model's stream of text, cut into sentences with the passage numbers that each cites."""

import re
from collections.abc import Iterator

from appliance.records import Draft

LONGEST = 600
"""Characters: of a sentence that goes on beyond them, these are given out, to be withheld, and the rest is lost."""

_INSIDE = r"(?:passages?|passagen?|source|quelle)?\s*(?P<numbers>\d{1,2}(?:\s*[-–,;&]\s*\d{1,2})*)|[a-z]|"
_MARK = re.compile(rf"\s*(?:\[\s*(?:{_INSIDE})\s*\]|【[^】\n]{{0,12}}】)", re.IGNORECASE)
_ROUND = re.compile(r"\s*\((?P<numbers>\d{1,2})\)(?=[.!?…]*\s*$)")
"""A mark in the wrong brackets; only where a sentence ends, elsewhere it counts something."""
_END = re.compile(
    r"""(?P<stop>[.!?…]+["'»”’)]*)(?P<marks>(?:\s*(?:\[[\w\s,;&–-]{0,20}\]|\(\d{1,2}\)|【[^】\n]{0,12}】))*[.]?)"""
    r"""(?P<gap>\s+)(?=[^\s\[(【])|\n"""
)
_MARKUP = re.compile(
    r"```\w*|`|\*\*|__|^\s*(?:#{1,6}|>)\s+|</?[a-z][a-z0-9]*>|<\|[^|\n]{0,30}\|>", re.IGNORECASE | re.MULTILINE
)
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
        self._lost = False
        self._given: set[str] = set()

    def feed(self, piece: str) -> Iterator[Draft]:
        """The sentences that `piece` completes, in order."""
        self._rest += piece
        yield from self._fresh(self._complete())
        if len(self._rest) > LONGEST and not self._lost:
            yield Draft(self._rest[: LONGEST + 1], ())
            self._lost = True
        if self._lost:
            self._rest = self._rest[-LONGEST:]

    def close(self) -> Iterator[Draft]:
        """What is left when the stream has ended: at most one sentence."""
        rest, self._rest = self._rest, ""
        if not self._lost:
            yield from self._fresh(_draft(rest))

    def _fresh(self, drafts: Iterator[Draft]) -> Iterator[Draft]:
        """Each sentence once: a small model that repeats itself says nothing new, and may never stop."""
        for draft in drafts:
            words = " ".join(re.findall(r"\w+", draft.text.casefold()))
            if words not in self._given or not words:
                self._given.add(words)
                yield draft

    def _complete(self) -> Iterator[Draft]:
        start = 0
        for end in _END.finditer(self._rest):
            sentence = self._rest[start : end.end()]
            if end["stop"] and _goes_on(sentence.rstrip(), self._rest[end.end() :]):
                continue
            if not self._lost:
                yield from _draft(sentence)
            self._lost = False
            start = end.end()
        self._rest = self._rest[start:]


def _draft(text: str) -> Iterator[Draft]:
    marks = [*_MARK.finditer(text), *_ROUND.finditer(text)]
    cites = [number for mark in marks for number in _numbers(mark.groupdict().get("numbers") or "")]
    bare = _MARKUP.sub("", _ROUND.sub("", _MARK.sub("", text)))
    bare = _LEAD_IN.sub("", _LIST_MARK.sub("", bare).strip())
    if bare:
        yield Draft(bare[0].upper() + bare[1:], tuple(dict.fromkeys(cites)))


def _numbers(mark: str) -> Iterator[int]:
    """The numbers that a citation mark names: "1, 2" are two, "1-3" are three."""
    for first, last in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", mark):
        yield from range(int(first), int(last or first) + 1)


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
