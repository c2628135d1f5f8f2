"""What becomes of each kind of personal data on its way to each kind of destination, as the security officers wrote it.

`policies/redaction.toml` is part of the signed policy set. A kind or a destination that it does not name is removed,
and so is everything if a set has no such file.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from appliance.errors import PolicyRefused
from appliance.records.privacy import Entity


class Way(StrEnum):
    """How a finding leaves: not at all, as something wider, or as a word that only this house can turn back."""

    REMOVE = "remove"
    GENERALISE = "generalise"
    TOKEN = "token"  # noqa: S105  # a way, not a credential


WIDENED: Final = frozenset(
    {Entity.DATE, Entity.DATE_OF_BIRTH, Entity.AGE, Entity.POSTCODE, Entity.LOCATION, Entity.ADDRESS}
)
"""The kinds of which something wider can be said."""
_Kind = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,63}$")]
_Destination = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
_Place = Annotated[str, StringConstraints(pattern=r"^\S(.{0,98}\S)?$")]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kinds: Annotated[list[_Kind], Field(max_length=1_000)] = []
    destination: Annotated[dict[_Destination, dict[_Kind, Way]], Field(min_length=1, max_length=100)]
    region: Annotated[dict[_Place, _Place], Field(max_length=100_000)] = {}


@dataclass(frozen=True, slots=True)
class Redactions:
    """The ways by destination and kind, and the regions of known places (in lower case)."""

    ways: Mapping[str, Mapping[str, Way]] = field(default_factory=lambda: MappingProxyType({}))
    regions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def parsed(cls, text: str) -> "Redactions":
        """What a file says. Raises PolicyRefused, its `faults` naming each place that is wrong."""
        try:
            told = _File.model_validate(tomllib.loads(text))
        except ValidationError as error:
            faults = [f"redaction.toml: {_place(one['loc'])}: {one['msg']}" for one in error.errors()]
            raise _refused(faults) from None
        except (tomllib.TOMLDecodeError, RecursionError):
            raise _refused(["redaction.toml is no TOML, or says a thing twice."]) from None
        if faults := _faults(told):
            raise _refused(faults)
        regions = {place.casefold(): region for place, region in told.region.items()}
        ways = {name: MappingProxyType(dict(ways)) for name, ways in told.destination.items()}
        return cls(MappingProxyType(ways), MappingProxyType(regions))

    def way(self, kind: str, destination: str) -> Way:
        """How a finding of `kind` goes to `destination`. What is not named is removed."""
        return self.ways.get(destination, {}).get(kind, Way.REMOVE)


def _faults(told: _File) -> list[str]:
    known = {*Entity, *told.kinds}
    faults = [f"redaction.toml: kinds: {kind} is a kind that is shipped." for kind in told.kinds if kind in {*Entity}]
    for name, ways in told.destination.items():
        for kind, way in ways.items():
            place = f"redaction.toml: destination.{name}.{kind}"
            if kind not in known:
                faults.append(f"{place}: no such kind; a kind of the site's own stands in `kinds`.")
            elif way is Way.GENERALISE and kind not in WIDENED:
                faults.append(f"{place}: of this kind nothing wider can be said.")
            elif way is not Way.REMOVE and kind == Entity.SECRET:
                faults.append(f"{place}: what opens doors is only ever removed.")
    return faults


def _place(parts: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in parts)


def _refused(faults: list[str]) -> PolicyRefused:
    return PolicyRefused(f"redaction.toml has {len(faults)} faults, the first: {faults[0]}", faults=tuple(faults))
