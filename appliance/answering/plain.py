"""What an answer says as text that leads nowhere: no link, no picture, no address that a reader's program would fetch.

A model writes an answer, a document says what is in it, and programs that we do not know show it, as Markdown most of
them. So whatever one of them would make into something to click or to fetch is written as what it is: an address
between backquotes, beginning with its host, without a scheme and without what stands behind its path. Everything else
stays as it is. Pure; the result is one line, and stays without a link beside others of its kind.
"""

import re
import unicodedata
from html import unescape
from typing import Final

PATH: Final = 60
"""Characters of an address's path that are shown: more is data rather than a place."""

_MARK: Final = "`"
_ENTITY: Final = re.compile(r"&(?:#x?[0-9a-f]+|\w+);", re.IGNORECASE)
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_QUOTED: Final = re.compile(r"(?<![`\\])`([^`]+)`(?!`)")
"""What stands between two single backquotes: no program looks for a link in there."""
_ESCAPED: Final = re.compile(r"\\+(`[^`]+`)")
"""A backslash takes the meaning of the backquote behind it away."""
_TAG: Final = re.compile(r"<(?=[a-z/!?])([^<>]*)(>?)", re.IGNORECASE)
_LINKED: Final = re.compile(r"\](?=[(\[:])")
"""The end of a link's text, of a picture's, and of a reference's name, with what makes it one."""
_REST: Final = r"[^\s<>()\[\]\"“”'`|‹›]*"
_COMMON: Final = "aero|app|asia|biz|com|coop|dev|edu|gov|info|int|mil|museum|name|net|org|pro|shop|web|xxx"
_ADDRESS: Final = re.compile(
    rf"""
    (?:[a-z][a-z0-9+.\\-]{{,40}}\\*:[/\\]{{2,}} | (?<![^\W_])(?<!/):?//+ | (?<!\w)(?=www\\*\.)) (?P<place>{_REST})
    | (?:[\w.-]{{,40}}(?:mailto|xmpp)\\*:)? (?P<mail>[\w.+\\-]{{1,64}} \\*@ [\w-]+ (?:\\*\.[\w-]+)+) (?:[?/]{_REST})?
    | (?P<name>(?<![^\W_])(?<![.@/-])(?=[\w-]*[a-z])[\w-]+ (?:\\*\.[\w-]+)*
      \\*\.(?:{_COMMON}|(?-i:(?!md|py|sh)[a-z]{{2}})) (?![^\W_]|-\w) (?::\d+)? (?:[/?#]{_REST})?)
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""An address as programs find it in a text: with a scheme or `www.`, of a mailbox, or a host's bare name.

`notes.md` is taken for a file.
"""
_SCHEME: Final = re.compile(r":?/{2,}")
"""What would make another address of a path's end."""
_CLOSING: Final = ".,;:!?*_~&$\\"


def plainly(text: str) -> str:
    """`text` on one line, with nothing in it that is a link or a picture in Markdown or HTML."""
    between = _QUOTED.split(" ".join(_visible(text).split()))
    said = [_quoted(part) if odd else _prose(part) for part, odd in zip(between, _alternating(between), strict=True)]
    return "".join(said).replace(2 * _MARK, f"{_MARK} {_MARK}")


def _alternating(parts: list[str]) -> list[bool]:
    return [bool(number % 2) for number in range(len(parts))]


def _visible(text: str) -> str:
    """`text` as a reader sees it: entities as what they stand for, and nothing that is written and not seen."""
    while True:
        shown = _ENTITY.sub(lambda found: unescape(found[0]), text)
        shown = "".join(one for one in _SELECTORS.sub("", shown) if one.isspace() or not _unseen(one))
        if shown == text:
            return text
        text = shown


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _quoted(text: str) -> str:
    """What was between backquotes stays so, its addresses cut like any others."""
    return f"`{_ADDRESS.sub(lambda found: _place(found)[0], text)}`"


def _prose(text: str) -> str:
    """Text that stands between no backquotes. Every line is a lock: `tests/answering/test_plain.py` fails without."""
    text = text.replace(_MARK, "'")
    text = _TAG.sub(lambda found: f"‹{found[1]}{'›' if found[2] else ''}", text)
    text = _ADDRESS.sub(_between_backquotes, text)
    text = _ESCAPED.sub(r"\1", text)
    return _LINKED.sub("] ", text)


def _between_backquotes(found: re.Match[str]) -> str:
    place, behind = _place(found)
    return f"`{place}`{behind}"


def _place(found: re.Match[str]) -> tuple[str, str]:
    """What an address is shown as, and the punctuation that only follows it."""
    whole = found[0].rstrip(_CLOSING)
    behind = found[0][len(whole) :].replace("\\", "")
    if found["mail"]:
        return found["mail"].replace("\\", ""), "" if re.search("[?/]", found[0]) else behind
    place = found["place"] if found["place"] is not None else found["name"]
    place = re.sub(r"\\+(?=\W)", "", place.rstrip(_CLOSING)).replace("\\", "/")
    near = re.split(r"[?#;&=]", place, maxsplit=1)[0]
    host, slash, path = near.partition("/")
    host = host.rpartition("@")[2]
    shown = _SCHEME.sub("/", f"{host}{slash}{path[:PATH]}")
    cut = len(path) > PATH or len(near) < len(place)
    return (f"{shown}…" if cut else shown) or found[0].partition(":")[0].strip("/") or "…", behind
