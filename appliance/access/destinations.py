"""Where questions may be asked outside, and what that may cost, as the security officers signed it.

`policies/destinations.toml` is part of the signed policy set; both the gate and the door read it there. A set without
the file has no destination and no budget: nothing leaves.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from appliance.errors import PolicyRefused
from appliance.records.escalations import Budgets, Destination

FILE: Final = "destinations.toml"
MILLION: Final = 1_000_000
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
_Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
_Pin = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Money = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]
_URL: Final = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?/[A-Za-z0-9._~/-]*")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Budget(_Strict):
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    person: _Money
    department: _Money
    house: _Money


class _Destination(_Strict):
    name: _Name
    url: str
    model: _Line
    region: _Line
    contract: _Line
    ways: _Name
    classes: Annotated[frozenset[Literal["public", "internal"]], Field(min_length=1)]
    retention_days: Annotated[int, Field(ge=0, le=36_500, strict=True)]
    price_in: _Money
    price_out: _Money
    pins: frozenset[_Pin] = frozenset()
    approval: Literal["always", "policy"]


class _File(_Strict):
    budget: _Budget
    destination: Annotated[list[_Destination], Field(max_length=100)] = []


@dataclass(frozen=True, slots=True)
class Destinations:
    """The destinations by name, and the budgets per calendar month."""

    named: Mapping[str, Destination] = field(default_factory=lambda: MappingProxyType({}))
    budgets: Budgets = field(default_factory=Budgets)
    currency: str = ""

    @classmethod
    def parsed(cls, text: str) -> "Destinations":
        """What a file says. Raises PolicyRefused, its `faults` naming each place that is wrong."""
        try:
            told = _File.model_validate(tomllib.loads(text, parse_float=Decimal))
        except ValidationError as error:
            places = [".".join(map(str, one["loc"])) for one in error.errors()]
            raise _refused(
                [f"{place}: {one['msg']}" for place, one in zip(places, error.errors(), strict=True)]
            ) from None
        except (tomllib.TOMLDecodeError, RecursionError):
            raise _refused(["it is no TOML, or says a thing twice."]) from None
        faults = [
            f"{one.name}: its url is not https, a host in small letters and a path."
            for one in told.destination
            if not _URL.fullmatch(one.url)
        ]
        if len({one.name for one in told.destination}) != len(told.destination):
            faults.append("a destination is named twice.")
        if faults:
            raise _refused(faults)
        named = {one.name: _destination(one) for one in told.destination}
        return cls(MappingProxyType(named), _budgets(told.budget), told.budget.currency)


def _destination(told: _Destination) -> Destination:
    plain = {name: getattr(told, name) for name in _Destination.model_fields if name != "approval"}
    return Destination(**plain, always_approved=told.approval == "always")


def _budgets(told: _Budget) -> Budgets:
    return Budgets(*(int(one * MILLION) for one in (told.person, told.department, told.house)))


def _refused(faults: list[str]) -> PolicyRefused:
    told = [f"{FILE}: {fault}" for fault in faults]
    return PolicyRefused(f"{FILE} has {len(told)} faults, the first: {told[0]}", faults=tuple(told))
