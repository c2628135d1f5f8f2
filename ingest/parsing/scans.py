"""Pictures of pages, and who may read them: the reader is slow, so it comes only in a run of its own."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ingest.parsing.assembly import Read
from ingest.parsing.layout import arranged
from ingest.parsing.lines import Row
from ingest.parsing.pictures import LONGEST, png
from ingest.records import Fault, Refused

if TYPE_CHECKING:
    from ingest.parsing.ocr import Eyes

_PIXELS: Final = 60_000_000
_LEAST: Final = 40
"""Pixels: a picture with a shorter side is a bullet or a line, never a page."""
_WIDTH: Final = 595.0
"""Points of a page's width where the picture does not say: A4."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Who reads pictures: open descriptors of the two models, if they are here, and whether it is their turn."""

    models: tuple[int, int] | None = None
    now: bool = False
    longest: int = 2_400

    def eyes(self) -> "Eyes | Refused":
        """The reader, or why there is none."""
        if self.models is None:
            return Refused(Fault.NO_OCR)
        if not self.now:
            return Refused(Fault.NOT_READ_YET)
        from ingest.parsing.ocr import Eyes, Models

        return Eyes(Models(*self.models))


BLIND: Final = Sight()
"""Pictures are refused."""


def parse(content: bytes, sight: Sight, *, limit: int) -> Read | Refused:
    """The text of a picture, or of each page of a picture file that holds several."""
    Image.MAX_IMAGE_PIXELS = _PIXELS
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "TIFF")) as opened:
        count = getattr(opened, "n_frames", 1) if opened.format == "TIFF" else 1
        if count > limit:
            return Refused(Fault.TOO_MANY_PAGES)
        if min(opened.size) < _LEAST:
            return Refused(Fault.NO_TEXT)
        eyes = sight.eyes()
        if isinstance(eyes, Refused):
            return eyes
        pages: list[list[Row]] = []
        drawn: list[bytes] = []
        for number in range(1, count + 1):
            opened.seek(number - 1)
            if opened.width * opened.height > _PIXELS:
                return Refused(Fault.TOO_MANY_PIXELS)
            page = _greys(opened, sight.longest)
            pages.append(eyes.rows(page, number, _WIDTH, _WIDTH * page.shape[0] / page.shape[1]))
            drawn.append(png(lambda factor, page=page: _smaller(page, factor)))  # type: ignore[misc]  # bound at once
    silent = [number for number, rows in enumerate(pages, 1) if not rows]
    if len(silent) == count:
        return Refused(Fault.NOT_LEGIBLE)
    remarks = tuple(f"page {number} is a picture without text that can be read" for number in silent)
    return Read(arranged(pages), "", remarks, tuple(drawn))


def _greys(opened: Image.Image, longest: int) -> NDArray[np.uint8]:
    """The picture upright, on white, in greys, its longer side at most `longest` pixels."""
    upright = ImageOps.exif_transpose(opened)
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    greys = upright.convert("L")
    greys.thumbnail(
        (longest, longest), Image.Resampling.BOX if max(greys.size) > 2 * longest else Image.Resampling.BICUBIC
    )
    return np.asarray(greys)


def _smaller(page: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    picture = Image.fromarray(page)
    side = max(1, round(LONGEST * factor))
    picture.thumbnail((side, side), Image.Resampling.BOX)
    return np.asarray(picture)
