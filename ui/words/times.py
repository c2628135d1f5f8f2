"""Days, times and sizes in the language of the visit, as plain text of ours."""

from datetime import date, datetime, tzinfo
from typing import Final

from ui.words.speech import language

_MONTHS: Final = {
    "en": "January February March April May June July August September October November December".split(),
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
}
_ZONES: Final[dict[str, dict[str, str]]] = {"en": {}, "de": {"CET": "MEZ", "CEST": "MESZ"}}
_OCTETS: Final = {"en": "bytes", "de": "Byte"}


def day(on: date) -> str:
    """As "3 March 2026", "3. März 2026"."""
    spoken = language()
    point = "." if spoken == "de" else ""
    return f"{on.day}{point} {_MONTHS[spoken][on.month - 1]} {on.year}"


def moment(at: datetime, zone: tzinfo) -> str:
    """A day and a time there: "3 March 2026, 14:05 CET"."""
    return f"{day(at.astimezone(zone).date())}, {hour(at, zone)}"


def hour(at: datetime, zone: tzinfo) -> str:
    """A time there: "14:05 CET", "14:05 MEZ"."""
    there = at.astimezone(zone)
    called = there.tzname() or ""
    return f"{there:%H:%M} {_ZONES[language()].get(called, called)}"


def number(value: float, digits: int = 0) -> str:
    """As "1,234.5", "1.234,5"."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if language() == "de" else text


def size(octets: int) -> str:
    """As "3.2 MB", as people count: by thousands."""
    amount, units = float(octets), [_OCTETS[language()], "kB", "MB", "GB", "TB"]
    while amount >= 1_000 and len(units) > 1:
        amount, units = amount / 1_000, units[1:]
    return f"{number(amount, 1 if amount < octets else 0)} {units[0]}"
