"""The real engine over points that carry access attributes and hardly anything else."""

from pathlib import Path

import qdrant_edge as edge
from qdrant_client.http import models

from appliance.access.attributes import FLAG, SETS, TEXTS
from appliance.retrieval import edge_shapes
from appliance.retrieval.audiences import AUDIENCE


class Points:
    """The real engine over points of one number each, without a process between."""

    def __init__(self, folder: Path) -> None:
        vectors = {"dense": edge.EdgeVectorParams(size=1, distance=edge.Distance.Dot)}
        self._shard = edge.EdgeShard.create(str(folder), edge.EdgeConfig(vectors=vectors))
        for name in ("acl", *TEXTS, *SETS, FLAG, "ancestors"):
            self._shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Keyword))
        for name in ("level", AUDIENCE):
            self._shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Integer))
        self._stored = 0

    def store(self, payloads: list[dict[str, object]]) -> None:
        """Replace all points by these, numbered from 0."""
        self._shard.update(edge.UpdateOperation.delete_points(list(range(self._stored))))
        self._stored = len(payloads)
        points = [edge.Point(number, {"dense": [1.0]}, payload) for number, payload in enumerate(payloads)]
        self._shard.update(edge.UpdateOperation.upsert_points(points))

    def admitted(self, wanted: models.Filter) -> set[int]:
        """The numbers of the points that the engine returns, the filter having crossed the wire."""
        crossed = models.Filter.model_validate_json(wanted.model_dump_json(exclude_none=True, by_alias=True))
        asked = edge.ScrollRequest(limit=1_000, filter=edge_shapes.some(crossed))
        return {int(record.id) for record in self._shard.scroll(asked)[0]}

    def present(self, limit: int) -> dict[int, int]:
        """The audiences that there are, each with how many points have it."""
        return {one.value: one.count for one in self._shard.facet(edge.FacetRequest(AUDIENCE, limit)).hits}

    def specimen(self, number: int) -> dict[str, object] | None:
        """The payload of a point of this audience."""
        only = edge.Filter(must=[edge.FieldCondition(AUDIENCE, match=edge.MatchValue(number))])
        asked = edge.ScrollRequest(limit=1, filter=only, with_payload=True)
        return next((dict(record.payload or {}) for record in self._shard.scroll(asked)[0]), None)
