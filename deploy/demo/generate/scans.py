"""Draws a parsed source as a scan: pictures of slightly crooked, speckled pages and no text at all."""

from __future__ import annotations

import random
import time
from io import BytesIO
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont

from deploy.demo.generate.markup import Block, Kind, Source, SourceError

_DPI = 200
_PAGE = (1654, 2339)  # A4 at 200 dots per inch
_LEFT, _TOP, _FOOT = 170, 170, 2150
_FONTS = Path(reportlab.__file__).parent / "fonts"
_SIZES = {Kind.TITLE: 50, Kind.HEADING: 39, Kind.SUBHEADING: 34, Kind.PARAGRAPH: 31, Kind.BULLETS: 31, Kind.TABLE: 29}
_BOLD = {Kind.TITLE, Kind.HEADING, Kind.SUBHEADING}
_SPECKS = 700


class _Sheets:
    """The pages drawn so far and the place where the next line goes."""

    def __init__(self) -> None:
        self.pages: list[Image.Image] = []
        self.turn()

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append(Image.new("L", _PAGE, 255))
        self.pen = ImageDraw.Draw(self.pages[-1])
        self.height = _TOP

    def room(self, pixels: int) -> None:
        """Begin a new page if `pixels` no longer fit."""
        if self.height + pixels > _FOOT:
            self.turn()

    def text(self, text: str, kind: Kind) -> None:
        """Set a paragraph, broken into lines."""
        font = _font(kind)
        for line in _broken(text, font, _PAGE[0] - 2 * _LEFT):
            self.room(font.size * 3 // 2)
            self.pen.text((_LEFT, self.height), line, font=font, fill=0)
            self.height += round(font.size * 1.45)
        self.height += round(font.size * 0.6)

    def table(self, block: Block) -> None:
        """Set a table with lines around its cells."""
        font = _font(Kind.TABLE)
        width = (_PAGE[0] - 2 * _LEFT) // len(block.rows[0])
        for row in block.rows:
            cells = [_broken(cell, font, width - 24) for cell in row]
            tall = max(len(lines) for lines in cells) * 42 + 18
            self.room(tall)
            for column, lines in enumerate(cells):
                corner = (_LEFT + column * width, self.height)
                self.pen.rectangle((*corner, corner[0] + width, corner[1] + tall), outline=0, width=2)
                for number, line in enumerate(lines):
                    self.pen.text((corner[0] + 12, corner[1] + 8 + number * 42), line, font=font, fill=0)
            self.height += tall
        self.height += 30


def render_scan(source: Source) -> bytes:
    """Return a PDF or a TIFF that holds one black-and-white picture a page. The same bytes every time."""
    sheets = _Sheets()
    for block in source.blocks:
        if block.kind is Kind.PAGE:
            sheets.turn()
        elif block.kind is Kind.TABLE:
            sheets.table(block)
        else:
            mark = "-  " if block.kind is Kind.BULLETS else ""
            for line in block.lines:
                sheets.text(mark + line, block.kind)
    sheets.text(source.notice, Kind.PARAGRAPH)
    first, *rest = (_scanned(page, f"{source.target} {number}") for number, page in enumerate(sheets.pages))
    sink = BytesIO()
    match Path(source.target).suffix:
        case ".tif":
            first.save(sink, "TIFF", save_all=True, append_images=rest, compression="group4", dpi=(_DPI, _DPI))
        case ".pdf":
            moment = time.struct_time((*source.written.timetuple()[:3], 8, 0, 0, 0, 1, 0))
            dates = {"creationDate": moment, "modDate": moment}
            first.save(sink, "PDF", save_all=True, append_images=rest, resolution=_DPI, **dates)
        case suffix:
            raise SourceError(f"{source.target}: a scan cannot be a {suffix}")
    return sink.getvalue()


def _scanned(page: Image.Image, seed: str) -> Image.Image:
    """What the scanner makes of a page: up to 0.8 degrees crooked, speckled, black and white."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets; the same specks every time are the point
    turned = page.rotate(chance.uniform(-0.8, 0.8), Image.Resampling.BICUBIC, fillcolor=255)
    pen = ImageDraw.Draw(turned)
    for _ in range(_SPECKS):
        spot = (chance.randrange(_PAGE[0]), chance.randrange(_PAGE[1]))
        pen.point(spot, fill=chance.choice((0, 0, 255)))
    return turned.point(lambda grey: 255 if grey > 150 else 0).convert("1", dither=Image.Dither.NONE)


def _font(kind: Kind) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONTS / ("VeraBd.ttf" if kind in _BOLD else "Vera.ttf")), _SIZES[kind])


def _broken(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break a text into lines that are no wider than `width` pixels."""
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines or [""]
