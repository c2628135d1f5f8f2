"""Whom a command speaks of: a persona of the demonstration, or people whom a JSON file describes."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from appliance.errors import BadRequest
from appliance.office.people import described
from appliance.records import Principal
from appliance.settings import Settings


def everybody(settings: Settings, people: Path | None) -> Sequence[Principal]:
    """Everyone in the file `people`; without one, whom the portal's officers can ask about. Raises BadRequest."""
    from appliance.wiring.office import roll

    found = described(people) if people is not None else roll(settings).everybody()
    if not found:
        raise BadRequest(
            "It is not known who is meant.", advice="Describe the people in a JSON file and give --people FILE."
        )
    return found


def somebody(settings: Settings, who: str, people: Path | None, purpose: str = "") -> Principal:
    """The one whose id is `who`, stating `purpose`. Raises BadRequest if nobody is called so."""
    found = next((one for one in everybody(settings, people) if one.id == who), None)
    if found is None:
        raise BadRequest("Nobody is called so.", advice="See `muniment policy readers` for those who are known.")
    return replace(found, purpose=purpose) if purpose else found
