"""In which other ways something that was taken out of a text may be written, and what each asks of the place. Pure.

A name is sought whole, turned round, with initials, and in each of its words; a number by its digits and as other
people dial it; a date as its day. What is found too much only costs a word: it is taken out, and nothing is denied for
it. So a form counts unless everyday words have it too; those count only where they are written as names are.

Not undone: days without their year, nicknames, names in another alphabet, scripts without spaces that are none of
Chinese, Japanese or Korean.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntFlag
from typing import Final

from appliance.privacy.known.common_words import COMMON
from appliance.privacy.known.dates import dates
from appliance.privacy.known.naming import PARTICLES, TITLES, Kind, Person, forms, named
from appliance.privacy.known.spelling import Word, form, joined, words
from appliance.records.privacy import Entity

SHORTEST: Final = 3
"""Letters and digits below which nothing is sought, but for whole names: an initial or an age says nothing."""
SHORTEST_NAME: Final = 2
"""Of a whole name, and of one in a script that puts no space between words."""
PLAIN: Final = 5
"""Letters below which a single word counts only where it is written as a name is: `Kim` is one, `kim` may be none."""
DIGITS: Final = 4
"""Of a number that is sought without the letters about it."""
_LONGEST: Final = 400
"""Letters and digits of a form that is looked for whole; of a longer one its beginning is."""
_MANY: Final = 8
"""Words of a name; what is longer is a sentence, and sought whole only."""
_UNSPACED: Final = "\u2fff"
"""Behind it stand the scripts whose every character is a word (`spelling`), as far as forms have them."""
_LONG_UNSPACED: Final = 4
"""Characters of a name of which the surname has two."""
_DAYS: Final = frozenset((Entity.DATE, Entity.DATE_OF_BIRTH))
_NUMBERLESS: Final = _DAYS | {Entity.PERSON, Entity.AGE, Entity.ADDRESS, Entity.SECRET, Entity.EMAIL, Entity.URL}
"""Kinds whose digits alone are years, house numbers, or parts of what has no meaning in parts."""
_OFFICES: Final = frozenset(
    form(word)
    for word in """
    nurse sister matron physician surgeon consultant registrar resident attending midwife patient client customer user
    colleague manager director officer schwester pfleger pflegerin pflegekraft arzt ärztin oberarzt oberärztin chefarzt
    chefärztin stationsarzt stationsärztin hausarzt hausärztin assistenzarzt assistenzärztin patientin kunde kundin
    kollege kollegin leiter leiterin frau herr station ward question frage name signed unterschrift gezeichnet
    """.split()
)
"""Words beside a name that detectors take along: alone they are nobody."""


class Demand(IntFlag):
    """What must be so where a form stands."""

    NOTHING = 0
    NAMED = 1
    """None of its words begins with a small letter."""
    APART = 2
    """It is of several words: "T. Renner" is a name, "Trenner" is none."""


@dataclass(slots=True)
class Sought:
    """What is sought: forms (`spelling.form`) with what each demands, and days."""

    forms: dict[str, Demand] = field(default_factory=dict, repr=False)
    days: set[date] = field(default_factory=set, repr=False)

    def add(self, text: str, demand: Demand) -> None:
        """A form; if it is sought already, what both demand is demanded."""
        self.forms[text] = self.forms.get(text, demand) & demand


def sought(originals: Collection[str], entity: str) -> Sought:
    """What stands for `originals`, which were taken out as `entity`."""
    told = Sought()
    for original in originals:
        said = words(original)
        whole = joined(word.form for word in said)[:_LONGEST]
        if entity == Entity.PERSON:
            _name(original, said, whole, told)
            continue
        if len(whole) >= SHORTEST:
            told.add(whole, _whole(original, said, entity))
        if entity in _DAYS:
            told.days.update(day for _, _, days in dates(original) for day in days)
        for one in _numbers(original, said, entity):
            told.add(one, Demand.NOTHING)
    return told


def _whole(original: str, said: Sequence[Word], entity: str) -> Demand:
    """What the whole of something demands: nothing, but for a single word that everyday texts may have too."""
    if len(said) > 1 or entity == Entity.SECRET:
        return Demand.NOTHING
    (word,) = said
    return _alone(word.form, small=_is_small(original, word))


def _name(original: str, said: Sequence[Word], whole: str, told: Sought) -> None:
    if whole and all(len(word.form) == 1 and word.form > _UNSPACED for word in said):
        halves = (whole[:2], whole[2:]) if len(whole) == _LONG_UNSPACED else (whole[1:],)
        for one in (whole, *halves):  # and the given name, or the surname, alone
            if len(one) >= SHORTEST_NAME:
                told.add(one, Demand.NOTHING)
        return
    if len(said) > 1 and len(whole) >= SHORTEST:
        _inflected(whole, Demand.NOTHING, told)
    untitled = [word for word in said if word.form not in TITLES]
    bare = [word for word in untitled if word.form not in PARTICLES] or untitled
    small = {word for word in bare if _is_small(original, word)}
    for word in bare if len(small) == len(bare) else [word for word in bare if word not in small]:
        least = SHORTEST_NAME if len(bare) == 1 else DIGITS if word.form.isdigit() else SHORTEST
        if len(word.form) >= least:
            _inflected(word.form, _alone(word.form, small=len(bare) == 1 and word in small), told)
    if len(bare) > 1 and len(said) <= _MANY:
        _in_other_order(original, told)


def _inflected(name: str, demand: Demand, told: Sought) -> None:
    for one in (name, name + "s"):
        told.add(one, demand)


def _is_small(original: str, word: Word) -> bool:
    return original[word.start].islower()


def _in_other_order(original: str, told: Sought) -> None:
    given, surname = named(original)
    for one in forms(Person(given, surname)):
        if one.kind is Kind.NAME:
            _inflected(one.text, Demand.NOTHING, told)
        elif one.kind is Kind.COMMON_NAME:
            told.add(one.text, Demand.NAMED)
        elif one.kind is Kind.INITIAL:
            told.add(one.text, Demand.APART)
        elif one.kind is Kind.COMMON_INITIAL:
            told.add(one.text, Demand.APART | Demand.NAMED)


def _alone(word: str, *, small: bool) -> Demand:
    """What a single word demands; `small`: it was taken out as it stood by itself, in small letters."""
    everyday = word in COMMON or word in _OFFICES or (len(word) < PLAIN and word.isalpha() and not small)
    return Demand.NAMED if everyday else Demand.NOTHING


def _numbers(original: str, said: Sequence[Word], entity: str) -> Iterator[str]:
    """A number without what stands about it, and a telephone number as others dial it."""
    if entity in _NUMBERLESS:
        return
    digits = "".join(word.form for word in said if word.form.isdigit())
    if len(digits) >= DIGITS:
        yield digits
    if entity == Entity.PHONE:
        number = re.sub(r"[^\d+()]", "", original)
        yield from (one.text for one in forms(Person(identifiers=[(entity, number)])) if one.kind is Kind.IDENTIFIER)
