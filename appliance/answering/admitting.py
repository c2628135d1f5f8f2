"""Who may ask, and who may be shown what he asked before. Whoever is turned away is turned away on record."""

from dataclasses import replace

from appliance.access.rules import Rules
from appliance.access.scope import Scope
from appliance.errors import NotAllowed
from appliance.records import Action, Event, Journal, Principal, by


def scope(principal: Principal, action: Action, *, rules: Rules, journal: Journal) -> Scope:
    """What he may read, for `action` (ask or search). Raises NotAllowed, once that is recorded."""
    try:
        rules.demand(principal, action)
        return rules.scope(principal)
    except NotAllowed as error:
        _record(principal, error, rules, journal)
        raise


def own(principal: Principal, *, rules: Rules, journal: Journal) -> None:
    """Return only if he may be shown here what is his own. Raises NotAllowed, once that is recorded."""
    try:
        rules.demand_own(principal)
    except NotAllowed as error:
        _record(principal, error, rules, journal)
        raise


def _record(principal: Principal, error: NotAllowed, rules: Rules, journal: Journal) -> None:
    journal.append(replace(by(principal, Event.REFUSED), reason=error.code, policy=rules.version))
