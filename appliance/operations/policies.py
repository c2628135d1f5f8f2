"""The policy sets of one installation: which is in force, and that each one that comes into force is recorded."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from appliance.access import demo_officers
from appliance.access.active import Activation, ActivePolicies
from appliance.access.policy_set import PolicySet, read
from appliance.audit.parts import ledger_parts, operators
from appliance.errors import PolicyRefused
from appliance.privacy.beliefs import examined
from appliance.records import Entry, Event
from appliance.settings import Settings
from appliance.store.database import open_database

log = logging.getLogger(__name__)


def policies(settings: Settings, noticed: Callable[[float], object] = lambda _seconds: None) -> ActivePolicies:
    """The sets of this installation, as they are: nothing is brought into force."""
    return ActivePolicies(settings.data / "policies", officers=settings.officers_folder, noticed=noticed, also=examined)


def deciding(settings: Settings) -> PolicySet:
    """The set in force; a demonstration that was never started has the one that it would start with.

    Raises PolicyUnavailable if none is.
    """
    active = policies(settings)
    if settings.identity == "demo" and not active.history():
        return read(settings.policies)
    return active.kept(active.current().version)


def in_force(settings: Settings, noticed: Callable[[float], object] = lambda _seconds: None) -> ActivePolicies:
    """The same; `noticed` is told how many seconds after its activation another set decides here.

    In the demonstration its two officers have signed the set that is shipped. One that they cannot sign is left,
    loudly: the last good one stays in force.
    """
    active = policies(settings, noticed)
    if settings.identity == "demo":
        try:
            demo_officers.keep_in_force(
                active, settings.policies, officers=settings.officers_folder, recorded=recording(settings)
            )
        except PolicyRefused as refused:
            log.error("the shipped policy set is not activated: %s", refused)  # noqa: TRY400  # its words say it all
    return active


def activate(settings: Settings, found: PolicySet, given: Mapping[str, bytes]) -> Activation:
    """Bring `found` into force, vouched for by `given`. Raises PolicyRefused, which is recorded like the activation."""
    try:
        return policies(settings).activate(found, given, recorded=recording(settings))
    except PolicyRefused:
        refused = operators(Event.POLICY_REFUSED, settings, reason="activation")
        ledger_parts(settings, open_database(settings.database)).ledger.append(replace(refused, about=found.digest))
        raise


def recording(settings: Settings) -> Callable[[Activation], object]:
    """Writes into the ledger that a set comes into force, and which officers vouched for it."""

    def record(activation: Activation) -> None:
        journal = ledger_parts(settings, open_database(settings.database)).ledger
        officers = " ".join(activation.officers)
        told = Entry(Event.POLICY_ACTIVATED, officers, activation.digest, settings.tenant)
        journal.append(replace(told, policy=activation.digest[:12]))

    return record
