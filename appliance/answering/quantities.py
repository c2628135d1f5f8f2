"""The numbers of a text with what they count: 1,5 mg = 1.5 mg = 1500 µg, two = zwei, 8 pm = 20:00, ½ = 0.5."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Final

NUMBER_WORDS: Final = {
    word: value
    for value, words in enumerate(
        "zero null||two zwei|three drei|four vier|five fünf|six sechs|seven sieben|eight acht|nine neun|ten zehn"
        "|eleven elf|twelve zwölf|thirteen dreizehn|fourteen vierzehn|fifteen fünfzehn|||||twenty zwanzig"
        "||||||||||thirty dreißig|||||||||||||||forty-five|||||fifty fünfzig||||||||||sixty sechzig".split("|")
    )  # "one" and "ein" are more often pronouns than numbers
    for word in words.split()
}
_ORDINALS: Final = {
    word: str(value)
    for value, words in enumerate(
        "first erste ersten erster erstes|second zweite zweiten zweiter zweites|third dritte dritten dritter drittes"
        "|fourth vierte vierten vierter viertes|fifth fünfte fünften fünfter|sixth sechste sechsten"
        "|seventh siebte siebten|eighth achte achten|ninth neunte neunten|tenth zehnte zehnten".split("|"),
        start=1,
    )
    for word in words.split()
}
_SCALES: Final = """
mass: 1 µg μg mcg microgram micrograms mikrogramm; 1000 mg milligram milligrams milligramm; 1000000 g gram grams gramm
weight: 1 kg kilo kilos kilogram kilograms kilogramm
volume: 1 ml milliliter millilitre millilitres milliliters; 1000 l litre litres liter liters
time: 1 s sec second seconds sekunde sekunden; 60 min minute minutes minuten; 3600 h hour hours stunde stunden std;
  86400 day days tag tage tagen arbeitstag arbeitstage arbeitstagen werktag werktage werktagen kalendertag;
  604800 week weeks woche wochen
term: 1 month months monat monate monaten; 12 year years jahr jahre jahren
share: 1 % percent per·cent prozent
money: 1 cent cents; 100 € eur euro euros
dollars: 1 $ usd dollar dollars
pounds: 1 £ gbp pounds
heat: 1 ° °c degree degrees grad
dose: 1 unit units einheit einheiten ie iu
matter: 1 mmol millimol; 1000 mol
pressure: 1 mmhg; 10 bar; 11 cmh2o
length: 1 mm millimetre millimetres millimeter; 10 cm centimetre centimetres zentimeter;
  1000 m metre metres meter meters metern; 1000000 km kilometre kilometres kilometer kilometern
area: 1 m² m2 qm quadratmeter quadratmetern
speed: 1 km/h kmh
energy: 1 kcal
times: 1 times mal
clock: 60 uhr o'clock
"""
"""kind: how much of the smallest unit, then every spelling of a unit, the first being its name."""

UNITS: Final = {
    spelling: words[1]
    for line in re.sub(r";\s+", "; ", _SCALES).strip().splitlines()
    for words in (["", *part.split()[1:]] for part in line.partition(":")[2].split(";"))
    for spelling in words[1:]
}
"""Every spelling of a unit, in lower case, with the unit's name."""
_SCALE: Final = {
    part.split()[1]: (line.partition(":")[0], int(part.split()[0]))
    for line in re.sub(r";\s+", "; ", _SCALES).strip().splitlines()
    for part in line.partition(":")[2].split(";")
}
PACES: Final = {
    "daily": "day", "täglich": "day", "hourly": "h", "stündlich": "h", "weekly": "week", "wöchentlich": "week",
    "monthly": "month", "monatlich": "month", "yearly": "year", "annually": "year", "jährlich": "year",
}  # fmt: skip
"""Words that say "per day" and the like by themselves."""
_PREFIXES: Final = {"tages": "day", "stunden": "h", "wochen": "week", "monats": "month", "jahres": "year"}

