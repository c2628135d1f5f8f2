"""What verified claims say of a person: missing means empty, and a claim of the wrong kind is nobody's.

The claims are those that Keycloak's mappers write (`muniment keycloak bootstrap` sets them up). Names of groups, roles,
walls and records are compared as they are written, character by character: nothing folds case, trims, or makes two
look-alike letters one.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from appliance.access import purposes
from appliance.access.tokens import refused
from appliance.errors import NotAllowed
from appliance.records import Level, Principal

MANY: Final = 10_000
"""Groups, roles, walls, records or purposes of one person; a token with more of one kind is refused."""
ACCOUNT: Final = "service-account-"
"""How Keycloak begins the user names of programs' own accounts."""

_Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]
_Names = Annotated[list[_Name], Field(max_length=MANY)]
_Short = Annotated[str, StringConstraints(max_length=256)]


class _Roles(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    roles: _Names = []


class _Claims(BaseModel):
    """The claims that we read, in the types that they must have; what we do not read is ignored."""

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    sub: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")]
    azp: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")]
    client_id: _Short = ""
    sid: _Short = ""
    preferred_username: _Short = ""
    name: _Short = ""
    locale: _Short = ""
    tenant: _Short = ""
    department: _Short = ""
    clearance: Literal["public", "internal", "confidential", "restricted"] = "public"
    groups: _Names = []
    walls: _Names = []
    treats: _Names = []
    purposes: _Names = []
    realm_access: _Roles = _Roles()
    resource_access: dict[str, _Roles] = {}


def principal(claims: Mapping[str, Any], audience: str) -> Principal:
    """The person or program that verified claims speak of. Roles are those of the realm and of `audience`, our own.

    Raises NotAuthenticated if a claim is of the wrong kind, too long, or if one of `sub` and `azp` is missing.
    """
    try:
        told = _Claims.model_validate(dict(claims))
    except ValidationError:
        raise refused() from None  # the error would carry what it was about
    ours = told.resource_access.get(audience, _Roles())
    return Principal(
        id=told.sub,
        name=told.name or told.preferred_username,
        tenant=told.tenant,
        groups=_groups(told.groups),
        clearance=Level.named(told.clearance),
        client=told.azp,
        department=told.department,
        language="de" if told.locale.lower().split("-")[0] == "de" else "en",
        kind="program" if _is_program(told) else "person",
        roles=frozenset((*told.realm_access.roles, *ours.roles)),
        walls=frozenset(told.walls),
        treats=frozenset(told.treats),
        purposes=frozenset(told.purposes),
    )


def stating(someone: Principal, purpose: str) -> Principal:
    """The same, with the purpose that he states now; "" is none. Raises NotAllowed if it is not one of his, or over."""
    if not purpose:
        return someone
    found = purposes.stated(someone.purposes, purpose, purposes.now())
    if not found:
        raise NotAllowed("This is no purpose of yours.", advice="Ask for what you may state, or state nothing.")
    return replace(someone, purpose=found)


def _groups(listed: list[str]) -> frozenset[str]:
    """Group names without the slash that Keycloak's full paths begin with, so "/nursing/icu" is "nursing/icu".

    Paths are kept whole: the group "icu" below "nursing" is not the "icu" below something else. Where one name is a
    path and another is not, nobody can tell whether "/staff" and "staff" are one group: refused.
    """
    paths = [name.startswith("/") for name in listed]
    if any(paths) and not all(paths):
        raise refused()
    names = frozenset(name.removeprefix("/") for name in listed)
    if "" in names:
        raise refused()
    return names


def _is_program(told: _Claims) -> bool:
    """Any sign of a program's own account is enough, and so is none of a person: programs may do less than people.

    A person has signed in, which is a session, or has a user name at least; mappers that a site has taken away make a
    program's account look like neither.
    """
    own_account = told.preferred_username.startswith(ACCOUNT) or told.sub in {told.azp, told.client_id}
    return own_account or not (told.sid or (told.preferred_username and not told.client_id))
