"""The one door to every parser: bytes and a name in, `Parsed` or `Refused` out."""

from pathlib import PurePosixPath

from ingest import inspection
from ingest.parsing import office, pdf
from ingest.parsing.assembly import Piece, assemble, clean
from ingest.records import Fault, Parsed, Refused


def prepare(name: str) -> None:
    """Import what a file called `name` needs, before its own process is forked: later files share it."""
    kind = inspection.named(name)
    if kind is not None:
        office.quicken(kind)


def parse(name: str, content: bytes, *, pages: int) -> Parsed | Refused:
    """Parse `content`, a file called `name`, of at most `pages` pages. A file without any text is refused."""
    kind = inspection.media_type(name, content)
    if isinstance(kind, Refused):
        return kind
    drawn: tuple[bytes, ...] = ()
    title = ""
    if kind == inspection.PDF:
        opened = pdf.parse(content, limit=pages)
        if isinstance(opened, Refused):
            return opened
        pieces, title, drawn = opened.pieces, opened.title, opened.pictures
    else:
        read = _read(kind, content)
        if isinstance(read, Refused):
            return read
        pieces, title = read
    blocks, texts = assemble(pieces, drawn)
    if not any(char.isalnum() for block in blocks for char in block.text):
        return Refused(Fault.NO_TEXT)
    if len(texts) > pages:
        return Refused(Fault.TOO_MANY_PAGES)
    return Parsed(_title(title, pieces, name), kind, blocks, texts)


def _read(kind: str, content: bytes) -> tuple[list[Piece], str] | Refused:
    match kind:
        case inspection.HTML:
            return office.html(content)
        case inspection.MARKDOWN:
            return office.markdown(content)
        case inspection.MAIL:
            return office.mail(content)
    simple = {
        inspection.DOCX: office.docx,
        inspection.PPTX: office.pptx,
        inspection.XLSX: office.xlsx,
        inspection.CSV: office.csv,
        inspection.TEXT: office.text,
    }
    return simple[kind](content), ""


def _title(given: str, pieces: list[Piece], name: str) -> str:
    """What the file calls itself, else its first heading, else its name."""
    first = next((piece.lines[0] for piece in pieces[:5] if piece.kind == "heading"), "")
    stem = PurePosixPath(name).stem.replace("-", " ").replace("_", " ")
    cleaned = [" ".join(clean(words).split()) for words in (given, first, stem, name)]
    return next((words[:200] for words in cleaned if words), "untitled")
