"""Pieces of text become pages and blocks whose offsets hold. Pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from appliance.records import Box
from ingest.records import Block, Kind, Line, PageText

_KEPT = frozenset("\n\t")
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2028": "\n", "\u2029": "\n", "\r": "\n"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A block before it has its place: its lines (or rows) with their boxes if there are any, and their joint."""

    kind: Kind
    lines: tuple[str, ...]
    page: int = 1
    level: int = 0
    boxes: tuple[Box | None, ...] = ()
    joint: Literal["\n", " "] = "\n"


@dataclass(frozen=True, slots=True)
class Read:
    """What a format's parser found: pieces in order, the file's own title, and what it could not read, in words.

    `pictures` are those of pages 1, 2, …, as PNG.
    """

    pieces: list[Piece]
    title: str = ""
    remarks: tuple[str, ...] = ()
    pictures: tuple[bytes, ...] = ()


def clean(text: str) -> str:
    """`text` without characters that no reader sees: controls, zero-width, bidirectional overrides, private use.

    What cannot be seen must not be searched, cited or read by the model.
    """
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _SPACES.get(char, char)
        for char in text
        if char in _KEPT or char in _SPACES or unicodedata.category(char) not in _DROPPED
    )


def assemble(pieces: Iterable[Piece], pictures: Sequence[bytes] = ()) -> tuple[tuple[Block, ...], tuple[PageText, ...]]:
    """Blocks and pages of `pieces`, in order: a page's text is its blocks joined by blank lines.

    `pictures` are those of pages 1, 2, …; there may be fewer pictures than pages, and pages without any piece.
    """
    texts: dict[int, list[str]] = {number: [] for number in range(1, len(pictures) + 1)}
    lengths: dict[int, int] = {}
    blocks: list[Block] = []
    for piece in pieces:
        lines = [clean(line).strip() for line in piece.lines]
        boxes = piece.boxes or (None,) * len(lines)
        kept = [(line, box) for line, box in zip(lines, boxes, strict=True) if line]
        if not kept:
            continue
        length = lengths.get(piece.page, 0)
        start = length + 2 if length else 0
        text = piece.joint.join(line for line, _ in kept)
        lengths[piece.page] = start + len(text)
        texts.setdefault(piece.page, []).append(text)
        blocks.append(Block(piece.kind, text, piece.page, start, start + len(text), piece.level, _lines(kept, start)))
    last = max(texts, default=0)
    pages = tuple(
        PageText(number, "\n\n".join(texts.get(number, ())), pictures[number - 1] if number <= len(pictures) else b"")
        for number in range(1, last + 1)
    )
    return tuple(blocks), pages


def _lines(kept: list[tuple[str, Box | None]], start: int) -> tuple[Line, ...]:
    lines = []
    for text, box in kept:
        if box is not None:
            lines.append(Line(start, start + len(text), box))
        start += len(text) + 1
    return tuple(lines)


def rows(cells: Sequence[Sequence[str]], *, header: bool) -> tuple[str, ...]:
    """One line for each row of a table. With a header each cell is named: "Drug: A; Dose: 5 mg".

    A row is often all that is retrieved; without its header its figures would mean nothing.
    """
    trimmed = [[" ".join(cell.split()) for cell in row] for row in cells]
    trimmed = [row for row in trimmed if any(row)]
    if not header or len(trimmed) < 2 or len(trimmed[0]) < 2:
        return tuple(_unnamed(row) for row in trimmed)
    names, *body = trimmed
    lines = [_named(names, row) if len(row) == len(names) else _unnamed(row) for row in body]
    used = {column for row in body if len(row) == len(names) for column, cell in enumerate(row) if cell}
    lost = any(name and column not in used for column, name in enumerate(names))
    return (_unnamed(names), *lines) if lost else tuple(lines)


def _unnamed(row: list[str]) -> str:
    return " | ".join(cell for cell in row if cell)


def _named(names: list[str], row: list[str]) -> str:
    pairs = zip(names, row, strict=True)
    return " | ".join(f"{name.rstrip(':')}: {cell}" if name else cell for name, cell in pairs if cell)


def plausible_header(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a table that marks none names its columns: all short, different, and not figures."""
    if len(cells) < 2 or len(cells[0]) < 2:
        return False
    first = [cell.strip() for cell in cells[0]]
    wordy = all(cell and len(cell) <= 60 and _more_letters(cell) for cell in first)
    return wordy and len(set(first)) == len(first) and all(len(row) == len(first) for row in cells[1:3])


def _more_letters(cell: str) -> bool:
    return sum(char.isalpha() for char in cell) > sum(char.isdigit() for char in cell)
