"""What a person asks to be left out, as conditions beside the scope's filter: added to it, never put in its place."""

from datetime import date
from typing import Final

from qdrant_client.http import models

from appliance.records import Filters, Kind

KIND: Final = "kind"
DAY: Final = "day"
"""`valid_from` as a number of days, so that the index can compare it; nothing where there is no date."""


def told(uri: str, valid_from: date | None) -> dict[str, object]:
    """The payload fields that filters ask for, besides `department`."""
    return {KIND: Kind.of(uri).value, DAY: None if valid_from is None else valid_from.toordinal()}


def narrowed(inside: models.Filter, filters: Filters) -> models.Filter:
    """`inside`, and all of `filters`. A security property: whatever they say, `inside` must hold besides."""
    conditions = _conditions(filters)
    return models.Filter(must=[inside, *conditions]) if conditions else inside


def _conditions(filters: Filters) -> list[models.Condition]:
    wanted: list[models.Condition] = []
    if filters.departments:
        wanted.append(_any("department", sorted(filters.departments)))
    if filters.kinds:
        wanted.append(_any(KIND, sorted(filters.kinds)))
    if filters.since or filters.until:
        since, until = filters.since or date.min, filters.until or date.max
        days = models.Range(gte=since.toordinal(), lte=until.toordinal())
        wanted.append(models.FieldCondition(key=DAY, range=days))
    return wanted


def _any(key: str, values: list[str]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=[str(one) for one in values]))
