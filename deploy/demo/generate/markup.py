"""The small markup in which the sources of the bound documents are written.

A source starts with ``key: value`` lines, then a line ``---``, then blocks separated
by blank lines. The header's ``form`` says how a page looks: ``plain`` (if it is missing), ``columns``
(two, PDF only), ``manual`` (running heads, an outline, a page for each heading, PDF only) or ``scan``
(a picture of the pages without any text, PDF or TIFF). The blocks are:
``# title``, ``## heading``, ``### subheading``, ``- bullet`` lists,
``| cell | cell |`` tables whose first row is the header, ``===`` for a new page, and
plain paragraphs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path


class Kind(Enum):
    """What a block of a source is."""

    TITLE = "title"
    HEADING = "heading"
    SUBHEADING = "subheading"
    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    TABLE = "table"
    PAGE = "page"


@dataclass(frozen=True)
class Block:
    """One block: its text lines, or for a table its rows of cells."""

    kind: Kind
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Source:
    """One parsed source and the file it becomes."""

    target: str
    title: str
    author: str
    written: date
    language: str
    notice: str
    blocks: tuple[Block, ...]
    form: str = "plain"


class SourceError(ValueError):
    """A source lacks a header line or holds a block that cannot be read."""


_HEADER_KEYS = ("target", "title", "author", "date", "language")

FORMS = ("plain", "columns", "manual", "scan")

NOTICES = {
    "en": "Aldermoor Hospital is invented; so is everyone in it.",
    "de": "Das Krankenhaus Aldermoor ist erfunden, ebenso alle Personen darin.",
}


def read_source(path: Path) -> Source:
    """Parse one source file."""
    head, mark, body = path.read_text(encoding="utf-8").partition("\n---\n")
    if not mark:
        raise SourceError(f"{path.name}: no line '---' after the header")
    fields: dict[str, str] = {}
    for line in head.splitlines():
        key, _, value = line.partition(":")
        fields[key.strip()] = value.strip()
    missing = [key for key in _HEADER_KEYS if not fields.get(key)]
    if missing:
        raise SourceError(f"{path.name}: header lacks {', '.join(missing)}")
    if fields["language"] not in NOTICES:
        raise SourceError(f"{path.name}: language must be one of {', '.join(NOTICES)}")
    if fields.get("form", "plain") not in FORMS:
        raise SourceError(f"{path.name}: form must be one of {', '.join(FORMS)}")
    return Source(
        target=fields["target"],
        title=fields["title"],
        author=fields["author"],
        written=date.fromisoformat(fields["date"]),
        language=fields["language"],
        notice=NOTICES[fields["language"]],
        blocks=tuple(_read_block(chunk, path.name) for chunk in _chunks(body)),
        form=fields.get("form", "plain"),
    )


def _chunks(body: str) -> list[list[str]]:
    """Split a body at blank lines."""
    chunks: list[list[str]] = []
    current: list[str] = []
    for line in [*body.splitlines(), ""]:
        if line.strip():
            current.append(line.strip())
        elif current:
            chunks.append(current)
            current = []
    return chunks


def _read_block(lines: list[str], name: str) -> Block:
    """Turn the lines of one block into what they stand for."""
    first = lines[0]
    if first == "===":
        return Block(Kind.PAGE)
    for prefix, kind in (
        ("### ", Kind.SUBHEADING),
        ("## ", Kind.HEADING),
        ("# ", Kind.TITLE),
    ):
        if first.startswith(prefix):
            if len(lines) > 1:
                raise SourceError(f"{name}: blank line missing after {first!r}")
            return Block(kind, (first.removeprefix(prefix),))
    if first.startswith("- "):
        return Block(Kind.BULLETS, tuple(_bullets(lines)))
    if first.startswith("|"):
        rows = tuple(tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines)
        if len({len(row) for row in rows}) != 1:
            raise SourceError(f"{name}: table rows differ in length near {first!r}")
        return Block(Kind.TABLE, rows=rows)
    return Block(Kind.PARAGRAPH, (" ".join(lines),))


def _bullets(lines: list[str]) -> list[str]:
    """Join the continuation lines of each bullet."""
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            items.append(line.removeprefix("- "))
        else:
            items[-1] = f"{items[-1]} {line}"
    return items
