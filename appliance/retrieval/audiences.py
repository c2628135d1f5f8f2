"""Audiences: everything that decides about a point as one number, so that the index compares once and not eight times.

The number is the digest of a point's whole access, its lock and its standing. What a number means never changes, so
what was learned of one is never stale; which numbers there are is asked anew for every search. A number that nobody
here can explain is admitted to nobody, and a point whose number is not that of its attributes is never read.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, final

from qdrant_client.http import models

from appliance.access.scope import Scope
from appliance.records import Access
from appliance.retrieval.rendering import NOTHING, attributes, read_attributes

log = logging.getLogger(__name__)

AUDIENCE: Final = "audience"
STANDING: Final = "standing"
CURRENT: Final = "current"
SUPERSEDED: Final = "superseded"
MANY: Final = 2_000
"""More audiences than this are not told apart; then every attribute is compared, as slowly as that is."""
AT_ONCE: Final = 64
"""New audiences that one search gets to know; where there are more, it compares attributes and the next one goes on."""
SCOPES: Final = 256
FEW: Final = 0.3
"""The share of points up to which the engine does best to start from those admitted; above, to pass over all once."""

Payload = Mapping[str, Any]


def audience(access: Access, *, superseded: bool) -> int:
    """The number of all that decides who sees a point: 63 bits, as the engine's integers hold. Raises ValueError."""
    told = {**attributes(access), STANDING: _standing(superseded=superseded)}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


def addressed(access: Access, *, superseded: bool) -> dict[str, object]:
    """The payload fields that decide who sees a point, always written together. Raises ValueError if unsound."""
    standing = {STANDING: _standing(superseded=superseded)}
    return {**attributes(access), **standing, AUDIENCE: audience(access, superseded=superseded)}


def read_addressed(payload: Payload) -> tuple[Access, bool]:
    """What `addressed` wrote: the access, and whether superseded. Raises KeyError, TypeError, ValueError otherwise."""
    access, superseded = read_unaddressed(payload)
    number = payload[AUDIENCE]
    if type(number) is not int or number != audience(access, superseded=superseded):
        raise ValueError("a point whose audience is not that of its attributes")
    return access, superseded


def read_unaddressed(payload: Payload) -> tuple[Access, bool]:
    """The same of a point that has no number yet."""
    superseded = {CURRENT: False, SUPERSEDED: True}[payload[STANDING]]
    return read_attributes(dict(payload)), superseded


def _standing(*, superseded: bool) -> str:
    return SUPERSEDED if superseded else CURRENT


@dataclass(frozen=True, slots=True)
class Admitted:
    """The audiences that a scope admits, and the share of all points that they are (0 to 1; an estimate will do)."""

    numbers: tuple[int, ...]
    share: float


def gate(admitted: Admitted) -> models.Filter:
    """The filter that passes exactly the points of these audiences, in the form that the engine is quickest at.

    Both forms pass only a point that has one of the numbers: the second denies that it has none of them.
    """
    if not admitted.numbers:
        return models.Filter(must=[NOTHING])
    named = models.FieldCondition(key=AUDIENCE, match=models.MatchAny(any=sorted(admitted.numbers)))
    if admitted.share <= FEW:
        return models.Filter(must=[named])
    return models.Filter(must_not=[models.Filter(must_not=[named])])


@final
class Audiences:
    """What is known of the audiences in the index. Shared between threads: two that learn the same learn it alike.

    `present` tells at most so many numbers that there are, each with how many points have it; `specimen` the payload
    of a point that has one, or None.
    """

    def __init__(self, present: Callable[[int], Mapping[int, int]], specimen: Callable[[int], Payload | None]) -> None:
        self._present = present
        self._specimen = specimen
        self._known: dict[int, tuple[Access, bool]] = {}
        self._verdicts = lru_cache(maxsize=SCOPES)(_verdicts)

    def admitted(self, scope: Scope, *, superseded: bool) -> Admitted | None:
        """Those that `scope` admits, the superseded ones only if asked for; None where they are too many to tell."""
        verdicts = self._verdicts(scope.digest)
        present = self._present(MANY + 1)
        if len(present) > MANY:
            return None
        strangers = [number for number in present if number not in self._known]
        if len(self._known) > 2 * MANY:
            self._known = {}  # most are of the past
            self._verdicts.cache_clear()
            return None
        for number in strangers[:AT_ONCE]:
            self._meet(number)
        if len(strangers) > AT_ONCE:
            return None
        numbers = tuple(
            number for number in present if self._admits(scope, number, verdicts=verdicts, superseded=superseded)
        )
        total = sum(present.values())
        return Admitted(numbers, sum(present[number] for number in numbers) / total if total else 0.0)

    def _meet(self, number: int) -> None:
        """Learn what `number` means from a point that has it; from one that contradicts itself nothing is learned."""
        payload = self._specimen(number)
        if payload is None:
            return
        try:
            access, superseded = read_addressed(payload)
        except (KeyError, TypeError, ValueError) as error:
            log.warning("an audience that cannot be read is admitted to nobody (%s)", type(error).__name__)
            return
        if audience(access, superseded=superseded) == number:
            self._known[number] = access, superseded

    def _admits(self, scope: Scope, number: int, *, verdicts: dict[int, bool], superseded: bool) -> bool:
        """An audience that is not known is not admitted."""
        known = self._known.get(number)
        if known is None or (known[1] and not superseded):
            return False
        if number not in verdicts:
            verdicts[number] = scope.admits(known[0])
        return verdicts[number]


def _verdicts(digest: str) -> dict[int, bool]:  # noqa: ARG001 - the cache's key
    """What a scope of this digest says of each audience: equal digests are equal clauses."""
    return {}
