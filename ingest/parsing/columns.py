"""Reading order: what stands side by side is joined to a line, and columns are read one after the other. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Final

from appliance.records import Box
from ingest.parsing.lines import Cell, Row

_BINS: Final = 120
_LEAST: Final = 8
"""Lines that a column must have on either side before a page counts as set in columns."""


def joined(lines: list[Row]) -> list[Row]:
    """Neighbours that stand side by side on one height become one line of several cells, as in a table's row."""
    made: list[Row] = []
    for line in lines:
        wrapped = _wrapped(made, line)
        if wrapped:
            made[-wrapped:] = [_one(_stacked(made[-wrapped:]), line)]
        elif made and _beside(made[-1], line):
            made[-1] = _one(made[-1], line)
        else:
            made.append(line)
    return made


def _wrapped(made: list[Row], line: Row) -> int:
    """How many of the last lines are one wrapped cell, beside whose middle or first line `line` stands; 0 for none."""
    high = line.top - line.bottom
    for count in (2, 3):
        cell = made[-count:]
        if len(cell) < count or any(len(one.cells) > 1 or one.cells[0].right > line.left - 4 for one in cell):
            return 0
        steps = all(0 < above.bottom - below.bottom < 2.5 * high for above, below in pairwise(cell))
        middle = (cell[0].top + cell[-1].bottom) / 2
        beside = (
            abs(middle - (line.top + line.bottom) / 2) < 0.4 * high or abs(cell[0].bottom - line.bottom) < 0.4 * high
        )
        if steps and beside:
            return count
    return 0


def _stacked(lines: list[Row]) -> Row:
    """The lines of one cell as a line."""
    whole = lines[0]
    for line in lines[1:]:
        whole = _one(whole, line)
    cell = Cell(whole.text, min(one.left for one in lines), max(one.cells[0].right for one in lines))
    return replace(whole, cells=(cell,))


def _beside(left: Row, right: Row) -> bool:
    shared = min(left.top, right.top) - max(left.bottom, right.bottom)
    low = min(left.top - left.bottom, right.top - right.bottom)
    return shared > 0.6 * low > 0 and right.left - left.cells[-1].right > max(low, 4.0)


def _one(left: Row, right: Row) -> Row:
    a, b = left.box, right.box
    box = Box(a.page, min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))
    low, high = min(left.bottom, right.bottom), max(left.top, right.top)
    text = f"{left.text} {right.text}"
    return replace(left, text=text, cells=(*left.cells, *right.cells), bottom=low, top=high, box=box)


# --- Columns ----------------------------------------------------------------------------------------------------------


def ordered(lines: list[Row]) -> list[Row]:
    """`lines` with columns one after the other, between the lines that span them; unchanged where there are none."""
    if sum(len(line.cells) for line in lines) < 2 * _LEAST:
        return lines
    gutter = _gutter(lines)
    if gutter is None:
        return lines
    parts = [part for line in lines for part in _split(line, gutter)]
    spanning = [part.top for part in parts if _side(part, gutter) is None]
    placed = []
    for position, part in enumerate(parts):
        above = sum(top > part.top for top in spanning)
        side = _side(part, gutter)
        placed.append((2 * above + (side is None), side or 0, position, part))
    return [part for *_, part in sorted(placed, key=lambda one: one[:3])]


def _gutter(lines: list[Row]) -> float | None:
    """Where the white between two columns of prose stands, in points; None on a page without columns."""
    cells = [cell for line in lines for cell in line.cells]
    left, right = min(cell.left for cell in cells), max(cell.right for cell in cells)
    width = max(right - left, 1.0)
    crossed = [0] * _BINS
    for cell in cells:
        first, last = (int((x - left) / width * (_BINS - 1)) for x in (cell.left, cell.right))
        for place in range(first, last + 1):
            crossed[place] += 1
    inner = range(_BINS // 4, _BINS * 3 // 4)
    place = min(inner, key=lambda bin_: (crossed[bin_], abs(bin_ - _BINS // 2)))
    gutter = left + (place + 0.5) / (_BINS - 1) * width
    sides = [[cell for cell in cells if cell.right <= gutter], [cell for cell in cells if cell.left >= gutter]]
    if crossed[place] > len(lines) / 4 or not all(_prose(side, width) for side in sides):
        return None
    return gutter


def _prose(cells: list[Cell], width: float) -> bool:
    """Whether most of the cells of a side fill it, as the lines of a column do and those of a table do not."""
    if len(cells) < _LEAST:
        return False
    column = max(cell.right for cell in cells) - min(cell.left for cell in cells)
    usual = median(cell.right - cell.left for cell in cells)
    return column > 0.25 * width and usual > 0.7 * column


def _side(line: Row, gutter: float) -> int | None:
    """0 left of the gutter, 1 right of it, None across it."""
    if line.cells[-1].right <= gutter:
        return 0
    return 1 if line.left >= gutter else None


def _split(line: Row, gutter: float) -> Iterator[Row]:
    """A line that pdfium read across both columns is two; a table's row that spans them stays one."""
    left = tuple(cell for cell in line.cells if cell.right <= gutter)
    right = tuple(cell for cell in line.cells if cell.left >= gutter)
    if len(left) != 1 or len(right) != 1 or len(line.cells) != len(("left", "right")):
        yield line
        return
    whole = max(line.cells[-1].right - line.left, 1.0)
    share = (line.box.right - line.box.left) / whole
    for cell in (*left, *right):
        start = line.box.left + (cell.left - line.left) * share
        box = replace(
            line.box, left=round(start, 4), right=round(min(start + (cell.right - cell.left) * share, 1.0), 4)
        )
        yield replace(line, text=cell.text, cells=(cell,), box=box)
