"""What the house knows now of a person whose token is still good: a token says what was true when it was given.

Rights are what the token says and the directory says too. So whoever left a group, or the house, is out of it with the
next decision, whatever his token says; and nobody gains anything by what a directory says of him.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.access.tokens import refused
from appliance.records import Level, Principal


class Presence(Protocol):
    """The directory of the house, as decisions see it."""

    def effective(self, principal: Principal, /) -> Principal:
        """`principal` with no more than the directory says of him now.

        Raises NotAuthenticated if it knows him no more, or as disabled. A directory that has been silent for too long
        is no error: the principal is `narrowed` then, and is served what is public.
        """


@dataclass(frozen=True, slots=True)
class Known:
    """What a directory says of one person now. What it does not say is empty, and grants nothing."""

    enabled: bool
    groups: Set[str] = frozenset()
    clearance: Level = Level.PUBLIC
    department: str = ""
    roles: Set[str] = frozenset()
    walls: Set[str] = frozenset()
    treats: Set[str] = frozenset()
    purposes: Set[str] = frozenset()


class TokenAlone:
    """Where there is no directory to ask: a token is believed until it ends."""

    def effective(self, principal: Principal, /) -> Principal:
        """`principal`, as his token says."""
        return principal


class WhileSignedIn:
    """A presence that also knows the portal's sessions: whoever asks through one is there no longer than it is.

    `has` says whether a session is still kept; `others` knows the rest.
    """

    def __init__(self, others: Presence, has: Callable[[str], bool]) -> None:
        self._others = others
        self._has = has

    def effective(self, principal: Principal, /) -> Principal:
        """As `others` know him. Raises NotAuthenticated once his session has ended, however that came."""
        if principal.session and not self._has(principal.session):
            raise refused()
        return self._others.effective(principal)


def met(principal: Principal, known: Known | None) -> Principal:
    """`principal` with what his token and the directory both say. Raises NotAuthenticated if he is not there.

    A purpose that he may not state any more is not stated. Guarded by `tests/access/test_presence.py`, line by line.
    """
    if known is None or not known.enabled:
        raise refused()
    purposes = principal.purposes & known.purposes
    return replace(
        principal,
        groups=principal.groups & known.groups,
        clearance=min(principal.clearance, known.clearance),
        department=principal.department if principal.department == known.department else "",
        roles=principal.roles & known.roles,
        walls=principal.walls & known.walls,
        treats=principal.treats & known.treats,
        purposes=purposes,
        purpose=principal.purpose if principal.purpose in purposes else "",
    )


def narrowed(principal: Principal) -> Principal:
    """`principal` as one of whom nobody can tell anything now: served what is public, as an unknown program is."""
    return replace(principal, narrowed=True)
