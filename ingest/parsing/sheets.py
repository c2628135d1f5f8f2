"""Workbooks and separated values: a page for each sheet, a table for each block of cells, a line for each row."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from ingest import inspection
from ingest.parsing.assembly import Piece, Read, rows

_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_FIGURE: Final = re.compile(r"[-+(]?[€£$¥]?\s?\d[\d.,:/\s]*(?:%|[€£$¥]|[A-Z]{3})?\)?")
_DECIMALS: Final = re.compile(r"[#0]\.(0+)")
_LITERAL: Final = re.compile(r'\[[^\]]*\]|"[^"]*"')
_CURRENCY: Final = re.compile(r"[€£$¥]")
_SHEETS: Final = 500
_LONGEST_HEADER: Final = 80


def workbook(content: bytes) -> Read:
    """The visible sheets of a workbook, each cell as it is shown; a formula that was never computed shows itself."""
    import openpyxl

    opened: Any = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    formulas: Any = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    pieces: list[Piece] = []
    shown = [sheet for sheet in opened.worksheets if sheet.sheet_state == "visible"][:_SHEETS]
    hidden = len(opened.worksheets) - len(shown)
    for page, sheet in enumerate(shown, 1):
        body = list(_tables(_grid(sheet, formulas[sheet.title]), page))
        if body:
            pieces += [Piece("heading", (sheet.title,), page, 1), *body]
    remarks = (f"{hidden} hidden sheets were not read",) if hidden else ()
    return Read(pieces, str(opened.properties.title or ""), remarks)


def separated(content: bytes) -> Read:
    """The rows of a file of separated values."""
    decoded = inspection.decode(content)
    csv.field_size_limit(1 << 20)
    try:
        dialect: Any = csv.Sniffer().sniff(decoded[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    return Read(list(_tables(csv.reader(io.StringIO(decoded, newline=""), dialect), 1)))


def _grid(sheet: Any, formulas: Any) -> Iterator[list[str]]:
    """The rows of a sheet. What a workbook says of its own size is not believed: only rows that are there count."""
    sheet.reset_dimensions()
    formulas.reset_dimensions()
    for cells, written in zip(sheet.iter_rows(), formulas.iter_rows(), strict=False):
        said = {cell.column: cell.value for cell in written if cell.value is not None}
        row: list[str] = []
        for position, cell in enumerate(cells, 1):
            row.append(_shown(cell) if cell.value is not None else str(said.get(position, "")))
        yield row


def _shown(cell: Any) -> str:
    value, form = cell.value, _LITERAL.sub("", cell.number_format or "")
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return str(value.date() if value.time() == time() else value.replace(microsecond=0))
        case date() | time():
            return str(value)
        case int() | float():
            return _number(value, form, cell.number_format or "")
    return str(value)


def _number(value: float, form: str, whole: str) -> str:
    """A number as its format shows it: decimals, thousands, per cent, currency; else as it was entered."""
    decimals = _DECIMALS.search(form)
    places = len(decimals[1]) if decimals else 0
    comma = "," if "#,##0" in form else ""
    if "%" in form:
        return f"{value * 100:{comma}.{places}f} %"
    currency = _CURRENCY.search(whole)
    text = f"{value:{comma}.{places}f}" if decimals or comma or form == "0" else f"{value:.12g}"
    return f"{currency[0]} {text}" if currency else text


# --- From rows to tables ----------------------------------------------------------------------------------------------


def _tables(grid: Iterable[Sequence[str]], page: int) -> Iterator[Piece]:
    """Blocks of rows between empty ones. Lines of a single cell before or after the table proper are its notes."""
    gathered: list[list[str]] = []
    for row in grid:
        cells = [" ".join(cell.split()) for cell in row]
        if any(cells):
            gathered.append(cells)
        elif gathered:
            yield from _table(gathered, page)
            gathered = []
    yield from _table(gathered, page)


def _table(grid: list[list[str]], page: int) -> Iterator[Piece]:
    body = _trimmed(grid)
    while body and len(_filled(body[0])) == 1 and max(len(_filled(row)) for row in body) > 1:
        yield Piece("text", tuple(_filled(body.pop(0))), page)
    after: list[list[str]] = []
    while len(body) > 1 and len(_filled(body[-1])) == 1 and len(_filled(body[0])) > 2:
        after.insert(0, body.pop())
    if len(body[0] if body else ()) == 1:
        yield from (Piece("text", tuple(row), page) for row in body)
    elif body:
        yield Piece("table", rows(body, header=_names_columns(body)), page)
    for row in after:
        yield Piece("text", tuple(_filled(row)), page)


def _trimmed(grid: list[list[str]]) -> list[list[str]]:
    """The rows without the columns that are empty in all of them, all of one length."""
    width = max((len(row) for row in grid), default=0)
    padded = [row + [""] * (width - len(row)) for row in grid]
    used = [column for column in range(width) if any(row[column] for row in padded)]
    return [[row[column] for column in used] for row in padded]


def _filled(row: list[str]) -> list[str]:
    return [cell for cell in row if cell]


def _names_columns(body: list[list[str]]) -> bool:
    """Whether the first row names the columns: words, or years after a first word, in nearly every column."""
    first = body[0]
    filled = _filled(first)
    if len(body) < 2 or len(filled) < 2 or len(filled) < len(first) - 1 - len(first) // 4:
        return False
    wordy = [len(cell) <= _LONGEST_HEADER and not _FIGURE.fullmatch(cell) for cell in filled]
    years = [bool(_YEAR.fullmatch(cell)) for cell in filled]
    return all(word or year for word, year in zip(wordy, years, strict=True)) and any(wordy)
