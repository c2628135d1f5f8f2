"""Text that has not changed is not embedded again: its vector is taken from the document's own old passages.

Nothing is kept besides: what goes with a document goes with its passages in the index.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from appliance.records import Passage
from appliance.retrieval.embedding import Embedder
from appliance.retrieval.index import Index
from appliance.retrieval.points import content, digest


def vectors(
    groups: Sequence[tuple[Sequence[Passage], str | None]], *, index: Index, embedder: Embedder
) -> NDArray[np.float32]:
    """A row for each passage, in order. Each group is one document's, with its id if the index may hold it already."""
    held = [index.embedded(known) if known is not None else {} for _, known in groups]
    pairs = [(passage, of) for (passages, _), of in zip(groups, held, strict=True) for passage in passages]
    lacking = [(passage, of) for passage, of in pairs if digest(passage) not in of]
    made = embedder.embed([content(passage) for passage, _ in lacking])
    for (passage, of), row in zip(lacking, made, strict=True):
        of[digest(passage)] = row
    return np.stack([of[digest(passage)] for passage, of in pairs])
