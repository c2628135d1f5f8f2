"""Whom a command speaks of: a persona of the demonstration, or people whom a JSON file describes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from appliance.errors import BadRequest
from appliance.records import Level, Principal
from appliance.settings import Settings

_LEVELS = {level.name.lower(): level for level in Level}


class _Person(BaseModel):
    """One person, with the attributes that rules speak about. What is missing grants nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str = Field(min_length=1)
    tenant: str = Field(min_length=1)
    client: str = Field(min_length=1)
    name: str = ""
    groups: frozenset[str] = frozenset()
    clearance: Annotated[Level, BeforeValidator(_LEVELS.get)] = Level.PUBLIC
    department: str = ""
    kind: Literal["person", "program"] = "person"
    roles: frozenset[str] = frozenset()
    walls: frozenset[str] = frozenset()
    treats: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    purpose: str = ""


def everybody(settings: Settings, people: Path | None) -> Sequence[Principal]:
    """Everyone in the file `people`; without one, every persona. Raises BadRequest."""
    if people is not None:
        return _described(people)
    if settings.identity == "demo":
        from appliance import wiring
        from appliance.access.identity import DemoIdentity

        identity = wiring.identity(settings)
        if isinstance(identity, DemoIdentity):
            return [identity.principal(f"Bearer {identity.token(one.id)}") for one in identity.personas()]
    raise BadRequest(
        "It is not known who is meant.", advice="Describe the people in a JSON file and give --people FILE."
    )


def somebody(settings: Settings, who: str, people: Path | None, purpose: str = "") -> Principal:
    """The one whose id is `who`, stating `purpose`. Raises BadRequest if nobody is called so."""
    from dataclasses import replace

    found = next((one for one in everybody(settings, people) if one.id == who), None)
    if found is None:
        raise BadRequest("Nobody is called so.", advice="See `muniment policy readers` for those who are known.")
    return replace(found, purpose=purpose) if purpose else found


def _described(file: Path) -> list[Principal]:
    try:
        plain = json.loads(file.read_text("utf-8"))
        told = TypeAdapter(list[_Person]).validate_python(plain if isinstance(plain, list) else [plain])
    except (OSError, ValueError, ValidationError) as error:
        raise BadRequest(
            "The file of people cannot be read.", advice="It is a JSON list; policies/README.md shows one."
        ) from error
    return [Principal(**{name: getattr(one, name) for name in _Person.model_fields}) for one in told]
