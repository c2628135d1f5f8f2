"""The people who work here, as persons to be found in texts: from the demonstration's file, or from Keycloak."""

from collections.abc import Iterator

from appliance.access.identity import DemoIdentity
from appliance.errors import SettingsRefused
from appliance.operations.keycloak_people import KeycloakPeople, reading
from appliance.privacy.known.naming import Person, named, too_short
from appliance.records.privacy import Entity
from appliance.settings import Settings


def staff(settings: Settings) -> Iterator[Person]:
    """Everybody whom the directory names, with his mail address.

    Raises SettingsRefused where there is no directory, DirectoryUnavailable if it does not tell everybody.
    """
    if settings.identity == "demo":
        people = DemoIdentity(settings.demo_corpus.parent / "personas.yaml", settings.tenant)
        return (Person(*named(one.name)) for one in people.personas() if one.name)
    there = reading(settings)
    if there is None:
        raise SettingsRefused(
            "There is no directory to read the staff from.",
            advice="Write the staff into a CSV file: `muniment privacy people load FILE --list staff`.",
        )
    return (
        Person(one.given, one.surname, identifiers=_mail(one.mail))
        for one in KeycloakPeople(there).everybody()
        if one.surname or one.mail
    )


def _mail(address: str) -> tuple[tuple[str, str], ...]:
    return () if too_short(address) else ((Entity.EMAIL, address),)
