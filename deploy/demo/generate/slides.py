"""Sets a parsed source as a presentation, the same bytes every time.

``# title`` is the title slide, and the paragraphs below it its subtitle. Every ``## heading`` begins a slide; bullets,
paragraphs, subheadings and tables stand on it. A paragraph that begins with ``Notes:`` (German ``Notizen:``) is what
the speaker reads and the audience does not see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from io import BytesIO

from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.text.text import TextFrame
from pptx.util import Emu, Pt

from deploy.demo.generate.markup import Block, Kind, Source, SourceError
from deploy.demo.generate.packing import settle

_NOTES = ("Notes:", "Notizen:")
_TITLE_LAYOUT, _BODY_LAYOUT = 0, 1
_BALLAST = ("/thumbnail", "/printerSettings")
_LEFT, _WIDTH, _TOP, _BOTTOM = Emu(457200), Emu(8229600), Emu(1500000), Emu(6500000)
_ROW = Emu(360000)


@dataclass
class _Page:
    """What belongs on one slide."""

    title: str
    opening: bool
    lines: list[tuple[Kind, str]] = field(default_factory=list)
    tables: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def render_pptx(source: Source) -> bytes:
    """Return the presentation of a source, its notice as the last line of the last slide."""
    deck = Presentation()
    moment = datetime.combine(source.written, time(8, 0))
    properties = deck.core_properties
    properties.title = source.title
    properties.author = source.author
    properties.last_modified_by = source.author
    properties.language = source.language
    properties.comments = source.notice
    properties.created = moment
    properties.modified = moment
    properties.revision = 1
    pages = list(_pages(source))
    pages[-1].lines.append((Kind.PARAGRAPH, source.notice))
    for page in pages:
        _set(deck, page)
    _lighten(deck)
    sink = BytesIO()
    deck.save(sink)
    return settle(sink.getvalue(), moment=moment)


def _pages(source: Source) -> Iterator[_Page]:
    page: _Page | None = None
    for block in source.blocks:
        if block.kind in {Kind.TITLE, Kind.HEADING}:
            if page is not None:
                yield page
            page = _Page(block.lines[0], opening=block.kind is Kind.TITLE)
        elif page is None:
            raise SourceError(f"{source.target}: a presentation begins with a title")
        elif block.kind is Kind.TABLE:
            page.tables.append(block)
        elif block.kind is Kind.PARAGRAPH and block.lines[0].startswith(_NOTES):
            page.notes.append(block.lines[0].partition(":")[2].strip())
        else:
            page.lines.extend((block.kind, line) for line in block.lines)
    if page is None:
        raise SourceError(f"{source.target}: a presentation begins with a title")
    yield page


def _set(deck: Deck, page: _Page) -> None:
    """Lay out one slide: the text above, the tables below it."""
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_LAYOUT if page.opening else _BODY_LAYOUT])
    slide.shapes.title.text = page.title
    body = slide.placeholders[1]
    if page.lines:
        _write(body.text_frame, page)
    else:
        body.element.getparent().remove(body.element)
    if page.tables and page.lines:
        body.left, body.top, body.width = _LEFT, _TOP, _WIDTH
        body.height = Emu(_ROW * (len(page.lines) + 1))
    top = _TOP + (_ROW * (len(page.lines) + 1) if page.lines else 0)
    for table in page.tables:
        _table(slide, table, top)
        top += _ROW * (len(table.rows) + 1)
    if page.notes:
        slide.notes_slide.notes_text_frame.text = "\n".join(page.notes)


def _write(frame: TextFrame, page: _Page) -> None:
    for number, (kind, line) in enumerate(page.lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()  # type: ignore[no-untyped-call]
        run = paragraph.add_run()
        run.text = line
        run.font.size = Pt(14 if page.tables else 18)
        run.font.bold = kind is Kind.SUBHEADING


def _table(slide: Slide, block: Block, top: int) -> None:
    height = min(_ROW * len(block.rows), max(_BOTTOM - top, _ROW))
    frame = slide.shapes.add_table(len(block.rows), len(block.rows[0]), _LEFT, Emu(top), _WIDTH, Emu(height))
    for number, row in enumerate(block.rows):
        for column, text in enumerate(row):
            cell = frame.table.cell(number, column)
            run = cell.text_frame.paragraphs[0].add_run()
            run.text = text
            run.font.size = Pt(12)


def _lighten(deck: Deck) -> None:
    """Drop what the library's template brings along and no document here uses."""
    used = {id(slide.slide_layout.part) for slide in deck.slides}
    for layout in list(deck.slide_layouts):
        if id(layout.part) not in used:
            deck.slide_layouts.remove(layout)
    for relations in (deck.part.rels, deck.part.package._rels):
        for key in [key for key, relation in relations.items() if relation.reltype.endswith(_BALLAST)]:
            relations.pop(key)
