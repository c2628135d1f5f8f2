"""The portal's sign-in, put together from the settings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from appliance.access.logout import BackChannel
from appliance.access.openid import OpenIdClient
from appliance.access.sessions import OpenSessions
from appliance.access.signin import SignIn
from appliance.api.sessions import CALLBACK, SessionParts
from appliance.api.sessions_cookie import Cookies
from appliance.errors import SettingsRefused
from appliance.records import Journal, Principal
from appliance.settings import Settings
from appliance.store.sessions import Sessions
from appliance.store.sessions_sealed import KeyRing


class IssuerIdentity(Protocol):
    """What verifies the issuer's tokens (`appliance.access.identity_oidc.OidcIdentity`)."""

    def principal(self, authorization_header: str | None, /) -> Principal: ...  # noqa: D102
    def signed(self, token: str, /) -> tuple[Mapping[str, Any], Mapping[str, Any]]: ...  # noqa: D102


def session_parts(
    settings: Settings, identity: IssuerIdentity, *, kept: Sessions, keys: KeyRing, journal: Journal
) -> SessionParts:
    """Everything behind the routes of the sign-in. Raises SettingsRefused without an issuer and a client."""
    if settings.issuer is None or settings.client_id is None or settings.client_secret is None:
        raise SettingsRefused("A sign-in needs an issuer, a client_id and a client_secret.")
    api_url, portal_url = settings.browser_urls
    client = OpenIdClient(
        issuer=settings.issuer,
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        redirect_uri=f"{api_url}{CALLBACK}",
        signed=identity.signed,
        ca=settings.issuer_ca,
    )
    opened = OpenSessions(
        client=client,
        sessions=kept,
        journal=journal,
        idle=timedelta(minutes=settings.session_idle_minutes),
        longest=timedelta(hours=settings.session_hours),
    )
    return SessionParts(
        sign_in=SignIn(client=client, identity=identity, sessions=opened, keys=keys, journal=journal),
        opened=opened,
        back_channel=BackChannel(
            signed=identity.signed,
            issuer=settings.issuer,
            client_id=settings.client_id,
            sessions=opened,
            leeway=settings.token_leeway_seconds,
        ),
        cookies=Cookies(secure=api_url.startswith("https://"), origins=frozenset({api_url, portal_url})),
        portal=portal_url,
        api=api_url,
    )
