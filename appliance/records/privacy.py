"""What is private in a text: kinds of it, and where they stand. Values only; `appliance.privacy` finds them."""

from dataclasses import dataclass
from enum import StrEnum


class Entity(StrEnum):
    """The shipped kinds of personal data and secrets. A site adds its own by name, in the same form."""

    # --- Who ---
    PERSON = "PERSON"
    USERNAME = "USERNAME"
    AGE = "AGE"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    NATIONALITY = "NATIONALITY"
    """A nationality, religion or political group."""
    TITLE = "TITLE"
    ORGANIZATION = "ORGANIZATION"

    # --- Where and when ---
    ADDRESS = "ADDRESS"
    """A street address, whole: street, number, flat, and postcode and place where they follow."""
    POSTCODE = "POSTCODE"
    LOCATION = "LOCATION"
    DATE = "DATE"

    # --- How to reach ---
    PHONE = "PHONE"
    """Telephone and fax."""
    EMAIL = "EMAIL"
    URL = "URL"
    """A web address, or a domain alone."""
    IP_ADDRESS = "IP_ADDRESS"
    MAC_ADDRESS = "MAC_ADDRESS"

    # --- Numbers that states give ---
    SSN = "SSN"
    TAX_ID = "TAX_ID"
    PENSION_INSURANCE = "PENSION_INSURANCE"
    NATIONAL_ID = "NATIONAL_ID"
    PASSPORT = "PASSPORT"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    LICENCE = "LICENCE"
    """A certificate or licence of a profession, by its number."""
    PLATE = "PLATE"
    VIN = "VIN"

    # --- Numbers of care ---
    MRN = "MRN"
    """A medical record or patient number."""
    ACCESSION = "ACCESSION"
    CLAIM = "CLAIM"
    MEMBER = "MEMBER"
    HEALTH_PLAN = "HEALTH_PLAN"
    HEALTH_INSURANCE = "HEALTH_INSURANCE"
    NHS = "NHS"
    NPI = "NPI"
    DEA = "DEA"
    DEVICE = "DEVICE"
    """A device's serial number."""
    UDI = "UDI"

    # --- Numbers of money ---
    ACCOUNT = "ACCOUNT"
    SORT_CODE = "SORT_CODE"
    ROUTING = "ROUTING"
    IBAN = "IBAN"
    BIC = "BIC"
    CARD = "CARD"

    # --- What opens doors ---
    SECRET = "SECRET"  # noqa: S105  # the kind, not one
    """A key, token or password."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something private in a text: characters `start` (from 0) to `end` (exclusive), never empty.

    `entity` is the name of an `Entity` or a kind of the site's own. `score` lies in [0, 1]; scores of one `source` (the
    detector, or the rule in it) can be compared, and thresholds are per entity.
    """

    start: int
    end: int
    entity: str
    score: float
    source: str
