"""Canaries into the scratch house, as an ingest leaves a document: archive, index, registry, in this order."""

from collections.abc import Sequence

from appliance.retrieval.points import content
from appliance.selftest.canaries import Canary
from appliance.wiring import IngestParts


def plant(canaries: Sequence[Canary], parts: IngestParts) -> None:
    """Bring them in. Raises the error of any part that is down."""
    passages = [canary.passage() for canary in canaries]
    parts.index.ensure(parts.embedder)
    parts.index.put(passages, parts.embedder.embed([content(passage) for passage in passages]))
    for canary in canaries:
        parts.archive.put(canary.original)
        parts.registry.register(canary.document(), [canary.page()])
