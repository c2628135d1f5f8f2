"""Sets a parsed source as an Excel workbook or as a file of separated values, the same bytes every time.

In a workbook every ``## heading`` begins a sheet of that name; what stands before the first one is the sheet "Cover".
Paragraphs, bullets and subheadings are rows of one cell, tables are tables. ``1,250``, ``3.45`` and ``12.5 %`` become
numbers with the format in which they are written; everything else stays text. A cell that begins with ``=`` stays text
too: nothing here is calculated.
"""

# openpyxl publishes no types; it is used in this module only.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import csv
import re
from datetime import datetime, time
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from deploy.demo.generate.markup import Block, Kind, Source, SourceError
from deploy.demo.generate.packing import settle

_HEAD = PatternFill("solid", fgColor="E6ECF0")
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?( ?%)?")
_COVER = {"en": "Cover", "de": "Deckblatt"}
_WIDEST = 48


def render_xlsx(source: Source) -> bytes:
    """Return the workbook of a source, its notice in the last row of the first sheet."""
    workbook = Workbook()
    properties = workbook.properties
    moment = datetime.combine(source.written, time(8, 0))
    properties.title = source.title
    properties.creator = source.author
    properties.lastModifiedBy = source.author
    properties.language = source.language
    properties.description = source.notice
    properties.created = moment
    workbook.remove(workbook.active)
    sheet: Worksheet | None = None
    for block in source.blocks:
        if block.kind is Kind.HEADING:
            sheet = workbook.create_sheet(_name(block.lines[0]))
        else:
            sheet = sheet or workbook.create_sheet(_COVER[source.language])
            _fill(sheet, block)
    first = workbook.worksheets[0]
    _line(first, source.notice, Font(italic=True))
    for filled in workbook.worksheets:
        _widen(filled)
    sink = BytesIO()
    workbook.save(sink)
    return settle(sink.getvalue(), moment=moment)


def render_csv(source: Source) -> bytes:
    """Return the one table of a source as separated values, with its notice in a row of one cell at the end.

    As the spreadsheets of the house write them: a comma and no mark in English, a semicolon and a byte order mark in
    German.
    """
    tables = [block for block in source.blocks if block.kind is Kind.TABLE]
    if len(tables) != 1 or len(source.blocks) != 1:
        raise SourceError(f"{source.target}: separated values hold one table and nothing else")
    german = source.language == "de"
    sink = StringIO()
    writer = csv.writer(sink, delimiter=";" if german else ",", lineterminator="\r\n")
    writer.writerows(tables[0].rows)
    writer.writerow([source.notice])
    return sink.getvalue().encode("utf-8-sig" if german else "utf-8")


def _name(heading: str) -> str:
    """A sheet's name: Excel allows 31 characters, and not these seven."""
    return re.sub(r"[\[\]:*?/\\]", " ", heading)[:31].strip()


def _fill(sheet: Worksheet, block: Block) -> None:
    """Write a block below what the sheet holds already, with an empty row between."""
    if block.kind is Kind.TABLE:
        row = _next_row(sheet)
        for number, cells in enumerate(block.rows):
            for column, text in enumerate(cells, start=1):
                _write(sheet, row + number, column, text)
                if number == 0:
                    head = sheet.cell(row, column)
                    head.font, head.fill = Font(bold=True), _HEAD
        return
    size = 14 if block.kind is Kind.TITLE else 11
    for line in block.lines:
        _line(sheet, line, Font(bold=block.kind in {Kind.TITLE, Kind.SUBHEADING}, size=size))


def _line(sheet: Worksheet, text: str, font: Font) -> None:
    cell = sheet.cell(_next_row(sheet), 1)
    cell.value, cell.data_type, cell.font = text, "s", font


def _next_row(sheet: Worksheet) -> int:
    return 1 if sheet.max_row == 1 and sheet.cell(1, 1).value is None else int(sheet.max_row) + 2


def _write(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    match = _NUMBER.fullmatch(text)
    if match is None:
        if text:
            cell.value, cell.data_type = text, "s"
        return
    number = text.replace(",", "").removesuffix("%").strip()
    decimals = match[1] or ""
    shape = ("#,##0" if "," in text else "0") + ("." + "0" * len(decimals) if decimals else "")
    if match[2]:
        cell.value, cell.number_format = round(float(number) / 100, len(decimals) + 2), f"{shape}%"
    else:
        cell.value, cell.number_format = (float(number) if decimals else int(number)), shape


def _widen(sheet: Worksheet) -> None:
    """Give each column of a table the width of its longest cell."""
    for column, cells in enumerate(sheet.iter_cols(min_col=1, max_col=sheet.max_column), start=1):
        longest = max((len(str(cell.value)) for cell in cells if cell.alignment.wrap_text and cell.value), default=10)
        sheet.column_dimensions[get_column_letter(column)].width = min(max(longest + 2, 12), _WIDEST)
