"""PDF files through pypdfium2: the lines and pictures of their pages; scanned ones as `scans` allows."""

import re
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import numpy as np
import pypdfium2
import pypdfium2.raw as raw
from numpy.typing import NDArray
from pypdfium2 import PdfiumError

from ingest.parsing.assembly import Read
from ingest.parsing.layout import Outline, arranged, named
from ingest.parsing.lines import Row
from ingest.parsing.lines import lines as lines_of
from ingest.parsing.pictures import LONGEST, png
from ingest.parsing.scans import Sight
from ingest.records import Fault, Refused

_DPI: Final = 100
_PICTURES: Final = 300
_PICTURE_SECONDS: Final = 20.0
_STAMP: Final = 100
"""Characters of a page that may be a stamp on a scan."""
_DRAWN: Final = 40
"""Strokes from which on a page without text may hold drawn letters."""
_NOT_A_TITLE = re.compile(r"untitled|anonymous|microsoft|\.docx?$|^\W*$", re.IGNORECASE)


def parse(content: bytes, sight: Sight, *, limit: int) -> Read | Refused:
    """Read a PDF of at most `limit` pages; those that are pictures as `sight` allows."""
    try:
        document = pypdfium2.PdfDocument(content)
    except PdfiumError as error:
        return Refused(Fault.ENCRYPTED if "password" in str(error).lower() else Fault.DAMAGED)
    if len(document) > limit:
        return Refused(Fault.TOO_MANY_PAGES)
    pages = [list(lines_of(document, number)) for number in range(1, len(document) + 1)]
    read = _read_pictures(document, pages, sight)
    if isinstance(read, Refused):
        return read
    pieces = arranged(pages, _outline(document))
    title = str(document.get_metadata_value("Title")).strip()
    return Read(pieces, "" if _NOT_A_TITLE.search(title) else title, read, tuple(_pictures(document)))


def _outline(document: Any) -> Outline:
    """The headings that the PDF's own outline names, with their levels."""
    found: Outline = {}
    for entry in islice(document.get_toc(max_depth=6), 5_000):
        place = entry.get_dest()
        page = None if place is None else place.get_index()
        if page is not None and named(entry.get_title()):
            found[(page + 1, named(entry.get_title()))] = entry.level + 1
    return found


# --- Pictures ---------------------------------------------------------------------------------------------------------


def _pictures(document: Any) -> Iterator[bytes]:
    """PNG pictures of the first pages, in sixteen greys: enough to find a marked passage on."""
    deadline = time.monotonic() + _PICTURE_SECONDS
    for number in range(min(len(document), _PICTURES)):
        if time.monotonic() > deadline:
            return
        yield _picture(document[number])


def _picture(page: Any) -> bytes:
    width, height = page.get_size()
    scale = min(_DPI / 72, LONGEST / max(width, height, 1.0))
    return png(lambda factor: _greys(page, scale * factor))


def _greys(page: Any, scale: float) -> NDArray[np.uint8]:
    drawn: NDArray[np.uint8] = page.render(scale=scale, grayscale=True).to_numpy()
    return drawn.reshape(drawn.shape[0], -1)


# --- Scanned pages ----------------------------------------------------------------------------------------------------


def _read_pictures(document: Any, pages: list[list[Row]], sight: Sight) -> tuple[str, ...] | Refused:
    """Put the lines of scanned pages into `pages`; remarks on those that cannot be read."""
    scanned = [index for index, lines in enumerate(pages) if _scanned(document[index], lines)]
    if not scanned:
        return ()
    eyes = sight.eyes()
    if isinstance(eyes, Refused):
        return eyes
    silent = []
    for index in scanned:
        page = document[index]
        width, height = page.get_size()
        scale = min(200 / 72, sight.longest / max(width, height, 1.0))
        found = eyes.rows(_greys(page, scale), index + 1, width, height)
        pages[index] = found or pages[index]
        if not found:
            silent.append(index + 1)
    if len(silent) == len(scanned) and not any(pages):
        return Refused(Fault.NOT_LEGIBLE)
    return tuple(f"page {number} is a picture without text that can be read" for number in silent)


def _scanned(page: Any, lines: list[Row]) -> bool:
    """Whether a page without text, or with little more than a stamp, shows a picture or drawn letters."""
    if sum(len(line.text) for line in lines) >= _STAMP:
        return False
    width, height = page.get_size()
    strokes = 0
    for thing in page.get_objects(max_depth=3):
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = thing.get_bounds()
            share = (right - left) * (top - bottom) / max(width * height, 1.0)
            if share > (0.5 if lines else 0.02):
                return True
        strokes += thing.type == raw.FPDF_PAGEOBJ_PATH
    return not lines and strokes > _DRAWN
