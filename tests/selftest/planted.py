"""Bugs planted into the scratch house, each the smallest that its kind can be; given through the wiring."""

from collections.abc import Collection
from functools import cache
from typing import Any

from appliance.access.policy_set import PolicySet, read
from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset, compiled
from appliance.access.scope import Scope
from appliance.records import Passage
from appliance.retrieval.index import Index
from appliance.retrieval.search import Search
from appliance.settings import ROOT

CLAUSE = b" &&\n  resource.readers.containsAny(principal.groups)"


@cache
def without_readers() -> Ruleset:
    """The shipped rules without the clause that a reader must belong to one of the document's readers."""
    shipped = read(ROOT / "policies").files
    text = shipped["documents.cedar"]
    assert text.index(CLAUSE) > text.index(b'"read-as-reader"')
    return compiled(PolicySet({**shipped, "documents.cedar": text.replace(CLAUSE, b"", 1)}))


class ClauseMissing(Index):
    """Searches with a filter that lacks one clause, as a translator of rules would write that forgot it."""

    def query(self, vector: Any, words: Any, scope: Scope, **more: Any) -> list[Passage]:
        return super().query(vector, words, Rules(without_readers).scope(scope.principal), **more)


class Trusting(Search):
    """Takes what the index found as decided: the second decision is off."""

    def _decided_again(self, documents: Collection[str], _scope: Scope, *_filters: object) -> dict[str, str]:
        return {name: one.version for name, one in self._current(documents).items()}
