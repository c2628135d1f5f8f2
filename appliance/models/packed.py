"""Read a text encoder in the E5S1 format: four-bit weights and a SentencePiece vocabulary in one file. Pure.

The file, little-endian: magic and version; nine numbers of the encoder's shape; the vocabulary (ends of the pieces in
one run of bytes, and their scores); what characters are read as; a directory of tensors, and the tensors. A tensor
holds float32, or blocks of 32 weights: a float16 scale and 16 bytes, of which byte j holds weight j in its low and
weight j + 16 in its high half, each 8 too large.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.errors import ModelDamaged

MAGIC: Final = b"E5S1"
_BLOCK: Final = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
_IN_BLOCK: Final = 32
_FLOATS: Final = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """The encoder's sizes, all in numbers of things but `epsilon`, which keeps its norms from dividing by zero."""

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces of words with their scores (log-probabilities), by id, and the ids of four special ones.

    `read_as` says for a character which characters it is read as; it differs from Unicode's NFKC only where that is
    nothing or a space.
    """

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    start: int
    end: int
    padding: int
    unknown: int
    read_as: dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Packed:
    """A whole file: its shape, its vocabulary, and where each tensor lies (kind, numbers, offset)."""

    shape: Shape
    vocabulary: Vocabulary
    _tensors: dict[str, tuple[int, int, int]]
    _bytes: bytes

    def tensor(self, name: str, *sizes: int) -> NDArray[np.float16]:
        """The tensor of that name in half precision, shaped `sizes`. Raises ModelDamaged if it is not in the file."""
        try:
            kind, numbers, offset = self._tensors[name]
            if kind == _FLOATS:
                flat = np.frombuffer(self._bytes, "<f4", numbers, offset)
            else:
                flat = _weights(np.frombuffer(self._bytes, _BLOCK, numbers // _IN_BLOCK, offset))
            return flat.astype("<f2").reshape(sizes)
        except (KeyError, ValueError) as error:
            raise ModelDamaged(f"The packed model lacks {name}, or holds it in another shape.") from error


def _weights(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    halves = blocks["halves"]
    numbers = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8
    return (numbers * blocks["scale"].astype(np.float32)[:, None]).ravel()


def read(raw: bytes) -> Packed:
    """What `raw` holds. Raises ModelDamaged if it is no such file."""
    if raw[:4] != MAGIC:
        raise ModelDamaged("This is no packed model of the form E5S1.")
    cursor = _Cursor(raw, at=8)
    try:
        width, layers, heads, inner, words, positions, types, epsilon, in_block = cursor.numbers("7ifi")
        if in_block != _IN_BLOCK:
            raise ModelDamaged("The packed model has blocks of another size.")
        shape = Shape(width, layers, heads, inner, words, positions, types, epsilon)
        vocabulary = _vocabulary(cursor)
        return Packed(shape, vocabulary, _directory(cursor), raw)
    except (struct.error, ValueError, IndexError) as error:
        raise ModelDamaged("The packed model ends too early.") from error


class _Cursor:
    """Where reading has come to."""

    def __init__(self, raw: bytes, *, at: int) -> None:
        self._raw = raw
        self._at = at

    def numbers(self, form: str) -> tuple[int, ...]:
        """The next numbers, as `struct` writes `form`; where it has an `f` there is a float."""
        found = struct.unpack_from(f"<{form}", self._raw, self._at)
        self._at += struct.calcsize(f"<{form}")
        return found

    def many(self, kind: str, count: int) -> "NDArray[np.generic]":
        """The next `count` numbers of one kind."""
        found = np.frombuffer(self._raw, kind, count, self._at)
        self._at += found.nbytes
        return found

    def text(self, length: int) -> bytes:
        """The next bytes."""
        found = self._raw[self._at : self._at + length]
        self._at += length
        return found


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, start, end, padding, unknown = cursor.numbers("5i")
    (length,) = cursor.numbers("Q")
    ends = cursor.many("<u4", count + 1).tolist()
    scores = cursor.many("<f4", count).tolist()
    run = cursor.text(length)
    pieces = tuple(run[first:last].decode("utf-8") for first, last in pairwise(ends))
    characters, _ = cursor.numbers("iI")
    read_as = {}
    for _ in range(characters):
        character, outputs = cursor.numbers("IB")
        read_as[character] = cursor.numbers(f"{outputs}I")
    return Vocabulary(pieces, tuple(scores), start, end, padding, unknown, read_as)


def _directory(cursor: _Cursor) -> dict[str, tuple[int, int, int]]:
    (count,) = cursor.numbers("i")
    tensors = {}
    for _ in range(count):
        (length,) = cursor.numbers("H")
        name = cursor.text(length).decode("ascii")
        kind, numbers, offset, _ = cursor.numbers("BIQQ")
        tensors[name] = (kind, numbers, offset)
    return tensors
