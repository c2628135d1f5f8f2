"""Findings of several detectors as one union: what any of them found stays covered, each character once.

Overlapping findings become one. Its kind is that of the strongest, in this order:

1. secrets;
2. numbers that identify, telephone numbers and addresses of machines: of the detector trusted most (the order they are
   given in; rules of this house come first), then by score (a check digit scores above a label, a label above a
   pattern);
3. e-mail and web addresses, user names;
4. kinds of the site's own;
5. dates of birth and ages;
6. street addresses, names of persons, postcodes;
7. the rest: dates, places, nationalities, titles, organisations.

So a merged finding is never treated more mildly than its strictest part would be. Then neighbours that are one thing
to a reader become one: title, given name and surname; the lines of an address.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from appliance.records.privacy import Entity, Finding

_TIERS: Final = (
    (Entity.SECRET,),
    (
        Entity.IBAN, Entity.CARD, Entity.SSN, Entity.TAX_ID, Entity.PENSION_INSURANCE, Entity.HEALTH_INSURANCE,
        Entity.NHS, Entity.NPI, Entity.DEA, Entity.VIN, Entity.ROUTING, Entity.NATIONAL_ID, Entity.PASSPORT,
        Entity.DRIVING_LICENCE, Entity.MRN, Entity.ACCESSION, Entity.CLAIM, Entity.MEMBER, Entity.HEALTH_PLAN,
        Entity.UDI, Entity.DEVICE, Entity.LICENCE, Entity.PLATE, Entity.BIC, Entity.SORT_CODE, Entity.ACCOUNT,
        Entity.PHONE, Entity.IP_ADDRESS, Entity.MAC_ADDRESS,
    ),
    (Entity.EMAIL, Entity.URL, Entity.USERNAME),
    (),
    (Entity.DATE_OF_BIRTH, Entity.AGE),
    (Entity.ADDRESS, Entity.PERSON, Entity.POSTCODE),
    (Entity.DATE, Entity.LOCATION, Entity.NATIONALITY, Entity.TITLE, Entity.ORGANIZATION),
)  # fmt: skip
_SITES_OWN: Final = 3
_RANKS: Final[Mapping[str, tuple[int, int]]] = {
    str(entity): (tier, place) for tier, entities in enumerate(_TIERS) for place, entity in enumerate(entities)
}
_NUMBERS: Final = 1

_NAME_GAP: Final = re.compile(r"[^\S\n\r]{1,2}|\.[^\S\n\r]{0,2}|[-'’]|")
_PLACE_GAP: Final = re.compile(r"[^\S\n\r]*[,;/·|-]?[^\S\n\r]*(?:\r?\n)?[^\S\n\r]*[,;/·|-]?[^\S\n\r]*")
_LONGEST_GAP: Final = 6
_NAMES: Final = frozenset((Entity.PERSON, Entity.TITLE))
_PLACES: Final = frozenset((Entity.ADDRESS, Entity.POSTCODE, Entity.LOCATION))

Trusted = tuple[int, Finding]
"""A finding and the place of its detector among the others, 0 the most trusted."""


def united(found: Iterable[Trusted]) -> list[Finding]:
    """Sorted, no two overlapping; every character of `found` covered and no other."""
    merged: list[Finding] = []
    strongest: tuple[int, ...] = ()
    for trust, finding in sorted(found, key=lambda one: (one[1].start, -one[1].end, one[0], one[1])):
        rank = _rank(trust, finding)
        if merged and finding.start < merged[-1].end:
            start, end = merged[-1].start, max(merged[-1].end, finding.end)
            stronger = rank < strongest
            merged[-1] = replace(finding if stronger else merged[-1], start=start, end=end)
            strongest = min(strongest, rank)
        else:
            merged.append(finding)
            strongest = rank
    return merged


def _rank(trust: int, finding: Finding) -> tuple[int, ...]:
    """Smaller is stronger. Scores of two detectors are compared only where both are trusted alike."""
    tier, place = _RANKS.get(finding.entity, (_SITES_OWN, 0))
    thousandths = -round(finding.score * 1_000)
    return (tier, trust, thousandths, place) if tier == _NUMBERS else (tier, place, trust, thousandths)


def joined(text: str, found: Sequence[Finding]) -> list[Finding]:
    """With neighbours joined that are one name or one address. `found` as `united` gives it."""
    return _together(text, _together(text, found, _NAMES, _NAME_GAP), _PLACES, _PLACE_GAP)


def _together(text: str, found: Sequence[Finding], kinds: frozenset[Entity], gap: re.Pattern[str]) -> list[Finding]:
    """With runs of `kinds` that only `gap` parts made one finding, if the first of the kinds' order is among them."""
    whole = Entity.PERSON if kinds is _NAMES else Entity.ADDRESS
    result: list[Finding] = []
    run: list[Finding] = []
    for finding in found:
        if run and not (finding.entity in kinds and _near(text, run[-1], finding, gap)):
            result += _one(run, whole)
            run = []
        if finding.entity in kinds:
            run.append(finding)
        else:
            result.append(finding)
    return result + _one(run, whole)


def _near(text: str, left: Finding, right: Finding, gap: re.Pattern[str]) -> bool:
    if right.start - left.end > _LONGEST_GAP or not gap.fullmatch(text, left.end, right.start):
        return False
    if left.entity == right.entity == Entity.PERSON:  # two whole names side by side are two people
        return any(" " not in text[one.start : one.end].strip() for one in (left, right))
    return True


def _one(run: Sequence[Finding], whole: Entity) -> list[Finding]:
    """The run as one finding of the kind `whole`; as it is where nothing of that kind is in it."""
    leading = [finding for finding in run if finding.entity == whole]
    if len(run) < 2 or not leading:
        return list(run)
    best = max(leading, key=lambda finding: finding.score)
    return [replace(best, start=run[0].start, end=run[-1].end)]
