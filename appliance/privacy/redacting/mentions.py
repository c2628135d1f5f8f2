"""Which mentions are of one thing: a person by his whole name, his surname, an initial; a number with and without gaps.

The safe side is a token too many: two people under one token is an answer about the wrong one, one person under two
tokens an answer that knows less. A given name alone, and a surname that two people of the thread share, stand for
themselves.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.records.privacy import Entity

_MEN: Final = frozenset("mr herr herrn sir lord father vater".split())
_WOMEN: Final = frozenset("mrs ms miss frau madam dame lady schwester mother mutter".split())
_TITLES: Final = (
    _MEN
    | _WOMEN
    | frozenset("dr prof professor doctor doktor med dipl ing nurse pfleger rev dres priv doz pd mag sister".split())
)
_AFTER: Final = frozenset("jr sr md phd ii iii iv esq frcs frcp mrcp rn do dds msc bsc mba".split())
_PARTICLES: Final = frozenset("von van vom zu zur de der den del della di da du la le ten ter bin ibn al el".split())
_GAPLESS: Final = frozenset({Entity.IBAN, Entity.CARD, Entity.SSN, Entity.NHS, Entity.PHONE})
"""Numbers of a form so fixed that their gaps say nothing."""
_CASELESS: Final = frozenset({Entity.EMAIL, Entity.ORGANIZATION, Entity.LOCATION, Entity.ADDRESS})
_POSSESSIVE: Final = re.compile(r"['’](?:s|S)?$")


@dataclass(frozen=True, slots=True)
class Name:
    """A person as one mention has him, in lower case; `surname` may be an initial if there is a given name."""

    given: tuple[str, ...]
    surname: str
    gender: str

    @property
    def is_whole(self) -> bool:
        """Whether it tells one person from another of that surname."""
        return bool(self.given) and len(self.given[0]) > 1 and len(self.surname) > 1

    def fits(self, other: "Name") -> bool:
        """Whether nothing speaks against both being one person. Two given names alone are not compared here."""
        if self.gender and other.gender and self.gender != other.gender:
            return False
        if self.surname != other.surname and not (self._shortens(other) or other._shortens(self)):
            return False
        return all(_alike(*pair) for pair in zip(self.given, other.given, strict=False))

    def _shortens(self, other: "Name") -> bool:
        """`Anna W.` of `Anna Weber`: an initial for a surname counts beside one and the same given name only."""
        return len(self.surname) == 1 and other.surname.startswith(self.surname) and self.given[:1] == other.given[:1]


def identity(entity: str, text: str) -> str:
    """What makes two mentions of a kind that is no person one and the same."""
    if entity in _GAPLESS:
        return "".join(character for character in _plain(text) if character.isalnum()) or text
    return _plain(text) if entity in _CASELESS else text


def name(text: str) -> Name | None:
    """The person that a mention names; None if no name can be read in it."""
    plain = _POSSESSIVE.sub("", _plain(text))
    before, comma, after = plain.partition(",")
    words = _words(plain)
    if comma:
        words = [*(word for word in _words(after) if word not in _AFTER), *_words(before)]
    gender = "m" if _MEN & set(words[:-1]) else "f" if _WOMEN & set(words[:-1]) else ""
    while words and words[0] in _TITLES:
        words = words[1:]
    while len(words) > 1 and words[-1] in _AFTER:
        words = words[:-1]
    if not words:
        return None
    start = next((place for place, word in enumerate(words[1:-1], 1) if word in _PARTICLES), len(words) - 1)
    given = tuple(part for word in words[:start] for part in word.split("-") if part)
    return Name(given, " ".join(words[start:]), gender)


def one_person(names: Sequence[Name], mention: Name) -> bool:
    """Whether `mention` fits everything that is known of a person, and there is something to compare it with."""
    telling = [known for known in names if _comparable(known, mention)]
    return bool(telling) and all(mention.fits(known) for known in telling)


def fullest_first(names: Sequence[Name]) -> list[int]:
    """The places of `names` in the order in which they are to be told apart: who is named wholly comes first."""
    return sorted(range(len(names)), key=lambda place: (not names[place].is_whole, -len(names[place].given), place))


def _comparable(one: Name, other: Name) -> bool:
    """Neither `Weber` nor `A. Weber` speaks for or against `Anna W.`; a given name is needed on both sides."""
    initial = 1 in (len(one.surname), len(other.surname))
    named = all(name.given and len(name.given[0]) > 1 for name in (one, other))
    return one.surname == other.surname or not initial or named


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) == 1 and long.startswith(short))


def _plain(text: str) -> str:
    """In lower case, in one form of each letter, without characters that are not seen, single spaces between words."""
    shown = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return " ".join(shown.casefold().split())


def _words(text: str) -> list[str]:
    return [word for word in (part.strip(".,;:*_`\"'’()[]") for part in text.replace(".", ". ").split()) if word]
