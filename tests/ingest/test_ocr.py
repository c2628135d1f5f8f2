"""Scanned pages are read inside the enclosure, marked where their lines stand, and never silently empty."""

import io
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from appliance.errors import ModelMissing
from appliance.models import manifest
from appliance.settings import load
from ingest.records import Fault, Parsed, Refused
from ingest.worker import Limits, Parsers
from tests.left_out import left_out

GERMAN = (
    "Hausordnung für Gäste",
    "Größere Gruppen melden sich bitte vorher.",
    "Heparin: höchstens 5.000 I.E. täglich.",
)
ENGLISH = ("House rules for visitors", "The bell rings softly at 7:30 pm.", "Heparin: no more than 2.5 mg per day.")


def models() -> tuple[Path, ...]:
    entry = manifest.entry("ocr")
    try:
        home = manifest.verified(entry, load().models_folder)
    except ModelMissing:
        left_out("Reading pictures", "the ocr model is not on disk")
    return tuple(home / file.path for file in entry.files)


@pytest.fixture(scope="module")
def sighted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parsers]:
    """Parsers that read pictures, with the folder of models hidden from them as in a house."""
    files = models()
    with Parsers(Limits(2_048, 60, 20), hidden=[files[0].parent.parent], models=files) as started:
        yield started


@cache
def scan(lines: tuple[str, ...]) -> Image.Image:
    """A noisy, slightly slanted picture of a page."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(420, 200), invariant=True)
    for number, line in enumerate(lines):
        canvas.setFont("Helvetica-Bold" if number == 0 else "Times-Roman", 16 if number == 0 else 11)
        canvas.drawString(40, 150 - 30 * number, line)
    canvas.save()
    drawn = pypdfium2.PdfDocument(stream.getvalue())[0].render(scale=200 / 72, grayscale=True).to_numpy()
    slanted = Image.fromarray(drawn.reshape(drawn.shape[0], -1)).rotate(1.2, Image.Resampling.BICUBIC, fillcolor=255)
    noise = np.random.default_rng(7).normal(0, 18, (slanted.height, slanted.width))
    return Image.fromarray(np.clip(np.asarray(slanted) + noise, 0, 255).astype(np.uint8))


def saved(kind: str, *pictures: Image.Image) -> bytes:
    stream = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:]} if len(pictures) > 1 else {}
    pictures[0].save(stream, kind, **more)
    return stream.getvalue()


def test_a_scan_in_two_languages_is_read_page_by_page_and_marked(sighted: Parsers) -> None:
    """Open the models in `server.serve` after `enclosure.enter` and the reader cannot be found."""
    result = sighted.parse("rules.tif", saved("TIFF", scan(GERMAN), scan(ENGLISH)))
    assert isinstance(result, Parsed), result
    assert [" ".join(page.text.split()) for page in result.pages] == [" ".join(GERMAN), " ".join(ENGLISH)]
    assert all(page.picture.startswith(b"\x89PNG") for page in result.pages)
    lines = [line for block in result.blocks for line in block.lines]
    assert len(lines) == 6
    assert 0.05 < lines[0].box.left < 0.15 < lines[0].box.right
    assert 0.15 < lines[0].box.top < lines[0].box.bottom < 0.35
    assert result.blocks[0].kind == "heading"


def test_a_pdf_of_pictures_is_read_and_one_without_legible_text_is_refused(sighted: Parsers) -> None:
    result = sighted.parse("rules.pdf", saved("PDF", scan(GERMAN)))
    assert isinstance(result, Parsed), result
    assert "Größere Gruppen" in result.pages[0].text
    grey = Image.fromarray(np.random.default_rng(1).integers(90, 160, (300, 300), np.uint8))
    assert sighted.parse("noise.png", saved("PNG", grey)) == Refused(Fault.NOT_LEGIBLE)


def test_without_the_model_a_scan_is_refused_with_the_reason(parsers: Parsers) -> None:
    assert parsers.parse("rules.jpg", saved("JPEG", scan(GERMAN))) == Refused(Fault.NO_OCR)
    assert parsers.parse("rules.pdf", saved("PDF", scan(GERMAN))) == Refused(Fault.NO_OCR)
    assert parsers.parse("text.png", b"Wash your hands.") == Refused(Fault.MISLABELLED)


def test_a_picture_of_too_many_pixels_is_never_unpacked(sighted: Parsers) -> None:
    """Delete the check of `_PIXELS` in `scans.parse` and 100 MB are unpacked out of 400 bytes."""

    def part(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)

    head = (10_000).to_bytes(4) * 2 + b"\x08\x00\x00\x00\x00"
    bomb = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0" * 1_000)) + part(b"IEND", b"")
    assert sighted.parse("bomb.png", bomb) == Refused(Fault.TOO_MANY_PIXELS)
