"""A file of known persons: CSV with a header, UTF-8. Rows that cannot be used are told by number, never by content."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final, TextIO

from appliance.errors import BadRequest
from appliance.privacy.known.dates import only_date
from appliance.privacy.known.naming import LONGEST, Person, named, too_short
from appliance.privacy.known.spelling import form
from appliance.records.privacy import Entity

GIVEN: Final = "GIVEN"
SURNAME: Final = "SURNAME"
SKIPPED: Final = "-"
MEANINGS: Final = (*(str(entity) for entity in Entity), GIVEN, SURNAME, SKIPPED)
"""What a column may hold. PERSON is a full name; "-" is left out."""
_LONGEST_CELL: Final = 1_000
_HEADERS: Final = {
    Entity.PERSON: "name fullname full_name person patient customer kunde patientenname kundenname displayname",
    GIVEN: "given givenname given_name first firstname first_name vorname forename",
    SURNAME: "surname last lastname last_name family familyname family_name nachname familienname",
    Entity.DATE_OF_BIRTH: "dob birth birthdate dateofbirth date_of_birth birthday geburtsdatum geboren",
    Entity.MRN: "mrn patientid patient_id patientnumber patient_number patientennummer fallnummer",
    Entity.ACCOUNT: "account accountnumber account_number konto kontonummer",
    Entity.IBAN: "iban",
    Entity.PHONE: "phone telephone mobile telefon telefonnummer mobil fax",
    Entity.EMAIL: "email mail e_mail emailadresse",
    Entity.SSN: "ssn",
    Entity.HEALTH_INSURANCE: "kvnr versichertennummer krankenversichertennummer",
    Entity.NHS: "nhs nhs_number",
    Entity.MEMBER: "member member_id customerid customer_id customernumber customer_number kundennummer",
    Entity.ADDRESS: "address anschrift adresse",
    Entity.USERNAME: "username user login benutzername",
}
_KNOWN: Final = {form(header): str(meaning) for meaning, headers in _HEADERS.items() for header in headers.split()}


@dataclass(frozen=True, slots=True)
class Row:
    """The row `number` (the header is 1, so the first person is 2), and the person in it or the reason why not."""

    number: int
    person: Person | None
    fault: str = ""


class PeopleFile:
    """The persons in `file`. `columns` says what is in which column, for those whose names do not say so.

    Raises BadRequest for a file that cannot be read as a whole, and for a header that leaves a column in doubt.
    """

    def __init__(self, file: Path, columns: Mapping[str, str]) -> None:
        self._file = file
        with self._rows() as rows:
            header = next(rows, [])
            self._meanings = _meanings(header, columns)

    def rows(self) -> Iterator[Row]:
        """Every row behind the header; empty lines are left out."""
        with self._rows() as rows:
            next(rows, None)
            for number, cells in enumerate(rows, 2):
                if cells:
                    yield self._row(number, cells)

    def _row(self, number: int, cells: Sequence[str]) -> Row:
        if len(cells) != len(self._meanings):
            return Row(number, None, "another number of columns than the header")
        if any(len(cell) > _LONGEST_CELL or "\0" in cell for cell in cells):
            return Row(number, None, "a cell that is too long or not text")
        told: dict[str, str] = {}
        numbers: list[tuple[str, str]] = []
        for meaning, cell in zip(self._meanings, cells, strict=True):
            value = cell.strip()
            if not value or meaning == SKIPPED:
                continue
            if meaning in {Entity.PERSON, GIVEN, SURNAME, Entity.DATE_OF_BIRTH}:
                told[meaning] = f"{told[meaning]} {value}" if meaning in told else value
            else:
                numbers.append((meaning, value))
        fault, person = _person(told, numbers)
        return Row(number, None if fault else person, fault)

    @contextmanager
    def _rows(self) -> Iterator[Iterator[list[str]]]:
        try:
            with self._file.open(encoding="utf-8-sig", newline="") as opened:
                yield _cells(opened)
        except UnicodeDecodeError:
            raise BadRequest("The file is not UTF-8.", advice="Save it as CSV in UTF-8; nothing was loaded.") from None
        except csv.Error:
            raise BadRequest(
                "The file is not CSV.", advice="A quotation mark may be open. Nothing was loaded."
            ) from None
        except OSError as error:
            raise BadRequest(f"The file cannot be read ({error.strerror}).", advice="Nothing was loaded.") from None


def _cells(opened: TextIO) -> Iterator[list[str]]:
    first = opened.readline()
    separator = max(",;\t", key=first.count)
    return csv.reader(chain([first], opened), delimiter=separator, strict=True)


def _meanings(header: Sequence[str], columns: Mapping[str, str]) -> tuple[str, ...]:
    said = {name.strip().casefold(): meaning for name, meaning in columns.items()}
    wrong = sorted({meaning for meaning in said.values() if meaning not in MEANINGS})
    if wrong:
        raise BadRequest(f"A column cannot hold {', '.join(wrong)}.", advice=f"It may hold {', '.join(MEANINGS)}.")
    names = [name.strip().casefold() for name in header]
    if strange := set(said) - set(names):
        raise BadRequest(f"{len(strange)} of the named columns are not in the header. Nothing was loaded.")
    found = [said.get(name) or _KNOWN.get(form(name), "") for name in names]
    if not any(found):
        raise BadRequest("No column's name is known: the first row must be a header.", advice=_COLUMNS)
    unknown = [str(number) for number, meaning in enumerate(found, 1) if not meaning]
    if unknown:  # by number: without a header, a column's name is somebody's
        raise BadRequest(f"It is not known what is in column {', '.join(unknown)}.", advice=_COLUMNS)
    return tuple(found)


_COLUMNS: Final = "Say it for each: --column NAME=PERSON, or --column NAME=- to leave it out. Nothing was loaded."


def _person(told: Mapping[str, str], numbers: Sequence[tuple[str, str]]) -> tuple[str, Person]:
    """What is wrong with a row, or "", and the person in it."""
    given, surname = told.get(GIVEN, ""), told.get(SURNAME, "")
    if not surname and (full := told.get(Entity.PERSON) or given):
        given, surname = named(full)
    born = only_date(told.get(Entity.DATE_OF_BIRTH, ""))
    person = Person(given, surname, tuple(sorted(born)), tuple(numbers))
    if not form(surname) and not numbers:
        return "neither a name nor an identifier", person
    if surname.strip() and not form(surname):
        return "a name without a letter", person
    if len(form(given + surname)) > LONGEST:
        return "a name that is too long", person
    if Entity.DATE_OF_BIRTH in told and not born:
        return "a date of birth that is none", person
    if any(too_short(value) for _, value in numbers):
        return "an identifier that is too short to be told from other numbers, or too long", person
    return "", person
