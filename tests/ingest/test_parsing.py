"""What each parser sees: headings, rows that are readable alone, places on the page; never what is hidden."""

import base64
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage

import openpyxl
import pytest
from docx import Document as Word
from lxml import html as markup
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from ingest.parsing.assembly import clean, rows
from ingest.parsing.visibility import drop_invisible
from ingest.records import Fault, Parsed, Refused
from tests.attacks.files.generate import workbook

Parse = Callable[[str, bytes], Parsed | Refused]


def blocks(parse: Parse, name: str, content: bytes) -> list[tuple[str, str]]:
    result = parse(name, content)
    assert isinstance(result, Parsed), result
    for block in result.blocks:
        assert result.pages[block.page - 1].text[block.start : block.end] == block.text
    return [(block.kind, block.text) for block in result.blocks]


def test_markdown(parse: Parse) -> None:
    source = "# Dosing\n\nGive it *slowly*.\n\n| Drug | Dose |\n|---|---|\n| Heparin | 5 mg |\n\n- one\n- two\n"
    assert blocks(parse, "a.md", source.encode()) == [
        ("heading", "Dosing"),
        ("text", "Give it slowly."),
        ("table", "Drug: Heparin | Dose: 5 mg"),
        ("list", "one"),
        ("list", "two"),
    ]


def test_html_shows_what_a_reader_sees(parse: Parse) -> None:
    """Delete the call of `drop_invisible` in `office._html` and this fails."""
    hidden = (
        '<p hidden>h1</p><div style="display : none">h2</div><p style="visibility:hidden">h3</p>'
        '<p style="font-size:0px">h4</p><p class="gone">h5</p><template>h6</template><noscript>h7</noscript>'
        "<script>h8()</script><!-- h9 --><p style='position:absolute;left:-9999px'>h10</p><textarea>h11</textarea>"
    )
    page = f"<html><head><title>Bell</title><style>.gone, .x {{display:none}}</style></head><body><h1>Bell</h1>{hidden}"
    found = blocks(parse, "a.html", f"{page}<p style='font-size:0.9em'>It rings.</p></body></html>".encode())
    assert found == [("heading", "Bell"), ("text", "It rings.")]


@pytest.mark.parametrize(
    ("rule", "element"),
    [
        ("p.x{display:none}", '<p class="x">h</p>'),
        (".a.b{display:none}", '<p class="b a">h</p>'),
        ("div .y{visibility:hidden}", '<div><section><p class="y">h</p></section></div>'),
        ("div > #z { display : none !important }", '<div><p id="z">h</p></div>'),
        ("@media screen{.x{display:none}}", '<p class="x">h</p>'),
        (".q{color:red} /* { */ .x,.y{opacity:0}", '<p class="y">h</p>'),
        (".x{color:#fff}", '<p class="x">h</p>'),
        (".x{color:white;background:#FFFFFF}", '<p class="x">h</p>'),
        ("", '<p style="color:rgb(255, 255, 255)">h</p>'),
        ("", '<p style="background:black"><span style="color:#000">h</span></p>'),
        ("", '<p><font color="white">h</font></p>'),
        ("", '<p style="color:transparent">h</p>'),
        ("", '<div style="height:0;overflow:hidden"><p>h</p></div>'),
        ("", '<div style="max-height:1px;overflow:hidden">h</div>'),
        ("", '<p style="font-size:1px">h</p>'),
        ("", '<p style="position:absolute;clip:rect(0,0,0,0)">h</p>'),
        ("", '<p style="position:absolute;clip-path:inset(50%)">h</p>'),
        ("", '<p style="text-indent:-9999px">h</p>'),
    ],
)
def test_every_trick_of_hiding_is_seen_through(rule: str, element: str) -> None:
    """Delete a line of `visibility._hides`, `_colours` or `_matches` and a row of this table fails."""
    assert seen(rule, element) == "It rings."


@pytest.mark.parametrize(
    ("rule", "element"),
    [
        ("p.x{display:none}", '<div class="x">h</div>'),
        (".a.b{display:none}", '<p class="a">h</p>'),
        ("div > .y{display:none}", '<div><section><p class="y">h</p></section></div>'),
        (".x:hover{display:none}", '<p class="x">h</p>'),
        (".x{color:white;background:#003366}", '<p class="x">h</p>'),
        (".x{background:navy url(a.png)} .x p{color:white}", '<div class="x"><p>h</p></div>'),
        ("", '<div style="color:white"><p style="color:black">h</p></div>'),
        ("", '<div style="overflow:hidden;height:20px">h</div>'),
        ("", '<p style="font-size:0.9em;opacity:0.8">h</p>'),
    ],
)
def test_what_is_shown_stays(rule: str, element: str) -> None:
    assert seen(rule, element) == "h It rings."


