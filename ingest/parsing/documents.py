"""The one door to every parser: bytes and a name in, `Parsed` or `Refused` out."""

import gc
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Final

import pypdfium2

from ingest import inspection
from ingest.parsing import mail, office, pdf, scans, sheets, slides
from ingest.parsing.assembly import Piece, Read, assemble, clean
from ingest.parsing.joining import apart, joined
from ingest.parsing.scans import BLIND, Sight
from ingest.records import Fault, Parsed, Refused


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many pages a file may have, who reads its pictures, and how deep in messages it lies."""

    pages: int
    sight: Sight = BLIND
    depth: int = 0


def prepare(name: str) -> None:
    """Import and rehearse what a file called `name` needs, before its own process is forked: later files share it.

    The first parse of a kind costs 25 ms more than the next: expressions are compiled, more is imported. It is done
    with a sample of our own, never with what anybody has written.
    """
    kind = inspection.named(name)
    if kind is None or kind in _REHEARSED:
        return
    _REHEARSED.add(kind)
    office.quicken(kind)
    if kind in _SAMPLES:
        _read(kind, _SAMPLES[kind](), Bounds(1))
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page that it looks at


def _empty_pdf() -> bytes:
    document, stream = pypdfium2.PdfDocument.new(), io.BytesIO()
    document.new_page(595, 842)
    document.save(stream)
    return stream.getvalue()


_REHEARSED: Final[set[str]] = set()
_SAMPLES: Final[dict[str, Callable[[], bytes]]] = {
    inspection.HTML: lambda: (
        b"<h1>A</h1><p>It is <b>so</b>.</p><ul><li>One</li></ul><table><tr><td>1</td></tr></table>"
    ),
    inspection.MARKDOWN: lambda: b"# A\n\nIt is **so**.\n\n- One\n\n| a |\n|---|\n| 1 |\n",
    inspection.PDF: _empty_pdf,
}


def parse(name: str, content: bytes, bounds: Bounds) -> Parsed | Refused:
    """Parse `content`, a file called `name`, within `bounds`. A file without any text is refused."""
    kind = inspection.media_type(name, content)
    if isinstance(kind, Refused):
        return kind
    office.quicken(kind)
    attachments: tuple[mail.Attachment, ...] = ()
    if kind == inspection.MAIL:
        opened = mail.message(content, partial(_attached, bounds=bounds))
        if isinstance(opened, Refused):
            return opened
        read, attachments = opened.written, opened.attachments
        if any(one.result == Refused(Fault.NOT_READ_YET) for one in attachments):
            return Refused(Fault.NOT_READ_YET)
    else:
        found = _read(kind, content, bounds)
        if isinstance(found, Refused):
            return found
        read = found
    blocks, pages = joined(assemble(read.pieces, read.pictures), attachments)
    if not any(char.isalnum() for block in blocks for char in block.text):
        return Refused(Fault.NO_TEXT)
    if len(pages) > bounds.pages:
        return Refused(Fault.TOO_MANY_PAGES)
    inner = (one.result.remarks for one in attachments if isinstance(one.result, Parsed))
    remarks = (*read.remarks, *(remark for remarks in inner for remark in remarks))
    return Parsed(_title(read.title, read.pieces, name), kind, blocks, pages, _worded(remarks))


def _read(kind: str, content: bytes, bounds: Bounds) -> Read | Refused:
    if kind == inspection.PDF:
        return pdf.parse(content, bounds.sight, limit=bounds.pages)
    if kind in inspection.PICTURES:
        return scans.parse(content, bounds.sight, limit=bounds.pages)
    formats: dict[str, Callable[[bytes], Read | Refused]] = {
        inspection.DOCX: office.docx,
        inspection.PPTX: slides.deck,
        inspection.XLSX: sheets.workbook,
        inspection.CSV: sheets.separated,
        inspection.TEXT: office.text,
        inspection.HTML: office.html,
        inspection.MARKDOWN: office.markdown,
    }
    return formats[kind](content)


def _attached(name: str, content: bytes, *, bounds: Bounds) -> Parsed | Refused:
    """An attachment, in a process of its own: what it does to its parser leaves the message whole."""
    if bounds.depth >= mail.DEEPEST:
        return Refused(Fault.TOO_DEEP)
    return apart(partial(parse, name, content, replace(bounds, depth=bounds.depth + 1)))


def _worded(remarks: tuple[str, ...]) -> tuple[str, ...]:
    """The first remarks as short clean lines: they are shown on a terminal."""
    return tuple(" ".join(clean(remark).split())[:250] for remark in remarks[:50])


def _title(given: str, pieces: list[Piece], name: str) -> str:
    """What the file calls itself, else its first heading, else its name."""
    first = next((piece.lines[0] for piece in pieces[:5] if piece.kind == "heading"), "")
    stem = PurePosixPath(name).stem.replace("-", " ").replace("_", " ")
    cleaned = [" ".join(clean(words).split()) for words in (given, first, stem, name)]
    return next((words[:200] for words in cleaned if words), "untitled")
