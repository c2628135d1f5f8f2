"""Something wider that can still be said: the year of a date, ten years of age, a part of a postcode, a place's region.

Where that is not certain nothing is said: every function returns None, and what it was asked about is removed.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from appliance.records.privacy import Entity

OLD: Final = 90
"""The age from which on people are so few that all are told as one."""
_NUMBER: Final = re.compile(r"(?<![\d.,])\d+(?![\d.,]*\d)")
_YEAR: Final = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_YOUNG: Final = re.compile(r"\b(?:months?|weeks?|days?|mos?|wks?|monate?n?|wochen?|tagen?|m\.?o)\b", re.IGNORECASE)
_UNITED_KINGDOM: Final = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?[0-9][A-Z]{2}", re.IGNORECASE)
_CANADA: Final = re.compile(r"([A-Z][0-9][A-Z])[ -]?[0-9][A-Z][0-9]", re.IGNORECASE)
_FIVE: Final = re.compile(r"(?:[A-Z]{1,2}-)?([0-9]{2})[0-9]{3}(?:-[0-9]{4})?", re.IGNORECASE)


def year(text: str, *, this_year: int) -> str | None:
    """The one year in a date; of a year so long ago that whoever was born then is 90, that it was then or before."""
    found = {int(one) for one in _YEAR.findall(text)}
    if len(found) != 1:
        return None
    only = found.pop()
    return str(only) if only > this_year - OLD else f"{this_year - OLD} or earlier"


def band(text: str) -> str | None:
    """The ten years in which the one age in `text` lies, "90+" for all from 90 on."""
    found = _NUMBER.findall(text)
    if len(found) != 1 or len(re.findall(r"\d+", text)) != 1 or len(found[0]) > 3 or _YOUNG.search(text):
        return None
    age = int(found[0])
    return f"{age // 10 * 10}-{age // 10 * 10 + 9}" if age < OLD else f"{OLD}+"


def area(text: str) -> str | None:
    """The first part of a postcode; of five digits two, which name a region in every country that has five."""
    plain = text.strip()
    for form in (_UNITED_KINGDOM, _CANADA):
        if found := form.fullmatch(plain):
            return found[1].upper()
    five = _FIVE.fullmatch(plain)
    return f"{five[1]}***" if five else None


def region(text: str, regions: Mapping[str, str]) -> str | None:
    """The region of a place, or of the last place in an address whose region is known."""
    parts = [part.strip().casefold() for part in re.split(r"[,;\n]", text)]
    return next((regions[part] for part in reversed(parts) if part in regions), None)


def wider(entity: str, text: str, *, this_year: int, regions: Mapping[str, str]) -> str | None:
    """What can be said of `text` instead; None if nothing can."""
    forms: dict[str, Callable[[], str | None]] = {
        Entity.DATE: lambda: year(text, this_year=this_year),
        Entity.DATE_OF_BIRTH: lambda: year(text, this_year=this_year),
        Entity.AGE: lambda: band(text),
        Entity.POSTCODE: lambda: area(text),
        Entity.LOCATION: lambda: region(text, regions) or "[place]",
        Entity.ADDRESS: lambda: region(text, regions) or "[address]",
    }
    return forms[entity]() if entity in forms else None
