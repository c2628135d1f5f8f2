"""The collections of the store on disk: one folder, one process, nothing acknowledged before it is flushed."""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

import qdrant_edge as edge
from qdrant_client.http import models

from appliance.errors import AlreadyRunning
from appliance.retrieval import edge_shapes as shapes

RECIPE: Final = "collection.json"
SHARD: Final = "shard"
PARTIAL: Final = ".partial"
CALLERS_FAULT = re.compile(
    r"(Vector dimension error|Not existing vector name|Wrong input|Bad request|Validation error|failed to parse"
    r"|Vector params|Conversion between)",
    re.IGNORECASE,
)
"""How the engine's messages begin when the request is wrong; it has one exception type for every fault."""


class Refused(Exception):
    """A request that is answered with `status` and the message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class EngineFailed(Exception):
    """The engine could not do what a sound request asked for."""

    def __init__(self) -> None:
        super().__init__("The engine failed; see the store's log.")


@contextmanager
def _engine() -> Iterator[None]:
    """Turn the engine's exceptions into ours. Raises Refused (400), EngineFailed."""
    try:
        yield
    except (shapes.NotOffered, Refused):
        raise
    except (ValueError, TypeError, OverflowError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"Wrong input: {type(error).__name__}") from error
    except Exception as error:
        if CALLERS_FAULT.match(str(error)):
            raise Refused(
                HTTPStatus.BAD_REQUEST, "Wrong input: the vectors are not those of the collection."
            ) from error
        raise EngineFailed from error


