"""Purposes with an end: what a person may state as his purpose is written with how long he may.

`personnel-case` has no end; `personnel-case until 2026-12-31T17:00:00+01:00` has one, whoever wrote it: the directory,
the issuer, the personas. Principals carry purposes as they are written; what decides is shown the names of those that
have not ended, at each decision anew.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from appliance.access.attributes import person_sound
from appliance.records import Principal

_ENDING: Final = re.compile(r"(?P<name>.+?) until (?P<end>.*)", re.DOTALL)
_FOREVER: Final = datetime.max.replace(tzinfo=UTC)
_OVER: Final = datetime.min.replace(tzinfo=UTC)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def read(written: str) -> tuple[str, datetime]:
    """The name of a purpose and its end; one that is no moment (ISO 8601 with its offset) is over: empty means no."""
    found = _ENDING.fullmatch(written)
    if found is None:
        return written, _FOREVER
    try:
        end = datetime.fromisoformat(found["end"])
    except ValueError:
        return found["name"], _OVER
    return found["name"], end if end.tzinfo is not None else _OVER


def stated(written: Collection[str], name: str, at: datetime) -> str:
    """The one of `written` purposes that is called `name` and ends last; "" if there is none, or it is over."""
    ends = {one: end for one in written for called, end in [read(one)] if called == name and end > at}
    return max(ends, key=lambda one: (ends[one], one), default="")


def lasting(principal: Principal, at: datetime) -> Principal:
    """`principal` with the names of those of his purposes that have not ended, and the stated one if it is of them."""
    if not person_sound(principal):
        return principal  # whoever decides refuses him; nothing of him is read here
    names = {one: name for one in principal.purposes for name, end in [read(one)] if end > at}
    return replace(principal, purposes=frozenset(names.values()), purpose=names.get(principal.purpose, ""))
