"""What Keycloak must hold for the appliance, read from `deploy/keycloak/realm.json` and made this installation's own.

Pure. The file can also be imported by Keycloak as it is; there is one description of the realm, not two.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from appliance.settings import ROOT, Settings

FILE: Final = ROOT / "deploy" / "keycloak" / "realm.json"
PORTAL: Final = "muniment-portal"
DIRECTORY: Final = "muniment-directory"
MANAGEMENT: Final = "realm-management"
"""Keycloak's own client, whose roles let an account look at a realm or change it."""
API: Final = "muniment-api"
"""The client for whom access tokens are meant in the file; `audience` in the settings."""
_PROFILE: Final = "org.keycloak.userprofile.UserProfileProvider"

Described = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Realm:
    """A realm in Keycloak's own words. `rest` are its settings, `mappers` what writes claims into clients' tokens.

    `reader` is the client in whose name people are looked up, and `looks` what its account may do for that.
    """

    name: str
    rest: Described
    profile: Described
    roles: tuple[Described, ...]
    groups: tuple[Described, ...]
    clients: tuple[Described, ...]
    mappers: tuple[Described, ...]
    reader: str
    looks: tuple[str, ...]

    def program(self, client_id: str) -> Described:
        """A client with an account of its own: a program that asks for itself."""
        return {
            "clientId": client_id,
            "protocol": "openid-connect",
            "enabled": True,
            "publicClient": False,
            "serviceAccountsEnabled": True,
            "standardFlowEnabled": False,
            "implicitFlowEnabled": False,
            "directAccessGrantsEnabled": False,
        }


def realm(name: str, settings: Settings) -> Realm:
    """The realm called `name` for this installation: its tenant, its audience, and where its portal is found."""
    told = json.loads(FILE.read_text("utf-8"))
    api, portal = settings.browser_urls
    audience = settings.audience or API
    clients = {client["clientId"]: client for client in told["clients"]}
    mappers = [_mapper(mapper, settings.tenant, audience) for mapper in clients[PORTAL].pop("protocolMappers")]
    clients[API]["clientId"] = audience
    clients[DIRECTORY]["clientId"] = settings.directory_client
    clients[PORTAL]["clientId"] = settings.client_id or PORTAL
    clients[PORTAL]["redirectUris"] = [f"{api}/v1/session/callback"]
    clients[PORTAL]["attributes"]["post.logout.redirect.uris"] = f"{portal}/"
    clients[PORTAL]["attributes"]["backchannel.logout.url"] = f"{api}/v1/session/back-channel"
    return Realm(
        name=name,
        rest={
            **{key: value for key, value in told.items() if not isinstance(value, dict | list)},
            "realm": name,
            "displayName": name,
        },
        profile=json.loads(told["components"][_PROFILE][0]["config"]["kc.user.profile.config"][0]),
        roles=tuple(told["roles"]["client"][API]),
        groups=tuple(told["groups"]),
        clients=tuple(clients.values()),
        mappers=tuple(mappers),
        reader=settings.directory_client,
        looks=tuple(told["users"][0]["clientRoles"][MANAGEMENT]),
    )


def holds(there: object, wanted: object) -> bool:
    """Whether what is there says all that is wanted; it may say more. The order of plain lists does not count."""
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and all(holds(there.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(there, list):
        return sorted(map(str, there)) == sorted(map(str, wanted))
    return there == wanted


def joined(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Described:
    """What is there, with what is wanted written over it; what we say nothing about stays the site's."""
    made = deepcopy(dict(there))
    for key, value in wanted.items():
        inner = made.get(key)
        made[key] = joined(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return made


def profile(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Described:
    """A realm's user profile with our attributes in it: ours as we say, those of the site as they are.

    Ours are for administrators alone: nobody may write his own clearance. Attributes that a profile does not know are
    never a person's to edit either.
    """
    basic = {"username", "email", "firstName", "lastName"}
    ours = [attribute for attribute in wanted["attributes"] if attribute["name"] not in basic]
    known = {attribute["name"]: attribute for attribute in there.get("attributes", [])}
    for attribute in ours:
        known[attribute["name"]] = joined(known.get(attribute["name"], {}), attribute)
    made = {**there, "attributes": list(known.values())}
    if made.get("unmanagedAttributePolicy") == "ENABLED":
        made["unmanagedAttributePolicy"] = "ADMIN_EDIT"
    return made


def _mapper(described: Described, tenant: str, audience: str) -> Described:
    own = {"tenant": {"claim.value": tenant}, "audience": {"included.client.audience": audience}}
    return joined(described, {"config": own.get(described["name"], {})})
