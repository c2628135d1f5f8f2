"""Qdrant's REST shapes, turned into the engine's and back.

Everything here is a pure function. A shape that the appliance never sends raises NotOffered: the store would rather
refuse a call than answer it half.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import qdrant_edge as edge
from pydantic import BaseModel
from qdrant_client.http import models

from appliance.errors import MunimentError

DISTANCES = {
    models.Distance.COSINE: edge.Distance.Cosine,
    models.Distance.DOT: edge.Distance.Dot,
    models.Distance.EUCLID: edge.Distance.Euclid,
    models.Distance.MANHATTAN: edge.Distance.Manhattan,
}
SCHEMAS = {
    models.PayloadSchemaType.KEYWORD: edge.PayloadSchemaType.Keyword,
    models.PayloadSchemaType.INTEGER: edge.PayloadSchemaType.Integer,
}
CANDIDATES = 10
"""How many points a query or a prefetch brings where the request names no limit: Qdrant's own default."""


class NotOffered(MunimentError):
    """A part of Qdrant's interface that this store does not speak."""

    status = 501


# --- Filters ----------------------------------------------------------------------------------------------------------


def filtered(wanted: models.Filter | None) -> edge.Filter | None:
    """The engine's filter. None stays None, and so everything matches: as in Qdrant, the caller must mean it."""
    return None if wanted is None else some(wanted)


def some(wanted: models.Filter) -> edge.Filter:
    """The engine's filter. One without conditions matches everything, as in Qdrant. Raises NotOffered."""
    if wanted.min_should is not None:
        raise NotOffered("min_should is not offered.")
    return edge.Filter(
        must=_conditions(wanted.must), should=_conditions(wanted.should), must_not=_conditions(wanted.must_not)
    )


def _conditions(wanted: Any) -> list[Any] | None:
    if wanted is None:
        return None
    return [_condition(one) for one in (wanted if isinstance(wanted, list) else [wanted])]


def _condition(wanted: Any) -> Any:
    match wanted:
        case models.Filter():
            return some(wanted)
        case models.HasIdCondition(has_id=ids):
            return edge.HasIdCondition({_point_id(one) for one in ids})
        case models.IsEmptyCondition(is_empty=field):
            return edge.IsEmptyCondition(field.key)
        case models.FieldCondition():
            return _field(wanted)
        case _:
            raise NotOffered(f"{type(wanted).__name__} is not offered.")


def _field(wanted: models.FieldCondition) -> edge.FieldCondition:
    only(wanted, "key", "match", "range")
    return edge.FieldCondition(wanted.key, match=_match(wanted.match), range=_range(wanted.range))


def _match(wanted: Any) -> Any:
    match wanted:
        case None:
            return None
        case models.MatchValue(value=bool()):
            # the engine's binding reads a truth value as a number, so `must_not` over one would match everything
            raise NotOffered("A match by a truth value is not offered.")
        case models.MatchValue(value=value):
            return edge.MatchValue(value)
        case models.MatchAny(any=values):
            return edge.MatchAny(values)
        case models.MatchExcept(except_=values):
            return edge.MatchExcept(values)
        case _:
            raise NotOffered(f"{type(wanted).__name__} is not offered.")


def _range(wanted: Any) -> edge.RangeFloat | None:
    match wanted:
        case None:
            return None
        case models.Range(gte=gte, gt=gt, lte=lte, lt=lt):
            return edge.RangeFloat(gte=gte, gt=gt, lte=lte, lt=lt)
        case _:
            raise NotOffered(f"{type(wanted).__name__} is not offered.")


def only(wanted: BaseModel, *offered: str) -> None:
    """Refuse a request that sets anything besides `offered`: dropping a condition in silence would widen it."""
    beyond = {name for name in wanted.model_fields_set if getattr(wanted, name) is not None} - set(offered)
    if beyond:
        raise NotOffered(f"{type(wanted).__name__} with {', '.join(sorted(beyond))} is not offered.")


# --- Queries ----------------------------------------------------------------------------------------------------------


def query(wanted: models.QueryRequest) -> edge.QueryRequest:
    """A whole query: prefetches, fusion, filter, what to bring back."""
    only(
        wanted, "prefetch", "query", "using", "filter", "params", "score_threshold", "limit", "offset",
        "with_vector", "with_payload",
    )  # fmt: skip
    return edge.QueryRequest(
        prefetches=_prefetches(wanted.prefetch),
        query=_scoring(wanted.query, wanted.using),
        filter=filtered(wanted.filter),
        params=_params(wanted.params),
        score_threshold=wanted.score_threshold,
        limit=CANDIDATES if wanted.limit is None else wanted.limit,
        offset=wanted.offset or 0,
        with_vector=wanted.with_vector,
        with_payload=payload_parts(wanted.with_payload),
    )


def _prefetches(wanted: Any) -> list[edge.Prefetch]:
    if wanted is None:
        return []
    return [_prefetch(one) for one in (wanted if isinstance(wanted, list) else [wanted])]


def _prefetch(wanted: models.Prefetch) -> edge.Prefetch:
    only(wanted, "prefetch", "query", "using", "filter", "params", "score_threshold", "limit")
    return edge.Prefetch(
        prefetches=_prefetches(wanted.prefetch),
        query=_scoring(wanted.query, wanted.using),
        filter=filtered(wanted.filter),
        params=_params(wanted.params),
        score_threshold=wanted.score_threshold,
        limit=CANDIDATES if wanted.limit is None else wanted.limit,
    )