def seen(rule: str, element: str) -> str:
    page = f"<html><head><style>{rule}</style></head><body>{element}<p>It rings.</p></body></html>"
    tree = markup.document_fromstring(page)
    drop_invisible(tree)
    return " ".join(" ".join(tree.body.itertext()).split())


def test_a_title_is_cleaned_like_the_text(parse: Parse) -> None:
    """Delete `clean` in `documents._title`: a subject could move the cursor, or turn the direction of reading."""
    message = b"Subject: Re\x1b[2Jcall\x07 =?utf-8?q?=E2=80=AEfdp?=\nFrom: a@x.example\n\nReturn the batch.\n"
    result = parse("a.eml", message)
    assert isinstance(result, Parsed)
    assert result.title == "Re[2Jcall fdp"


def test_characters_that_nobody_sees_are_dropped() -> None:
    assert clean("a\u200bb\u202ec\u00add\0e\U000e0041f g\r\nh") == "abcdef g\nh"


@pytest.mark.parametrize(("charset", "encoding"), [("utf-8", "8bit"), ("iso-8859-1", "8bit"), ("utf-8", "base64")])
def test_mail_is_read_in_the_charset_that_it_names(parse: Parse, charset: str, encoding: str) -> None:
    body = "Bei Unterschrift gewährt Meridian 7,5 Prozent auf den Gerätepreis.".encode(charset)
    carried = base64.b64encode(body) if encoding == "base64" else body
    head = f"From: a@b.example\nSubject: Nachlass\nMIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\n"
    content = head.encode() + f"Content-Transfer-Encoding: {encoding}\n\n".encode() + carried + b"\n"
    text = "\n".join(text for _, text in blocks(parse, "a.eml", content))
    assert "gewährt Meridian 7,5 Prozent auf den Gerätepreis." in text


def test_mail_begins_with_its_head_and_names_its_attachments(parse: Parse) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Recall", "Ä Voss <a@x.example>", "wards@x.example"
    message["Date"] = "Tue, 12 May 2026 09:00:00 +0200"
    message.set_content("Plain.")
    message.add_alternative("<p>Return batch HN4471.</p><p style='display:none'>no</p>", subtype="html")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="list.pdf")
    found = blocks(parse, "a.eml", message.as_bytes())
    assert found[0][1].splitlines() == [
        "Subject: Recall",
        "From: Ä Voss <a@x.example>",
        "To: wards@x.example",
        "Date: Tue, 12 May 2026 09:00:00 +0200",
        "Attachments: list.pdf (not read: its content is not what its name says)",
    ]
    assert found[1:] == [("text", "Return batch HN4471.")]


def test_plain_text_has_headings_and_items(parse: Parse) -> None:
    source = (
        "SHEET\nWritten on the ward by the nurse in charge of the shift, for those who come after.\n\n"
        "What to do\n1. Wash your hands before you touch\n   anything.\n2. Ring.\n\nAnna\nNurse\n"
    )
    assert blocks(parse, "a.txt", source.encode()) == [
        ("heading", "SHEET"),
        ("text", "Written on the ward by the nurse in charge of the shift, for those who come after."),
        ("text", "What to do"),
        ("list", "1. Wash your hands before you touch anything."),
        ("list", "2. Ring."),
        ("text", "Anna Nurse"),
    ]


def test_word_slides_sheets_and_values(parse: Parse) -> None:
    document, stream = Word(), io.BytesIO()
    document.add_heading("Dosing", 2)
    document.add_paragraph("Give it slowly.")
    table = document.add_table(2, 2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ("Drug", "Dose", "A", "5 mg"), strict=True
    ):
        cell.text = text
    document.save(stream)
    assert blocks(parse, "a.docx", stream.getvalue()) == [
        ("heading", "Dosing"), ("text", "Give it slowly."), ("table", "Drug: A | Dose: 5 mg")
    ]  # fmt: skip
    deck, stream = Presentation(), io.BytesIO()
    for number in (1, 2):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = f"Slide {number}", "Wash your hands before and after."
    deck.save(stream)
    slides = parse("a.pptx", stream.getvalue())
    assert isinstance(slides, Parsed)
    assert [page.text.splitlines()[0] for page in slides.pages] == ["Slide 1", "Slide 2"]
    assert ("table", "Drug: Heparin | Dose: 5,000 IU") in blocks(parse, "a.xlsx", workbook())
    assert blocks(parse, "a.csv", b"Drug;Dose\nHeparin;5\nInsulin;6\n") == [
        ("table", "Drug: Heparin | Dose: 5\nDrug: Insulin | Dose: 6")
    ]


