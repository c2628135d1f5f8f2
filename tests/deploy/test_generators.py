"""The generators of workbooks, separated values, slides and mail: what stands where, and the same bytes every time."""

import email
import email.policy
import io
import zipfile
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pptx
import pytest

from deploy.demo.generate.mail import read_letter, render_eml
from deploy.demo.generate.markup import Block, Kind, Source, SourceError
from deploy.demo.generate.packing import settle
from deploy.demo.generate.sheets import render_csv, render_xlsx
from deploy.demo.generate.slides import render_pptx

LETTER = """\
target: a/b.eml
from: Änne Roth <a@weirbank.example>
to: b@weirbank.example
date: 2026-05-19T08:30:00+02:00
subject: Prüfung
language: de
attach: plan.xlsx
---
Größe zählt.
"""


def source(*blocks: Block, target: str = "a/b.xlsx", language: str = "en") -> Source:
    return Source(target, "A title", "A. Author", date(2026, 3, 1), language, "All of it is invented.", blocks)


def line(kind: Kind, text: str) -> Block:
    return Block(kind, (text,))


def table(*rows: tuple[str, ...]) -> Block:
    return Block(Kind.TABLE, rows=rows)


def test_a_workbook_has_a_sheet_for_each_heading_and_numbers_in_the_format_in_which_they_were_written() -> None:
    rows = (("Item", "Value"), ("a", "1,250"), ("b", "3.40"), ("c", "12.5 %"), ("d", "=1+1"), ("e", "2026-Q1"))
    packed = render_xlsx(source(line(Kind.TITLE, "Head"), line(Kind.HEADING, "Rates: new/old"), table(*rows)))
    book = openpyxl.load_workbook(io.BytesIO(packed))
    assert book.sheetnames == ["Cover", "Rates  new old"]
    assert [cell.value for cell in book["Cover"]["A"] if cell.value] == ["Head", "All of it is invented."]
    cells = [row[1] for row in book["Rates  new old"].iter_rows(min_row=2, max_row=6)]
    assert [(cell.value, cell.number_format) for cell in cells] == [
        (1250, "#,##0"),
        (3.4, "0.00"),
        (0.125, "0.0%"),
        ("=1+1", "General"),
        ("2026-Q1", "General"),
    ]
    assert cells[3].data_type == "s"


def test_separated_values_are_written_as_the_language_has_it() -> None:
    rows = table(("Karte", "Limit"), ("Jugend; neu", "1.500"))
    german = render_csv(source(rows, language="de"))
    assert german.decode("utf-8-sig").splitlines() == ["Karte;Limit", '"Jugend; neu";1.500', "All of it is invented."]
    assert german.startswith(b"\xef\xbb\xbf")
    assert render_csv(source(rows)).decode().splitlines()[1] == "Jugend; neu,1.500"
    with pytest.raises(SourceError):
        render_csv(source(rows, rows))


def test_a_slide_shows_its_lines_and_tables_and_keeps_the_speakers_notes_off_the_slide() -> None:
    blocks = (
        line(Kind.TITLE, "Opening"),
        line(Kind.HEADING, "People"),
        Block(Kind.BULLETS, ("one", "two")),
        table(("Name", "Task"), ("Clara", "")),
        line(Kind.PARAGRAPH, "Notes: said aloud"),
    )
    opening, people = pptx.Presentation(io.BytesIO(render_pptx(source(*blocks)))).slides
    assert opening.shapes.title.text == "Opening"
    shown = [shape.text_frame.text for shape in people.shapes if shape.has_text_frame]
    assert shown == ["People", "one\ntwo\nAll of it is invented."]
    (grid,) = [shape.table for shape in people.shapes if shape.has_table]
    assert [[cell.text for cell in row.cells] for row in grid.rows] == [["Name", "Task"], ["Clara", ""]]
    assert people.notes_slide.notes_text_frame.text == "said aloud"
    with pytest.raises(SourceError):
        render_pptx(source(line(Kind.PARAGRAPH, "no title")))


def test_a_letter_carries_its_attachments_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text(LETTER, encoding="utf-8")
    content = render_eml(read_letter(path), {"plan.xlsx": b"\x00bytes\xff"}, notice="Erfunden.")
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert (message["Subject"], message["Date"].datetime.isoformat()) == ("Prüfung", "2026-05-19T08:30:00+02:00")
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content() == "Größe zählt.\n\nErfunden.\n"
    (part,) = message.iter_attachments()
    assert (part.get_filename(), part.get_payload(decode=True)) == ("plan.xlsx", b"\x00bytes\xff")
    with pytest.raises(SourceError):
        render_eml(read_letter(path), {}, notice="Erfunden.")


@pytest.mark.parametrize("broken", [LETTER.replace("+02:00", ""), LETTER.replace("to: b@weirbank.example\n", "")])
def test_a_letter_without_an_offset_or_without_an_addressee_is_refused(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "letter.txt"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(SourceError):
        read_letter(path)


def test_a_packed_file_tells_nothing_of_when_and_where_it_was_packed() -> None:
    core = '<a><dcterms:modified xsi:type="dcterms:W3CDTF">{}</dcterms:modified></a>'
    packed = []
    for when, order in (("2026-11-01T10:00:00Z", ("x.xml", "docProps/core.xml")), ("2031-01-01T00:00:00Z", ())):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in order or ("docProps/core.xml", "x.xml"):
                archive.writestr(name, core.format(when))
            archive.writestr("ballast.bin", b"x")
        packed.append(settle(sink.getvalue(), moment=datetime(2026, 3, 1, 8, 0), drop={"ballast.bin"}))  # noqa: DTZ001
    first, second = (zipfile.ZipFile(io.BytesIO(content)) for content in packed)
    assert first.namelist() == second.namelist() == ["docProps/core.xml", "x.xml"]
    assert first.read("docProps/core.xml") == second.read("docProps/core.xml")
    assert b"2026-03-01T08:00:00Z" in first.read("docProps/core.xml")
    assert {(info.date_time, info.compress_type) for info in first.infolist()} == {((1980, 1, 1, 0, 0, 0), 0)}
