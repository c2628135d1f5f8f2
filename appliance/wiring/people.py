"""Who people are, put together: credentials, the directory's word of them now, and the portal's sessions."""

from appliance.access.directory import WatchedDirectory
from appliance.access.identity import DemoIdentity
from appliance.access.identity_oidc import OidcIdentity
from appliance.access.issuer_keys import IssuerDocuments, IssuerKeys
from appliance.access.presence import Presence, TokenAlone, WhileSignedIn
from appliance.access.tokens import AccessTokens, Expectations
from appliance.api.gate import Identity
from appliance.api.sessions import SessionParts
from appliance.api.sessions_parts import session_parts
from appliance.errors import SettingsRefused
from appliance.operations import workers
from appliance.records import Journal
from appliance.settings import Settings
from appliance.store.database import open_database
from appliance.store.sessions import Sessions
from appliance.store.sessions_sealed import KeyRing


def identity(settings: Settings, presence: Presence | None = None) -> DemoIdentity | OidcIdentity:
    """Who checks credentials; with an issuer, `presence` knows who is in the house no more.

    Raises SettingsRefused if `issuer_ca` is no file of certificates.
    """
    if settings.identity == "demo":
        return personas(settings)
    issuer, audience = settings.issuer or "", settings.audience or ""
    keys = IssuerKeys(IssuerDocuments(issuer, settings.issuer_ca), patience=settings.issuer_hours * 3600)
    expected = Expectations(issuer, audience, settings.token_algorithms, settings.token_leeway_seconds)
    return OidcIdentity(AccessTokens(expected, keys), audience, presence, tenant=settings.tenant)


def presence_of(settings: Settings, who: DemoIdentity | OidcIdentity, watched: WatchedDirectory | None) -> Presence:
    """What is known of people now: in the demonstration the personas file is the directory.

    With an issuer it is the directory, and whether the portal's session has ended through which somebody asks.
    """
    if isinstance(who, DemoIdentity):
        return who
    return WhileSignedIn(watched or TokenAlone(), sessions(settings).has)


def personas(settings: Settings) -> DemoIdentity:
    """The people of the demonstration. Raises SettingsRefused where identity is not "demo"."""
    if settings.identity != "demo":
        raise SettingsRefused("There are no personas with identity=oidc.", advice="Sign in as yourself.")
    file = settings.demo_corpus.parent / "personas.yaml"
    return DemoIdentity(file, settings.tenant, key=workers.key(settings))


def sessions(settings: Settings) -> Sessions:
    """Everybody's sign-in sessions."""
    return Sessions(open_database(settings.database), session_keys(settings))


def session_keys(settings: Settings) -> KeyRing:
    """The keys that sign-in sessions are sealed with, apart from the database."""
    return KeyRing(settings.data / "keys" / "sessions.json")


def signing(settings: Settings, who: Identity, journal: Journal) -> SessionParts | None:
    """The portal's sign-in; None where there is none (the demonstration, or programs alone)."""
    if not isinstance(who, OidcIdentity) or settings.client_id is None:
        return None
    return session_parts(settings, who, kept=sessions(settings), keys=session_keys(settings), journal=journal)
