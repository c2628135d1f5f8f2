"""The index of passages: what is written to the vector store, and what may be read from it.

One client, qdrant-client, for both sizes. A store that fails is an error, never an empty result.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic, sleep
from typing import Any, Final, TypeVar

import httpx
import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http import models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from appliance.access.attributes import FLAG, SETS, TEXTS
from appliance.access.scope import Scope
from appliance.errors import IndexMismatch, NotFound, StoreUnavailable
from appliance.models.engines import Endpoint
from appliance.records import UNFILTERED, Access, Filters, Passage
from appliance.records.operating import IndexState
from appliance.retrieval import catching_up, sparse
from appliance.retrieval.audiences import (
    AUDIENCE,
    CURRENT,
    STANDING,
    Audiences,
    addressed,
    gate,
)
from appliance.retrieval.embedding import Embedder
from appliance.retrieval.filtering import DAY, KIND, narrowed
from appliance.retrieval.joining import Place
from appliance.retrieval.points import (
    BM25,
    DENSE,
    as_passage,
    as_point,
    cosine,
    embedded_digest,
    point_id,
)
from appliance.retrieval.rendering import everything, field, render

log = logging.getLogger(__name__)

COLLECTION: Final = "passages"
BATCH: Final = 64
ATTEMPTS: Final = 3
PAUSE: Final = 0.1
SPARE: Final = 10
"""Hits beyond those asked for: equal scores come in random order, and the last place must not depend on it."""
CANDIDATES: Final = 100
"""Hits of each kind that are fused."""
INDEXES: Final = {
    **dict.fromkeys(
        ("acl", *sorted(TEXTS | SETS | {FLAG}), "ancestors", "document", "version", STANDING, KIND),
        models.PayloadSchemaType.KEYWORD,
    ),
    **dict.fromkeys(("level", "position", AUDIENCE, DAY), models.PayloadSchemaType.INTEGER),
}
FUSION: Final = models.FusionQuery(fusion=models.Fusion.DBSF)

Result = TypeVar("Result")


class Index:
    """The passages of one installation. Every call raises StoreUnavailable if the store does not answer."""

    def __init__(self, there: Endpoint, *, seconds: float) -> None:
        self._seconds = seconds
        self._client = _client(there, seconds)
        self._audiences = Audiences(self._present, self._specimen)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    # --- Writing ------------------------------------------------------------------------------------------------------

    def ensure(self, embedder: Embedder) -> None:
        """Make the collection if there is none. Raises IndexMismatch if it was made with another embedder."""
        made_with = {"embedder": embedder.name, "dimension": embedder.dimension, "words": sparse.VERSION}
        if not self._ask(lambda client: client.collection_exists(COLLECTION)):
            self._create(embedder.dimension, made_with)
        found = self._ask(lambda client: client.get_collection(COLLECTION))
        if (found.config.metadata or {}) != made_with:
            raise IndexMismatch("The index was made with another embedding model or another way of counting words.")
        if AUDIENCE not in found.payload_schema:
            catching_up.audiences(self._ask, COLLECTION)
        if KIND not in found.payload_schema:
            catching_up.kinds(self._ask, COLLECTION)
        for name, kind in INDEXES.items():
            if name not in found.payload_schema:
                self._ask(partial(_index_field, name=name, kind=kind))

    def _create(self, dimension: int, made_with: dict[str, object]) -> None:
        self._ask(
            lambda client: client.create_collection(
                COLLECTION,
                vectors_config={DENSE: models.VectorParams(size=dimension, distance=models.Distance.COSINE)},
                sparse_vectors_config={BM25: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                # exact search up to some 150,000 passages; above, the graph would miss what few people may see
                optimizers_config=models.OptimizersConfigDiff(indexing_threshold=10**9),
                metadata=made_with,
            ),
            accept=409,
        )

    def put(self, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        """Store passages with their vectors (one row each); durable on return. The same passage again replaces itself.

        Raises ValueError if the rows do not fit or if an access list breaks the schema: nothing is written then.
        """
        if len(passages) != len(vectors):
            raise ValueError("one vector for each passage")
        points = [as_point(passage, vector) for passage, vector in zip(passages, vectors, strict=True)]
        for start in range(0, len(points), BATCH):
            self._ask(partial(_upsert, points=points[start : start + BATCH]))

    def remove(self, document: str, *, keep_version: str | None = None) -> None:
        """Delete a document's passages, all or those of every version but one."""
        kept = None if keep_version is None else [field("version", keep_version)]
        gone = models.FilterSelector(filter=models.Filter(must=[field("document", document)], must_not=kept))
        self._ask(lambda client: client.delete(COLLECTION, gone, wait=True))

    def change_access(self, document: str, access: Access, *, superseded: bool) -> None:
        """Write who may read a document onto its passages, and whether a newer one replaces it, in one write.

        Nothing is embedded again. Raises ValueError if unsound.
        """
        of_document = models.Filter(must=[field("document", document)])
        told = addressed(access, superseded=superseded)
        self._ask(lambda client: client.set_payload(COLLECTION, told, of_document, wait=True))

    # --- Reading ------------------------------------------------------------------------------------------------------

    def query(
        self,
        vector: NDArray[np.float32],
        words: sparse.Words,
        scope: Scope,
        *,
        limit: int,
        superseded: bool = False,
        filters: Filters = UNFILTERED,
    ) -> list[Passage]:
        """The passages inside `scope` and `filters` that are nearest by meaning and by words, best first.

        Those of replaced documents come only with `superseded`. `score` is the fused one, `similarity` the cosine.
        """
        inside = narrowed(self.inside(scope, superseded=superseded), filters)
        asked = request(vector, words, inside, limit=limit)
        fused = self._ask(lambda client: client.query_points(COLLECTION, **asked))
        hits = sorted(fused.points, key=lambda hit: (-hit.score, str(hit.id)))[:limit]
        found = [
            replace(as_passage(hit.payload), score=hit.score, similarity=cosine(vector, hit.payload)) for hit in hits
        ]
        # what the engine let through is read once more: the number alone vouches for nobody
        return [one for one in found if scope.admits(one.access) and (superseded or not one.superseded)]

    def inside(self, scope: Scope, *, superseded: bool = False) -> models.Filter:
        """The filter of a search: by audiences, or by every attribute where those are too many to tell."""
        admitted = self._audiences.admitted(scope, superseded=superseded)
        return _inside(scope, superseded=superseded) if admitted is None else gate(admitted)

    def at(self, places: Collection[Place], scope: Scope) -> list[Passage]:
        """The passages at `places`, of whatever date. What lies outside `scope` is at no place."""
        if not places:
            return []
        only = everything([_inside(scope, superseded=True), models.Filter(should=[_at(one) for one in sorted(places)])])
        found, _ = self._ask(lambda client: client.scroll(COLLECTION, only, limit=len(places), with_payload=True))
        return [as_passage(one.payload) for one in found]

    def passage(self, identifier: str, scope: Scope) -> Passage:
        """One passage, of whatever date. Raises NotFound if there is none inside `scope`."""
        inside = _inside(scope, superseded=True)
        only = models.Filter(must=[inside, models.HasIdCondition(has_id=[point_id(identifier)])])
        found, _ = self._ask(lambda client: client.scroll(COLLECTION, only, limit=1, with_payload=True))
        if not found:
            raise NotFound
        return as_passage(found[0].payload)

    def some(self, scope: Scope, *, start: str, limit: int) -> list[Passage]:
        """At most `limit` current passages inside `scope`, in the order of their points' ids from `start` (a UUID) on;
        ids are as good as drawn by lot. From the beginning on where there are too few."""
        inside = self.inside(scope)
        found: dict[str, Any] = {}
        for offset in (start, None):
            page, _ = self._ask(partial(_some, inside=inside, offset=offset, limit=limit))
            found |= {str(one.id): one.payload for one in page}
            if len(found) >= limit:
                break
        passages = [as_passage(payload) for payload in list(found.values())[:limit]]
        return [one for one in passages if scope.admits(one.access) and not one.superseded]

    def count(self, scope: Scope | None = None) -> int:
        """How many passages lie inside `scope`; without one, how many are stored (a number for the operator)."""
        inside = None if scope is None else _inside(scope, superseded=True)
        return self._ask(lambda client: client.count(COLLECTION, inside, exact=True)).count

    def state(self) -> IndexState:
        """How many passages are stored, and what they were made with."""
        made_with = self._ask(lambda client: client.get_collection(COLLECTION)).config.metadata or {}
        return IndexState(
            passages=self.count(),
            embedder=str(made_with.get("embedder", "")),
            dimension=int(made_with.get("dimension", 0)),
            words=str(made_with.get("words", "")),
        )

    def embedded(self, document: str) -> dict[bytes, NDArray[np.float32]]:
        """The vectors of a document's passages, of every version, by `digest`: no text, so no scope is asked."""
        held: dict[bytes, NDArray[np.float32]] = {}
        offset: Any = None
        while True:
            found, offset = self._ask(partial(_vectors, document=document, offset=offset))
            held |= {embedded_digest(one.payload): np.asarray(one.vector[DENSE], np.float32) for one in found}
            if offset is None:
                return held

    def _present(self, limit: int) -> dict[int, int]:
        told = self._ask(lambda client: client.facet(COLLECTION, AUDIENCE, limit=limit))
        return {hit.value: hit.count for hit in told.hits if isinstance(hit.value, int)}

    def _specimen(self, number: int) -> models.Payload | None:
        only = models.Filter(must=[models.FieldCondition(key=AUDIENCE, match=models.MatchValue(value=number))])
        found, _ = self._ask(lambda client: client.scroll(COLLECTION, only, limit=1, with_payload=True))
        return found[0].payload if found else None

    # --- Asking the store ---------------------------------------------------------------------------------------------

    def _ask(self, call: Callable[[QdrantClient], Result], *, accept: int | None = None) -> Result:
        """Ask, and ask again: every call here may be repeated. `accept` is a refusal that means "done before".

        Raises StoreUnavailable, without the store's own words: they may hold content.
        """
        deadline = monotonic() + self._seconds
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return call(self._client)
            except UnexpectedResponse as error:
                if error.status_code == accept:
                    return True  # type: ignore[return-value]  # only where the result is a plain acknowledgement
                fault, again = f"status {error.status_code}", (error.status_code or 0) >= 500
                cause: Exception = error
            except (ResponseHandlingException, ResourceExhaustedResponse, httpx.HTTPError) as error:
                fault, again, cause = type(error).__name__, True, error
            if not again or attempt == ATTEMPTS or monotonic() + PAUSE * attempt > deadline:
                break
            sleep(PAUSE * attempt)
        log.error("the vector store failed %d times: %s", attempt, fault)
        raise StoreUnavailable(f"The vector store does not answer ({fault}).") from cause


