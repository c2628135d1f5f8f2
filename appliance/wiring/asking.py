"""What stands beside the desk, put together."""

from appliance.access.rules import Rules
from appliance.answering.suggesting import Suggestions
from appliance.records import Journal
from appliance.retrieval.index import Index
from appliance.store.registry import Registry


def suggestions(index: Index, registry: Registry, journal: Journal, rules: Rules) -> Suggestions:
    """What people could ask about. `rules` are those without emergencies."""
    return Suggestions(passages=index, current=registry.current, journal=journal, rules=rules)
