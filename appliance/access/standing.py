"""What a person may do in the house as such, told to himself, so that nothing is offered that would be refused."""

from collections.abc import Sequence
from typing import Final

from appliance.access.rules import Rules
from appliance.errors import NotAllowed
from appliance.records import Action, Principal

ACTIONS: Final = (
    *(Action.ASK, Action.SEARCH, Action.APPROVE_ESCALATION, Action.VIEW_LEDGER, Action.ERASE),
    *(Action.VIEW_OPERATIONS, Action.CURATE, Action.MANAGE_POLICIES),
)
"""What concerns no single document and nothing that is about to be sent."""


class Standing:
    """What the `rules` in force permit a person to do now."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def __call__(self, principal: Principal) -> Sequence[str]:
        """Those of `ACTIONS` that he may do, by name. Raises PolicyUnavailable, NotAuthenticated."""
        rules = self._rules.now()
        return [action.value for action in ACTIONS if _may(rules, principal, action)]


def _may(rules: Rules, principal: Principal, action: Action) -> bool:
    try:
        rules.demand(principal, action, asker=f"not {principal.id}")  # what he may approve, somebody else has asked
    except NotAllowed:
        return False
    return True
