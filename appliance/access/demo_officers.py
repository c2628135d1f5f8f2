"""The demonstration's two security officers: invented, and their keys lie on this machine.

They sign the set that is shipped, so that the demonstration works with one command. Their keys stand in a folder of
their own, which only the demonstration believes: with a real identity the same data holds no officer at all.
"""

import fcntl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from appliance.access import policy_set, signing
from appliance.access.active import Activation, ActivePolicies
from appliance.access.policy_set import PolicySet

NAMES: Final = ("ada", "bruno")
_LAST: Final = "last-signed"
"""Holds the digest of the shipped set that they signed last: another set that was activated since stays in force."""


def keep_in_force(
    active: ActivePolicies, shipped: Path, *, officers: Path, recorded: Callable[[Activation], object]
) -> None:
    """Have the shipped set signed and activated if it has changed since they signed last, or none is in force.

    `officers` is the folder of both their key pairs. Raises PolicyRefused if the shipped set is broken; what was in
    force stays so.
    """
    officers.mkdir(mode=0o700, parents=True, exist_ok=True)
    last = officers / _LAST
    with (officers / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # several workers start at once
        found = policy_set.read(shipped)
        if last.exists() and last.read_text() == found.digest and active.history():
            return
        active.activate(found, _signatures(found, officers), recorded=recorded)
        last.write_text(found.digest)


def _signatures(found: PolicySet, officers: Path) -> dict[str, bytes]:
    given = {}
    for name in NAMES:
        private = officers / f"{name}.key"
        if not private.exists():
            signing.keep_pair(name, officers)
        given[name] = signing.signed(found.digest, signing.private_key(private))
    return given