def _index_field(client: QdrantClient, *, name: str, kind: models.PayloadSchemaType) -> object:
    return client.create_payload_index(COLLECTION, name, kind, wait=True)


def _upsert(client: QdrantClient, *, points: list[models.PointStruct]) -> object:
    return client.upsert(COLLECTION, points, wait=True)


def _vectors(client: QdrantClient, *, document: str, offset: Any) -> tuple[list[Any], Any]:
    only = models.Filter(must=[field("document", document)])
    return client.scroll(COLLECTION, only, limit=4 * BATCH, offset=offset, with_payload=True, with_vectors=[DENSE])


def _some(client: QdrantClient, *, inside: models.Filter, offset: Any, limit: int) -> tuple[list[Any], Any]:
    return client.scroll(COLLECTION, inside, limit=limit, offset=offset, with_payload=True)


def _client(there: Endpoint, seconds: float) -> QdrantClient:
    key = None if there.key is None else there.key.get_secret_value()
    # the environment's proxies never stand between us and the store
    more: dict[str, Any] = {} if there.socket is None else {"transport": httpx.HTTPTransport(uds=str(there.socket))}
    return QdrantClient(
        url=there.base_url, api_key=key, timeout=int(seconds), check_compatibility=False, trust_env=False, **more
    )


def _inside(scope: Scope, *, superseded: bool) -> models.Filter:
    """The filter by every attribute. Its first line is the security property."""
    admitted = render(scope.clause)
    return admitted if superseded else everything([admitted, field(STANDING, CURRENT)])


def request(vector: NDArray[np.float32], words: sparse.Words, inside: models.Filter, *, limit: int) -> dict[str, Any]:
    """The query of a search as qdrant-client takes it."""
    return {
        "prefetch": _prefetch(vector.astype(float).tolist(), words, inside, max(CANDIDATES, limit)),
        "query": FUSION,
        "query_filter": inside,  # the same filter once more: in a prefetch alone it lets strangers through
        "limit": limit + SPARE,
        "with_payload": True,
    }


def _at(spot: Place) -> models.Filter:
    document, version, position = spot
    here = models.FieldCondition(key="position", match=models.MatchValue(value=position))
    return models.Filter(must=[field("document", document), field("version", version), here])


def _prefetch(row: list[float], words: sparse.Words, inside: models.Filter, limit: int) -> list[models.Prefetch]:
    """The nearest by meaning, and the nearest by words if the question has any."""
    near = models.Prefetch(query=row, using=DENSE, filter=inside, limit=limit)
    if not words.ids:
        return [near]
    named = models.SparseVector(indices=list(words.ids), values=list(words.weights))
    return [near, models.Prefetch(query=named, using=BM25, filter=inside, limit=limit)]
