"""What a person may read, as a condition that the index itself enforces.

A `Scope` can be built only here: its constructor asks for this module's seal. There is no empty Scope, none that
admits everything, and no search without one.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import InitVar, dataclass
from typing import Final, final

from appliance.access.cedar import Residual
from appliance.access.logic import either
from appliance.access.residuals import clause
from appliance.errors import NotAllowed
from appliance.records import Access, All, Any, AnyOf, AtMost, Clause, Equals, Not, Principal, Under

_SEAL: Final = object()


@final
@dataclass(frozen=True, slots=True)
class Scope:
    """The condition that every passage must meet to be seen by `principal`, and its digest (a cache salt)."""

    principal: Principal
    clause: Clause
    digest: str
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a Scope is built only by appliance.access.scope")

    def admits(self, access: Access) -> bool:
        """Whether a document with these attributes lies inside, by plain evaluation of the clause."""
        return holds(self.clause, access)


def within(principal: Principal, *residuals: Iterable[Residual]) -> Scope:
    """The Scope of what the policies leave to `principal`: their residuals while the document is not known.

    With several sets of them (to read, to break glass) it is what any one of these admits, each weighed whole.

    Raises NotAllowed if that is nothing, PolicyUnavailable if it cannot be told.
    """
    if not principal.id or not principal.tenant:
        raise NotAllowed("You belong nowhere, so you may read nothing.")
    admitted = _any(residuals, principal.tenant)
    return Scope(principal, admitted, _digest(admitted), seal=_SEAL)


def _any(sets: tuple[Iterable[Residual], ...], tenant: str) -> Clause:
    """What at least one of `sets` admits. Raises NotAllowed if that is nothing."""
    told: list[Clause] = []
    refusal = NotAllowed("No policy lets you read anything.")
    for residuals in sets:
        try:
            told.append(clause(residuals, tenant=tenant))
        except NotAllowed as error:
            refusal = error
    admitted = either(told)
    if isinstance(admitted, bool):  # never True: no clause is; False is nothing
        raise refusal
    return admitted


def _digest(admitted: Clause) -> str:
    return hashlib.sha256(_canonical(admitted).encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(told: Clause) -> str:
    """One spelling per meaning: sets are sorted, so that equal scopes have equal digests."""
    match told:
        case All(clauses) | Any(clauses):
            return f"{type(told).__name__}({','.join(sorted(map(_canonical, clauses)))})"
        case Not(inner):
            return f"Not({_canonical(inner)})"
        case AnyOf(attribute, values):
            return f"AnyOf({attribute!r},{sorted(values)!r})"
        case _:
            return repr(told)


def holds(told: Clause, access: Access) -> bool:
    """Evaluate a clause over a document's attributes. An empty All admits nothing: empty means no."""
    match told:
        case All(clauses):
            return bool(clauses) and all(holds(inner, access) for inner in clauses)
        case Any(clauses):
            return any(holds(inner, access) for inner in clauses)
        case Not(inner):
            return not holds(inner, access)
        case Equals(attribute, value):
            return bool(getattr(access, attribute) == value)
        case AtMost(attribute, value):
            return bool(getattr(access, attribute) <= value)
        case AnyOf(attribute, values):
            held = getattr(access, attribute)
            return bool(({held} if isinstance(held, str) else held) & values)
        case Under(folder):
            return folder in access.ancestors
