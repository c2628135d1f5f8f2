"""In which forms one known person can stand in a text: his names in the ways people write them, and his numbers.

Here, and only here, is it in clear who is known; what comes of it is hashed before it is kept (`book.py`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Final, Literal

from appliance.privacy.known.common_words import COMMON
from appliance.privacy.known.spelling import form, joined, words
from appliance.records.privacy import Entity

Surnames = Literal["distinctive", "never"]
"""Whether a surname of a list counts by itself, where it is no common word."""
SHORTEST_IDENTIFIER: Final = 5
"""Letters and digits of an identifier; a shorter one would be found in every text."""
LONGEST: Final = 64
"""Letters and digits of a form; nothing longer is searched for."""
_SHORT_NAME: Final = 7
_SHORT_SURNAME: Final = 4
_MANY: Final = 6

PARTICLES: Final = frozenset(
    "von van vom zu zum zur der den dem de del della di da das dos du la le ten ter af al el bin ibn".split()
)
TITLES: Final = frozenset(
    form(word)
    for word in """
    dr prof professor med dent vet jur phil rer nat pol habil priv doz pd mr mrs ms mx miss mister madam sir dame lord
    lady herr herrn frau fräulein familie family hr fr md phd mph msc bsc mba rn dipl ing jr sr doctor doktor frl
    """.split()
)
"""Words that go before a name and are no part of it."""
_COUNTRIES: Final = re.compile(
    r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d"  # the country codes of telephone numbers
)


class Kind(IntEnum):
    """What a form is; it decides what else must be so before it counts (`counting.py`)."""

    START = 0
    """The first words of a longer form; counts for nothing by itself."""
    NAME = 1
    """Given name and surname, in either order."""
    COMMON_NAME = 2
    """The same, of everyday words or very short."""
    SURNAME = 3
    COMMON_SURNAME = 4
    INITIAL = 5
    """An initial and a surname, in either order."""
    COMMON_INITIAL = 6
    IDENTIFIER = 7
    BIRTH = 8
    """A surname and a date of birth; no words of a text (`birth`)."""


@dataclass(frozen=True, slots=True, order=True)
class Form:
    """One form: of how many words, and what it names."""

    text: str = field(repr=False)
    kind: Kind
    entity: str
    words: int


@dataclass(frozen=True, slots=True)
class Person:
    """A known person. `born`: the days that his date of birth can mean; `identifiers`: pairs of entity and value."""

    given: str = field(default="", repr=False)
    surname: str = field(default="", repr=False)
    born: Sequence[date] = field(default=(), repr=False)
    identifiers: Sequence[tuple[str, str]] = field(default=(), repr=False)


def named(full: str) -> tuple[str, str]:
    """Given name and surname of a full name as people write it: "Dr. Anna von Thal", "Thal, Anna", "THAL Anna" is not.

    A name of one word is a surname.
    """
    before, comma, after = (piece.strip() for piece in full.partition(","))
    if comma and any(form(one) not in TITLES for one in after.split()):
        return _bare(after), _bare(before)
    said = _bare(before).split()
    last = len(said) - 1
    while last > 1 and form(said[last - 1]) in PARTICLES:
        last -= 1
    return " ".join(said[:last]), " ".join(said[last:])


def birth(surname: str, born: date) -> str:
    """What a date of birth beside a surname (its form) is hashed as; a form of a text has no such sign in it."""
    return f"{surname}\0{born.isoformat()}"


def forms(person: Person, *, surnames: Surnames = "distinctive") -> set[Form]:
    """All forms of a person, and the beginnings of those that are longer than a word."""
    return {one for one in (*_names(person, surnames), *_numbers(person)) if one.text}


def too_short(value: str) -> bool:
    """Whether an identifier is too short, or too long, to be searched for."""
    return not SHORTEST_IDENTIFIER <= len(form(value)) <= LONGEST


def _bare(name: str) -> str:
    """A name without the titles before and after it."""
    said = name.split()
    while said and form(said[0]) in TITLES | {""}:
        said = said[1:]
    while said and form(said[-1]) in TITLES | {""}:
        said = said[:-1]
    return " ".join(said)


def _names(person: Person, surnames: Surnames) -> Iterator[Form]:
    given = [word.form for word in words(_bare(person.given))][:_MANY]
    for family in _families(_bare(person.surname)):
        if surnames == "distinctive" or not given:
            yield from _form(family, _kind_of(family, Kind.SURNAME, Kind.COMMON_SURNAME))
        for day in person.born:
            yield Form(birth(joined(family), day), Kind.BIRTH, Entity.DATE_OF_BIRTH, 1)
        for front in _fronts(given):
            kind = _kind_of([*front, *family], Kind.NAME, Kind.COMMON_NAME)
            yield from _form([*front, *family], kind)
            yield from _form([*family, *front], kind)
        for front in {(given[0][:1],), tuple(one[:1] for one in given)} if given else ():
            kind = _kind_of(family, Kind.INITIAL, Kind.COMMON_INITIAL)
            yield from _form([*front, *family], kind)
            yield from _form([*family, *front], kind)


def _fronts(given: list[str]) -> set[tuple[str, ...]]:
    """What can stand for the given names: all, each alone, the first with the others' initials."""
    if not given:
        return set()
    return {tuple(given), *((one,) for one in given), (given[0], *(one[:1] for one in given[1:]))}


def _families(surname: str) -> list[list[str]]:
    """What can stand for the surname: the whole, without its "von", each half of a double one."""
    whole = [word.form for word in words(surname)]
    if not whole:
        return []
    bare = [one for one in whole if one not in PARTICLES]
    halves = [[word.form for word in words(half)] for half in re.split(r"[-‐‑–/ ]+", surname) if len(half) >= 3]
    found = [whole, bare, *(half for half in halves if half and half[0] not in PARTICLES)]
    return [one for place, one in enumerate(found) if one and one not in found[:place]]


def _kind_of(said: Sequence[str], rare: Kind, common: Kind) -> Kind:
    whole = joined(said)
    shortest = _SHORT_NAME if rare is Kind.NAME else _SHORT_SURNAME
    everyday = all(one in COMMON or one in PARTICLES for one in said) or whole in COMMON
    return common if everyday or len(whole) < shortest else rare


def _form(said: Sequence[str], kind: Kind, entity: str = Entity.PERSON) -> Iterator[Form]:
    yield Form(joined(said), kind, entity, len(said))
    for end in range(1, len(said)):
        yield Form(joined(said[:end]), Kind.START, "", end)


def _numbers(person: Person) -> Iterator[Form]:
    for entity, value in person.identifiers:
        written = [value, *_telephone(value)] if entity == Entity.PHONE else [value]
        for one in written:
            said = [word.form for word in words(one)]
            if SHORTEST_IDENTIFIER <= len(joined(said)) <= LONGEST:
                yield from _form(said, Kind.IDENTIFIER, entity)


def _telephone(value: str) -> list[str]:
    """Other ways to dial a number: without the country's code, without the 0 of the trunk."""
    digits = re.sub(r"\D", "", value.replace("(0)", ""))
    abroad = digits.removeprefix("00") if digits.startswith("00") else digits if value.strip().startswith("+") else ""
    if not abroad:
        return [digits, digits.removeprefix("0")]
    country = _COUNTRIES.match(abroad)
    home = abroad[country.end() :] if country else abroad
    return [abroad, f"00{abroad}", home, f"0{home}"]
