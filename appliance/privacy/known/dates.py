"""Dates as people write them, in German and English: every day that a piece of text can mean. Pure."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

_MONTHS: Final = (
    "january januar jänner jan",
    "february februar feber feb",
    "march märz maerz mar mär mrz",
    "april apr",
    "may mai",
    "june juni jun",
    "july juli jul",
    "august aug",
    "september sept sep",
    "october oktober oct okt",
    "november nov",
    "december dezember dec dez",
)
_NUMBERS: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAME: Final = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_DATE: Final = re.compile(
    r"(?<!\d)(?:"
    r"(?P<y1>\d{4})\s?[-./]\s?(?P<m1>\d{1,2})\s?[-./]\s?(?P<d1>\d{1,2})"
    r"|(?P<a>\d{1,2})\s?[-./]\s?(?P<b>\d{1,2})\s?[-./]\s?(?P<y2>\d{4}|\d{2})"
    rf"|(?P<d3>\d{{1,2}})(?:\.|st|nd|rd|th)?[ -](?:of )?(?P<n3>{_NAME})\.?,?[ -](?P<y3>\d{{4}})"
    rf"|(?P<n4>{_NAME})\.? (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y4>\d{{4}})"
    r"|(?P<whole>(?:19|20)\d{6})"
    r")(?!\d)",
    re.IGNORECASE,
)


def dates(text: str) -> Iterator[tuple[int, int, frozenset[date]]]:
    """Where a date stands in `text` (end exclusive), and the days that it can mean: 3/4/60 means several."""
    for found in _DATE.finditer(text):
        days = frozenset(day for day in (_day(*one) for one in _meant(found)) if day is not None)
        if days:
            yield found.start(), found.end(), days


def only_date(text: str) -> frozenset[date]:
    """The days that `text` can mean if it is a date and nothing else; none if it is not."""
    said = text.strip()
    return next((days for start, end, days in dates(said) if (start, end) == (0, len(said))), frozenset())


def _meant(found: re.Match[str]) -> Iterator[tuple[int, int, int]]:
    said = found.groupdict()
    if said["y1"]:
        yield int(said["y1"]), int(said["m1"]), int(said["d1"])
    elif said["y2"]:
        year, one, other = int(said["y2"]), int(said["a"]), int(said["b"])
        for whole in (year,) if year > 99 else (1900 + year, 2000 + year):
            yield whole, other, one
            if "." not in found[0]:  # with dots the day comes first
                yield whole, one, other
    elif said["whole"]:
        yield int(said["whole"][:4]), int(said["whole"][4:6]), int(said["whole"][6:])
    else:
        form = "3" if said["n3"] else "4"
        yield int(said[f"y{form}"]), _NUMBERS[said[f"n{form}"].lower()], int(said[f"d{form}"])


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
