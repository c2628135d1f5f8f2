"""The lines of a PDF's page as pdfium reads them: text, cells, size, and where they stand."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as raw
from pypdfium2 import PdfiumError

from appliance.records import Box


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a line, from `left` to `right` in points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line as pdfium reads it, in points from the page's bottom left; its cells lie apart by more than a gap."""

    text: str
    cells: tuple[Cell, ...]
    bottom: float
    top: float
    size: float
    bold: bool
    box: Box

    @property
    def left(self) -> float:
        """Where the line begins."""
        return self.cells[0].left


def lines(document: Any, number: int) -> Iterator[Row]:
    """The lines of page `number` (from 1) of an opened PDF, in reading order."""
    page = document[number - 1]
    words = page.get_textpage()
    left, bottom, right, top = page.get_bbox()
    rotation = page.get_rotation()
    # pdfium counts UTF-16 units; Latin text has one for each character, and the rare others are counted here.
    position = 0
    for line in words.get_text_range().split("\r\n"):
        length = len(line.encode("utf-16-le", errors="surrogatepass")) // 2
        first = raw.FPDFText_GetCharIndexFromTextIndex(words, position)
        if line.strip() and first >= 0:
            row = _row(words, line, first, length)
            if row is not None:
                text, cells, low, high = row
                spot = (cells[0].left, high, max(cell.right for cell in cells), low)
                box = placed(number, spot, (left, bottom, right, top), rotation)
                telling = next((offset for offset, char in enumerate(line) if char.isalnum()), 0)
                yield Row(text, cells, low, high, *_font(words, first + telling), box)
        position += length + 2


def _row(words: Any, line: str, first: int, length: int) -> tuple[str, tuple[Cell, ...], float, float] | None:
    count = raw.FPDFText_CountRects(words, first, length)
    spots = sorted(words.get_rect(index) for index in range(count))
    if not spots:
        return None
    low, high = min(spot[1] for spot in spots), max(spot[3] for spot in spots)
    height = max(spot[3] - spot[1] for spot in spots)
    merged: list[list[float]] = []
    for spot in spots:
        if merged and spot[0] - merged[-1][1] < max(height, 4.0):
            merged[-1][1] = max(merged[-1][1], spot[2])
        else:
            merged.append([spot[0], spot[2]])
    text = _joined(line)
    if len(merged) == 1 or len(line.encode("utf-16-le", errors="surrogatepass")) // 2 != len(line):
        return text, (Cell(text, merged[0][0], merged[-1][1]),), low, high
    return text, _cells(words, line, first, merged), low, high


def _cells(words: Any, line: str, first: int, spans: list[list[float]]) -> tuple[Cell, ...]:
    """The line's characters shared out among its spans, each to that in which its middle lies."""
    texts = [""] * len(spans)
    current = 0
    for offset, char in enumerate(line):
        if not char.isspace():
            try:
                left, _, right, _ = words.get_charbox(first + offset)
            except PdfiumError:
                left = right = spans[current][0]
            middle = (left + right) / 2
            current = min(range(len(spans)), key=lambda index: _distance(middle, spans[index]))
        texts[current] += char
    return tuple(
        Cell(_joined(text).strip(), span[0], span[1]) for text, span in zip(texts, spans, strict=True) if text.strip()
    )


def _distance(middle: float, span: list[float]) -> float:
    return max(span[0] - middle, middle - span[1], 0.0)


def _joined(line: str) -> str:
    """pdfium marks a hyphen that breaks a word at the end of a line; the halves are joined when lines are."""
    return line.replace("\ufffe", "\u0002").rstrip()


def _font(words: Any, index: int) -> tuple[float, bool]:
    name = ctypes.create_string_buffer(96)
    raw.FPDFText_GetFontInfo(words, index, name, 96, ctypes.c_int())
    spot = raw.FS_RECTF()
    size = raw.FPDFText_GetFontSize(words, index)
    if size <= 1.5 and raw.FPDFText_GetLooseCharBox(words, index, spot):
        size = abs(spot.top - spot.bottom)  # the size stands in the matrix, so the character's own height tells
    return round(size, 1), b"bold" in name.value.lower() or b"black" in name.value.lower()


def placed(number: int, spot: tuple[float, ...], page: tuple[float, ...], rotation: int = 0) -> Box:
    """From points, origin bottom left, to fractions of the page as it is shown, origin top left."""
    width, height = max(page[2] - page[0], 1.0), max(page[3] - page[1], 1.0)
    x0, x1 = (spot[0] - page[0]) / width, (spot[2] - page[0]) / width
    y0, y1 = (page[3] - spot[1]) / height, (page[3] - spot[3]) / height
    if rotation == 90:
        x0, x1, y0, y1 = 1 - y1, 1 - y0, x0, x1
    elif rotation == 180:
        x0, x1, y0, y1 = 1 - x1, 1 - x0, 1 - y1, 1 - y0
    elif rotation == 270:
        x0, x1, y0, y1 = y0, y1, 1 - x1, 1 - x0
    return Box(number, *(round(min(max(value, 0.0), 1.0), 4) for value in (x0, y0, x1, y1)))
