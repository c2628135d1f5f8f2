"""Surrogate tokens: words such as `Person_K7Q4XM` that stand for what was private, and what of a text looks like one.

A token says its kind and nothing else. Its code is made with the secret of its thread: nobody guesses it, and another
thread has another. Codes have no vowel, and kinds have one: a code is never a word, and no kind begins inside a code.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from appliance.records.privacy import Entity

MARK: Final = "Mark"
"""The kind of a token that stands for something in the text that looked like one."""
_OTHER: Final = "Item"
_KINDS: Final[dict[str, str]] = {
    Entity.PERSON: "Person",
    Entity.USERNAME: "User",
    Entity.AGE: "Age",
    Entity.DATE_OF_BIRTH: "Date",
    Entity.DATE: "Date",
    Entity.NATIONALITY: "Group",
    Entity.TITLE: "Title",
    Entity.ORGANIZATION: "Firm",
    Entity.ADDRESS: "Address",
    Entity.POSTCODE: "Postcode",
    Entity.LOCATION: "Place",
    Entity.PHONE: "Phone",
    Entity.EMAIL: "Email",
    Entity.URL: "Link",
    Entity.IP_ADDRESS: "Host",
    Entity.MAC_ADDRESS: "Host",
    Entity.ACCOUNT: "Account",
    Entity.IBAN: "Account",
    Entity.SORT_CODE: "Bank",
    Entity.ROUTING: "Bank",
    Entity.BIC: "Bank",
    Entity.CARD: "Card",
    Entity.DEVICE: "Device",
    Entity.UDI: "Device",
    Entity.PLATE: "Vehicle",
    Entity.VIN: "Vehicle",
    **dict.fromkeys(
        (
            Entity.SSN, Entity.TAX_ID, Entity.PENSION_INSURANCE, Entity.NATIONAL_ID, Entity.PASSPORT,
            Entity.DRIVING_LICENCE, Entity.LICENCE, Entity.MRN, Entity.ACCESSION, Entity.CLAIM, Entity.MEMBER,
            Entity.HEALTH_PLAN, Entity.HEALTH_INSURANCE, Entity.NHS, Entity.NPI, Entity.DEA,
        ),
        "Number",
    ),
}  # fmt: skip
CODE: Final = 6
"""Characters of a code: with 23 of them to choose from, 27 bits."""
_LETTERS: Final = "BCDFGHJKMNPQRTVWXZ"
_DIGITS: Final = "34679"
_ALPHABET: Final = _LETTERS + _DIGITS
_WORD: Final = r"[^\W_\u2e80-\U0010ffff]"
"""A letter or digit of a script that puts spaces between words: a token does not stand right beside one."""
_SEEN: Final = re.compile(
    rf"(?<!{_WORD})(?P<kind>(?i:{'|'.join(sorted({*_KINDS.values(), _OTHER, MARK}))}))(?P<join>\\?_|[- ]?)"
    rf"(?P<code>[{_ALPHABET}{_LETTERS.lower()}]{{{CODE}}})(?=[sS]?(?!{_WORD}))"
)
_INSIDE: Final = re.compile(_WORD)
_NAMED: Final = {kind.casefold(): kind for kind in {*_KINDS.values(), _OTHER, MARK}}
_DOTTED: Final = str.maketrans("ıİ", "ii")
"""Letters that the pattern takes for an i and `casefold` does not."""
LONGEST: Final = max(map(len, _NAMED)) + len("\\_") + CODE + len("s.")
"""Characters from the beginning of what looks like a token to where it is certain that it is one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What looks like a token in a text, from `start` to `end`; `token` is the one it would be.

    `strict`: it is joined as tokens are, not by a space or by nothing, as ordinary words may be; or it is written with
    a letter that no token has (`Lınk`): then `token` is what is written, which is never issued.
    """

    start: int
    end: int
    token: str
    strict: bool


def kind_of(entity: str) -> str:
    """The word that a token of `entity` begins with."""
    return _KINDS.get(entity, _OTHER)


def coined(secret: bytes, kind: str, identity: str, *, attempt: int = 0) -> str:
    """The token of `identity` in the thread whose secret this is; another one for every `attempt`."""
    for turn in range(1_000):
        told = f"{kind}\0{attempt}\0{turn}\0{identity}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(hmac.new(secret, told, hashlib.sha256).digest())
        code = "".join(_ALPHABET[number // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(CODE))
        if not code.isalpha() and not code.isdigit():
            return f"{kind}_{code}"
    raise AssertionError("a thousand codes of letters alone")  # pragma: no cover  # less likely than a broken machine


def seen_in(text: str, *, start: int = 0) -> Iterator[Seen]:
    """Everything in `text` from `start` on that looks like a token, whoever wrote it: of any case, `\\_` as Markdown
    has it, joined by a hyphen, a space or nothing. What stands before `start` still counts as what stands before.
    """
    for found in _SEEN.finditer(text, start):
        kind = _NAMED.get(found["kind"].casefold())
        token = f"{kind}_{found['code'].upper()}" if kind else found[0]
        yield Seen(found.start(), found.end(), token, strict=not kind or found["join"] not in ("", " "))


def unfinished(text: str, *, start: int = 0) -> int:
    """From where on `text` may be the beginning of a token that goes on in the next piece; its length if nowhere."""
    for at in range(max(start, len(text) - LONGEST), len(text)):
        if at and inside_word(text[at - 1]):
            continue
        rest = text[at:].translate(_DOTTED).casefold()
        if any(kind.startswith(rest) or (rest.startswith(kind)) for kind in _NAMED):
            return at
    return len(text)


def inside_word(character: str) -> bool:
    """Whether a token cannot stand right beside this character."""
    return _INSIDE.match(character) is not None
