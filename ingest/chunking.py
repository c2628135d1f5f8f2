"""From blocks to passages: by heading and paragraph, small enough that a prompt holds five. Pure.

A passage is a stretch of one page's text, letter for letter, so that it can be marked where it stands.
"""

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from appliance.records import Box, Document, Passage
from ingest import labelling
from ingest.records import Block, Parsed

ENOUGH: Final = 110
MOST: Final = 160
"""Words of a passage: from ENOUGH on it may end with its paragraph, and MOST it never exceeds (about 230 tokens)."""
_CHARACTERS_A_WORD: Final = 7.0
_LONGEST_TOKEN: Final = 800
_NAMESPACE: Final = uuid.UUID("6b1f3c0e-8a55-4f0b-9c57-1f3d0f0a7d52")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…:;])[\"'”»)\]]*\s+(?=[\"'„“«(\[]?[A-ZÄÖÜ0-9•])|\n+")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Characters `start` to `end` of page `page`, under `heading` (a path: "Dosing > Adults")."""

    heading: str
    text: str
    page: int
    start: int
    end: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never torn apart: a short paragraph, a row, a sentence."""

    start: int
    end: int
    weight: float
    closes: bool


@dataclass(slots=True)
class _Heading:
    block: Block
    used: bool = False


@dataclass(slots=True)
class _Section:
    """The blocks under one heading on one page."""

    heading: str
    page: int
    blocks: list[Block] = field(default_factory=list)


def document_id(tenant: str, uri: str) -> str:
    """The id of the document at `uri`, stable over its versions."""
    return str(uuid.uuid5(_NAMESPACE, f"{tenant}\n{uri}"))


def passages(document: Document, parsed: Parsed) -> list[Passage]:
    """The passages of a document, in reading order; their ids are stable for the same document and version."""
    return [
        Passage(
            id=str(uuid.uuid5(_NAMESPACE, f"{document.id}\n{document.version}\n{position}")),
            document=document.id,
            version=document.version,
            position=position,
            title=document.title,
            uri=document.uri,
            heading=chunk.heading,
            text=chunk.text,
            page=chunk.page,
            start=chunk.start,
            end=chunk.end,
            boxes=chunk.boxes,
            language=labelling.language(chunk.text, document.language),
            access=document.access,
            valid_from=document.valid_from,
            superseded=document.superseded_by is not None,
        )
        for position, chunk in enumerate(chunks(parsed))
    ]


def chunks(parsed: Parsed) -> list[Chunk]:
    """Every block is in a chunk, or is a heading in the path of one; margins only where there is nothing else."""
    content = [block for block in parsed.blocks if block.kind != "margin"] or list(parsed.blocks)
    made: list[Chunk] = []
    for section in _sections(content):
        text = parsed.pages[section.page - 1].text
        made.extend(_packed(section, text))
    return made


def _sections(blocks: Sequence[Block]) -> Iterator[_Section]:
    path: list[_Heading] = []
    current: _Section | None = None
    for block in blocks:
        if block.kind == "heading":
            if current is not None:
                yield current
                current = None
            while path and path[-1].block.level >= block.level:
                yield from _unused(path.pop(), path)
            path.append(_Heading(block))
            continue
        if current is None or current.page != block.page:
            if current is not None:
                yield current
            for heading in path:
                heading.used = True
            current = _Section(_path(path), block.page)
        current.blocks.append(block)
    if current is not None:
        yield current
    while path:
        yield from _unused(path.pop(), path)


def _unused(heading: _Heading, path: list[_Heading]) -> Iterator[_Section]:
    """A heading over nothing would be lost: it becomes a passage of its own."""
    if not heading.used:
        for above in path:
            above.used = True
        yield _Section(_path(path), heading.block.page, [heading.block])


def _path(path: list[_Heading]) -> str:
    return " > ".join(heading.block.text.replace("\n", " ") for heading in path)


def _packed(section: _Section, page: str) -> Iterator[Chunk]:
    taken: list[_Unit] = []
    weight = 0.0
    for unit in (unit for block in section.blocks for unit in _units(block)):
        full = weight + unit.weight > MOST or (weight >= ENOUGH and taken[-1].closes)
        apart = bool(taken) and bool(page[taken[-1].end : unit.start].strip())  # a margin stands between
        if taken and (full or apart):
            yield _chunk(section, taken, page)
            taken, weight = [], 0.0
        taken.append(unit)
        weight += unit.weight
    if taken:
        yield _chunk(section, taken, page)


def _chunk(section: _Section, units: list[_Unit], page: str) -> Chunk:
    start, end = units[0].start, units[-1].end
    lines = (line for block in section.blocks for line in block.lines)
    boxes = tuple(line.box for line in lines if line.start < end and start < line.end)
    return Chunk(section.heading, page[start:end], section.page, start, end, boxes)


def _units(block: Block) -> Iterator[_Unit]:
    if block.kind == "table":
        spans = list(_split(block.text, re.compile(r"\n")))
    elif _weight(block.text) <= MOST:
        spans = [(0, len(block.text))]
    else:
        spans = list(_split(block.text, _SENTENCE_END))
    pieces = [piece for start, end in spans for piece in _short(block.text, start, end)]
    for index, (start, end) in enumerate(pieces):
        closes = index == len(pieces) - 1 or block.kind == "table"
        yield _Unit(block.start + start, block.start + end, _weight(block.text[start:end]), closes)


def _weight(text: str) -> float:
    """Words, where long words and figures count for more: the model reads tokens."""
    return max(len(text.split()), len(text) / _CHARACTERS_A_WORD)


def _split(text: str, border: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for match in border.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _short(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence as it is, or cut between words, or in the midst of a word that is longer than a page is wide."""
    if _weight(text[start:end]) <= MOST:
        yield start, end
        return
    begin = last = None
    for match in re.finditer(rf"\S{{1,{_LONGEST_TOKEN}}}", text[start:end]):
        begin = match.start() if begin is None else begin
        if last is not None and _weight(text[start + begin : start + match.end()]) > ENOUGH:
            yield start + begin, start + last
            begin = match.start()
        last = match.end()
    if begin is not None and last is not None:
        yield start + begin, start + last
