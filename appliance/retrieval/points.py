"""A passage as a point of the vector store, and back: vectors, words, attributes, and what tells passages apart."""

import hashlib
import uuid
from base64 import b64decode, b64encode
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray
from qdrant_client.http import models

from appliance.errors import StoreUnavailable
from appliance.records import Box, Passage
from appliance.retrieval import sparse
from appliance.retrieval.audiences import addressed, read_addressed
from appliance.retrieval.filtering import told as filtered_by

DENSE: Final = "dense"
BM25: Final = "bm25"
DIRECTION: Final = "direction"
"""The dense vector once more, in the payload and in half precision: fusion hides the cosine, and asking for it by id
would cost a second call, asking for the vector itself ten times the bytes."""
_IDS: Final = uuid.UUID("7c3d2a52-53a6-4c5a-9f0b-6f4e1d1c9a11")
_PLAIN: Final = (
    "id", "document", "version", "position", "title", "uri", "heading", "text", "page", "start", "end", "language",
)  # fmt: skip


def content(passage: Passage) -> str:
    """The text of a passage as it is embedded: title and heading first."""
    return "\n".join(part for part in (passage.title, passage.heading, passage.text) if part)


def digest(passage: Passage) -> bytes:
    """What tells apart what was embedded: passages of one digest have one vector."""
    return _digest(content(passage))


def embedded_digest(payload: models.Payload | None) -> bytes:
    """The digest of a stored passage, whoever may read it: its access may be of an older schema."""
    told = payload or {}
    return _digest("\n".join(part for part in (told.get("title"), told.get("heading"), told.get("text")) if part))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).digest()


def point_id(identifier: str) -> str:
    """The store's own id of a passage: a number that always comes out the same."""
    return str(uuid.uuid5(_IDS, identifier))


def as_point(passage: Passage, vector: NDArray[np.float32]) -> models.PointStruct:
    """The point of a passage with its dense vector."""
    words = sparse.passage_words(passage.text, passage.language, head=f"{passage.title}\n{passage.heading}")
    vectors: dict[str, list[float] | models.SparseVector] = {
        DENSE: vector.astype(float).tolist(),
        BM25: models.SparseVector(indices=list(words.ids), values=list(words.weights)),
    }
    payload = {name: getattr(passage, name) for name in _PLAIN}
    payload |= addressed(passage.access, superseded=passage.superseded)
    payload |= filtered_by(passage.uri, passage.valid_from)
    payload["boxes"] = [[box.page, box.left, box.top, box.right, box.bottom] for box in passage.boxes]
    payload[DIRECTION] = b64encode(vector.astype("<f2").tobytes()).decode()
    payload["valid_from"] = None if passage.valid_from is None else passage.valid_from.isoformat()
    return models.PointStruct(id=point_id(passage.id), vector=vectors, payload=payload)


def cosine(vector: NDArray[np.float32], payload: models.Payload | None) -> float:
    """How near a hit is to the question, to three digits. Raises StoreUnavailable for what nobody here wrote."""
    try:
        held = np.frombuffer(b64decode((payload or {})[DIRECTION]), dtype="<f2").astype(np.float32)
        return float(vector @ held)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreUnavailable("The vector store holds a passage that cannot be read.") from error


def as_passage(payload: models.Payload | None) -> Passage:
    """The passage that `as_point` wrote. Raises StoreUnavailable for a payload that nobody here wrote."""
    try:
        told = payload or {}
        access, superseded = read_addressed(told)
        valid_from = None if told["valid_from"] is None else date.fromisoformat(told["valid_from"])
        return Passage(
            **{name: told[name] for name in _PLAIN},
            boxes=tuple(Box(int(page), *edges) for page, *edges in told["boxes"]),
            access=access,
            valid_from=valid_from,
            superseded=superseded,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreUnavailable("The vector store holds a passage that cannot be read.") from error
