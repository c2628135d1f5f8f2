"""An embedder without a model: words hashed into a vector. It passes the contract; it knows no meaning."""

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


class HashingEmbedder:
    """Counts words into `dimension` places by their hash. Texts that share words lie near each other."""

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.name = f"hashing@{dimension}"
        self.max_tokens = 256

    def count_tokens(self, text: str) -> int:
        """Words."""
        return len(re.findall(r"\w+", text))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 for each text."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.01  # a text without words has a direction, too
            for word in re.findall(r"\w+", text.lower())[: self.max_tokens]:
                row[int.from_bytes(blake2b(word.encode(), digest_size=4).digest()) % self.dimension] += 1.0
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / lengths, dtype=np.float32)

    def embed_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As passages are: it knows no meaning, and no kinds."""
        return self.embed(texts)
