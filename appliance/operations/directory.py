"""A snapshot of who is in the house: people and groups as the directory has them now, in one file.

It grants nothing: what a person may read is decided by the claims of his token alone. It is what the house knows of its
people, for whoever must know that a name is a name.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from appliance.errors import KeycloakRefused
from appliance.operations.realm import Described


class Source(Protocol):
    """Where people and groups are read from (`appliance.operations.keycloak.Keycloak`)."""

    realm: str

    def people(self) -> list[Described]: ...  # noqa: D102
    def groups(self) -> list[Described]: ...  # noqa: D102
    def members(self, group: str, /) -> list[Described]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Person:
    """One person. `groups` are paths without their first slash, as access lists name them."""

    id: str
    username: str
    name: str
    email: str
    enabled: bool
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody, sorted by id, and every group, sorted. `taken` is in UTC."""

    realm: str
    taken: str
    people: tuple[Person, ...]
    groups: tuple[str, ...]


def directory(source: Source) -> Directory:
    """Read all of it. Raises IssuerUnavailable, KeycloakRefused; half a directory is never returned."""
    try:
        paths = {group["id"]: group["path"].removeprefix("/") for group in _all(source.groups())}
        belongs: dict[str, set[str]] = {}
        for group, path in paths.items():
            for member in source.members(group):
                belongs.setdefault(member["id"], set()).add(path)
        people = [_person(told, belongs.get(told["id"], set())) for told in source.people()]
    except (KeyError, TypeError, AttributeError) as error:
        raise KeycloakRefused("What Keycloak says of its people cannot be read; nothing was written.") from error
    if not people:
        raise KeycloakRefused("Keycloak names nobody at all; nothing was written.")
    taken = datetime.now(UTC).isoformat(timespec="seconds")
    return Directory(source.realm, taken, tuple(sorted(people, key=lambda one: one.id)), tuple(sorted(paths.values())))


def write(taken: Directory, file: Path) -> None:
    """Put the snapshot in place of the last one, at once and for its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(asdict(taken), out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)


def _all(groups: list[Described]) -> Iterator[Described]:
    for group in groups:
        yield group
        yield from _all(group.get("subGroups") or [])


def _person(told: Described, groups: set[str]) -> Person:
    name = " ".join(filter(None, (told.get("firstName"), told.get("lastName"))))
    return Person(
        id=str(told["id"]),
        username=str(told["username"]),
        name=name,
        email=str(told.get("email") or ""),
        enabled=told.get("enabled") is True,
        groups=tuple(sorted(groups)),
    )
