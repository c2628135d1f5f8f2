"""Curators and the quarantine: what is held back, let in or thrown away by somebody who did not put it in.

A curator sees facts of every file that is held back, and what it is called only where he could read it by its list:
names of files are content. What he himself put in or answers for is never his to decide.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from appliance.access.emergencies import worded
from appliance.access.rules import Rules
from appliance.access.shelf import Rings
from appliance.errors import Conflict, NotAllowed, NotFound, RegistryUnavailable
from appliance.records import Action, Event, Journal, Principal, by
from appliance.store.intake import Intake
from appliance.store.quarantine import Held, Quarantine

_DECIDED: Final = Conflict("It does not wait any more as you saw it.", advice="Look at the list again.")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What is held back, and whether the curator may know what it is called and who put it in."""

    held: Held
    named: bool


class Curation:
    """What a curator may do. Everything is recorded before it is shown or done.

    Every method raises NotAllowed to whom the rules make no curator, LedgerUnavailable, PolicyUnavailable and
    RegistryUnavailable.
    """

    def __init__(self, *, quarantine: Quarantine, intake: Intake, bell: Rings, journal: Journal, rules: Rules) -> None:
        self._quarantine = quarantine
        self._intake = intake
        self._bell = bell
        self._journal = journal
        self._rules = rules

    def page(self, principal: Principal, *, after: str, limit: int) -> list[Inspected]:
        """At most `limit` of what waits for a word and is not his own, the oldest first, after one of them."""
        self._rules.demand(principal, Action.CURATE)
        found = self._quarantine.waiting(principal.tenant, besides=principal.id, after=after, limit=limit)
        if found:
            self._record(principal, Event.QUARANTINE_VIEWED, [one.document for one in found])
        return self._inspected(principal, found)

    def release(self, principal: Principal, document: str) -> None:
        """Let it be tried again, from the beginning. Raises NotFound, Conflict; NotAllowed if it is his own."""
        held = self._his(principal, document)
        self._record(principal, Event.QUARANTINE_RELEASED, [document])
        if not self._quarantine.release(held):
            raise _DECIDED
        if held.upload is not None:
            self._ring(document, held.upload.ticket)
        log.info("quarantine document=%s released", document)

    def discard(self, principal: Principal, document: str, reason: str) -> None:
        """Throw it away; who uploaded it is told the reason. Raises BadRequest, and as `release`."""
        held = self._his(principal, document)
        why = worded(reason)
        self._record(principal, Event.QUARANTINE_DISCARDED, [document], why)
        if not self._quarantine.discard(held, why):
            raise _DECIDED
        if held.upload is not None:
            self._intake.remove(held.upload.ticket)
        log.info("quarantine document=%s discarded", document)

    def _his(self, principal: Principal, document: str) -> Held:
        """What waits and is his to decide: not what he put in himself, nor what he answers for.

        A security property; `tests/api/test_quarantine.py` fails without it.
        """
        self._rules.demand(principal, Action.CURATE)
        held = self._quarantine.one(principal.tenant, document)
        if held is None:
            raise NotFound
        if _own(principal, held):
            raise NotAllowed("You put it in yourself.", advice="Another curator decides about it.")
        return held

    def _inspected(self, principal: Principal, found: Sequence[Held]) -> list[Inspected]:
        listed = {one.document: one.listed for one in found if one.listed is not None}
        readable = self._rules.readable(principal, listed)
        return [Inspected(one, one.document in readable) for one in found]

    def _record(self, principal: Principal, event: Event, documents: Sequence[str], why: str = "") -> None:
        self._journal.append(replace(by(principal, event), documents=tuple(documents), question=why))

    def _ring(self, document: str, ticket: str) -> None:
        try:
            self._bell.ring(document, ticket)
        except RegistryUnavailable as error:
            log.warning("quarantine document=%s waits for the worker's round: %s", document, error)


def _own(principal: Principal, held: Held) -> bool:
    owner = held.listed.owner if held.listed is not None else ""
    return principal.id in {owner, held.upload.person if held.upload is not None else ""}
