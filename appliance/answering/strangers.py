"""Words of a sentence that neither passage nor question has: which of them may a paraphrase bring along? Pure.

An ordinary word from nowhere is another's way of saying it, if the rest of the sentence stands in its place. A name, a
substance, an office or an abbreviation from nowhere is an invention, whatever the rest says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from appliance.answering.alignment import Alignment
from appliance.answering.offices import office
from appliance.answering.quantities import UNITS
from appliance.answering.substances import substance
from appliance.answering.words import everyday, stem
from appliance.retrieval.stopwords import STOPWORDS

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TITLE: Final = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|Frau|Herrn?|Sister|Familie|Firma)\.?\s+)$")


SMALL: Final = 0.12
"""Share of small words that a longer sentence must have to be in its language."""

SHORT: Final = 6
"""Words of a sentence below which it may do without any small word."""


_INFLECTED: Final = re.compile(r"..(?:e|es|en|em)$")
_STARTING: Final = frozenset(
    "Der Die Das Den Dem Ein Eine Einen Einem Einer Kein Keine Jede Jeder Jedes Alle Bei Für Im In Am Zum Zur Vor Nach"
    " Wer Man".split()
)
"""German words that begin a sentence before a noun."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A word of the sentence that neither passage nor question has, where it stands, and whether it starts it."""

    word: str
    stem: str
    start: int
    first: bool


def strangers(alignment: Alignment) -> Iterator[Stranger]:
    """Every word that a passage does not have and that is no everyday word, in order."""
    known = alignment.everywhere | alignment.matched(alignment.asked.stems)
    passage = alignment.origin.stems.union(alignment.asked.stems, *(each.stems for each in alignment.lines))
    text = alignment.said.text
    for match in _WORD.finditer(text):
        root = stem(re.sub(r"['’]s$", "", match.group()), alignment.language)
        if root not in alignment.said.stems:
            continue
        if office(match.group(), alignment.language):  # "surgeon" is no form of "surgery"
            strange = not any(_within(root, there, alignment.language) for there in passage)
        elif _named(match, text):
            strange = root not in passage
        else:
            strange = root not in known and root not in everyday(alignment.language)
        if strange:
            yield Stranger(match.group(), root, match.start(), not any(map(str.isalnum, text[: match.start()])))


def _named(match: re.Match[str], text: str) -> bool:
    """Whether a word stands right after a title: no other word's part, and no matter who asked about it."""
    return match.group()[0].isupper() and bool(_TITLE.search(text[: match.start()]))


def _within(office: str, there: str, language: str) -> bool:
    """Whether an office is the same as a word of the passage; in German, or a part of it or it a part of the office."""
    return office == there or (
        language == "de" and len(there) > 3 and (office.endswith(there) or there.endswith(office))
    )


def fluent(text: str, language: str) -> bool:
    """Whether `text` has at least one of the small words that every sentence of `language` has."""
    words = re.findall(r"[^\W\d_]+", text.casefold().replace("n't", " not").replace("n’t", " not"))
    return len(words) < SHORT or sum(word in STOPWORDS[language] for word in words) >= SMALL * len(words)


def invented(alignment: Alignment, found: Stranger) -> bool:
    """Whether a stranger looks like the name of something or somebody, which no paraphrase can bring along."""
    german = alignment.language == "de"
    if substance(found.word):
        return True
    if len(found.word) > 1 and found.word[1:].upper() == found.word[1:]:
        return not _spelled_out(found.word, alignment)
    if office(found.word, alignment.language):
        return True
    text = alignment.said.text
    if not found.word[0].isupper():
        return False
    after = re.match(r"\s+([A-ZÄÖÜ][^\W\d_]+)", text[found.start + len(found.word) :])
    before = re.search(r"([A-ZÄÖÜ][^\W\d_]+)\s+$", text[: found.start])
    if not german:
        return not found.first or after is not None
    if found.first:
        before = after = None
    if before and _INFLECTED.search(before[1]):
        before = None  # "Grünes Licht"
    beside = [match[1] for match in (before, after) if match and match[1].casefold() not in UNITS]
    return bool(_TITLE.search(text[: found.start])) or any(carried not in _STARTING for carried in beside)


def _spelled_out(letters: str, alignment: Alignment) -> bool:
    """Whether the passage has words that begin with `letters`, in a row."""
    return any(
        letters.casefold() in "".join(w[0] for w in _WORD.findall(each.text)).casefold() for each in alignment.lines
    )
