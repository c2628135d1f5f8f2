"""The shipped rules, compiled, for tests of other rooms: nothing is scripted, the engine decides.

The programs in whose name tests ask are registered besides, since a program that nobody knows reads public documents.
"""

from functools import cache

from appliance.access.policy_set import CLIENTS, PolicySet, read
from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset, compiled
from appliance.access.scope import Scope
from appliance.privacy.labelling.marking import Finder, Marking
from appliance.records import Principal
from appliance.settings import ROOT

PROGRAMS = {"test": "house", "bench": "house", "portal": "house", "elsewhere": "outside"}
"""Where the model of each runs."""


@cache
def ruleset() -> Ruleset:
    shipped = read(ROOT / "policies")
    registered = "".join(
        f'\n[[client]]\nid = "{name}"\nname = "{name}"\nlocation = "{place}"\n' for name, place in PROGRAMS.items()
    )
    return compiled(PolicySet({**shipped.files, CLIENTS: shipped.files[CLIENTS] + registered.encode()}))


def marking(finder: Finder | None = None) -> Marking:
    """What labels documents by the shipped rules."""
    return Marking(lambda: read(ROOT / "policies"), finder)


def rules() -> Rules:
    """The shipped rules, in force."""
    return Rules(ruleset)


def scope_of(principal: Principal) -> Scope:
    """What `principal` may read by the shipped rules. Raises NotAllowed."""
    return rules().scope(principal)
