"""Dates, months and weekdays in a text, each in one spelling: 12 March 2026 = March 12 = 12.03.2026 = 2026-03-12."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_MONTHS: Final = (
    "jan(?:uary|uar)?|jänner",
    "feb(?:ruary|ruar)?",
    "mar(?:ch)?|märz|mär",
    "apr(?:il)?",
    "may|mai",
    "june?|juni",
    "july?|juli",
    "aug(?:ust)?",
    "sept?(?:ember)?",
    "oct(?:ober)?|okt(?:ober)?",
    "nov(?:ember)?",
    "dec(?:ember)?|dez(?:ember)?",
)
_WEEKDAYS: Final = (
    "mondays?|montag(?:s|en)?",
    "tuesdays?|dienstag(?:s|en)?",
    "wednesdays?|mittwoch(?:s|en)?",
    "thursdays?|donnerstag(?:s|en)?",
    "fridays?|freitag(?:s|en)?",
    "saturdays?|samstag(?:s|en)?|sonnabend",
    "sundays?|sonntag(?:s|en)?",
)
_MONTH: Final = rf"(?-i:(?=[A-ZÄÖÜ]))(?P<month>{'|'.join(_MONTHS)})\b\.?"  # "may" without a capital is a verb
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b{_YEAR}-(?P<number>\d\d)-(?P<day>\d\d)\b",
        rf"\b(?P<day>\d{{1,2}})\.\s?(?P<number>\d{{1,2}})\.\s?{_YEAR}\b",
        r"(?:\b(?:am|vom|bis|zum|ab|den|dem|seit|der)\s+|[-–]\s?)(?P<day>\d{1,2})\.\s?(?P<number>\d{1,2})\.(?!\d)",
        r"\b(?P<day>[0-3]\d)\.(?P<number>[01]\d)\.(?!\d)",
        rf"\b(?P<day>\d{{1,2}})/(?P<number>\d{{1,2}})/{_YEAR}\b",
        rf"\b{_DAY}(?:\s+of)?\s+{_MONTH}(?:,?\s+{_YEAR}\b)?",
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+{_YEAR}\b)?",
        rf"\b{_MONTH}(?:\s+{_YEAR}\b)?",
    )
)
_WEEKDAY: Final = re.compile(rf"\b(?P<weekday>{'|'.join(f'(?:{days})' for days in _WEEKDAYS)})\b", re.IGNORECASE)


class Day(NamedTuple):
    """Characters `start` to `end`: a "date" ("2026-03-12", "-03-12"), a "month" ("2026-03", "-03") or a "weekday"."""

    start: int
    end: int
    kind: str
    value: str


def days(text: str) -> Iterator[Day]:
    """The dates of `text`, no character in two of them; numeric ones are read day first, as in Britain and Germany."""
    taken = [False] * len(text)
    for form in _FORMS:
        for match in form.finditer(text):
            day = _day(match)
            if day and not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * len(match.group())
                yield day
    for match in _WEEKDAY.finditer(text):
        yield Day(match.start(), match.end(), "weekday", str(_index(_WEEKDAYS, match["weekday"])))


def _day(match: re.Match[str]) -> Day | None:
    groups = match.groupdict()
    month = int(groups["number"]) if groups.get("number") else _index(_MONTHS, groups["month"])
    year, day = groups.get("year") or "", groups.get("day")
    if not 1 <= month <= 12 or (day and not 1 <= int(day) <= 31):
        return None
    kind, value = ("date", f"{year}-{month:02}-{int(day):02}") if day else ("month", f"{year}-{month:02}")
    return Day(match.start(), match.end(), kind, value)


def _index(forms: tuple[str, ...], word: str) -> int:
    return next(index for index, form in enumerate(forms, start=1) if re.fullmatch(form, word, re.IGNORECASE))
