"""Documents and the quarantine, put together: what people see and put in, and what curators let in."""

from appliance.access.curating import Curation
from appliance.access.rules import Rules
from appliance.records import Journal
from appliance.settings import Settings
from appliance.store.database import open_database
from appliance.store.intake import Intake
from appliance.store.jobs import Bell
from appliance.store.quarantine import Quarantine


def curation(settings: Settings, journal: Journal, rules: Rules) -> Curation:
    """What is held back, for those who decide about it."""
    return Curation(
        quarantine=Quarantine(open_database(settings.database)),
        intake=Intake(settings.data / "archive" / "incoming", limit=settings.file_mib << 20),
        bell=Bell(settings.database),
        journal=journal,
        rules=rules.plain(),  # an emergency opens documents to read, and no names in an inbox
    )
