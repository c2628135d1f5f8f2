"""How the house is doing, for who operates it: what the policies let him see, and that is counts and times alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from appliance.access.rules import Rules
from appliance.errors import DependencyError, OperatorError
from appliance.records import Action, Principal
from appliance.records.operating import Covered, IndexState, ModelInUse, Operating, Storage, Waiting

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Sources:
    """Who is asked for each thing that an operator is told. Each raises DependencyError or OSError if it cannot say."""

    policies: Callable[[], str]
    documents: Callable[[], Waiting]
    uploads: Callable[[], Waiting]
    escalations: Callable[[], Waiting]
    reviews: Callable[[], Mapping[str, int]]
    conversations: Callable[[], int]
    models: Callable[[], list[ModelInUse]]
    index: Callable[[], IndexState]
    storage: Callable[[], Storage]
    ledger: Callable[[], Covered]


class Overseeing:
    """Tells the operator. `checks` are of every part, by name."""

    def __init__(self, rules: Rules, sources: Sources, checks: Mapping[str, Callable[[], None]]) -> None:
        self._rules = rules
        self._sources = sources
        self.checks = checks

    def look(self, principal: Principal) -> Operating:
        """All that can be told now; a part that cannot say is None, and hides none of the others.

        Raises NotAllowed, PolicyUnavailable.
        """
        self._rules.demand(principal, Action.VIEW_OPERATIONS)
        told: dict[str, Any] = {one.name: _told(getattr(self._sources, one.name)) for one in fields(Sources)}
        return Operating(**told)


def _told(source: Callable[[], Told]) -> Told | None:
    try:
        return source()
    except (DependencyError, OperatorError, OSError):
        return None
