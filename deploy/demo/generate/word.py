"""Sets a parsed source as a Word document, the same bytes every time."""

from __future__ import annotations

import zipfile
from datetime import datetime, time
from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_BREAK

from deploy.demo.generate.markup import Kind, Source

_EPOCH = (1980, 1, 1, 0, 0, 0)
_KEPT_TABLE_STYLES = frozenset({"Normal Table", "Table Grid"})
_BALLAST = ("/stylesWithEffects", "/thumbnail")


def render_docx(source: Source) -> bytes:
    """Return the Word document of a source."""
    document = Document()
    properties = document.core_properties
    moment = datetime.combine(source.written, time(8, 0))
    properties.title = source.title
    properties.author = source.author
    properties.last_modified_by = source.author
    properties.language = source.language
    properties.comments = source.notice
    properties.created = moment
    properties.modified = moment
    properties.revision = 1
    for block in source.blocks:
        if block.kind is Kind.PAGE:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        elif block.kind is Kind.TABLE:
            table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for number, row in enumerate(block.rows):
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    run = cell.paragraphs[0].add_run(text)
                    run.bold = number == 0
            document.add_paragraph()
        elif block.kind is Kind.BULLETS:
            for line in block.lines:
                document.add_paragraph(line, style="List Bullet")
        elif block.kind is Kind.PARAGRAPH:
            document.add_paragraph(block.lines[0])
        else:
            level = {Kind.TITLE: 1, Kind.HEADING: 2, Kind.SUBHEADING: 3}[block.kind]
            document.add_heading(block.lines[0], level=level)
    document.add_paragraph().add_run(source.notice).italic = True
    _lighten(document)
    raw = BytesIO()
    document.save(raw)
    return _settle(raw.getvalue())


def _lighten(document: WordDocument) -> None:
    """Drop what the library's template brings along and no document here uses."""
    for style in list(document.styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in _KEPT_TABLE_STYLES:
            style.element.getparent().remove(style.element)
    for relations in (document.part.rels, document.part.package.rels):
        for key in [key for key, relation in relations.items() if relation.reltype.endswith(_BALLAST)]:
            del relations[key]


def _settle(packed: bytes) -> bytes:
    """Repack with one date and without compression, so that no compression library can change a byte."""
    sink = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(packed)) as old,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            new.writestr(entry, old.read(name))
    return sink.getvalue()
