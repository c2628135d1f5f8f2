"""Search: from a question to the passages that a person may read, best first."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from appliance.access.rules import Rules
from appliance.access.scope import Scope
from appliance.records import UNFILTERED, Document, Filters, Passage
from appliance.retrieval import sparse
from appliance.retrieval.embedding import Embedder
from appliance.retrieval.folding import folded, spread
from appliance.retrieval.index import Index
from appliance.retrieval.joining import joined, lacking
from appliance.retrieval.points import content
from appliance.retrieval.reranking import DEPTH, Reranker, reranked

log = logging.getLogger(__name__)

Current = Callable[[Collection[str]], Mapping[str, Document]]
"""Looks documents up in the registry: each that is there, as it is now. A missing one is missing."""


class Search:
    """Finds passages. There is no way in without a Scope. With a `reranker`, the best hits are read a second time."""

    def __init__(
        self, index: Index, embedder: Embedder, current: Current, *, rules: Rules, reranker: Reranker | None = None
    ) -> None:
        self._rules = rules
        self._index = index
        self._embedder = embedder
        self._current = current
        self._reranker = reranker

    def find(
        self, question: str, scope: Scope, *, limit: int, superseded: bool = False, filters: Filters = UNFILTERED
    ) -> list[Passage]:
        """At most `limit` passages inside `scope` and `filters`, best first; of replaced documents only if asked for.

        Every document among the hits is decided again by its record in the registry: an index that lags behind an
        access change hides nothing from the rule, and a version that is not the registered one is not shown. Only then
        are repetitions folded, one document kept from crowding out the others, and neighbours joined.
        Raises StoreUnavailable, EmbedderUnavailable, RegistryUnavailable.
        """
        vector = self._embedder.embed_questions([question])[0]
        words = sparse.question_words(question)
        depth = max(2 * limit, DEPTH if self._reranker else 0)
        hits = self._index.query(vector, words, scope, limit=depth, superseded=superseded, filters=filters)
        readable = self._decided_again({hit.document for hit in hits}, scope, filters)
        found = [hit for hit in hits if readable.get(hit.document) == hit.version]
        chosen = spread(folded(self._read_again(question, found)), limit)
        beside = self._index.at(lacking(chosen), scope)
        neighbours = [one for one in beside if readable.get(one.document) == one.version]
        log.info(
            "search: %d hits, %d documents, %d readable", len(hits), len({h.document for h in hits}), len(readable)
        )
        return joined(chosen, neighbours)

    def standing(self, passages: Sequence[Passage], scope: Scope) -> list[Passage]:
        """Those of `passages` that may still be read, in the version that they are of: what was found grows old.

        Raises RegistryUnavailable, PolicyUnavailable.
        """
        readable = self._decided_again({one.document for one in passages}, scope)
        return [one for one in passages if readable.get(one.document) == one.version]

    def nearness(self, question: str, texts: Sequence[str]) -> list[float]:
        """The cosine of each of `texts`, read as passages, to `question`, in order. Raises EmbedderUnavailable."""
        (asked,) = self._embedder.embed_questions([question])
        return [float(near) for near in self._embedder.embed(texts) @ asked]

    def _read_again(self, question: str, found: list[Passage]) -> list[Passage]:
        if self._reranker is None:
            return found
        return reranked(found, self._reranker.scores(question, [content(hit) for hit in found[:DEPTH]]))

    def _decided_again(self, documents: Collection[str], scope: Scope, filters: Filters = UNFILTERED) -> dict[str, str]:
        """The registered version of each of `documents` that the person may read now; without a record there is none.

        A text that was put into the index but never registered, or that was replaced, is no version of today.
        """
        current = self._current(documents)
        readable = self._rules.readable(scope.principal, {name: one.access for name, one in current.items()})
        return {name: current[name].version for name in readable if filters.admits(current[name])}


@dataclass(frozen=True, slots=True)
class Evidence:
    """How near the passages come to a question, cheaply told, for a refusal before the model is asked.

    `similarity` is the best cosine; `coverage` the share of the question's content words that stand in any of the
    passages, `best` the share in one of them; `missing` are those that stand in none. All 0.0 without passages.
    """

    similarity: float
    coverage: float
    best: float
    missing: tuple[str, ...]


def evidence(question: str, passages: Sequence[Passage]) -> Evidence:
    """Weigh `passages` against `question`. A question without content words is covered by nothing."""
    asked = {word: sparse.question_stems(word) for word in _content_words(question)}
    held = [set(sparse.stems(content(passage), passage.language)) for passage in passages]
    everywhere = set().union(*held)
    missing = tuple(word for word, stems in asked.items() if not stems & everywhere)
    total = len(asked)
    shares = [sum(1 for stems in asked.values() if stems & one) / total for one in held if total]
    return Evidence(
        similarity=max((passage.similarity for passage in passages), default=0.0),
        coverage=(total - len(missing)) / total if total else 0.0,
        best=max(shares, default=0.0),
        missing=missing,
    )


def _content_words(question: str) -> list[str]:
    """The question's own words that carry meaning, in order, each once."""
    return list(dict.fromkeys(word for word in sparse.words(question) if sparse.carries_meaning(word)))
