"""Pieces of a text that say something in another writing: base64, hexadecimal, %4B, &#75;, =4B, \\u004b. Pure.

Each reading knows which characters of the text its own stand for: a finding in it covers the encoded piece. Not read:
what is neither mostly text once decoded, compressed, nor encrypted.
"""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

DEPTH: Final = 3
"""How many writings may lie within one another."""
_READABLE: Final = 0.8
_FEWEST: Final = 4
_WIDER: Final = 0xFEE0
_HEX: Final = r"[0-9a-fA-F]"
_ESCAPED: Final = re.compile(
    rf"(?P<percent>(?:%{_HEX}{{2}})+)|(?P<quoted>(?:={_HEX}{{2}})+)|(?P<soft>=[ \t]*\r?\n)"
    rf"|(?P<entity>&#?[0-9A-Za-z]{{1,31}};)|(?P<unicode>(?:\\[uU]{_HEX}{{4}})+)|(?P<bytes>(?:\\[xX]{_HEX}{{2}})+)"
)
_MARKS: Final = re.compile(r"[%=&\\]")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{8,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]{4,})*")
_ODD: Final = re.compile(r"[a-z0-9+/_-][A-Z]|[A-Z]{2}[a-z]|[A-Za-z][0-9]|[0-9][A-Za-z]")
"""What base64 of a few bytes has and a word has not: capitals within, digits beside letters."""
_LINES: Final = re.compile(r"\S{8,}")
_PARTS: Final = re.compile(r"[A-Za-z0-9]{8,}")
_PAIRS: Final = re.compile(rf"(?<!{_HEX}){_HEX}{{2}}(?:[ :,-]?{_HEX}{{2}}){{3,}}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a piece of the text says, and for which of the text's characters each of its own stands."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text that stands which the reading has at `start` to `end`."""
        return self.starts[start], self.ends[end - 1]


def readings(text: str, depth: int = DEPTH) -> Iterator[Reading]:
    """Everything that `text` says in other writings, and what that says in its turn."""
    if depth == 0:
        return
    for reading in (*_visible(text), *_unescaped(text), *_blocks(text)):
        yield reading
        for inner in readings(reading.text, depth - 1):
            spans = [reading.span(start, end) for start, end in zip(inner.starts, inner.ends, strict=True)]
            yield Reading(inner.text, tuple(one[0] for one in spans), tuple(one[1] for one in spans))


def _visible(text: str) -> Iterator[Reading]:
    """The text without what cannot be seen, and without full width: signs of a writing may be hidden so."""
    if text.isascii():
        return
    shown = [(place, _narrow(one)) for place, one in enumerate(text) if unicodedata.category(one) != "Cf"]
    said = "".join(one for _, one in shown)
    if said != text:
        yield Reading(said, tuple(place for place, _ in shown), tuple(place + 1 for place, _ in shown))


def _narrow(character: str) -> str:
    return chr(ord(character) - _WIDER) if "\uff01" <= character <= "\uff5e" else character


def _unescaped(text: str) -> Iterator[Reading]:
    """The whole text with its escapes undone, if it has any."""
    if not _MARKS.search(text):
        return
    said: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for found in _ESCAPED.finditer(text):
        plain = _meaning(found)
        if plain is None:
            continue
        said += [text[at : found.start()], plain]
        starts += [*range(at, found.start()), *([found.start()] * len(plain))]
        ends += [*range(at + 1, found.start() + 1), *([found.end()] * len(plain))]
        at = found.end()
    if at:
        said.append(text[at:])
        starts += range(at, len(text))
        ends += range(at + 1, len(text) + 1)
        yield Reading("".join(said), tuple(starts), tuple(ends))


def _meaning(found: re.Match[str]) -> str | None:
    piece = found[0]
    match found.lastgroup:
        case "percent":
            return _told(bytes.fromhex(piece.replace("%", "")))
        case "quoted":
            return _told(bytes.fromhex(piece.replace("=", "")))
        case "bytes":
            return _told(bytes.fromhex(re.sub(r"\\[xX]", "", piece)))
        case "unicode":
            units = bytes.fromhex(re.sub(r"\\[uU]", "", piece))
            return units.decode("utf-16-be", errors="replace")
        case "entity":
            plain = html.unescape(piece)
            return plain if plain != piece else None
        case _:
            return ""  # the end of a line that goes on


def _told(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _blocks(text: str) -> Iterator[Reading]:
    """Runs that are text once they are decoded as a whole; each stands for the whole run."""
    for pattern, decoded in ((_BASE64, _from_base64), (_PAIRS, _from_pairs)):
        for found in pattern.finditer(text):
            for start, end in _candidates(found):
                plain = decoded(text[start:end])
                if plain:
                    padded = end + len(re.match("={0,2}", text[end : end + 2])[0])  # type: ignore[index]  # it matches ""
                    yield Reading(plain, (start,) * len(plain), (padded,) * len(plain))


def _candidates(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The run, its lines, and what stands between signs that are letters of base64 and of paths and names as well."""
    whole = found.span()
    inner = [one.span() for pattern in (_LINES, _PARTS) for one in pattern.finditer(found[0])]
    yield whole
    yield from {(whole[0] + start, whole[0] + end) for start, end in inner} - {whole}


def _from_base64(run: str) -> str:
    letters = re.sub(r"\s", "", run).replace("-", "+").replace("_", "/")
    if not _ODD.search(letters):
        return ""
    for skipped in range(4):  # something may stand right before it
        rest = letters[skipped:]
        rest = rest[: len(rest) - (len(rest) % 4 == 1)]
        try:
            plain = _readable(base64.b64decode(rest + "=" * (-len(rest) % 4)))
        except (binascii.Error, ValueError):
            continue
        if plain:
            return plain
    return ""


def _from_pairs(run: str) -> str:
    return _readable(bytes.fromhex(re.sub(r"[ :,-]", "", run)))


def _readable(raw: bytes) -> str:
    """The text of `raw` if most of it is text, or else ""."""
    decoders: tuple[Callable[[bytes], str], ...] = (
        (_utf8, _utf16_little, _utf16_big) if b"\0" in raw else (_utf8, _latin)
    )
    for decoder in decoders:
        plain = decoder(raw)
        shown = [one for one in plain if one.isascii() or unicodedata.category(one) != "Cf"]
        letters = sum(one.isalnum() or one.isspace() or (one.isascii() and one.isprintable()) for one in shown)
        if len(shown) >= _FEWEST and letters >= _READABLE * len(shown):
            return plain
    return ""


def _utf8(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _latin(raw: bytes) -> str:
    return raw.decode("cp1252", errors="replace")


def _utf16_little(raw: bytes) -> str:
    return raw.decode("utf-16-le", errors="replace")


def _utf16_big(raw: bytes) -> str:
    return raw.decode("utf-16-be", errors="replace")
