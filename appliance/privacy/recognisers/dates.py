"""Dates and ages: in English, German and ISO forms, dates of birth by their labels."""

import re
from collections.abc import Iterator
from typing import Final

from appliance.privacy.recognisers.places import MONTHS, WEEKDAYS
from appliance.privacy.recognisers.shapes import Recogniser, Shape, has, some_digits, words
from appliance.privacy.recognisers.sheet import Sheet
from appliance.records import Entity, Finding

_MONTH: Final = rf"(?:{MONTHS})\b\.?"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH_NUMBER: Final = r"(?:0?[1-9]|1[0-2])"
_YEAR: Final = r"(?:1[89]\d\d|20\d\d)"
_TIME: Final = r"(?:(?:,? (?:at |um )?|t)\d{1,2}:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:z| ?[ap]m\b| ?uhr\b)?)?"
_WRITTEN: Final = "|".join(
    (
        rf"{_YEAR}-{_MONTH_NUMBER}-{_DAY}",
        rf"{_YEAR}/{_MONTH_NUMBER}/{_DAY}",
        rf"(?:(?<=vom )|(?<=am )|(?<=bis )|(?<=seit )|(?<=ab )){_DAY}\.{_MONTH_NUMBER}\.(?=\D)",
        rf"{_DAY}\.{_MONTH_NUMBER}\.(?= ?(?:bis|und|-|/) ?\d)",
        rf"{_DAY}\.\s?{_MONTH_NUMBER}\.\s?(?:{_YEAR}|\d\d)",
        rf"(?:{_DAY}([/-]){_MONTH_NUMBER}\1|{_MONTH_NUMBER}([/-]){_DAY}\2)(?:{_YEAR}|\d\d)",
        rf"{_DAY}(?:st|nd|rd|th|\.)?(?: of)?[ -]{_MONTH}(?:,?[ -](?:{_YEAR}|'?\d\d(?![\d:]| ?(?:mg|ml|uhr))))?",
        rf"{_MONTH}[ -]{_DAY}(?:st|nd|rd|th)?(?!\d|[.:]\d)(?:,? {_YEAR})?",
        rf"{_MONTH},?(?: of)? {_YEAR}",
    )
)
_DATE: Final = re.compile(rf"(?<![\w.,/-])(?:(?:{WEEKDAYS}),? (?:den |the )?)?(?:{_WRITTEN})(?![\w-]|[./]\d){_TIME}")
_BIRTH: Final = words(
    *(r"d\.?o\.?b\.?", "date of birth", "birth ?dates?", "birthdays?", "born(?: on| in)?"),
    *(r"\*", r"geb\.?", "geboren(?: am)?", "geburtsdatum", "geburtstag", "jahrgang"),
)
_SMALL_MONTHS: Final = frozenset({"may", "march", "mar", "sun", "dec", "jan", "sept", "sep", "oct", "august", "mai"})
_LETTERS: Final = re.compile(r"[a-zäöü]{3,9}")


class Dates:
    """Dates; behind a label of birth (or before one) they are dates of birth."""

    name = "date"

    def find(self, sheet: Sheet, /) -> Iterator[Finding]:
        """Yield each date with its time, if one stands behind it."""
        if not sheet.digits:
            return
        for match in _DATE.finditer(sheet.low):
            if self._word_only(sheet, match):
                continue
            start, end = match.span()
            if _BIRTH.search(sheet.low, max(0, start - 30), start) or _BIRTH.match(sheet.low, end + 2):
                yield Finding(start, end, Entity.DATE_OF_BIRTH, 0.9, "date-of-birth")
            else:
                yield Finding(start, end, Entity.DATE, 0.7, self.name)

    @staticmethod
    def _word_only(sheet: Sheet, match: re.Match[str]) -> bool:
        """Say that the month is no month: "may 5 mg", "march 3 steps"."""
        month = _LETTERS.search(match[0])
        if month is None or month[0] not in _SMALL_MONTHS:
            return False
        return sheet.plain[match.start() + month.start()].islower()


_TENS: Final = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES: Final = "one|two|three|four|five|six|seven|eight|nine"
_OLD: Final = (
    r"(?:[ -]{0,2}(?:years?|yrs?|months?|weeks?)[ -]{1,2}(?:old|of age)|[ -]?y/?\.?o\b|[ -]jahre[ -]alt|[ -]?jährig)"
)
_AGE: Final = r"(?:1[01]\d|\d{1,2})"

RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    Dates(),
    Shape(
        name="year",
        entity=Entity.DATE,
        pattern=re.compile(
            r"(?:\b(?:in|since|of|during|until|after|before|by|from|year|a|the|seit|im"
            r" jahre?|jahr|anno|ab|bis|von) )(?P<v>(?:19|20)\d\d)(?![\w%§-]|[.,/:]\d|"
            r" ?(?:mg|ml|kg|g|euro|€|units|kcal|patients|people)\b)"
        ),
        score=0.5,
        gate=some_digits(4),
        small=True,
    ),
    Shape(
        name="weekday",
        entity=Entity.DATE,
        pattern=re.compile(
            rf"(?<![\w-])(?:{'|'.join(f'{day.capitalize()}|{day.upper()}' for day in WEEKDAYS.split('|'))})(?:s"
            rf"|(?=[ .,;:!?)]|$))"
        ),
        score=0.5,
        gate=has("day", "tag", "woch", "abend"),
    ),
    Shape(
        name="year-of-birth",
        entity=Entity.DATE_OF_BIRTH,
        pattern=re.compile(
            r"(?:\bborn in|\bgeboren(?: im jahr)?|\bgeb\.|\bjahrgang|birth year:?"
            r"|geburtsjahr:?) ?(?P<v>1[89]\d\d|20\d\d)(?![\d./-])"
        ),
        score=0.8,
        gate=some_digits(4),
        small=True,
    ),
    Shape(
        name="age",
        entity=Entity.AGE,
        pattern=re.compile(rf"(?<![\w.,/-])(?<!than )(?<!under )(?<!least )(?<!unter )(?P<v>{_AGE}){_OLD}"),
        score=0.85,
        gate=some_digits(1),
        small=True,
    ),
    Shape(
        name="age-short",  # (94 Jahre); 91F with diabetes
        entity=Entity.AGE,
        pattern=re.compile(
            rf"\((?P<v>{_AGE}) (?:jahre|years?|yrs?|j\.)\)"
            rf"|(?<![\w.,/-])(?P<w>{_AGE})[mf](?=,? (?:with|w/|s/p|h/o|who|presents|presenting|admitted|c/o|mit)\b)"
        ),
        score=0.75,
        gate=some_digits(1),
        small=True,
    ),
    Shape(
        name="expiry",
        entity=Entity.DATE,
        pattern=re.compile(
            r"\b(?:exp(?:iry|ires|iration)?\.?(?: date)?|valid (?:thru|until)|gültig bis|ablaufdatum)[: ]{1,3}"
            r"(?P<v>(?:0[1-9]|1[0-2])/(?:20)?\d\d)(?![\d/])"
        ),
        score=0.7,
        gate=some_digits(4),
        small=True,
    ),
    Shape(
        name="age-labelled",
        entity=Entity.AGE,
        pattern=re.compile(
            rf"\b(?:aged?(?: of|\s{{0,2}}[:=]| is| was)?|(?:im )?alter(?: von| ist"
            rf"|\s{{0,2}}[:=])|turn(?:s|ed|ing)?)\s{{1,3}}(?P<v>{_AGE})(?![\w%°]|[.,/-]\d|"
            rf" ?(?:mg|ml|%|°|degrees|minutes|hours|days|to \d|bis \d|(?:years )?(?:or|and"
            rf"|und|oder) (?:older|over|under|above|younger|älter|jünger|mehr)))"
        ),
        score=0.7,
        gate=some_digits(1),
        small=True,
    ),
    Shape(
        name="age-said",
        entity=Entity.AGE,
        pattern=re.compile(
            rf"\b(?:i'?m|i am|he is|she is|he's|she's|he was|she was|ich bin|er ist|sie"
            rf" ist) (?P<v>{_AGE})(?=[.;!?](?:\s|$)|,? (?:years?|now|and|und|jahre)\b|$"
            rf"|,\s)"
        ),
        score=0.6,
        gate=some_digits(1),
        small=True,
    ),
    Shape(
        name="age-over-89",
        entity=Entity.AGE,
        pattern=re.compile(
            r"\b(?:is|was|at|am|ist|war|wird|wurde|mit|patient|patientin|man|woman|lady"
            r"|gentleman|male|female),? (?P<v>9\d|1[01]\d)"
            r"(?=[.;!?](?:\s|$)|,? (?:years?|now|and|und|jahre)\b|,\s)"
        ),
        score=0.55,
        gate=some_digits(2),
        small=True,
    ),
    Shape(
        name="age-in-words",
        entity=Entity.AGE,
        pattern=re.compile(rf"\b(?P<v>(?:{_TENS})(?:[ -](?:{_ONES}))?|(?:{_ONES}))[ -]years?[ -]old"),
        score=0.8,
        small=True,
    ),
)
