"""What a text is about: its content stems, its quantities, its key words. English and German, without a model."""

import re
from functools import cache

from appliance.answering.quantities import NUMBER_WORDS, PACES, UNITS, read
from appliance.answering.vocabulary import ALIKE, EVERYDAY, EXCLUSIVE, LIMITS, MODALITY, NEGATIONS
from appliance.retrieval.sparse import stems
from appliance.retrieval.stopwords import STOPWORDS

Quantity = tuple[str, str]
"""A number in its one spelling and its unit in one spelling, "" if it has none: ("1.5", "mg")."""

_SAID = {
    "en": "according answer document documents following passage passages state stated states pm am",
    "de": "dokument laut gemäß passage uhr",
}
_KEYWORD = re.compile(r"[^\W_]+(?:[-'’.,:][^\W_]+)*")


def quantities(text: str) -> frozenset[Quantity]:
    """The numbers in `text`, each with its unit: "1,5 mg" is ("1.5", "mg"), "zwei Stunden" is ("2", "h").

    A time of day has no unit here: "20:00", "20 Uhr" and a bare "20" are the same.
    """
    units = ((found.number, found.unit) for found in read(text, "en"))
    return frozenset((number, "" if unit == "uhr" else unit) for number, unit in units)


def numbers(text: str) -> frozenset[str]:
    """The numbers in `text` in one spelling: 1,5 = 1.5, 20:00 = 20.00 = 8 pm, two = zwei = 2.

    "2,500" and "2.500" are 2500 in one language and 2.5 in the other: they equal nothing but their own spelling.
    """
    return frozenset(number for number, _ in quantities(text))


def content_stems(text: str, language: str) -> frozenset[str]:
    """The stems of the words of `text` that carry meaning, without numbers, as `language` ("en", "de") forms them."""
    return frozenset(stem for stem in stems(text, language) if stem.isalpha() and len(stem) > 1) - _said(language)


def content_words(text: str, language: str) -> frozenset[str]:
    """As `content_stems`, but words that people use for one another have one stem (`vocabulary.ALIKE`)."""
    alike = _alike(language)
    return frozenset(alike.get(found, found) for found in content_stems(text, language))


def keywords(text: str) -> tuple[str, ...]:
    """The words of `text` that carry meaning, as they were written, in order, each once; and its numbers."""
    stop = STOPWORDS["en"] | STOPWORDS["de"]
    kept = (word for word in _KEYWORD.findall(text) if word.lower() not in stop and (len(word) > 1 or word.isdigit()))
    return tuple(dict.fromkeys(kept))


def stem(word: str, language: str) -> str:
    """The stem of one word, stop words too; words that people use for one another have one (`vocabulary.ALIKE`)."""
    return _alike(language).get(plain_stem(word, language)) or plain_stem(word, language)


@cache
def everyday(language: str) -> frozenset[str]:
    """Stems of the words that a paraphrase may add without adding anything that could be wrong."""
    modal = " ".join(MODALITY.values()).replace("·", " ")
    return frozenset(
        stem(word, language) for word in f"{EVERYDAY[language]} {NEGATIONS} {EXCLUSIVE} {modal} {LIMITS}".split()
    )


@cache
def everybody(language: str) -> frozenset[str]:
    """Stems of the words for just anybody who works there: they name no office."""
    words = {"en": "staff employee worker personnel team", "de": "personal mitarbeiter beschäftigte mitarbeitende"}
    return frozenset(stem(word, language) for word in words[language].split())


def spoken(text: str, default: str) -> str:
    """The language of `text` by its stop words, `default` where they do not tell."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {language: sum(word in stop for word in words) for language, stop in STOPWORDS.items()}
    english, german = counts["en"], counts["de"]
    return default if english == german else "en" if english > german else "de"


@cache
def plain_stem(word: str, language: str) -> str:
    """The stem of one word as retrieval forms it; "" for what is no word."""
    return next(iter(stems(f"{word}", language)), "") or word.lower()


@cache
def _alike(language: str) -> dict[str, str]:
    """Each stem of `ALIKE` with the first of its group; groups that share a word are one."""
    first: dict[str, str] = {}
    for line in ALIKE[language].strip().splitlines():
        group = {plain_stem(word, language) for word in line.split()}
        joined = {first[word] for word in group if word in first}
        name = min(joined or group)
        group |= {word for word, head in first.items() if head in joined}
        first.update(dict.fromkeys(group, name))
    return first


@cache
def _said(language: str) -> frozenset[str]:
    """Stems that speak about the answer itself; number words and units, which `quantities` compares."""
    return frozenset(stems(f"{_SAID[language]} {' '.join([*NUMBER_WORDS, *UNITS, *PACES])}", language))