@pytest.fixture(scope="module")
def report() -> bytes:
    styles, stream = getSampleStyleSheet(), io.BytesIO()
    cells = [["Band", "Who", "From"], ["N1", "Nurse", "2,610"], ["N2", "Ward manager", "3,480"]]
    story = [
        Paragraph("Pay bands", styles["Title"]),
        Paragraph("Who is paid", styles["Heading2"]),
        Paragraph("Everybody is paid on the first of the month. " * 5, styles["Normal"]),
        Table(cells, colWidths=120),
        Paragraph("Closing words of this sheet stand below.", styles["Normal"]),
    ]
    SimpleDocTemplate(stream, pagesize=A4, invariant=True).build(story)
    return stream.getvalue()


def test_pdf_has_headings_rows_boxes_and_a_picture(parse: Parse, report: bytes) -> None:
    found = blocks(parse, "a.pdf", report)
    assert [kind for kind, _ in found] == ["heading", "heading", "text", "table", "text"]
    assert found[3][1] == "Band: N1 | Who: Nurse | From: 2,610\nBand: N2 | Who: Ward manager | From: 3,480"
    result = parse("a.pdf", report)
    assert isinstance(result, Parsed)
    assert result.pages[0].picture.startswith(b"\x89PNG")
    assert len(result.pages[0].picture) < 150_000
    tops = [block.lines[0].box.top for block in result.blocks]
    assert tops == sorted(tops), "the origin is at the top"
    for block in result.blocks:
        for line in block.lines:
            assert 0 <= line.box.left < line.box.right <= 1
            assert 0 <= line.box.top < line.box.bottom <= 1
            assert block.start <= line.start < line.end <= block.end


def test_a_pdf_without_text_and_one_with_too_many_pages(parse: Parse) -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.rect(10, 10, 50, 50)
    canvas.save()
    assert parse("a.pdf", stream.getvalue()) == Refused(Fault.NO_TEXT)
    stream = io.BytesIO()
    canvas = Canvas(stream)
    for _ in range(2_001):
        canvas.drawString(9, 9, "x")
        canvas.showPage()
    canvas.save()
    assert parse("a.pdf", stream.getvalue()) == Refused(Fault.TOO_MANY_PAGES)


def test_rows_keep_every_cell() -> None:
    assert rows([["A", "B"], ["1", ""], ["2", ""]], header=True) == ("A | B", "A: 1", "A: 2")
    assert rows([["A", "B"], ["1", "2", "3"]], header=True) == ("A | B", "1 | 2 | 3")
    assert rows([["A", "B"]], header=True) == ("A | B",)


def sheets() -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    one = book.active
    one.title = "Prices"
    for row in (["Prices of 2026"], [], ["Drug", "Dose", "Price", "Share", "From"], ["Heparin", 5000, 1249.8, 0.075]):
        one.append(row)
    one["C4"].number_format, one["D4"].number_format, one["E4"] = '#,##0.00 "€"', "0.0%", datetime(2026, 6, 1)  # noqa: DTZ001 - a sheet knows no time zone
    two = book.create_sheet("Years")
    for row in (["Ward", 2025, 2026], ["A3", 12, "=6*2"], ["Counted by hand"]):
        two.append(row)
    hidden = book.create_sheet("Secret")
    hidden.append(["not", "shown"])
    hidden.sheet_state = "hidden"
    book.save(stream)
    return stream.getvalue()


def test_a_row_of_a_sheet_is_a_fact_as_it_is_shown(parse: Parse) -> None:
    result = parse("a.xlsx", sheets())
    assert isinstance(result, Parsed)
    assert result.remarks == ("1 hidden sheets were not read",)
    assert [(block.kind, block.page, block.text) for block in result.blocks] == [
        ("heading", 1, "Prices"),
        ("text", 1, "Prices of 2026"),
        ("table", 1, "Drug: Heparin | Dose: 5000 | Price: € 1,249.80 | Share: 7.5 % | From: 2026-06-01"),
        ("heading", 2, "Years"),
        ("table", 2, "Ward: A3 | 2025: 12 | 2026: =6*2"),
        ("text", 2, "Counted by hand"),
    ]


