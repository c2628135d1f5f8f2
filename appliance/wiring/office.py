"""The officers' desks, put together."""

from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.api.gate import Identity
from appliance.api.office import Office
from appliance.office.people import Described, Personas, Roll
from appliance.office.rights import Rights
from appliance.records import Journal
from appliance.settings import Settings
from appliance.store.registry import Registry
from appliance.wiring.people import personas


def roll(settings: Settings, who: Identity | None = None) -> Roll:
    """Everybody about whom officers can ask: the personas, or whom the file of the settings describes."""
    if settings.office_people is not None:
        return Described(settings.office_people)
    if settings.identity == "demo":
        return Personas(who if isinstance(who, DemoIdentity) else personas(settings))
    return Described(None)


def office(settings: Settings, who: Identity, *, rules: Rules, registry: Registry, journal: Journal) -> Office:
    """All of them. `rules` are those without emergencies: what opens in one is told by the ledger."""
    return Office(rights=Rights(rules=rules, documents=registry, roll=roll(settings, who), journal=journal))
