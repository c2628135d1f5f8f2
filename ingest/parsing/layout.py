"""From lines to paragraphs, headings by size, tables by columns, running heads and feet. Pure."""

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

from appliance.records import Box
from ingest.parsing.assembly import Piece, plausible_header, rows
from ingest.parsing.columns import joined, ordered
from ingest.parsing.lines import Cell, Row
from ingest.records import Kind

_CHAPTER: Final = 4
"""Pages on which a running head comes again where it changes with the chapter."""
_MARK: Final = re.compile(r"[•‣▪●○◦–—\-*·]|\(?\d{1,3}[.)]|\(?[a-z][.)]")

Outline = dict[tuple[int, str], int]
"""The level of the heading that is `named` so on a page."""


def arranged(pages: list[list[Row]], outline: Outline | None = None) -> list[Piece]:
    """The pieces of all pages, in reading order; what `outline` names on its page is a heading."""
    pages = [ordered(joined(page)) for page in pages]
    body = _body_size(line for page in pages for line in page)
    margins = _margins(pages)
    pieces = (piece for number, page in enumerate(pages, 1) for piece in _layout(page, number, body, margins))
    return [_outlined(piece, outline) for piece in pieces] if outline else list(pieces)


def named(text: str) -> str:
    """A heading as outline and page both have it, whatever their spaces, numbers and letters' size."""
    return "".join(char for char in text.lower() if char.isalpha())


def _outlined(piece: Piece, outline: Outline) -> Piece:
    level = outline.get((piece.page, named(piece.joint.join(piece.lines)))) if piece.kind != "margin" else None
    return replace(piece, kind="heading", level=level) if level else piece


def _body_size(lines: Iterable[Row]) -> float:
    """The size in which most characters are set."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _margins(pages: list[list[Row]]) -> set[str]:
    """Texts at the edge of a page that come again, figures aside: on half of the pages, or as those of a chapter."""
    edges: Counter[str] = Counter()
    for page in pages:
        edges.update({_shape(line.text) for line in page if _at_edge(line)})
    often = min(len(pages) / 2, max(_CHAPTER, len(pages) / 20))
    return {text for text, count in edges.items() if count > 1 and count >= often}


def _at_edge(line: Row) -> bool:
    return line.box.bottom < 0.09 or line.box.top > 0.91


def _shape(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def _layout(lines: list[Row], number: int, body: float, margins: set[str]) -> Iterator[Piece]:
    inner: list[Row] = []
    for line in lines:
        if _at_edge(line) and _shape(line.text) in margins:
            yield _piece("margin", [line], number)
        else:
            inner.append(line)
    leading = _leading(inner)
    index = 0
    while index < len(inner):
        end = _table_end(inner, index)
        if end > index:
            yield _table(inner[index:end], number)
            index = end
            continue
        end = index + 1
        while end < len(inner) and _same(inner[end - 1], inner[end], leading) and _table_end(inner, end) == end:
            end += 1
        yield _paragraph(inner[index:end], number, body)
        index = end


def _leading(lines: list[Row]) -> float:
    steps = [a.bottom - b.bottom for a, b in pairwise(lines) if 0 < a.bottom - b.bottom < 60]
    return statistics.median_low(steps) if steps else 12.0


def _same(above: Row, below: Row, leading: float) -> bool:
    """Whether `below` goes on with the paragraph of `above`."""
    step = above.bottom - below.bottom
    return (
        abs(above.size - below.size) < 0.3
        and above.bold == below.bold
        and 0 < step < 1.25 * max(leading, above.size)
        and not _MARK.match(below.text)
    )


def _paragraph(lines: list[Row], number: int, body: float) -> Piece:
    text = " ".join(line.text for line in lines)
    larger = lines[0].size > body * 1.03
    if _MARK.match(text) and not text[0].isdigit():
        return _piece("list", lines, number)
    if (larger or lines[0].bold) and len(lines) <= 3 and len(text) <= 150 and not text.endswith((".", ";", ",")):
        depth = 1 if lines[0].size >= body * 1.5 else 2 if lines[0].size >= body * 1.15 else 3
        return _piece("heading", lines, number, depth)
    return _piece("list" if _MARK.match(text) else "text", lines, number)


def _piece(kind: Kind, lines: list[Row], number: int, level: int = 0) -> Piece:
    """Lines whose word is broken at their end are joined with the next, so that words can be searched."""
    texts: list[str] = []
    boxes: list[Box | None] = []
    for line in lines:
        if texts and texts[-1].endswith("\u0002"):
            head, _, rest = line.text.partition(" ")
            texts[-1] = texts[-1][:-1] + head
            if not rest:
                continue
            texts.append(rest)
        else:
            texts.append(line.text)
        boxes.append(line.box)
    return Piece(kind, tuple(texts), number, level, tuple(boxes), " ")


def _table_end(lines: list[Row], start: int) -> int:
    """Where the table that begins at `start` ends; `start` itself where none begins."""
    columns = _columns(lines[start])
    if len(columns) < 2:
        return start
    end, whole = start + 1, 1
    while end < len(lines) and _fits(lines[end], columns) and lines[end - 1].bottom - lines[end].top < 40:
        whole += lines[end].left <= columns[0] + 4
        end += 1
    return end if whole >= 2 else start


def _columns(line: Row) -> list[float]:
    if len(line.cells) > 1 and _MARK.fullmatch(line.cells[0].text):
        return []
    return [cell.left for cell in line.cells]


def _fits(line: Row, columns: list[float]) -> bool:
    """Every cell begins in a column, and a line of a single cell is not simply the text that follows."""
    aligned = all(_column(cell, columns) is not None for cell in line.cells)
    alone = len(line.cells) == 1 and line.left <= columns[0] + 4
    return aligned and not alone


def _column(cell: Cell, columns: list[float]) -> int | None:
    near = [index for index, left in enumerate(columns) if left - 4 <= cell.left]
    if not near:
        return None
    last = len(columns) - 1
    index = near[-1]
    overruns = index < last and cell.right > columns[index + 1] + 4
    return None if overruns else index


def _table(lines: list[Row], number: int) -> Piece:
    columns = _columns(lines[0])
    cells: list[list[str]] = []
    boxes: list[Box] = []
    for line in lines:
        if not cells or line.left <= columns[0] + 4:
            cells.append([""] * len(columns))
            boxes.append(line.box)
        for cell in line.cells:
            index = _column(cell, columns) or 0
            cells[-1][index] = f"{cells[-1][index]} {cell.text}".strip()
        boxes[-1] = _union(boxes[-1], line.box)
    texts = rows(cells, header=plausible_header(cells))
    if len(texts) < len(boxes):
        boxes = [boxes[0] if len(boxes) == 1 else _union(boxes[0], boxes[1]), *boxes[2:]]
    return Piece("table", texts, number, 0, tuple(boxes[: len(texts)]))


def _union(a: Box, b: Box) -> Box:
    return Box(a.page, min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))