def test_slides_have_titles_tables_notes_and_charts(parse: Parse) -> None:
    deck, stream = Presentation(), io.BytesIO()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Falls"
    table = slide.shapes.add_table(2, 2, 0, 2_000_000, 4_000_000, 800_000).table
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ("Ward", "Falls", "A3", "4"), strict=True
    ):
        cell.text = text
    drawn = CategoryChartData()
    drawn.categories = ["May", "June"]
    drawn.add_series("Falls", (3, 4.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 4_000_000, 4_000_000, 2_000_000, drawn)
    slide.notes_slide.notes_text_frame.text = "Count again."
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Not shown"
    deck.slides[1].element.set("show", "0")
    deck.save(stream)
    found = blocks(parse, "a.pptx", stream.getvalue())
    assert found == [
        ("heading", "Falls"),
        ("table", "Ward: A3 | Falls: 4"),
        ("table", "May | Falls: 3\nJune | Falls: 4.5"),
        ("text", "Notes: Count again."),
    ]


def enveloped(name: str, content: bytes, kind: str = "octet-stream") -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = "Recall", "a@x.example"
    message.set_content("See the list.")
    message.add_attachment(content, maintype="application", subtype=kind, filename=name)
    return message.as_bytes()


def test_attachments_are_read_on_pages_of_their_own(parse: Parse, report: bytes) -> None:
    result = parse("a.eml", enveloped("bands.pdf", report, "pdf"))
    assert isinstance(result, Parsed)
    assert [page.text.split("\n")[0] for page in result.pages] == ["Subject: Recall", "Attachment: bands.pdf"]
    table = next(block for block in result.blocks if block.kind == "table")
    assert (table.page, table.text.split("\n")[0]) == (2, "Band: N1 | Who: Nurse | From: 2,610")
    assert table.lines[0].box.page == 2
    assert [block.level for block in result.blocks if block.kind == "heading"][:2] == [1, 2]


def test_an_attachment_that_cannot_be_read_is_told_and_spoils_nothing(parse: Parse) -> None:
    """Delete `apart` in `documents._attached` (call `parse`) and a library that raises takes the message with it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<broken")
    result = parse("a.eml", enveloped("list.docx", stream.getvalue()))
    assert isinstance(result, Parsed)
    assert "Attachments: list.docx (not read: it is damaged or not well formed)" in result.pages[0].text
    assert result.remarks == ("attachment list.docx was not read: it is damaged or not well formed",)


def test_messages_in_messages_end_somewhere(parse: Parse) -> None:
    content = b"Subject: s0\nFrom: a@x.example\n\nInmost.\n"
    for _ in range(6):
        content = enveloped("inner.eml", content)
    result = parse("a.eml", content)
    assert isinstance(result, Parsed)
    assert len(result.pages) == 4
    assert "inner.eml (not read: it is nested too deeply)" in result.pages[-1].text
    assert any("nested too deeply" in remark for remark in result.remarks)


def test_columns_are_read_one_after_the_other_and_running_heads_stand_apart(parse: Parse) -> None:
    """Delete the call of `ordered` in `layout.arranged` and the columns of a page are read across."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=True)
    for page in range(1, 9):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(60, 820, f"Handbook, chapter {'one' if page < 5 else 'two'}, page {page}")
        canvas.setFont("Helvetica", 10)
        for number in range(12):
            height = 700 - 14 * number
            canvas.drawString(60, height, f"Left line {page} {number} of words that fill the column, ah")
            canvas.drawString(310, height, f"Right line {page} {number} of words that fill the column, ah")
        canvas.bookmarkPage(f"p{page}")
        canvas.drawString(60, 400, f"Visits {page}")
        canvas.addOutlineEntry(f"Visits {page}", f"p{page}", 0)
        canvas.drawString(60, 380, "Visits end at eight in the evening, and nobody is turned away at the door.")
        canvas.showPage()
    canvas.save()
    result = parse("a.pdf", stream.getvalue())
    assert isinstance(result, Parsed)
    first = result.pages[0].text
    assert first.index("Left line 1 11") < first.index("Right line 1 0")
    assert [block.kind for block in result.blocks if "chapter" in block.text] == ["margin"] * 8
    assert ("heading", 1) in [(block.kind, block.level) for block in result.blocks if block.text == "Visits 3"]
    right = next(line for block in result.blocks for line in block.lines if "Right" in block.text)
    assert right.box.left > 0.5


def test_a_cell_that_wraps_stays_in_its_row(parse: Parse) -> None:
    stream = io.BytesIO()
    normal = getSampleStyleSheet()["Normal"]
    cells = [["Place", "Target", "Act at"]]
    for words, target in (("Return of circulation", "57 degrees"), ("Tap after one minute", "55 degrees")):
        cells.append([Paragraph(words, normal), target, "below"])
    table = Table(cells, colWidths=80, style=[("VALIGN", (0, 0), (-1, -1), "TOP")])
    SimpleDocTemplate(stream, pagesize=A4, invariant=True).build([table])
    assert blocks(parse, "a.pdf", stream.getvalue()) == [
        (
            "table",
            "Place: Return of circulation | Target: 57 degrees | Act at: below\n"
            "Place: Tap after one minute | Target: 55 degrees | Act at: below",
        )
    ]
