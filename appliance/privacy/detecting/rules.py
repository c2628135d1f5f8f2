"""The house's own detector: numbers that prove themselves, values that their labels name, and shapes of both languages.

Pure Python and linear patterns; what a site adds comes on top.
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Final

from appliance.privacy import recognisers
from appliance.privacy.recognisers import (
    addresses,
    care,
    dates,
    identity,
    money,
    network,
    organisations,
    peoples,
    persons,
    phones,
    postcodes,
    secrets,
)
from appliance.privacy.recognisers.labels import Book
from appliance.privacy.recognisers.shapes import Recogniser, some_digits
from appliance.privacy.recognisers.sheet import sheet_of
from appliance.records import Finding

SHIPPED: Final[tuple[Recogniser, ...]] = (
    *network.RECOGNISERS,
    *secrets.RECOGNISERS,
    *money.RECOGNISERS,
    *care.RECOGNISERS,
    *identity.RECOGNISERS,
    *phones.RECOGNISERS,
    *postcodes.RECOGNISERS,
    *addresses.RECOGNISERS,
    *dates.RECOGNISERS,
    *persons.RECOGNISERS,
    *peoples.RECOGNISERS,
    *organisations.RECOGNISERS,
    Book((*care.LABELS, *identity.LABELS, *money.LABELS, *postcodes.LABELS), gate=some_digits(2)),
)
"""Every rule of the house."""


class Rules:
    """The detector `rules`: all shipped recognisers and those of the site. It speaks English and German at once."""

    name = "rules"

    def __init__(self, site: Sequence[Recogniser] = ()) -> None:
        self._recognisers = (*SHIPPED, *site)
        self.version = _version(site)
        """Another one whenever the rules of the house or of the site are others."""

    def detect(self, texts: Sequence[str], language: str, /) -> list[list[Finding]]:  # noqa: ARG002  # rules know both
        """One list of findings per text, by place; they may overlap. Offsets in characters of that text."""
        return [self._found(text) for text in texts]

    def _found(self, text: str) -> list[Finding]:
        sheet = sheet_of(text)
        return sorted(set(chain.from_iterable(recogniser.find(sheet) for recogniser in self._recognisers)))


def _version(site: Sequence[Recogniser]) -> str:
    sources = sorted(Path(recognisers.__file__).parent.glob("*.py"))
    digest = sha256(b"".join(source.read_bytes() for source in sources))
    digest.update(repr([getattr(rule, "written", rule.name) for rule in site]).encode())
    return digest.hexdigest()[:16]
