"""What is written so that people do not see it or programs do not read it: unseen letters, look-alikes, codes. Pure.

Everything here is bounded: a text costs time in proportion to its length, whatever stands in it.
"""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote

_TAGS: Final = range(0xE0020, 0xE007F)
"""Letters that no screen shows and models read: each stands for the ASCII letter 0xE0000 below it."""
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_ODD: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u2060-\u2064\U000e0000-\U000e007f]")
"""Of these, what ordinary texts have no use for: overrides of direction, invisible operators, tags."""
_LOOK_ALIKES: Final = str.maketrans(
    "аеорсухівкмнтАВЕКМНОРСТХІЅјѕԁɡοαερνικτυΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑɩʏᴀᴇɪɴᴏʀᴛᴜꜱ’‘＇",
    "aeopcyxibkmhtABEKMHOPCTXISjsdgoaepviktuABEZHIKMNOPTYXiaiyaeinortus'''",
)
_DIGITS: Final = str.maketrans("013457@$", "oieastas")
_LEET: Final = re.compile(r"\b(?=[a-z]*[013457@$])(?=[013457@$]*[a-z])[a-z013457@$]{3,20}\b")
_SPACED: Final = re.compile(r"(?<!\w)(?:\w[ .\-_*]){4,60}\w(?!\w)")
_BLOBS: Final = 12
_BLOB: Final = 6_000


def plain(text: str) -> str:
    """`text` as it is read: without what cannot be seen, in one form of each letter, in small letters."""
    if text.isascii():
        return text.lower()
    visible = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    if _mixed(visible):
        visible = visible.translate(_LOOK_ALIKES)
    return visible.replace("’", "'").lower()


def _mixed(text: str) -> bool:
    """Whether letters of other alphabets stand among Latin ones: then those that look alike are meant to."""
    return (
        re.search(
            r"[a-zA-Z][\u0370-\u052f\u1d00-\u1d2b\u0250-\u02af]|[\u0370-\u052f\u1d00-\u1d2b\u0250-\u02af][a-zA-Z]", text
        )
        is not None
    )


def odd_letters(text: str) -> int:
    """How many letters stand in it that only a program reads."""
    return 0 if text.isascii() else sum(1 for _ in _ODD.finditer(text))


def hidden_inside(text: str, telling: Callable[[str], bool]) -> Iterator[str]:
    """What `text` says in disguise, one reading after the other: tags, encodings, figures for letters, spread letters.

    `telling` says of a word in small letters whether it is one that gives orders; other words are read as they stand.
    """
    if not text.isascii() and (tags := [chr(ord(one) - 0xE0000) for one in text if ord(one) in _TAGS]):
        yield "".join(tags)
    for found in _encoded(text):
        if _is_prose(found):
            yield found
    lower = text.lower()
    for pattern, read in ((_LEET, _without_figures), (_SPACED, _together)):
        if any(telling(read(word)) for word in pattern.finditer(lower)):
            yield pattern.sub(read, lower)


def _without_figures(word: re.Match[str]) -> str:
    return word[0].translate(_DIGITS)


def _together(word: re.Match[str]) -> str:
    return re.sub(r"[ .\-_*]", "", word[0])


def _encoded(text: str) -> Iterator[str]:
    """The first blobs of each encoding, decoded."""
    for needed, pattern, decode in _CODES:
        if needed not in text:
            continue
        for number, blob in enumerate(pattern.finditer(text)):
            if number >= _BLOBS:
                break
            try:
                yield decode(blob[0][:_BLOB])
            except (ValueError, binascii.Error):
                continue


def _is_prose(text: str) -> bool:
    """Whether what was decoded is words: several, and little else."""
    letters = sum(one.isalpha() or one == " " for one in text)
    return len(text) >= 8 and " " in text and letters >= 0.75 * len(text)


def _base64(blob: str) -> str:
    body = blob.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(body + "=" * (-len(body) % 4)).decode("utf-8")


def _base32(blob: str) -> str:
    body = blob.rstrip("=")
    return base64.b32decode(body + "=" * (-len(body) % 8)).decode("utf-8")


def _base85(blob: str) -> str:
    return base64.a85decode(blob, adobe=True).decode("utf-8")


def _hexadecimal(blob: str) -> str:
    return bytes.fromhex(re.sub(r"0x|\\x|[\s:,]", "", blob)).decode("utf-8")


def _escapes(blob: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), blob)


def _binary(blob: str) -> str:
    return bytes(int(one, 2) for one in blob.split()).decode("utf-8")


_CODES: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...]] = (
    ("", re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/])"), _base64),
    ("", re.compile(r"(?<!\w)[A-Z2-7]{24,}={0,6}(?!\w)"), _base32),
    ("<~", re.compile(r"<~[!-u\s]{15,}?~>"), _base85),
    ("", re.compile(r"(?<!\w)(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s:,]?){12,}(?!\w)"), _hexadecimal),
    ("\\u", re.compile(r"(?:\\u[0-9a-fA-F]{4}){6,}"), _escapes),
    ("%", re.compile(r"(?:[^\s%]{0,40}%[0-9a-fA-F]{2}){6,}[^\s%]{0,40}"), unquote),
    ("&#", re.compile(r"(?:&#x?[0-9a-fA-F]{2,6};){6,}"), html.unescape),
    ("01", re.compile(r"(?<!\w)(?:[01]{8}\s){6,}[01]{8}(?!\w)"), _binary),
)


def turned(text: str) -> Iterator[str]:
    """`text` with its letters turned by thirteen, and read from its end."""
    yield codecs.encode(text, "rot13")
    yield text[::-1]
