"""Words as sparse vectors: BM25 of our own, the same for Qdrant Edge and for a Qdrant server.

A passage's words are weighed here by how often they stand in it; how rare each is (IDF) the store adds itself. Ids are
a stable hash of the stem, so nothing is fitted, nothing is downloaded and nothing has to be kept beside the index.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Final

from appliance.retrieval.stopwords import STOPWORDS

VERSION: Final = "bm25-2"
"""Part of the index's name: other words than these would no longer meet those that are stored."""
SATURATION: Final = 0.9
LENGTH_WEIGHT: Final = 0.4
AVERAGE_LENGTH: Final = 110.0
"""Content words in a passage as `ingest` cuts them. Fixed: BM25 hardly feels it, and a moving one ages the index."""
HEAD_WEIGHT: Final = 2
"""How often a word of the title or a heading counts: what a text is called says more than a word in passing."""
LANGUAGES: Final = {"en": "english", "de": "german"}

_TOKEN: Final = re.compile(r"\w+(?:[-./:]\w+)*")
_PART: Final = re.compile(r"[^\W_]+")
_FOLD: Final = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Words:
    """A sparse vector: distinct ids of 32 bits and a weight above 0 for each."""

    ids: tuple[int, ...]
    weights: tuple[float, ...]


def passage_words(text: str, language: str, *, head: str = "") -> Words:
    """The words of a passage, weighed by how often they stand in it; stemmed by its language (English if unknown).

    Those of `head`, its title and headings, count HEAD_WEIGHT times each.
    """
    spoken = _spoken(language)
    counts = Counter(stems(text, spoken))
    for stem, count in Counter(stems(head, spoken)).items():
        counts[stem] += HEAD_WEIGHT * count
    length = sum(counts.values()) / AVERAGE_LENGTH
    damped = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length)
    return _vector((f"{spoken}:{stem}", count * (SATURATION + 1) / (count + damped)) for stem, count in counts.items())


def question_words(text: str) -> Words:
    """The words of a question, each once, stemmed by every language that a passage may have.

    The language is part of a word's id: the German stem of an English word would else meet a stranger.
    """
    return _vector((f"{language}:{stem}", 1.0) for language in LANGUAGES for stem in stems(text, language))


def question_stems(text: str) -> set[str]:
    """Stems of a question's content words in every language, merged."""
    return {stem for language in LANGUAGES for stem in stems(text, language)}


def words(text: str) -> list[str]:
    """The words of a text in order and lower case, codes whole."""
    return [str(token) for token in _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())]


def carries_meaning(word: str) -> bool:
    """Whether a word, in lower case, is a stop word of no language."""
    return not any(word in stop for stop in STOPWORDS.values())


def stems(text: str, language: str) -> list[str]:
    """Stems of the content words of a text, in order. Codes such as `SOP-12/b` count whole and in their parts."""
    spoken = _spoken(language)
    stop, stem = STOPWORDS[spoken], _stemmer(spoken)
    found = []
    for token in words(text):
        parts = _PART.findall(token)
        found += [stem(part).translate(_FOLD) for part in parts if part not in stop]
        if len(parts) > 1:
            found.append(token.translate(_FOLD))
    return found


def _spoken(language: str) -> str:
    return language if language in LANGUAGES else "en"


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    import snowballstemmer

    @lru_cache(maxsize=100_000)
    def stem(word: str) -> str:
        # a stemmer keeps its state while it works, so every word gets one of its own; the cache makes that cheap
        return str(snowballstemmer.stemmer(LANGUAGES[language]).stemWord(word)) if word.isalpha() else word

    return stem


def _vector(weighed: Iterable[tuple[str, float]]) -> Words:
    """Ids are sorted; two stems with one hash share the larger weight."""
    weights: dict[int, float] = {}
    for stem, weight in weighed:
        number = int.from_bytes(blake2b(stem.encode(), digest_size=4).digest())
        weights[number] = max(weight, weights.get(number, 0.0))
    ordered = sorted(weights.items())
    return Words(tuple(number for number, _ in ordered), tuple(weight for _, weight in ordered))
