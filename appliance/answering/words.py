"""What a text is about: its content stems, its numbers, its key words. English and German, without a model."""

import re
from functools import cache

from appliance.retrieval.sparse import stems
from appliance.retrieval.stopwords import STOPWORDS

_SAID = {
    "en": "according answer document documents following passage passages state stated states pm am",
    "de": "dokument laut gemäß passage uhr",
}
_NUMBER_WORDS = {
    word: str(value)
    for value, words in enumerate(
        "zero null||two zwei|three drei|four vier|five fünf|six sechs|seven sieben|eight acht|nine neun|ten zehn"
        "|eleven elf|twelve zwölf".split("|")
    )  # "one" and "ein" are more often pronouns than numbers
    for word in words.split()
}
_AFTERNOON = re.compile(r"\b(\d{1,2})([:.]\d{2})?\s*p\.?m\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_KEYWORD = re.compile(r"[^\W_]+(?:[-'’.,:][^\W_]+)*")


def numbers(text: str) -> frozenset[str]:
    """The numbers in `text` in one spelling: 1,5 = 1.5, 1,000 = 1.000 = 1000, 20:00 = 20.00 = 8 pm, two = 2."""
    text = _AFTERNOON.sub(lambda match: f"{int(match[1]) % 12 + 12}{match[2] or ''}", text)
    digits = {_plain(match.group()) for match in _NUMBER.finditer(text)}
    words = {_NUMBER_WORDS[word] for word in _WORD.findall(text.lower()) if word in _NUMBER_WORDS}
    return frozenset(digits | words)


def content_stems(text: str, language: str) -> frozenset[str]:
    """The stems of the words of `text` that carry meaning, without numbers, as `language` ("en", "de") forms them."""
    return frozenset(stem for stem in stems(text, language) if stem.isalpha() and len(stem) > 1) - _said(language)


def keywords(text: str) -> tuple[str, ...]:
    """The words of `text` that carry meaning, as they were written, in order, each once; and its numbers."""
    stop = STOPWORDS["en"] | STOPWORDS["de"]
    kept = (word for word in _KEYWORD.findall(text) if word.lower() not in stop and (len(word) > 1 or word.isdigit()))
    return tuple(dict.fromkeys(kept))


@cache
def _said(language: str) -> frozenset[str]:
    """Stems that speak about the answer itself, and number words, which `numbers` compares."""
    return frozenset(stems(f"{_SAID[language]} {' '.join(_NUMBER_WORDS)}", language))


def _plain(number: str) -> str:
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", number):  # thousands, in either language's writing
        return re.sub(r"[.,]", "", number)
    plain = number.replace(",", ".").replace(":", ".")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0"
