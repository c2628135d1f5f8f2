"""Frames between the pipeline and its parsers: a length, a plain JSON head, and bytes behind it. Never a pickle.

What comes back was written by a process that has read hostile bytes: it is checked like a stranger's upload.
"""

import json
import struct
from dataclasses import asdict
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from appliance.records import Box
from ingest.parsing.assembly import clean
from ingest.records import Block, Fault, PageText, Parsed, Refused

LARGEST: Final = 256 << 20
_LENGTHS = struct.Struct("!II")
_PNG: Final = b"\x89PNG\r\n\x1a\n"


class _Page(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    number: int = Field(ge=1)
    text: str
    picture: int = Field(ge=0)


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(max_length=1_000)
    media_type: str = Field(max_length=127)
    blocks: tuple[Block, ...]
    pages: tuple[_Page, ...]
    remarks: tuple[Annotated[str, Field(max_length=250)], ...] = Field((), max_length=50)


def frame(head: dict[str, Any], body: bytes = b"") -> bytes:
    """One frame. `head` is anything that JSON can say."""
    encoded = json.dumps(head, ensure_ascii=False).encode("utf-8", errors="replace")
    return _LENGTHS.pack(len(encoded), len(body)) + encoded + body


def lengths(prefix: bytes) -> tuple[int, int] | None:
    """The lengths of head and body that the first eight bytes of a frame announce; None if they are over the limit."""
    head, body = _LENGTHS.unpack(prefix)
    return (head, body) if head + body <= LARGEST else None


PREFIX: Final = _LENGTHS.size


def answer(result: Parsed | Refused) -> bytes:
    """The frame in which a parser hands back what it made of a file."""
    if isinstance(result, Refused):
        return frame({"fault": result.fault.name})
    return frame(
        {
            "title": result.title,
            "media_type": result.media_type,
            "blocks": [asdict(block) for block in result.blocks],
            "pages": [
                {"number": page.number, "text": page.text, "picture": len(page.picture)} for page in result.pages
            ],
            "remarks": result.remarks,
        },
        b"".join(page.picture for page in result.pages),
    )


_HEADS: Final = TypeAdapter(_Head)


def result(head: bytes, body: bytes) -> Parsed | Refused:
    """What a frame says, checked: shape, offsets, page numbers, pictures that are PNG. Anything else is CRASHED."""
    try:
        plain = json.loads(head)
        if isinstance(plain, dict) and "fault" in plain:
            return Refused(Fault[plain["fault"]])
        checked = _HEADS.validate_python(plain)
    except (ValueError, ValidationError, KeyError, TypeError, RecursionError):
        return Refused(Fault.CRASHED)
    pages = _pages(checked.pages, body)
    if (
        pages is None
        or not all(_holds(block, pages) for block in checked.blocks)
        or any(clean(words) != words for words in (checked.title, *checked.remarks))
    ):
        return Refused(Fault.CRASHED)
    return Parsed(checked.title, checked.media_type, checked.blocks, pages, checked.remarks)


def _pages(pages: tuple[_Page, ...], body: bytes) -> tuple[PageText, ...] | None:
    built: list[PageText] = []
    position = 0
    for expected, page in enumerate(pages, 1):
        picture = body[position : position + page.picture]
        position += page.picture
        if page.number != expected or len(picture) != page.picture or (picture and not picture.startswith(_PNG)):
            return None
        built.append(PageText(page.number, page.text, picture))
    return tuple(built) if position == len(body) else None


def _holds(block: Block, pages: tuple[PageText, ...]) -> bool:
    if not 1 <= block.page <= len(pages) or not 0 <= block.start < block.end:
        return False
    inside = all(
        block.start <= line.start < line.end <= block.end and _on_page(line.box, block.page) for line in block.lines
    )
    return inside and pages[block.page - 1].text[block.start : block.end] == block.text


def _on_page(box: Box, page: int) -> bool:
    """Whether a box is a rectangle on `page`; no comparison with what is not a number is true."""
    return box.page == page and 0 <= box.left <= box.right <= 1 and 0 <= box.top <= box.bottom <= 1
