"""What is said instead: one table. Where it is not certain, nothing."""

import pytest

from appliance.privacy.redacting.generalising import wider
from appliance.records.privacy import Entity

REGIONS = {"munich": "Bavaria", "aldermoor": "the Weir district"}


@pytest.mark.parametrize(
    ("entity", "text", "told"),
    [
        (Entity.DATE, "3 March 2026", "2026"),
        (Entity.DATE, "2026-03-02T12:00", "2026"),
        (Entity.DATE, "02.03.2026", "2026"),
        (Entity.DATE, "from March to May 2026", "2026"),
        (Entity.DATE, "2025 to 2026", None),
        (Entity.DATE, "12.03.58", None),
        (Entity.DATE, "yesterday", None),
        (Entity.DATE, "20260302", None),
        (Entity.DATE_OF_BIRTH, "1 May 1937", "1937"),
        (Entity.DATE_OF_BIRTH, "1 May 1936", "1936 or earlier"),
        (Entity.DATE_OF_BIRTH, "1 May 1908", "1936 or earlier"),
        (Entity.AGE, "0", "0-9"),
        (Entity.AGE, "67", "60-69"),
        (Entity.AGE, "67 years old", "60-69"),
        (Entity.AGE, "67-jährig", "60-69"),
        (Entity.AGE, "89", "80-89"),
        (Entity.AGE, "90", "90+"),
        (Entity.AGE, "104", "90+"),
        (Entity.AGE, "8 months", None),
        (Entity.AGE, "3 Wochen", None),
        (Entity.AGE, "sixty", None),
        (Entity.AGE, "67-69", None),
        (Entity.AGE, "6.5", None),
        (Entity.AGE, "1931", None),
        (Entity.POSTCODE, "AL4 2QX", "AL4"),
        (Entity.POSTCODE, "w1a1aa", "W1A"),
        (Entity.POSTCODE, "80331", "80***"),
        (Entity.POSTCODE, "D-80331", "80***"),
        (Entity.POSTCODE, "90210-1234", "90***"),
        (Entity.POSTCODE, "K1A 0B1", "K1A"),
        (Entity.POSTCODE, "1234", None),
        (Entity.POSTCODE, "", None),
        (Entity.LOCATION, "MUNICH", "Bavaria"),
        (Entity.LOCATION, "Riverbend", "[place]"),
        (Entity.ADDRESS, "12 Mill Lane, Aldermoor", "the Weir district"),
        (Entity.ADDRESS, "12 Munich Street", "[address]"),
        (Entity.PERSON, "Ada Novak", None),
        ("STAFF_NUMBER", "4711", None),
    ],
)
def test_what_is_said_instead(entity: str, text: str, told: str | None) -> None:
    assert wider(entity, text, this_year=2026, regions=REGIONS) == told
