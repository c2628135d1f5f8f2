"""What was found before: by a digest of the text, so that no text is kept. Least recently used goes first."""

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

from appliance.records.privacy import Finding

_DIGEST_BYTES = 32


class Remembered:
    """Findings by text, language and configuration; at most `size` texts. For several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._found: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()
        self._lock = Lock()

    @staticmethod
    def key(text: str, language: str, configuration: str) -> bytes:
        """Another one for each text, language and configuration."""
        digest = blake2b(digest_size=_DIGEST_BYTES)
        for part in (configuration, language, text):
            encoded = part.encode("utf-8")
            digest.update(len(encoded).to_bytes(8, "big"))
            digest.update(encoded)
        return digest.digest()

    def get(self, key: bytes) -> list[Finding] | None:
        """What was found; None if nobody looked yet, an empty list if nothing is there."""
        with self._lock:
            found = self._found.get(key)
            if found is None:
                return None
            self._found.move_to_end(key)
            return list(found)

    def put(self, key: bytes, found: list[Finding]) -> None:
        """Remember it, and forget the one longest not asked for if there are too many."""
        with self._lock:
            self._found[key] = tuple(found)
            self._found.move_to_end(key)
            while len(self._found) > self._size:
                self._found.popitem(last=False)
