"""What says of each part behind the API whether it can be used."""

from collections.abc import Callable

from appliance.access.active import ActivePolicies
from appliance.audit.parts import LedgerParts
from appliance.operations.parts import check_model, check_store
from appliance.settings import Settings
from appliance.store.registry import Registry


def checks_of(
    settings: Settings, registry: Registry, evidence: LedgerParts, in_force: ActivePolicies
) -> dict[str, Callable[[], None]]:
    """For each part behind the API, what raises a DependencyError unless it can be used."""
    return {
        "store": lambda: check_store(settings),
        "model": lambda: check_model(settings),
        "registry": registry.check,
        "ledger": evidence.ledger.check,
        "checkpoints": evidence.notary.check,
        "policies": in_force.check,
    }
