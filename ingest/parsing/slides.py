"""Presentations: a page for each slide, its title as heading, texts, tables, charts, and the speaker's notes."""

import io
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ingest.parsing.assembly import Piece, Read, plausible_header, rows

_DEEPEST: Final = 8


def deck(content: bytes) -> Read:
    """The slides that are shown, in order. Page numbers are those of the file: a hidden slide leaves its page empty."""
    from pptx import Presentation

    opened = Presentation(io.BytesIO(content))
    pieces: list[Piece] = []
    hidden = 0
    for page, slide in enumerate(opened.slides, 1):
        if slide.element.get("show") in {"0", "false"}:
            hidden += 1
            continue
        pieces.extend(_slide(slide, page))
    remarks = (f"{hidden} hidden slides were not read",) if hidden else ()
    return Read(pieces, str(opened.core_properties.title or "").strip(), remarks)


def _slide(slide: Any, page: int) -> Iterator[Piece]:
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        yield Piece("heading", (" ".join(title.text_frame.text.split()),), page, 1)
    known = None if title is None else title.shape_id
    for shape in _ordered(slide.shapes):
        if shape.shape_id != known:
            yield from _shape(shape, page, 0)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = [line.strip() for line in slide.notes_slide.notes_text_frame.text.splitlines() if line.strip()]
        if notes:
            yield Piece("text", (f"Notes: {notes[0]}", *notes[1:]), page)


def _ordered(shapes: Iterable[Any]) -> list[Any]:
    """From top to bottom, then from left to right; what inherits its place comes where the file has it."""
    return sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))


def _shape(shape: Any, page: int, depth: int) -> Iterator[Piece]:
    if hasattr(shape, "shapes") and depth < _DEEPEST:
        for inner in _ordered(shape.shapes):
            yield from _shape(inner, page, depth + 1)
    elif getattr(shape, "has_table", False):
        cells = [[cell.text for cell in row.cells] for row in shape.table.rows]
        yield Piece("table", rows(cells, header=bool(shape.table.first_row) or plausible_header(cells)), page)
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart, page)
    elif shape.has_text_frame:
        for paragraph in shape.text_frame.paragraphs:
            text = " ".join(paragraph.text.split())
            if text:
                yield Piece("list" if shape.is_placeholder else "text", (text,), page)


def _chart(chart: Any, page: int) -> Iterator[Piece]:
    """The figures that a chart draws, a row for each category."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield Piece("text", (" ".join(chart.chart_title.text_frame.text.split()),), page)
    for plot in chart.plots:
        series = [(one.name, list(one.values)) for one in plot.series]
        names = [str(category) for category in plot.categories]
        head = ["", *(name for name, _ in series)]
        body = [[name, *(_value(values, position) for _, values in series)] for position, name in enumerate(names)]
        yield Piece("table", rows([head, *body], header=True), page)


def _value(values: list[Any], position: int) -> str:
    value = values[position] if position < len(values) else None
    return "" if value is None else f"{value:.12g}"