_DIGITS: Final = r"\d{1,3}(?:[ \u202f\u00a0'’]\d{3})+(?!\d)|\d+(?:[.,:]\d+)*(?:/\d+(?![\d/]))?|[½¼¾]"
NUMBER: Final = rf"{_DIGITS}|\b(?:{'|'.join(NUMBER_WORDS)})\b"
"""A number in digits or as a word, for patterns that ignore case."""
_UNIT: Final = "|".join(re.escape(unit).replace("·", r"\s?") for unit in sorted(UNITS, key=len, reverse=True))
_KINDS_OF: Final = "working|business|calendar|full|whole|further|more|paid|volle|weitere|freie|bezahlte|ganze"
_ONCE: Final = {
    "once": 1,
    "einmal": 1,
    "twice": 2,
    "zweimal": 2,
    "thrice": 3,
    "dreimal": 3,
    "viermal": 4,
    "fünfmal": 5,
    "sechsmal": 6,
    "zehnmal": 10,
}
_SCALED: Final = {
    "hundred": 100, "hundert": 100, "thousand": 1000, "tausend": 1000,
    "million": 10**6, "millions": 10**6, "millionen": 10**6,
    "mio": 10**6, "billion": 10**9, "milliarden": 10**9, "milliarde": 10**9, "mrd": 10**9,
}  # fmt: skip
_ONE: Final = rf"\b(?:one|every|eine?[rnms]?|jede[rnms]?)(?=[ -](?:{_UNIT})(?![^\W\d_]))"
"""Words that are a 1 only right before a unit."""
_ONE_WORD: Final = r"(?:one|every|eine?[rnms]?|jede[rnms]?)"
_PER: Final = (
    rf"(?:(?:\s(?:of|an|am)?\s?[^\W\d_]+){{0,3}}?\s(?:per|for each|for every|pro|je)\s"
    rf"|\s?/\s?|\s+(?:per|an?|each|je|pro|am|im|in der|and|und)\s+)(?:{_UNIT})(?![^\W\d_])"
)
_COUNTED: Final = re.compile(
    rf"(?P<before>[€$£]|\b(?:EUR|USD|GBP)\b)?\s?(?P<number>{NUMBER}|{_ONE}|\b(?:{'|'.join(_ONCE)})\b)"
    rf"(?P<scale>\s(?:{'|'.join(_SCALED)})(?![^\W\d_]))?(?:\s?(?P<half>[ap])\.?m\b\.?|\s?-?(?:(?:{_KINDS_OF})\s)?(?P<unit>{_UNIT})(?![^\W\d_]))?(?P<per>(?:{_PER})*)",
    re.IGNORECASE,
)
_PACED: Final = re.compile(rf"\s+({'|'.join(PACES)})\b", re.IGNORECASE)
_JOINED: Final = re.compile(r"\s?(?:[-–]|to|bis|or|oder|and|und|,)\s?(?:[€$£]\s?)?", re.IGNORECASE)
_HEADED: Final = re.compile(rf"(?<![^\W\d_])({_UNIT})\)?:\s*$", re.IGNORECASE)
_ORDINAL: Final = re.compile(rf"\b(?:({'|'.join(_ORDINALS)})\b|(\d{{1,2}})(?:st|nd|rd|th)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at characters `start` to `end`, its unit's name ("" if it has none), and what it is counted for.

    `amounts` are what it can mean in the smallest unit of its `kind`: "1,200" is 1200 in English, 1.2 in German.
    """

    start: int
    end: int
    number: str
    unit: str
    per: frozenset[str]
    kind: str
    amounts: frozenset[Fraction]


def read(text: str, language: str) -> tuple[Quantity, ...]:
    """The quantities of `text`, in order; the first of "15 to 20 mg" has the unit of the second."""
    found = [_quantity(match, text, language) for match in _COUNTED.finditer(text)]
    found = [one for one in found if one.kind != "times" or one.per or text[one.start].isdigit()]
    for index in range(len(found) - 2, -1, -1):
        one, two = found[index], found[index + 1]
        if one.kind == "count" != two.kind and _JOINED.fullmatch(text[one.end : two.start]):
            found[index] = _valued(replace(one, unit=two.unit, per=two.per), language)
    for index, one in enumerate(found):  # "Free days: 2", "Dose (mg): 500"
        headed = _HEADED.search(text[: one.start]) if one.kind == "count" else None
        if headed:
            found[index] = _valued(replace(one, unit=UNITS[headed[1].casefold()]), language)
    for index in range(1, len(found)):  # "two hours by day, four by night"
        one, two = found[index - 1], found[index]
        if two.kind == "count" != one.kind and re.match(r"\s*(?:[.,;|]|$)", text[two.end :]) and len(two.number) < 4:
            found[index] = _valued(replace(two, unit=one.unit, per=one.per), language)
    return tuple(found)


def ordinals(text: str) -> Iterator[tuple[int, int, str]]:
    """Where "third", "3rd" and "dritten" stand in `text`, with their number."""
    for match in _ORDINAL.finditer(text):
        yield match.start(), match.end(), _ORDINALS.get((match[1] or "").casefold()) or match[2]


def mentioned(text: str) -> frozenset[str]:
    """The units that `text` speaks of, without a number too: "daily", "Tageshöchstdosis" and "each day" are day."""
    units = set()
    for word in re.findall(r"[^\W\d_]+|[%€$£]", text.casefold()):
        prefixed = next((unit for prefix, unit in _PREFIXES.items() if word.startswith(prefix)), "")
        units.add(UNITS.get(word) or PACES.get(word) or prefixed)
    return frozenset(units - {""})


def paced(text: str) -> frozenset[str]:
    """The units whose every one `text` speaks of: "hourly" is h."""
    return frozenset(PACES[word] for word in re.findall(r"[^\W\d_]+", text.casefold()) if word in PACES)


def plain(number: str) -> str:
    """`number` in one spelling that is the same in both languages; "2,500" and "2.500" keep their own."""
    if number.casefold() in NUMBER_WORDS:
        return str(NUMBER_WORDS[number.casefold()])
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", number):  # thousands or a decimal: only its own spelling is safe
        return number
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", number):
        return re.sub(r"[.,]", "", number)
    number = re.sub(r"[ \u202f\u00a0'’]", "", number).replace(",", ".").replace(":", ".")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return re.sub(r"^0+(?=\d)", "", number) or "0"


def _quantity(match: re.Match[str], text: str, language: str) -> Quantity:
    number = re.sub(rf"^{_ONE_WORD}$", "1", match["number"], flags=re.IGNORECASE)
    if match["scale"] and re.match(r"\d|\w+$", number):
        number = str(int(_amount(number, language) * _SCALED[match["scale"].strip().casefold()]))
    unit = UNITS.get(re.sub(r"\s", "·", match["before"] or match["unit"] or "").casefold(), "")
    unit = unit or UNITS.get((match["unit"] or "").casefold().replace(" ", ""), "")
    per = {UNITS[word] for word in re.findall(r"[^\W\d_]+|°c?", match["per"].casefold()) if word in UNITS}
    paced = _PACED.match(text, match.end())
    if paced:
        per.add(PACES[paced[1].casefold()])
    if number.casefold() in _ONCE:
        number, unit = str(_ONCE[number.casefold()]), "times"
    if match["half"]:
        hour, _, minute = number.replace(".", ":").partition(":")
        noon = 12 if match["half"].casefold() == "p" else 0
        number, unit = (
            f"{int(plain(hour)) % 12 + noon}:{minute[:2] or '00'}" if plain(hour).isdigit() else number,
            "uhr",
        )
    elif re.fullmatch(r"\d{1,2}:\d\d", number):
        unit = "uhr"
    return _valued(
        Quantity(match.start("number"), match.end(), number, unit, frozenset(per), "", frozenset()), language
    )


def _valued(quantity: Quantity, language: str) -> Quantity:
    """`quantity` with its kind, its plain number and the amounts that this can mean."""
    kind, scale = _SCALE.get(quantity.unit, ("count", 1))
    number = quantity.number
    if kind == "clock" and not re.fullmatch(r"[½¼¾]", number):
        hour = (re.findall(r"\d+", plain(number)) or ["0"])[0]
        minute = (re.findall(r"[.:,](\d\d)", number) or ["0"])[0]
        exact = Fraction(int(hour) * 60 + int(minute))
    else:
        exact = _amount(number, language) * scale
    return replace(quantity, kind=kind, number=plain(number), amounts=frozenset({exact}))


@cache
def _amount(number: str, language: str) -> Fraction:
    """What `number` says in `language`; a separator before three digits is read as that language has it."""
    if number in "½¼¾":
        return {"½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4)}[number]
    if number.casefold() in NUMBER_WORDS:
        return Fraction(NUMBER_WORDS[number.casefold()])
    number, _, below = re.sub(r"[ \u202f\u00a0'’]", "", number).partition("/")
    thousands = "." if language == "de" else ","
    if re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+(?:[.,]\d+)?", number):
        number = number.replace(thousands, "")
    elif re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3}){2,}", number):
        number = re.sub(r"[.,]", "", number)
    parts = re.split(r"[.,:]", number)
    whole = Fraction(f"{parts[0]}.{''.join(parts[1:])}" if len(parts) > 1 else parts[0])
    return whole / int(below) if below and int(below) else whole
