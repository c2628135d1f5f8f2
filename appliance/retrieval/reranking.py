"""A second look at the best hits by a cross-encoder: question and passage are read together. Optional."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from appliance.errors import EmbedderUnavailable, ModelMissing
from appliance.records import Passage

log = logging.getLogger(__name__)

DEPTH: Final = 20
"""Hits that are read again."""


class Reranker(Protocol):
    """Scores passages for a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One finite score for each text, higher is better. Raises EmbedderUnavailable."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder from a folder: safetensors only, no code of its own, nothing downloaded.

    Loaded when made. Raises ModelMissing if the folder holds no such model, EmbedderUnavailable if it cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
            raise ModelMissing(
                "The folder named by `reranker` holds no cross-encoder in safetensors.",
                advice="Put config.json, the tokenizer and model.safetensors there, or unset `reranker`.",
            )
        try:
            from safetensors import SafetensorError
            from sentence_transformers import CrossEncoder
        except (ImportError, OSError) as error:
            raise EmbedderUnavailable("The libraries of the reranker cannot be loaded.") from error
        try:
            self._model: Any = CrossEncoder(
                str(folder),
                local_files_only=True,
                trust_remote_code=False,
                num_labels=1,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            raise EmbedderUnavailable("The reranker cannot be loaded.") from error
        log.info("reranker loaded")

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One score for each text. Raises EmbedderUnavailable."""
        if not texts:
            return []
        try:
            told = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        except (RuntimeError, ValueError, TypeError, MemoryError) as error:
            raise EmbedderUnavailable("The reranker failed.") from error
        scores = np.asarray(told, dtype=np.float64)
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise EmbedderUnavailable("The reranker gave scores that cannot be used.")
        return [float(score) for score in scores]


def reranked(hits: Sequence[Passage], scores: Sequence[float]) -> list[Passage]:
    """`hits` with the first of them, as many as there are `scores`, in the order of those scores.

    The fused scores stay what they were, dealt out anew from the best: they remain comparable within one search.
    """
    first, rest = hits[: len(scores)], hits[len(scores) :]
    order = sorted(range(len(first)), key=lambda number: (-scores[number], number))
    dealt = [replace(first[number], score=first[rank].score) for rank, number in enumerate(order)]
    return [*dealt, *rest]
