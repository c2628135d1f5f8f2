"""Sets a parsed source as a PDF, the same bytes every time."""

# reportlab publishes no types; it is used in this module only.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    ListFlowable,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from deploy.demo.generate.markup import Block, Kind, Source

_INK = colors.HexColor("#1f2a33")
_RULE = colors.HexColor("#9aa7b0")
_HEAD = colors.HexColor("#e6ecf0")

_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=11, leading=16, spaceAfter=7, textColor=_INK)
_CELL = ParagraphStyle("cell", parent=_BODY, fontSize=10, leading=13, spaceAfter=0)
_CELL_HEAD = ParagraphStyle("cell-head", parent=_CELL, fontName="Helvetica-Bold")
_STYLES = {
    Kind.TITLE: ParagraphStyle(
        "title", parent=_BODY, fontName="Helvetica-Bold", fontSize=18, leading=22, spaceAfter=10
    ),
    Kind.HEADING: ParagraphStyle(
        "heading",
        parent=_BODY,
        fontName="Helvetica-Bold",
        fontSize=14,
        leading=17,
        spaceBefore=10,
        spaceAfter=4,
        keepWithNext=1,
    ),
    Kind.SUBHEADING: ParagraphStyle(
        "subheading",
        parent=_BODY,
        fontName="Helvetica-Bold",
        fontSize=11.5,
        spaceBefore=4,
        spaceAfter=2,
        keepWithNext=1,
    ),
    Kind.PARAGRAPH: _BODY,
}
_MARGIN = 22 * mm


_GUTTER = 9 * mm


class _Template(BaseDocTemplate):
    """The pages of a source: one column or two, a foot, and in a manual a running head and an outline."""

    def __init__(self, sink: BytesIO, source: Source) -> None:
        """Lay out the frames of `source`. Uncompressed, so no compression library can change a byte."""
        super().__init__(
            sink,
            pagesize=A4,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=_MARGIN,
            bottomMargin=_MARGIN,
            title=source.title,
            author=source.author,
            lang=source.language,
            invariant=1,
            pageCompression=0,
        )
        self.source = source
        count = 2 if source.form == "columns" else 1
        self.column = (self.width - (count - 1) * _GUTTER) / count
        frames = [
            Frame(_MARGIN + number * (self.column + _GUTTER), _MARGIN, self.column, self.height, id=f"c{number}")
            for number in range(count)
        ]
        self.addPageTemplates(PageTemplate(frames=frames, onPage=self.margins))

    def margins(self, canvas: Canvas, template: BaseDocTemplate) -> None:
        """Set the foot, and the running head of a manual after its cover."""
        page_word = "Seite" if self.source.language == "de" else "Page"
        canvas.saveState()
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(_INK)
        canvas.drawString(_MARGIN, 12 * mm, self.source.notice)
        canvas.drawRightString(A4[0] - _MARGIN, 12 * mm, f"{page_word} {template.page}")
        if self.source.form == "manual" and template.page > 1:
            canvas.drawString(_MARGIN, A4[1] - 13 * mm, self.source.title)
            canvas.line(_MARGIN, A4[1] - 15 * mm, A4[0] - _MARGIN, A4[1] - 15 * mm)
        canvas.restoreState()

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - the name that reportlab calls
        """Enter the headings of a manual into its outline."""
        depth = {"heading": 0, "subheading": 1}.get(getattr(getattr(flowable, "style", None), "name", ""))
        if self.source.form != "manual" or depth is None:
            return
        key = f"h{self.page}-{depth}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(flowable.getPlainText(), key, level=depth, closed=depth == 0)


def render_pdf(source: Source) -> bytes:
    """Return the PDF of a source."""
    sink = BytesIO()
    document = _Template(sink, source)
    story: list[Flowable] = []
    for block in source.blocks:
        if source.form == "manual" and block.kind in {Kind.HEADING, Kind.SUBHEADING}:
            story.append(PageBreak())
        story += _flow(block, document.column - 12)
    document.build(story)
    return sink.getvalue()


def _flow(block: Block, width: float) -> list[Flowable]:
    """Return what a block puts on the page."""
    if block.kind is Kind.PAGE:
        return [PageBreak()]
    if block.kind is Kind.TABLE:
        return [_table(block, width), Spacer(1, 8)]
    if block.kind is Kind.BULLETS:
        items = [Paragraph(escape(line), _BODY) for line in block.lines]
        return [ListFlowable(items, bulletType="bullet", start="\u2022", leftIndent=14)]
    return [Paragraph(escape(block.lines[0]), _STYLES[block.kind])]


def _table(block: Block, width: float) -> Table:
    """Set a table across the whole width; its first row repeats on every page."""
    rows = [
        [Paragraph(escape(cell), _CELL if number else _CELL_HEAD) for cell in row]
        for number, row in enumerate(block.rows)
    ]
    columns = len(block.rows[0])
    return Table(
        rows,
        colWidths=[width / columns] * columns,
        repeatRows=1,
        style=TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, _RULE),
                ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        ),
    )
