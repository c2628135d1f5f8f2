"""One policy set, compiled: parsed and validated once, then asked by every thread."""

from dataclasses import dataclass

from appliance.access import tables
from appliance.access.cedar import Engine
from appliance.access.clients import Clients
from appliance.access.destinations import FILE as DESTINATIONS
from appliance.access.destinations import Destinations
from appliance.access.policy_set import CLIENTS, REDACTION, PolicySet
from appliance.access.redactions import Redactions
from appliance.errors import PolicyRefused


@dataclass(frozen=True, slots=True)
class Ruleset:
    """What decides: the rules, the registered clients, and the version under which both are known.

    `roles` are those that the table of duties names, for those who explain; `redactions` says what becomes of personal
    data on its way out, `destinations` where that may lead: a set without such files removes all and leads nowhere.
    `source` is the set that was compiled, for rooms that read files of their own in it.
    """

    version: str
    engine: Engine
    clients: Clients
    roles: tuple[str, ...]
    redactions: Redactions
    destinations: Destinations
    source: PolicySet


def compiled(found: PolicySet, *, tables_too: bool = False) -> Ruleset:
    """`found`, ready to decide. Raises PolicyRefused naming what is wrong: a rule, a client, a row of a table."""
    engine = Engine(found.policies, found.schema)
    if tables_too and (faults := tables.faults(engine, cases(found))):
        raise PolicyRefused(f"{len(faults)} rows of the tables come out otherwise.", faults=tuple(faults))
    clients, roles = Clients.parsed(found.text(CLIENTS)), tables.roles(found.text(tables.DUTIES))
    redactions = Redactions.parsed(found.text(REDACTION)) if REDACTION in found.files else Redactions()
    destinations = Destinations.parsed(found.text(DESTINATIONS)) if DESTINATIONS in found.files else Destinations()
    return Ruleset(found.version, engine, clients, roles, redactions, destinations, found)


def cases(found: PolicySet) -> list[tables.Case]:
    """Every row of the set's tables. Raises PolicyRefused if there are none."""
    return [*tables.decisions(found.text(tables.DECISIONS)), *tables.duties(found.text(tables.DUTIES))]
