"""Looking for canaries' words in whatever came back, however they are spelled. Pure."""

import base64
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.selftest.canaries import Canary, secrets_of

_ESCAPED: Final = re.compile(rb"\\u00([0-9a-fA-F]{2})|%([0-9a-fA-F]{2})")
_BESIDE_LETTERS: Final = re.compile(rb"[^a-z]+")
_LETTERS_ALONE: Final = re.compile(rb"(?<![a-z])(?:[a-z][^a-z0-9]{1,3}){6,}[a-z](?![a-z])")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A word of a canary that was found: whose, which of its words, and how it was spelled."""

    canary: Canary
    what: str
    spelled: str


class Scan:
    """Finds the words of canaries in bytes: as they are, in any case, spaced out, backwards, in base64, in hexadecimal.

    A plain search of a few dozen words in a few kilobytes: far cheaper than the request whose answer it reads.
    """

    def __init__(self, canaries: Sequence[Canary]) -> None:
        self._words = {
            word.encode(): (canary, what, _encoded(word)) for word, (canary, what) in secrets_of(canaries).items()
        }

    def sightings(self, content: bytes, *, besides: Collection[str] = ()) -> Iterator[Sighting]:
        """Every word in `content` but those of `besides` (small letters), each once."""
        plain = _ESCAPED.sub(_unescaped, content)
        lower = plain.lower()
        spaced = b" ".join(_BESIDE_LETTERS.sub(b"", run) for run in _LETTERS_ALONE.findall(lower))
        for word, (canary, what, encoded) in self._words.items():
            if word.decode() in besides:
                continue
            for spelled, there in (
                ("as it is", word in lower),
                ("letter by letter", word in spaced),
                ("backwards", word[::-1] in lower),
                ("encoded", any(form in content for form in encoded)),
            ):
                if there:
                    yield Sighting(canary, what, spelled)
                    break


def _encoded(word: str) -> tuple[bytes, ...]:
    """The word in hexadecimal and in base64, in each spelling of its case and at each place in a group of three."""
    forms = []
    for spelling in (word, word.title(), word.upper()):
        raw = spelling.encode()
        forms.append(raw.hex().encode())
        for before in range(3):
            whole = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
            # the characters at both ends hold bits of the neighbours
            forms.append(whole[-(-before * 8 // 6) : len(whole) - bool((before + len(raw)) % 3)])
    return tuple(forms)


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found.group(1) or found.group(2), 16)])