def _scoring(wanted: Any, using: str | None) -> Any:
    match wanted:
        case None:
            return None
        case models.NearestQuery(nearest=nearest, mmr=None):
            return _scoring(nearest, using)
        case models.SparseVector(indices=indices, values=values):
            return edge.Query.Nearest(_sparse(indices, values), using=using)
        case [float() | int(), *_]:
            return edge.Query.Nearest(_finite(wanted), using=using)
        case models.FusionQuery(fusion=models.Fusion.DBSF):
            return edge.Fusion.Dbsf()
        case models.FusionQuery(fusion=models.Fusion.RRF):
            return edge.Fusion.Rrf(2)
        case models.RrfQuery(rrf=models.Rrf(k=k, weights=weights)):
            return edge.Fusion.Rrf(2 if k is None else k, weights)
        case _:
            raise NotOffered(f"A query by {type(wanted).__name__} is not offered.")


def _params(wanted: models.SearchParams | None) -> edge.SearchParams | None:
    if wanted is None:
        return None
    only(wanted, "hnsw_ef", "exact", "indexed_only", "idf")
    idf = None
    if isinstance(wanted.idf, models.IdfCorpusParams):
        idf = edge.IdfParams(corpus=filtered(wanted.idf.corpus))
    return edge.SearchParams(
        hnsw_ef=wanted.hnsw_ef, exact=bool(wanted.exact), indexed_only=bool(wanted.indexed_only), idf=idf
    )


def payload_parts(wanted: Any) -> Any:
    """Which payload fields to bring back."""
    match wanted:
        case models.PayloadSelectorInclude(include=keys):
            return edge.PayloadSelector.Include(keys)
        case models.PayloadSelectorExclude(exclude=keys):
            return edge.PayloadSelector.Exclude(keys)
        case _:
            return wanted


# --- Points and collections -------------------------------------------------------------------------------------------


def _point_id(wanted: Any) -> Any:
    return wanted if isinstance(wanted, int) else str(wanted)


def point_ids(wanted: Sequence[Any]) -> list[Any]:
    """Point ids as the engine takes them: integers, or UUIDs as text."""
    return [_point_id(one) for one in wanted]


def point(wanted: models.PointStruct) -> edge.Point:
    """A point with its vectors and payload."""
    return edge.Point(_point_id(wanted.id), _vectors(wanted.vector), wanted.payload or {})


def _sparse(indices: list[int], values: list[float]) -> edge.SparseVector:
    """The engine takes a lopsided or repeating vector without a word, so it is checked here. Raises ValueError."""
    if len(indices) != len(values) or len(set(indices)) != len(indices):
        raise ValueError("indices and values of a sparse vector must pair up, each index once")
    return edge.SparseVector(indices, _finite(values))


def _finite(values: list[float]) -> list[float]:
    if not all(map(isfinite, values)):
        raise ValueError("a vector holds finite numbers only")
    return values


def _vectors(wanted: Any) -> Any:
    match wanted:
        case models.SparseVector(indices=indices, values=values):
            return _sparse(indices, values)
        case Mapping():
            return {name: _vectors(vector) for name, vector in wanted.items()}
        case [float() | int(), *_]:
            return _finite(wanted)
        case _:
            raise NotOffered(f"A vector made from {type(wanted).__name__} is not offered.")


def _told(vector: Any) -> Any:
    match vector:
        case edge.SparseVector():
            return models.SparseVector(indices=vector.indices, values=vector.values)
        case Mapping():
            return {name: _told(one) for name, one in vector.items()}
        case _:
            return vector


def scored(hit: edge.ScoredPoint) -> models.ScoredPoint:
    """A hit as the client reads it."""
    return models.ScoredPoint(
        id=_point_id(hit.id), version=hit.version, score=hit.score, payload=hit.payload, vector=_told(hit.vector)
    )


def record(found: edge.Record) -> models.Record:
    """A stored point as the client reads it."""
    return models.Record(id=_point_id(found.id), payload=found.payload, vector=_told(found.vector))


def configuration(wanted: models.CreateCollection) -> edge.EdgeConfig:
    """How the engine keeps a collection: named vectors, payload in memory, thresholds of the index."""
    only(wanted, "vectors", "sparse_vectors", "optimizers_config", "hnsw_config", "metadata")
    if not isinstance(wanted.vectors, dict) or not wanted.vectors:
        raise NotOffered("Only named vectors are offered.")
    hnsw, optimizers = wanted.hnsw_config, wanted.optimizers_config
    return edge.EdgeConfig(
        vectors={
            name: edge.EdgeVectorParams(size=vector.size, distance=DISTANCES[vector.distance])
            for name, vector in wanted.vectors.items()
        },
        sparse_vectors={
            name: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf if vector.modifier == "idf" else None)
            for name, vector in (wanted.sparse_vectors or {}).items()
        },
        hnsw_config=edge.HnswIndexConfig(
            m=(hnsw and hnsw.m) or 16,
            ef_construct=(hnsw and hnsw.ef_construct) or 100,
            full_scan_threshold=(hnsw and hnsw.full_scan_threshold) or 10_000,
        ),
        optimizers=edge.EdgeOptimizersConfig(
            indexing_threshold=None if optimizers is None else optimizers.indexing_threshold
        ),
        payload_memory=edge.Memory.Cached,
    )
