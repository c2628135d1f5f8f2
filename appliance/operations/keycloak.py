"""Keycloak's administration: what the realm must hold is brought there, and who is in it is read from there.

Through python-keycloak, for administration only: tokens are verified by `appliance.access.tokens`, offline.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakConnectionError, KeycloakError, KeycloakGetError

from appliance.errors import IssuerUnavailable, KeycloakRefused, SettingsRefused
from appliance.operations import realm as described
from appliance.operations.realm import Described, Realm
from appliance.settings import REALM, Settings

SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one part of the realm."""

    kind: str
    name: str
    outcome: Literal["created", "changed", "as it was"]


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who acts in Keycloak: an account of the realm `home`, "master" or the appliance's own."""

    name: str
    password: str
    home: str = "master"


class Keycloak:
    """The realm that `settings.issuer` names, as `administrator` sees it.

    Raises SettingsRefused if the issuer is no realm of Keycloak's. Every method raises IssuerUnavailable if Keycloak
    does not answer, and KeycloakRefused if it does not do what it is told.
    """

    def __init__(self, settings: Settings, administrator: Administrator) -> None:
        found = REALM.fullmatch(settings.issuer or "")
        if found is None:
            raise SettingsRefused("issuer is no realm of Keycloak's (https://…/realms/NAME).")
        self.realm = found[2]
        ca: Path | None = settings.issuer_ca
        with _ours():
            self._admin = KeycloakAdmin(
                server_url=f"{found[1]}/",
                username=administrator.name,
                password=administrator.password,
                realm_name=self.realm,
                user_realm_name=administrator.home,
                verify=True if ca is None else str(ca),
                timeout=SECONDS,
            )

    def bring(self, wanted: Realm, *, programs: tuple[str, ...] = ()) -> Iterator[Step]:
        """Bring the realm to hold what is wanted, one step after another; what is already so is not touched.

        Settings of a realm that exists are its owner's and stay. Doing it again changes nothing.
        """
        with _ours():
            yield self._realm(wanted)
            yield self._profile(wanted)
            for client in (*wanted.clients, *map(wanted.program, programs)):
                step, number = self._client(client)
                yield step
                if client.get("bearerOnly"):
                    yield from (self._role(number, role) for role in wanted.roles)
                elif client["clientId"] == wanted.reader:
                    yield self._looks(number, wanted)
                else:
                    yield from (self._mapper(number, client["clientId"], mapper) for mapper in wanted.mappers)
            for group in wanted.groups:
                yield self._group(group)

    def secret(self, client_id: str) -> str:
        """The secret that Keycloak made for a client."""
        with _ours():
            number = self._admin.get_client_id(client_id)
            if number is None:
                raise KeycloakRefused("There is no such client in the realm.")
            return str(self._admin.get_client_secrets(number)["value"])

    def people(self) -> list[Described]:
        """Everybody in the realm, in Keycloak's own words, without programs' accounts."""
        with _ours():
            return list(self._admin.get_users())

    def groups(self) -> list[Described]:
        """The realm's groups, those below others within them as `subGroups`."""
        with _ours():
            return list(self._admin.get_groups(full_hierarchy=True))

    def members(self, group: str) -> list[Described]:
        """Who belongs to the group with this id."""
        with _ours():
            return list(self._admin.get_group_members(group))

    def _realm(self, wanted: Realm) -> Step:
        try:
            self._admin.get_realm(wanted.name)
        except KeycloakGetError as error:
            if error.response_code != 404:  # not found
                raise
            self._admin.create_realm(wanted.rest)
            return Step("realm", wanted.name, "created")
        return Step("realm", wanted.name, "as it was")

    def _profile(self, wanted: Realm) -> Step:
        there = self._admin.get_realm_users_profile()
        made = described.profile(there, wanted.profile)
        if made == there:
            return Step("attributes", "of people", "as it was")
        self._admin.update_realm_users_profile(made)
        return Step("attributes", "of people", "changed")

    def _client(self, wanted: Described) -> tuple[Step, str]:
        name = wanted["clientId"]
        there = next((client for client in self._admin.get_clients() if client["clientId"] == name), None)
        if there is None:
            return Step("client", name, "created"), str(self._admin.create_client(wanted))
        if described.holds(there, wanted):
            return Step("client", name, "as it was"), str(there["id"])
        self._admin.update_client(there["id"], described.joined(there, wanted))
        return Step("client", name, "changed"), str(there["id"])

    def _role(self, client: str, wanted: Described) -> Step:
        if wanted["name"] in {role["name"] for role in self._admin.get_client_roles(client)}:
            return Step("role", wanted["name"], "as it was")
        self._admin.create_client_role(client, wanted)
        return Step("role", wanted["name"], "created")

    def _looks(self, client: str, wanted: Realm) -> Step:
        """Let a client's own account look people up: the realm's roles for that, and none that changes anything."""
        account = self._admin.get_client_service_account_user(client)["id"]
        of = self._admin.get_client_id(described.MANAGEMENT)
        if of is None:
            raise KeycloakRefused("The realm has no client realm-management.")
        held = {role["name"] for role in self._admin.get_client_roles_of_user(account, of)}
        missing = [self._admin.get_client_role(of, name) for name in wanted.looks if name not in held]
        if not missing:
            return Step("rights", wanted.reader, "as it was")
        self._admin.assign_client_role(account, of, missing)
        return Step("rights", wanted.reader, "changed")

    def _mapper(self, client: str, client_id: str, wanted: Described) -> Step:
        name = f"{client_id}: {wanted['name']}"
        listed = self._admin.get_mappers_from_client(client)
        there = next((mapper for mapper in listed if mapper["name"] == wanted["name"]), None)
        if there is None:
            self._admin.add_mapper_to_client(client, wanted)
            return Step("claim", name, "created")
        if described.holds(there, wanted):
            return Step("claim", name, "as it was")
        self._admin.update_client_mapper(client, there["id"], described.joined(there, wanted))
        return Step("claim", name, "changed")

    def _group(self, wanted: Described) -> Step:
        if wanted["name"] in {group["name"] for group in self._admin.get_groups()}:
            return Step("group", wanted["name"], "as it was")
        self._admin.create_group(wanted)
        return Step("group", wanted["name"], "created")


@contextmanager
def _ours() -> Iterator[None]:
    """Foreign exceptions end here; what Keycloak answered may hold names and is not repeated."""
    try:
        yield
    except KeycloakConnectionError as error:
        raise IssuerUnavailable("Keycloak does not answer.", advice="Is the issuer right, and issuer_ca?") from error
    except KeycloakError as error:
        raise KeycloakRefused(f"Keycloak refused (status {error.response_code or 'unknown'}).") from error
