"""The process in which an uploaded policy set is tried: a zip comes in, what is wrong with the set goes out as JSON."""

import resource
import sys

from appliance.access.policy_zip import unzipped
from appliance.access.ruleset import compiled
from appliance.errors import PolicyRefused
from appliance.office.outcomes import decided
from appliance.office.trial import Tried
from appliance.privacy import beliefs

_FAULTS = 1_000
"""Faults that are told."""


def bound(seconds: int, memory_mib: int) -> None:
    """From here on this process computes for so long, and takes so much memory. It writes no file."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ends = int(used.ru_utime + used.ru_stime) + seconds
    for limit, soft, hard in (
        (resource.RLIMIT_CPU, ends, ends + 1),
        (resource.RLIMIT_DATA, memory_mib << 20, memory_mib << 20),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(limit, (soft, hard))


def tried(content: bytes) -> Tried:
    """What is wrong with the set in a zip."""
    compiles, rows, faults = False, 0, list[str]()
    try:
        found, _ = unzipped(content)
        compiled(found)
        compiles = True
        outcomes = list(decided(found))
        rows, faults = len(outcomes), [one.fault for one in outcomes if one.fault]
        if not faults:
            beliefs.examined(found)
    except PolicyRefused as error:
        faults = [*faults, *(error.faults or (str(error),))]
    return Tried(compiles=compiles, faults=tuple(faults[:_FAULTS]), rows=rows)


def main() -> None:
    """The process's whole life."""
    content = sys.stdin.buffer.read()
    bound(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(tried(content).model_dump_json())


if __name__ == "__main__":
    main()
