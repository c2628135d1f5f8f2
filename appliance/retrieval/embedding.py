"""Text as dense vectors: the port, and the embedder of an installation."""

import hashlib
import json
import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

BATCH = 32
FEW = 100
"""Texts that one question brings at most: they are embedded while a person waits, and others do, too."""

_PARTS_OF_A_MODEL = ("*.json", "*.safetensors", "*.txt", "*/*.json", "*/*.safetensors")


class Embedder(Protocol):
    """Turns texts into vectors of length 1, the same for the same texts.

    `name` tells models apart: an index made with one is refused with another. `max_tokens` is how much of a text is
    read; what lies beyond is not seen.
    """

    @property
    def name(self) -> str:
        """The model's id and the beginning of its digest."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that are read."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` has, its frame included."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of length 1, one for each passage; shape (0, dimension) for none. Raises EmbedderUnavailable."""
        ...

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same for questions: a model may read them otherwise than what answers them."""
        ...


class SentenceTransformerEmbedder:
    """A sentence-transformers model from a folder. Nothing is downloaded; the model is loaded when first used."""

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads

    @cached_property
    def name(self) -> str:
        """The folder's name and the first 12 digits of a SHA-256 over the model's files. Raises EmbedderUnavailable."""
        whole = hashlib.sha256()
        try:
            for file in sorted({file for pattern in _PARTS_OF_A_MODEL for file in self._folder.glob(pattern)}):
                with file.open("rb") as opened:
                    digest = hashlib.file_digest(opened, "sha256").hexdigest()
                whole.update(f"{file.relative_to(self._folder)}\0{digest}\n".encode())
        except OSError as error:
            raise EmbedderUnavailable("The embedding model's files cannot be read.") from error
        return f"{self._folder.name}@{whole.hexdigest()[:12]}"

    @cached_property
    def dimension(self) -> int:
        """Numbers in a vector, as the model's own configuration says: known without loading it.

        `embed` refuses vectors of any other size. Raises EmbedderUnavailable.
        """
        try:
            return int(json.loads((self._folder / "config.json").read_text("utf-8"))["hidden_size"])
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise EmbedderUnavailable("The embedding model's configuration cannot be read.") from error

    @cached_property
    def max_tokens(self) -> int:
        """Tokens of a text that the model reads. Raises EmbedderUnavailable."""
        return int(self._model.max_seq_length or 512)

    def count_tokens(self, text: str) -> int:
        """How many tokens `text` has for this model, its two frame tokens included."""
        return len(self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of length 1, one for each passage, in float32 whatever the model computes in.

        The library sorts each call by length, so a batch holds texts of one size. Raises EmbedderUnavailable.
        """
        return self._embedded(texts, "document")

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.embed_questions`."""
        return self._embedded(texts, "query")

    def _embedded(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        """`texts` after the words that the model's own configuration puts before texts of that kind, if any."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        try:
            self._share_out(len(texts))
            rows: Any = self._model.encode(
                list(texts),
                prompt=self._model.prompts.get(kind),
                batch_size=BATCH,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        except (RuntimeError, ValueError, TypeError, MemoryError) as error:
            raise EmbedderUnavailable("The embedding model failed.") from error
        vectors = np.asarray(rows, dtype=np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if vectors.shape != (len(texts), self.dimension) or not np.isfinite(lengths).all() or not lengths.all():
            raise EmbedderUnavailable("The embedding model gave vectors that cannot be used.")
        return np.asarray(vectors / lengths, dtype=np.float32)

    def _share_out(self, texts: int) -> None:
        """One thread for a question and its lines: a second waits for its turn while other work runs.

        On two cores that were four times overbooked, 61 lines took 2.2 s with one thread and 7.7 s with two.
        """
        import torch

        if self._threads:
            torch.set_num_threads(1 if texts <= FEW else self._threads)

    @cached_property
    def _model(self) -> "SentenceTransformer":
        if not (self._folder / "modules.json").is_file():
            raise EmbedderUnavailable("The embedding model is not on disk.", advice="Run `muniment models fetch`.")
        try:
            import torch
            from safetensors import SafetensorError
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as library_log
        except (ImportError, OSError) as error:
            raise EmbedderUnavailable("The libraries of the embedding model cannot be loaded.") from error
        library_log.disable_progress_bar()  # type: ignore[no-untyped-call]  # a bar on standard error is no log
        exact = torch.bfloat16 if _computes_bfloat16() else torch.float32
        try:
            model = SentenceTransformer(
                str(self._folder),
                device="cuda" if torch.cuda.is_available() else "cpu",
                model_kwargs={"dtype": exact, "use_safetensors": True},
                local_files_only=True,
                trust_remote_code=False,
            )
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            raise EmbedderUnavailable("The embedding model cannot be loaded.") from error
        log.info("embedding model loaded, computing in %s", exact)
        return model.eval()


def _computes_bfloat16() -> bool:
    """Whether this processor multiplies in bfloat16 itself (2.8 times faster here); elsewhere it would be slower."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
