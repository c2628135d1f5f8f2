"""What a text is about: its content stems, its quantities, its key words. English and German, without a model."""

import re
from functools import cache

from appliance.retrieval.sparse import stems
from appliance.retrieval.stopwords import STOPWORDS

Quantity = tuple[str, str]
"""A number in its one spelling and its unit in one spelling, "" if it has none: ("1.5", "mg")."""

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
_UNITS = {
    spelling: group.split()[0]
    for group in (
        "mg milligram milligrams milligramm",
        "g gram grams gramm",
        "µg μg mcg microgram micrograms mikrogramm",
        "kg kilo kilos kilogram kilograms kilogramm",
        "ml milliliter millilitre millilitres milliliters",
        "l litre litres liter liters",
        "h hour hours stunde stunden std",
        "min minute minutes minuten",
        "s sec second seconds sekunde sekunden",
        "day days tag tage tagen werktag werktage werktagen",
        "week weeks woche wochen",
        "month months monat monate monaten",
        "year years jahr jahre jahren",
        "% percent per·cent prozent",
        "€ eur euro euros",
        "$ usd dollar dollars",
        "° °c degree degrees grad",
        "unit units einheit einheiten ie iu",
        "mmol mmol/l",
        "mmhg",
        "km kilometre kilometres kilometer",
        "m metre metres meter meters",
        "cm",
        "mm",
    )
    for spelling in group.split()
}
_DIGITS = r"\d+(?:[.,:]\d+)*"
NUMBER = rf"{_DIGITS}|\b(?:{'|'.join(_NUMBER_WORDS)})\b"
"""A number in digits or as a word, for patterns that ignore case."""
_AFTERNOON = re.compile(r"\b(\d{1,2})([:.]\d{2})?\s*p\.?m\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_COUNTED = re.compile(
    rf"(?P<before>[€$])?\s?(?P<number>{NUMBER})"
    rf"(?:\s?(?:[-–]|to|bis|or|oder)\s?(?P<upto>{_DIGITS}))?"
    r"\s?-?(?P<unit>%|€|\$|°C?|per\s?cent\b|[^\W\d_]+)?",
    re.IGNORECASE,
)
_KEYWORD = re.compile(r"[^\W_]+(?:[-'’.,:][^\W_]+)*")


def quantities(text: str) -> frozenset[Quantity]:
    """The numbers in `text`, each with its unit: "1,5 mg" is ("1.5", "mg"), "zwei Stunden" is ("2", "h")."""
    text = _AFTERNOON.sub(lambda match: f"{int(match[1]) % 12 + 12}{match[2] or ''}", text)
    found: set[Quantity] = set()
    for match in _COUNTED.finditer(text):
        named = re.sub(r"\s", "·" if match["unit"] and "cent" in match["unit"] else "", match["unit"] or "")
        unit = _UNITS.get((match["before"] or named).casefold(), "")
        for number in (match["number"], match["upto"]):
            if number:
                found.add((_NUMBER_WORDS.get(number.casefold()) or _plain(number), unit))
    return frozenset(found)


def numbers(text: str) -> frozenset[str]:
    """The numbers in `text` in one spelling: 1,5 = 1.5, 20:00 = 20.00 = 8 pm, two = zwei = 2.

    "2,500" and "2.500" are 2500 in one language and 2.5 in the other: they equal nothing but their own spelling.
    """
    return frozenset(number for number, _ in quantities(text))


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
    """Stems that speak about the answer itself; number words and units, which `quantities` compares."""
    return frozenset(stems(f"{_SAID[language]} {' '.join([*_NUMBER_WORDS, *_UNITS])}", language))


def _plain(number: str) -> str:
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", number):  # thousands or a decimal: only its own spelling is safe
        return number
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", number):
        return re.sub(r"[.,]", "", number)
    plain = number.replace(",", ".").replace(":", ".")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0"
