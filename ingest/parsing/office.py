"""Word files, HTML and Markdown through unstructured; plain text as it is."""

import io
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Final

from lxml import etree
from lxml import html as markup

from ingest import inspection
from ingest.parsing.assembly import Piece, Read, plausible_header, rows
from ingest.parsing.visibility import drop_invisible
from ingest.records import Fault, Refused

_MODULES: Final = {
    inspection.DOCX: "docx",
    inspection.HTML: "html.parser",
    inspection.MARKDOWN: "html.parser",
    inspection.MAIL: "html.parser",
}
_HEADING_WORDS: Final = 12
_ENDS_A_SENTENCE = re.compile(r"""[.!?:;,]["'”»)\]]*$""")
_ITEM = re.compile(r"(?:[•‣▪●○\-*–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")
_MARGINS = {"Header", "Footer", "PageNumber"}


def heads(text: str) -> bool:
    """Whether a line stands like a heading: short, with letters, not ending like a sentence."""
    words = text.split()
    return (
        0 < len(words) <= _HEADING_WORDS
        and "\n" not in text.strip()
        and not _ENDS_A_SENTENCE.search(text.strip())
        and any(char.isalpha() for char in text)
        and not words[0][0].islower()
        and ": " not in text
    )


def _reads_on(text: str, **_: object) -> bool:
    return not heads(text)


def _heads(text: str, **_: object) -> bool:
    return heads(text)


def quicken(kind: str) -> None:
    """Import what parses `kind`, with our rule in the place of unstructured's guess at element kinds.

    The guess runs a tagger of English over every paragraph: 81 to 89 % of the time, and of no use for German.
    """
    if kind in _MODULES:
        module: Any = import_module(f"unstructured.partition.{_MODULES[kind]}")
        module.is_possible_narrative_text = _reads_on
        if hasattr(module, "is_possible_title"):
            module.is_possible_title = _heads


def docx(content: bytes) -> Read:
    """The pieces of a Word document: one page, since Word files do not know their pages."""
    from unstructured.partition.docx import partition_docx

    found = partition_docx(file=io.BytesIO(content), languages=[""])
    return Read(list(_pieces(found)))


def text(content: bytes) -> Read:
    """The pieces of plain text."""
    return Read(plain(inspection.decode(content)))


def markdown(content: bytes) -> Read | Refused:
    """The pieces and the title of a Markdown file."""
    import markdown as converter

    return page(converter.markdown(inspection.decode(content), extensions=["tables", "fenced_code", "sane_lists"]))


def html(content: bytes) -> Read | Refused:
    """The pieces and the title of a page: what a reader of it would see, nothing hidden, no script."""
    return page(inspection.decode(content))


def plain(decoded: str) -> list[Piece]:
    """Paragraphs at blank lines, list items at their marks, headings where a short line stands over prose.

    unstructured joins a paragraph's lines first and so loses headings and numbered lists; plain text needs no library.
    """
    parts = re.split(r"\n[ \t]*(?:\n[ \t]*)+", decoded.replace("\r\n", "\n").replace("\r", "\n"))
    stripped = ([line.strip() for line in part.splitlines() if line.strip()] for part in parts)
    paragraphs = [lines for lines in stripped if lines]
    pieces: list[Piece] = []
    for index, lines in enumerate(paragraphs):
        following = " ".join(lines[1:]) or (" ".join(paragraphs[index + 1]) if index + 1 < len(paragraphs) else "")
        if heads(lines[0]) and len(lines[0]) <= 80 and len(following) > 60 and not _ITEM.match(lines[0]):
            pieces.append(Piece("heading", (lines.pop(0),), level=2 if pieces else 1))
        pieces.extend(_items(lines))
    return pieces


def _items(lines: list[str]) -> Iterator[Piece]:
    gathered: list[str] = []
    for line in lines:
        if _ITEM.match(line) and gathered:
            yield _gathered(gathered)
            gathered = []
        gathered.append(line)
    if gathered:
        yield _gathered(gathered)


def _gathered(lines: list[str]) -> Piece:
    return Piece("list" if _ITEM.match(lines[0]) else "text", tuple(lines), joint=" ")


def page(source: str) -> Read | Refused:
    """The pieces and the title of HTML that has been decoded."""
    from unstructured.partition.html import partition_html

    if not source.strip():
        return Read([])
    parser = markup.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
    tree = markup.document_fromstring(source.encode("utf-8", errors="replace"), parser=parser, ensure_head_body=True)
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        return Refused(Fault.TOO_DEEP)
    title = " ".join((tree.findtext(".//title") or "").split())
    drop_invisible(tree)
    visible = etree.tostring(tree, encoding="unicode", method="html")
    return Read(list(_pieces(partition_html(text=visible, languages=[""]))), title)


def _pieces(elements: Iterable[Any]) -> Iterator[Piece]:
    for element in elements:
        kind = type(element).__name__
        if kind == "Table":
            yield Piece("table", _rows(element))
        elif kind == "Title" or (kind == "Text" and heads(element.text)):
            yield Piece("heading", (" ".join(element.text.split()),), 1, (element.metadata.category_depth or 0) + 1)
        elif kind in _MARGINS:
            yield Piece("margin", (element.text,))
        elif kind != "PageBreak":
            yield Piece("list" if kind == "ListItem" else "text", tuple(element.text.splitlines()))


def _rows(element: Any) -> tuple[str, ...]:
    source = element.metadata.text_as_html
    if not source:
        return tuple(element.text.splitlines())
    table = markup.fragment_fromstring(source)
    cells = [[cell.text_content() for cell in row.xpath("./td|./th")] for row in table.iter("tr")]
    cells = [row for row in cells if row]
    marked = bool(table.xpath(".//thead")) or bool(cells and table.xpath("(.//tr)[1]/th"))
    return rows(cells, header=marked or plausible_header(cells))
