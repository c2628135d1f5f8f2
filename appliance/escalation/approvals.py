"""Step d of an escalation: another person, entitled to it, looks at the very bytes and says yes or no, once.

He is shown what would leave. Of what was asked in the house he sees nothing here: that is decided where it is shown.
"""

import json
import logging
from collections.abc import Callable
from typing import Final

from appliance.access.emergencies import worded
from appliance.access.rules import Rules
from appliance.audit.receipts import Recorder
from appliance.errors import Conflict, NotAllowed, NotFound, RegistryUnavailable
from appliance.escalation.deciding import Verdict
from appliance.escalation.steps import Preview, Steps, entry
from appliance.records import Action, Event, Principal
from appliance.records.escalations import Escalation, State
from appliance.store.escalations import Kept

log = logging.getLogger(__name__)

REJECTED: Final = "rejected"
CHANGED: Final = "policy-changed"


class Approvals:
    """What waits for somebody's word. Raises as `Gate` does, and NotAllowed for anyone who may not approve."""

    def __init__(self, *, steps: Steps, recorder: Recorder, rules: Rules, wake: Callable[[], object]) -> None:
        self._steps = steps
        self._recorder = recorder
        self._rules = rules
        self._wake = wake

    def waiting(self, principal: Principal) -> list[Preview]:
        """What waits, the oldest first, but his own and what is over."""
        self._demand(principal)
        found = self._steps.kept.inside(State.AWAITING, tenant=principal.tenant)
        shown = [self._shown(one) for one in found if one.escalation.asker != principal.id]
        return [one for one in shown if one.held is not None]

    def count(self, principal: Principal) -> int:
        """How many wait and are not over, but his own: nothing of them is opened."""
        self._demand(principal)
        found = self._steps.kept.inside(State.AWAITING, tenant=principal.tenant)
        return sum(one.escalation.asker != principal.id and one.escalation.expires > self._steps.now() for one in found)

    def _shown(self, kept: Kept) -> Preview:
        """What would leave, unless the rules have come to forbid it; one that is damaged hides no other."""
        try:
            preview = self._steps.preview(kept)
        except RegistryUnavailable as error:
            log.warning("an escalation cannot be shown: %s", error.code)
            return Preview(kept.escalation)
        denied = preview.ruling is not None and preview.ruling.verdict is Verdict.DENIED
        return Preview(kept.escalation) if denied else preview

    def earlier(self, principal: Principal, escalation_id: str) -> list[Escalation]:
        """What its asker asked outside before. Raises NotFound."""
        one = self._other(principal, escalation_id)
        if one.state is not State.AWAITING:
            raise NotFound
        return [before for before in self._steps.kept.of(one.tenant, one.asker) if before.id != one.id]

    def approve(self, principal: Principal, escalation_id: str, digest: str, why: str) -> Escalation:
        """Approve exactly the bytes of `digest`, for as long as nothing that they are bound to changes.

        Raises NotAllowed for its asker; NotFound; BadRequest for a reason that says nothing; Conflict for other bytes,
        a second time, too late, or after the policies changed.
        """
        one = self._steps.still(self._other(principal, escalation_id), State.AWAITING, digest)
        if one.policy != self._rules.version:
            self._steps.taken(one, State.EXPIRED, CHANGED, by=principal)
            raise Conflict("The rules changed since this was proposed.", advice="It has to be proposed again.")
        said = worded(why)
        receipt = self._recorder.append(entry(one, Event.APPROVAL, principal), one.digest)
        told = {"approver": principal.id, "why": said, "receipt": json.dumps(receipt.told())}
        moved = self._steps.moved(one, State.APPROVED, "person", told, by=principal)
        self._wake()
        return moved

    def reject(self, principal: Principal, escalation_id: str, digest: str, why: str) -> Escalation:
        """Refuse it. Raises as `approve` does."""
        one = self._steps.still(self._other(principal, escalation_id), State.AWAITING, digest)
        told = {"approver": principal.id, "why": worded(why)}
        return self._steps.moved(one, State.DENIED, REJECTED, told, by=principal)

    def _other(self, principal: Principal, escalation_id: str) -> Escalation:
        """Somebody else's, for who may approve what that one asks."""
        self._demand(principal)
        kept = self._steps.kept.find(principal.tenant, escalation_id)
        if kept is None:
            raise NotFound
        self._demand(principal, asker=kept.escalation.asker)
        return kept.escalation

    def _demand(self, principal: Principal, *, asker: str = "") -> None:
        """Return only for who may approve what `asker` asks ("": somebody else), through a program of the house."""
        self._rules.demand(principal, Action.APPROVE_ESCALATION, asker=asker or f"not {principal.id}")
        if asker == principal.id:
            raise NotAllowed("Nobody approves what he asked for himself.", advice="Another officer does that.")
        if not self._rules.keeps(principal):
            raise NotAllowed("What would leave is not shown through this program.", advice="Use the portal.")
