"""What passages of an older installation lack is written onto them, once, when the index is opened."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any, Final, Protocol

from qdrant_client import QdrantClient
from qdrant_client.http import models

from appliance.retrieval.audiences import AUDIENCE, audience, read_unaddressed
from appliance.retrieval.filtering import KIND, told
from appliance.retrieval.rendering import LOCK

AT_ONCE: Final = 256


class Ask(Protocol):
    """Asks the store, and again if it fails (`appliance.retrieval.index.Index`)."""

    def __call__(self, call: Callable[[QdrantClient], Any], /) -> Any: ...  # noqa: D102


def audiences(ask: Ask, collection: str) -> None:
    """Write the audience of passages from before there were any. Those that cannot be read stay without."""
    _written(ask, collection, lacking=AUDIENCE, payload=_audience)


def kinds(ask: Ask, collection: str) -> None:
    """Write what filters ask for. Until this has come to its end no filter finds such a passage; without one all do."""
    _written(ask, collection, lacking=KIND, payload=_filtered_by)


def _audience(held: models.Payload) -> dict[str, Any]:
    access, superseded = read_unaddressed(held)
    return {AUDIENCE: audience(access, superseded=superseded)}


def _filtered_by(held: models.Payload) -> dict[str, Any]:
    valid_from = held["valid_from"]
    return told(held["uri"], None if valid_from is None else date.fromisoformat(valid_from))


def _written(ask: Ask, collection: str, *, lacking: str, payload: Callable[[models.Payload], dict[str, Any]]) -> None:
    empty = models.IsEmptyCondition(is_empty=models.PayloadField(key=lacking))
    offset: Any = None
    while True:
        found, offset = ask(partial(_page, collection=collection, empty=empty, offset=offset))
        for said, ids in _alike(found, payload):
            # only where there is still none: what was written meanwhile is newer than what was read
            only = models.Filter(must=[models.HasIdCondition(has_id=list(ids)), empty])
            ask(partial(_set, collection=collection, payload=said, only=only))
        if offset is None:
            return


def _page(client: QdrantClient, *, collection: str, empty: models.Condition, offset: Any) -> tuple[list[Any], Any]:
    only = models.Filter(must=[LOCK, empty])
    return client.scroll(collection, only, limit=AT_ONCE, offset=offset, with_payload=True)


def _set(client: QdrantClient, *, collection: str, payload: dict[str, Any], only: models.Filter) -> object:
    return client.set_payload(collection, payload, only, wait=True)


def _alike(
    found: Sequence[Any], payload: Callable[[models.Payload], dict[str, Any]]
) -> list[tuple[dict[str, Any], list[str]]]:
    """The ids of points by what is to be written onto them."""
    several: dict[tuple[tuple[str, Any], ...], list[str]] = {}
    for one in found:
        with suppress(KeyError, TypeError, ValueError):
            several.setdefault(tuple(payload(one.payload or {}).items()), []).append(str(one.id))
    return [(dict(said), ids) for said, ids in several.items()]
