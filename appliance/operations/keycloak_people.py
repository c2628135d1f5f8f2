"""What Keycloak says of one person now, in the house's own words: the same that its mappers write into his token.

Read through the account of a client of its own, which may look at people and groups and change nothing. An answer that
is not whole is no answer: it raises, and takes nobody's rights and gives none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakError, KeycloakGetError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from appliance.access.directory import WatchedDirectory
from appliance.access.presence import Known
from appliance.errors import DirectoryUnavailable
from appliance.records import Journal, Level
from appliance.settings import REALM, Settings

SECONDS: Final = 3
"""Patience with one of Keycloak's answers."""
MISSING: Final = 404
Attributes = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """Where people are read, and as whom: a realm of the server at `url`, and a client with an account of its own.

    `audience` is the client whose roles count besides the realm's, as in tokens.
    """

    url: str
    realm: str
    audience: str
    client: str
    secret: str = field(repr=False)
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """How somebody is called, and his mail address; "" for what is not known."""

    given: str = field(repr=False)
    surname: str = field(repr=False)
    mail: str = field(repr=False)


def reading(settings: Settings) -> Reading | None:
    """Where the settings say that people are read; None where they name no such place."""
    found = REALM.fullmatch(settings.issuer or "")
    if settings.directory != "keycloak" or settings.directory_secret is None or found is None:
        return None
    return Reading(
        url=found[1],
        realm=found[2],
        audience=settings.audience or "",
        client=settings.directory_client,
        secret=settings.directory_secret.get_secret_value(),
        ca=settings.issuer_ca,
    )


def directory(settings: Settings, journal: Journal) -> WatchedDirectory | None:
    """The directory in which people are looked up; None where the settings name none."""
    there = reading(settings)
    if there is None:
        return None
    return WatchedDirectory(
        KeycloakPeople(there),
        fresh=settings.directory_seconds,
        grace=settings.identity_grace,
        journal=journal,
        tenant=settings.tenant,
    )


class _Told(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)


class _User(_Told):
    id: Annotated[str, Field(min_length=1)]
    enabled: bool
    attributes: Attributes | None = None
    firstName: str | None = None  # noqa: N815 - Keycloak's words
    lastName: str | None = None  # noqa: N815
    email: str | None = None


class _Group(_Told):
    path: Annotated[str, Field(pattern="^/.")]
    attributes: Attributes | None = None


class _Role(_Told):
    name: str


_USERS: Final = TypeAdapter(list[_User])
_GROUPS: Final = TypeAdapter(list[_Group])
_ROLES: Final = TypeAdapter(list[_Role])


class KeycloakPeople:
    """The people of one realm. Nothing is asked before it is needed. One thread at a time.

    Every method raises DirectoryUnavailable if Keycloak does not answer, refuses, or answers by half.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._audience_number = ""

    def check(self) -> None:
        """Return only if somebody is in the realm: a realm without people is a fault, nobody's dismissal."""
        with _ours():
            if not _USERS.validate_python(self._admin.get_users({"max": 1, "briefRepresentation": True})):
                raise DirectoryUnavailable("The directory names nobody at all.")

    def everybody(self) -> list[Named]:
        """How everyone in the realm is called, the disabled ones too: texts go on naming them."""
        with _ours():
            users = _USERS.validate_python(self._admin.get_users({"briefRepresentation": True}))
            if not users:
                raise DirectoryUnavailable("The directory names nobody at all.")
            return [Named(one.firstName or "", one.lastName or "", one.email or "") for one in users]

    def person(self, person_id: str, /) -> Known | None:
        """What Keycloak says of him, or None if he is not there although others are."""
        number = quote(person_id, safe="")
        if number in {"", ".", ".."}:
            return None
        with _ours():
            try:
                user = _User.model_validate(self._admin.get_user(number))
                groups = _GROUPS.validate_python(self._admin.get_user_groups(number, brief_representation=False))
            except KeycloakGetError as error:
                if error.response_code != MISSING:
                    raise
                self.check()
                return None
            if user.id != person_id:
                raise DirectoryUnavailable("The directory spoke of somebody else.")
            return self._known(user, groups, self._roles(number))

    def _known(self, user: _User, groups: list[_Group], roles: frozenset[str]) -> Known:
        own = user.attributes or {}
        above = [self._above(group) for group in groups]
        shared = {name: frozenset().union(*(one.get(name, []) for one in above)) for name in ("walls", "treats")}
        stated = frozenset().union(*(one.get("purposes", []) for one in above))
        clearance = _one(own, above, "clearance")
        return Known(
            enabled=user.enabled,
            groups=frozenset(group.path.removeprefix("/") for group in groups),
            clearance=Level.named(clearance) if clearance in {level.name.lower() for level in Level} else Level.PUBLIC,
            department=_one(own, above, "department"),
            roles=roles,
            walls=shared["walls"] | set(own.get("walls", [])),
            treats=shared["treats"] | set(own.get("treats", [])),
            purposes=stated | set(own.get("purposes", [])),
        )

    def _above(self, group: _Group) -> Attributes:
        """The attributes of a group and of those above it, as Keycloak's mappers gather them, the nearest first."""
        gathered = {name: list(values) for name, values in (group.attributes or {}).items()}
        above = group.path.rpartition("/")[0]
        if above:
            told = _Group.model_validate(self._admin.get_group_by_path(quote(above.removeprefix("/"))))
            for name, values in self._above(told).items():
                gathered.setdefault(name, []).extend(values)
        return gathered

    def _roles(self, number: str) -> frozenset[str]:
        """What he is by himself and by his groups: roles of the realm, and of the client that tokens are for."""
        try:
            realm = self._admin.get_composite_realm_roles_of_user(number)
            ours = self._admin.get_composite_client_roles_of_user(number, self._audience())
        except KeycloakGetError:
            self._audience_number = ""  # that client may have been made anew
            raise
        return frozenset(role.name for listed in (realm, ours) for role in _ROLES.validate_python(listed))

    def _audience(self) -> str:
        if not self._audience_number:
            self._audience_number = self._admin.get_client_id(self._reading.audience) or ""
        if not self._audience_number:
            raise DirectoryUnavailable("The realm does not know the client for whom tokens are.")
        return self._audience_number

    @cached_property
    def _admin(self) -> KeycloakAdmin:
        return KeycloakAdmin(
            server_url=f"{self._reading.url}/",
            realm_name=self._reading.realm,
            client_id=self._reading.client,
            client_secret_key=self._reading.secret,
            verify=True if self._reading.ca is None else str(self._reading.ca),
            timeout=SECONDS,
        )


def _one(own: Attributes, above: list[Attributes], name: str) -> str:
    """An attribute of one value: his own, or else that of the first of his groups that has one."""
    return next((values[0] for values in (own.get(name), *(one.get(name) for one in above)) if values), "")


@contextmanager
def _ours() -> Iterator[None]:
    """Foreign exceptions end here; what Keycloak answered may hold names and is not repeated."""
    try:
        yield
    except KeycloakError as error:
        raise DirectoryUnavailable(f"The directory refused (status {error.response_code or 'none'}).") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:  # of the library, by what it was told
        raise DirectoryUnavailable(f"What the directory says cannot be read ({type(error).__name__}).") from None
