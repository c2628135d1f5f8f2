"""Whom officers can ask about: the personas of the demonstration, or people whom a JSON file describes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from appliance.access.identity import DemoIdentity
from appliance.errors import BadRequest
from appliance.records import Level, Principal

LARGEST: Final = 16 << 20
"""Bytes of a file of people."""
_LEVELS = {level.name.lower(): level for level in Level}


class Roll(Protocol):
    """Everybody about whom officers can ask."""

    def everybody(self) -> Sequence[Principal]:
        """Each with the rights that he has; empty where nobody is known. Raises BadRequest for a file that is none."""
        ...


class Personas:
    """The people of the demonstration, as its file describes them now."""

    def __init__(self, identity: DemoIdentity) -> None:
        self._identity = identity

    def everybody(self) -> Sequence[Principal]:
        """Every persona."""
        here = self._identity
        return [here.principal(f"Bearer {here.token(one.id)}") for one in here.personas()]


class Described:
    """The people whom a file describes; nobody without one. The file is read again each time: it may be another."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def everybody(self) -> Sequence[Principal]:
        """Everyone in the file, in its order."""
        return [] if self._file is None else described(self._file)


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


def described(file: Path) -> list[Principal]:
    """The people in a JSON file: a list, or a single one. Raises BadRequest."""
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise BadRequest(f"The file of people is larger than {LARGEST:,} bytes.")
        plain = json.loads(content.decode("utf-8"))
        told = TypeAdapter(list[_Person]).validate_python(plain if isinstance(plain, list) else [plain])
    except (OSError, ValueError, RecursionError) as error:  # what pydantic refuses is a ValueError too
        raise BadRequest(
            "The file of people cannot be read.", advice="It is a JSON list; policies/README.md shows one."
        ) from error
    return [Principal(**{name: getattr(one, name) for name in _Person.model_fields}) for one in told]
