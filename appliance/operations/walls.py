"""Closing a part of the house as it starts, watching it from inside, telling from outside whether it is closed."""

import logging
from pathlib import Path
from typing import Final

from appliance import closing, tripwire
from appliance.closing import Walls
from appliance.operations.reach import Reach

_FILTERS: Final = "Seccomp_filters:"
log = logging.getLogger(__name__)


def close(reached: Reach) -> Walls:
    """Close this process, which has no threads yet, for good; what it starts inherits it. Once is enough.

    What the kernel lacks is said in the log. Raises OSError if it has the locks and refuses to put them on.
    """
    if closing.closed():  # it has become itself anew, or was closed by who started it
        return closing.possible()
    walls = closing.close(reached.connect, reached.bind, names=reached.names)
    if not (walls.ports and walls.sockets):
        log.warning("%s: %s", reached.part, walls.told())
    return walls


def watch(reached: Reach) -> None:
    """Lay the tripwire in this process, once. It is not inherited."""
    peers = frozenset((peer.host, peer.port) for peer in reached.peers)
    tripwire.lay(tripwire.Known(peers), refusing=not closing.possible().ports)


def told(process: int) -> str:
    """Whether the process with this id is closed, as this kernel shows it; never more than it shows.

    Landlock shows nothing of itself. It is put on together with the filter, before it, by a kernel that has it.
    """
    possible = closing.possible()
    if not possible.sockets:
        return possible.told()
    try:
        closed = _filters(process) > _filters("self")
    except (OSError, ValueError):
        return "not to be told"
    return possible.told() if closed else "open"


def _filters(process: int | str) -> int:
    """How many filters it has; one put on by a container's runtime is on both sides, ours on one."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(_FILTERS):
            return int(line.removeprefix(_FILTERS))
    raise ValueError("this kernel does not count filters")