class Collection:
    """One collection: the engine's shard beside the request that created it."""

    def __init__(self, folder: Path) -> None:
        self._recipe = models.CreateCollection.model_validate_json((folder / RECIPE).read_bytes())
        with _engine():
            self._shard = edge.EdgeShard.load(str(folder / SHARD))

    @staticmethod
    def make(folder: Path, recipe: models.CreateCollection) -> None:
        """Create a collection in `folder`, whole or not at all."""
        partial = folder.with_name(folder.name + PARTIAL)
        partial.mkdir(mode=0o700)
        with _engine():
            edge.EdgeShard.create(str(partial / SHARD), shapes.configuration(recipe)).close()
        with (partial / RECIPE).open("w", encoding="utf-8") as file:
            file.write(recipe.model_dump_json(exclude_none=True))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(folder)
        _sync(folder.parent)

    def close(self) -> None:
        """Flush and let go of the files."""
        self._shard.flush()
        self._shard.close()

    def info(self) -> models.CollectionInfo:
        """Its configuration, metadata and number of points, as Qdrant tells them."""
        told, recipe = self._shard.info(), self._recipe
        hnsw, optimizers = recipe.hnsw_config, recipe.optimizers_config
        return models.CollectionInfo(
            status=models.CollectionStatus.GREEN,
            optimizer_status=models.OptimizersStatusOneOf.OK,
            points_count=told.points_count,
            indexed_vectors_count=told.indexed_vectors_count,
            segments_count=told.segments_count,
            payload_schema={
                name: models.PayloadIndexInfo(data_type=_schema(index.data_type), points=index.points)
                for name, index in told.payload_schema.items()
            },
            config=models.CollectionConfig(
                params=models.CollectionParams(vectors=recipe.vectors, sparse_vectors=recipe.sparse_vectors),
                hnsw_config=models.HnswConfig(
                    m=(hnsw and hnsw.m) or 16,
                    ef_construct=(hnsw and hnsw.ef_construct) or 100,
                    full_scan_threshold=(hnsw and hnsw.full_scan_threshold) or 10_000,
                ),
                optimizer_config=models.OptimizersConfig(
                    default_segment_number=0,
                    flush_interval_sec=0,
                    indexing_threshold=optimizers and optimizers.indexing_threshold,
                ),
                metadata=recipe.metadata,
            ),
        )

    def create_index(self, wanted: models.CreateFieldIndex) -> models.UpdateResult:
        """Index a payload field by its type."""
        kind = wanted.field_schema
        if not isinstance(kind, models.PayloadSchemaType) or kind not in shapes.SCHEMAS:
            raise shapes.NotOffered("Only indexes of type keyword and integer are offered.")
        return self._written(lambda: edge.UpdateOperation.create_field_index(wanted.field_name, shapes.SCHEMAS[kind]))

    def upsert(self, wanted: models.PointsList) -> models.UpdateResult:
        """Write points, whole."""
        shapes.only(wanted, "points")
        return self._written(lambda: edge.UpdateOperation.upsert_points([shapes.point(one) for one in wanted.points]))

    def delete(self, wanted: models.FilterSelector | models.PointIdsList) -> models.UpdateResult:
        """Delete points by ids or by a filter."""
        if isinstance(wanted, models.PointIdsList):
            return self._written(lambda: edge.UpdateOperation.delete_points(shapes.point_ids(wanted.points)))
        return self._written(lambda: edge.UpdateOperation.delete_points_by_filter(shapes.some(wanted.filter)))

    def set_payload(self, wanted: models.SetPayload, *, whole: bool = False) -> models.UpdateResult:
        """Merge fields into the payload of the chosen points, or replace it as a `whole`."""
        shapes.only(wanted, "payload", "points", "filter")
        operation = edge.UpdateOperation
        if (chosen := wanted.filter) is not None and wanted.points is None:
            by_filter = operation.overwrite_payload_by_filter if whole else operation.set_payload_by_filter
            return self._written(lambda: by_filter(shapes.some(chosen), wanted.payload))
        if (ids := wanted.points) is not None and wanted.filter is None:
            by_ids = operation.overwrite_payload if whole else operation.set_payload
            return self._written(lambda: by_ids(shapes.point_ids(ids), wanted.payload))
        raise Refused(HTTPStatus.BAD_REQUEST, "Bad request: name either points or a filter.")

    def query(self, wanted: models.QueryRequest) -> models.QueryResponse:
        """Prefetch, fuse, filter."""
        with _engine():
            hits = self._shard.query(shapes.query(wanted))
        return models.QueryResponse(points=[shapes.scored(hit) for hit in hits])

    def retrieve(self, wanted: models.PointRequest) -> list[models.Record]:
        """Points by their ids; those that are not there are left out."""
        with _engine():
            parts = shapes.payload_parts(True if wanted.with_payload is None else wanted.with_payload)
            found = self._shard.retrieve(shapes.point_ids(wanted.ids), parts, wanted.with_vector or False)
        return [shapes.record(one) for one in found]

    def scroll(self, wanted: models.ScrollRequest) -> models.ScrollResult:
        """One page of points in the order of their ids."""
        shapes.only(wanted, "offset", "limit", "filter", "with_payload", "with_vector")
        with _engine():
            request = edge.ScrollRequest(
                offset=None if wanted.offset is None else shapes.point_ids([wanted.offset])[0],
                limit=wanted.limit or shapes.CANDIDATES,
                filter=shapes.filtered(wanted.filter),
                with_payload=shapes.payload_parts(True if wanted.with_payload is None else wanted.with_payload),
                with_vector=wanted.with_vector or False,
            )
            found, following = self._shard.scroll(request)
        after = None if following is None else shapes.point_ids([following])[0]
        return models.ScrollResult(points=[shapes.record(one) for one in found], next_page_offset=after)

    def count(self, wanted: models.CountRequest) -> models.CountResult:
        """How many points match."""
        with _engine():
            exact = True if wanted.exact is None else wanted.exact
            number = self._shard.count(edge.CountRequest(exact=exact, filter=shapes.filtered(wanted.filter)))
        return models.CountResult(count=number)

    def facet(self, wanted: models.FacetRequest) -> models.FacetResponse:
        """Which values an indexed field has, and how many points each, an estimate unless `exact`."""
        shapes.only(wanted, "key", "limit", "filter", "exact")
        with _engine():
            request = edge.FacetRequest(
                wanted.key, wanted.limit or shapes.CANDIDATES, bool(wanted.exact), shapes.filtered(wanted.filter)
            )
            told = self._shard.facet(request)
        return models.FacetResponse(hits=[models.FacetValueHit(value=one.value, count=one.count) for one in told.hits])

    def _written(self, operation: Callable[[], edge.UpdateOperation]) -> models.UpdateResult:
        """Apply an operation and make it durable. Without the flush a power cut loses what was acknowledged."""
        with _engine():
            self._shard.update(operation())
            self._shard.flush()
        return models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)


class Folder:
    """The store's folder, held by one process: its lock lives as long as the process, however that ends."""

    def __init__(self, path: Path) -> None:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise AlreadyRunning(f"Another process has the store's folder open: {path}.") from error
        self._path = path
        for torn in path.glob(f"*{PARTIAL}"):
            shutil.rmtree(torn)
        self.collections = {file.parent.name: Collection(file.parent) for file in sorted(path.glob(f"*/{RECIPE}"))}

    def create(self, name: str, recipe: models.CreateCollection) -> None:
        """Create a collection. Raises Refused (409) if there is one of that name."""
        if name in self.collections:
            raise Refused(HTTPStatus.CONFLICT, f"Wrong input: Collection `{name}` already exists!")
        Collection.make(self._path / name, recipe)
        self.collections[name] = Collection(self._path / name)

    def close(self) -> None:
        """Close every collection and release the folder."""
        for collection in self.collections.values():
            collection.close()
        os.close(self._lock)


def _schema(told: edge.PayloadSchemaType) -> models.PayloadSchemaType:
    return next(name for name, kind in shapes.SCHEMAS.items() if kind == told)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
