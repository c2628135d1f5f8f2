"""The known persons of an installation, put together from its settings."""

from appliance.privacy.known.detector import Known
from appliance.privacy.known.key import KnownKey
from appliance.settings import Settings
from appliance.store.database import open_database
from appliance.store.known import KnownLists


def known_lists(settings: Settings) -> KnownLists:
    """The lists, in the registry's database. Raises RegistryUnavailable."""
    return KnownLists(open_database(settings.database))


def known_key(settings: Settings) -> KnownKey:
    """Their key, apart from it."""
    return KnownKey(settings.known_key or settings.data / "keys" / "known.key")


def known(settings: Settings) -> Known:
    """The detector of whoever is on the lists. It reads the database, so it lives where that can be reached."""
    return Known(known_lists(settings), known_key(settings))
