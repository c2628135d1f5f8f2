"""The known, as digests only: what is kept of a list, and the set that texts are searched by.

A digest is BLAKE2b of a form under the house's key (RFC 7693: a keyed hash is a MAC), 16 bytes. Digests of a list are
kept sorted: nothing tells which of them belong to one person, or in which order people stood in the file.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from appliance.errors import DetectorUnavailable
from appliance.privacy.known.naming import Form, Kind

DIGEST_BYTES: Final = 16
_KEPT: Final = np.dtype([("head", ">u8"), ("tail", ">u8"), ("kind", "u1"), ("entity", "u1"), ("words", "u1")])
KEPT_BYTES: Final = _KEPT.itemsize
_PROOF: Final = "known persons\0proof"


class Digests:
    """Hashes forms under `key`."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, form: str) -> bytes:
        """The digest of a form, 16 bytes."""
        return hashlib.blake2b(form.encode(), key=self._key, digest_size=DIGEST_BYTES).digest()

    @property
    def proof(self) -> str:
        """What stands beside a list to know its key again; hexadecimal."""
        return self.of(_PROOF).hex()


@dataclass(frozen=True, slots=True)
class Entry:
    """What a digest stands for, of how many words."""

    kind: Kind
    entity: str
    words: int


def packed(forms: Iterable[Form], digests: Digests) -> tuple[bytes, tuple[str, ...]]:
    """A list as it is kept: its digests, sorted, each once per meaning; and the entities that they speak of."""
    once = set(forms)
    entities = tuple(sorted({one.entity for one in once}))
    numbers = {entity: number for number, entity in enumerate(entities)}
    rows = np.zeros(len(once), _KEPT)
    raw = b"".join(digests.of(one.text) for one in once)
    halves = np.frombuffer(raw, ">u8").reshape(-1, 2)
    rows["head"], rows["tail"] = halves[:, 0], halves[:, 1]
    rows["kind"] = [one.kind for one in once]
    rows["entity"] = [numbers[one.entity] for one in once]
    rows["words"] = [min(one.words, 255) for one in once]
    rows.sort()
    return rows.tobytes(), entities


class Book:
    """What all lists hold together. Frozen; for many threads. 19 bytes per digest.

    `lists` are pairs as `packed` made them. Raises DetectorUnavailable for one that is damaged.
    """

    def __init__(self, lists: Sequence[tuple[bytes, Sequence[str]]]) -> None:
        self._entities = tuple(sorted({entity for _, named in lists for entity in named}))
        rows = np.concatenate([np.zeros(0, _KEPT), *(self._read(kept, named) for kept, named in lists)])
        rows = np.unique(rows)
        self._heads = rows["head"].astype(np.uint64)
        self._tails = rows["tail"].astype(np.uint64)
        self._kinds = rows["kind"].copy()
        self._numbers = rows["entity"].copy()
        self._words = rows["words"].copy()

    def __len__(self) -> int:
        return len(self._heads)

    def look_up(self, found: Sequence[bytes]) -> Iterator[tuple[int, Entry]]:
        """For each of these digests that is known: its place in `found`, and what it stands for; several may be."""
        if not found or not len(self):
            return
        halves = np.frombuffer(b"".join(found), ">u8").reshape(-1, 2)
        heads = halves[:, 0].astype(np.uint64)
        first = np.minimum(np.searchsorted(self._heads, heads), len(self) - 1)
        for place in np.flatnonzero(self._heads[first] == heads):
            row = int(first[place])
            while row < len(self) and self._heads[row] == heads[place]:
                if self._tails[row] == halves[place, 1]:
                    yield int(place), self._entry(row)
                row += 1

    def _entry(self, row: int) -> Entry:
        return Entry(Kind(int(self._kinds[row])), self._entities[self._numbers[row]], int(self._words[row]))

    def _read(self, kept: bytes, entities: Sequence[str]) -> NDArray[Any]:
        """A list's rows, its entities by their numbers in this book."""
        if len(kept) % KEPT_BYTES:
            raise DetectorUnavailable("A list of known persons is damaged.", advice=RELOAD)
        rows = np.frombuffer(kept, _KEPT).copy()
        known = len(rows) == 0 or (rows["entity"].max() < len(entities) and rows["kind"].max() <= max(Kind))
        if not known:
            raise DetectorUnavailable("A list of known persons is damaged.", advice=RELOAD)
        numbers = np.array([self._entities.index(entity) for entity in entities], "u1")
        if len(rows):
            rows["entity"] = numbers[rows["entity"]]
        return rows


RELOAD: Final = "Nothing counts as looked through until it is loaded anew: `muniment privacy people load`."
