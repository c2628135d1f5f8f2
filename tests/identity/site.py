"""A site whose people change while they are answered: the certified provider, the stand-in for Keycloak, the real API.

Who signs in does so at the provider, with a code; who he is in the house now is asked of the stand-in; everything else
is the changing house of the benchmarks, over HTTP.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from keycloak import KeycloakAdmin

from appliance import wiring
from appliance.access.directory import WatchedDirectory
from appliance.access.presence import Presence
from appliance.api.gate import Identity
from appliance.api.sessions import SessionParts
from appliance.operations.keycloak_people import KeycloakPeople, Reading
from appliance.operations.realm import realm
from appliance.records import Journal
from appliance.settings import Settings
from tests.benchmarks.changing_house import House, Peopled, changing_house
from tests.identity import provider as providers
from tests.identity.admin_server import StandIn
from tests.identity.test_keycloak import House as Keycloak
from tests.identity.test_keycloak import stand_in

NAME: Final = "muniment-session"
OTHER: Final = "other"
"""Somebody who is there always, so that the realm is never empty."""


@dataclass
class Site:
    """The house, and what its directory and its issuer can be told."""

    provider: providers.Provider
    directory: StandIn
    admin: KeycloakAdmin
    house: House = field(init=False)
    watched: WatchedDirectory = field(init=False)

    def person(self, *groups: str) -> str:
        """Somebody new in both places, in these groups; his id, which is that of his account at the provider too."""
        number = str(uuid4())
        attributes = {"department": ["stores"], "clearance": ["internal"]}
        memory = self.directory.realms["weir"]
        memory.users[number] = {"id": number, "username": number, "enabled": True, "attributes": attributes}
        for group in groups:
            made = self.admin.create_group({"name": group}, skip_exists=True)
            self.admin.group_user_add(number, str(made))
        claims = {"name": "Rhea", "tenant": "aldermoor", "department": "stores", "clearance": "internal"}
        self.provider.account(number, claims | {"groups": [f"/{group}" for group in groups]})
        return number

    def leave(self, person: str, group: str) -> None:
        """Out of a group; acknowledged when Keycloak has answered."""
        (found,) = [one for one in self.admin.get_user_groups(person) if one["name"] == group]
        self.admin.group_user_remove(person, found["id"])

    def disable(self, person: str) -> None:
        """Disabled; acknowledged when Keycloak has answered."""
        self.admin.update_user(person, {"enabled": False})

    def sign_in(self, person: str) -> str:
        """A browser signs in at the provider and comes back; the cookie that it then has."""
        with (
            httpx.Client(base_url=self.house.address, trust_env=False) as here,
            httpx.Client(verify=self.provider.tls(), trust_env=False) as there,
        ):
            answer = there.get(here.get("/v1/session/login").headers["location"])
            while not answer.headers.get("location", "").startswith(self.house.address):
                if answer.has_redirect_location:
                    answer = there.get(answer.url.join(answer.headers["location"]))
                else:
                    answer = there.post(answer.url, data={"login": person})
            back = here.get("/v1/session/callback", params=urlsplit(answer.headers["location"]).query)
            assert NAME in back.cookies, back.text
            return str(back.cookies[NAME])

    def headers(self, cookie: str) -> dict[str, str]:
        """What a page of ours sends along."""
        return {"Cookie": f"{NAME}={cookie}", "Origin": self.house.address}

    def sid(self, cookie: str) -> str:
        """The issuer's own session behind a cookie."""
        from appliance.access.sessions import digest

        settings = Settings(data=self.house.folder / "data")
        found = wiring.sessions(settings).find(digest(cookie))
        assert found is not None
        return found.sid


@contextmanager
def site(folder: Path, *, fresh: float = 5.0, grace: float = 120.0) -> Iterator[Site]:
    """All of it, on loopback. `fresh` and `grace` are the settings directory_seconds and identity_grace."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    for name in ("provider", "keycloak", "house"):
        (folder / name).mkdir(parents=True)
    with ExitStack() as held:
        provider = held.enter_context(
            providers.running(
                folder / "provider",
                f"{address}/v1/session/callback",
                back_channel=f"{address}/v1/session/back-channel",
            )
        )
        keycloak, memory = held.enter_context(stand_in(folder / "keycloak"))
        reading = prepared(keycloak)
        made = Site(provider, memory, keycloak.admin())
        memory.realms["weir"].users[OTHER] = {"id": OTHER, "username": OTHER, "enabled": True}

        def joined(settings: Settings, journal: Journal) -> tuple[Identity, Presence, SessionParts | None]:
            made.watched = WatchedDirectory(KeycloakPeople(reading), fresh=fresh, grace=grace, journal=journal)
            made.watched.start()
            held.callback(made.watched.stop)
            who = wiring.identity(settings, made.watched)
            parts = wiring.signing(settings, who, journal)
            return who, wiring.presence_of(settings, who, made.watched), parts

        told: dict[str, Any] = {
            "identity": "oidc", "issuer": provider.issuer, "audience": providers.AUDIENCE, "issuer_ca": provider.ca,
            "client_id": providers.PORTAL, "client_secret": providers.PORTAL_SECRET, "api_port": port,
        }  # fmt: skip
        made.house = held.enter_context(changing_house(folder / "house", peopled=Peopled(told, joined, port)))
        yield made


def prepared(keycloak: Keycloak) -> Reading:
    """The realm as `bootstrap` leaves it, and how people are read in it."""
    told = keycloak.keycloak()
    list(told.bring(realm(told.realm, keycloak.settings())))
    secret = told.secret("muniment-directory")
    return Reading(keycloak.url, "weir", "muniment-api", "muniment-directory", secret, keycloak.ca)
