"""The sample institution as the tests of this room read it: without our own parsers, so that both can be compared."""

import csv
import email
import email.policy
import html.parser
import io
import json
import re
from collections.abc import Callable
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pypdfium2
import yaml

from appliance.answering.words import content_stems
from deploy.demo.generate.markup import Kind, Source, read_source

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "deploy" / "demo"
DOCUMENTS = DEMO / "documents"
TEXTS = (DEMO / "generate" / "text", DEMO / "generate" / "bank")
JOURNEYS = ROOT / "tests" / "journeys"
LEVELS = ["public", "internal", "confidential", "restricted"]
UNLISTED = "unlisted/minutes.md"

Question = dict[str, Any]


class _Text(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the signature of the base class
        if tag in {"p", "li", "tr", "h1", "h2", "title"}:
            self.blocks.append("")
        if tag in {"td", "th"}:
            self.blocks[-1] += " "

    def handle_data(self, data: str) -> None:
        self.blocks[-1] += data


def _html(content: bytes) -> list[str]:
    parser = _Text()
    parser.feed(content.decode())
    return parser.blocks


def _plain(content: bytes) -> list[str]:
    return re.split(r"\n\s*\n", content.decode())


def _docx(content: bytes) -> list[str]:
    document = docx.Document(io.BytesIO(content))
    rows = [" ".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    return [paragraph.text for paragraph in document.paragraphs] + rows


def _pdf(content: bytes) -> list[str]:
    pdf = pypdfium2.PdfDocument(content)
    try:
        blocks = []
        for page in pdf:
            text = page.get_textpage()
            blocks.append(text.get_text_bounded())
            text.close()
            page.close()
        return blocks
    finally:
        pdf.close()


def _xlsx(content: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return [
        " ".join(str(value) for value in row if value is not None)
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
    ]


def _csv(content: bytes) -> list[str]:
    text = content.decode("utf-8-sig")
    return [
        " ".join(row) for row in csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ",")
    ]


def _pptx(content: bytes) -> list[str]:
    blocks = []
    for slide in pptx.Presentation(io.BytesIO(content)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                blocks += [paragraph.text for paragraph in shape.text_frame.paragraphs]
            if shape.has_table:
                blocks += [" ".join(cell.text for cell in row.cells) for row in shape.table.rows]
        if slide.has_notes_slide:
            blocks.append(slide.notes_slide.notes_text_frame.text)
    return blocks


def _mail(content: bytes) -> list[str]:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    blocks = re.split(r"\n\s*\n", body.get_content())
    for part in message.iter_attachments():
        attached = part.get_payload(decode=True)
        assert isinstance(attached, bytes)
        blocks += _READERS[Path(str(part.get_filename())).suffix](attached)
    return blocks


_READERS: dict[str, Callable[[bytes], list[str]]] = {
    ".html": _html,
    ".md": _plain,
    ".txt": _plain,
    ".docx": _docx,
    ".pdf": _pdf,
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".pptx": _pptx,
    ".eml": _mail,
}


@cache
def sources() -> dict[str, Source]:
    """The source of every document that is generated, by the document it becomes."""
    read = (read_source(path) for folder in TEXTS for path in sorted(folder.glob("*.txt")))
    return {source.target: source for source in read}


def scanned(name: str) -> bool:
    """Whether a document is a picture of its text."""
    return name in sources() and sources()[name].form == "scan"


def source_blocks(name: str) -> list[str]:
    """The blocks of a generated document as its source has them, each row of a table for itself."""
    blocks: list[str] = []
    for block in sources()[name].blocks:
        blocks += [" | ".join(row) for row in block.rows] if block.kind is Kind.TABLE else block.lines
    return blocks


@cache
def blocks(name: str) -> tuple[str, ...]:
    """The paragraphs and rows of a document (of a PDF: its pages), each on one line. A scan is read from its source."""
    if scanned(name):
        found = [*source_blocks(name), sources()[name].notice]
    else:
        path = DOCUMENTS / name
        found = _READERS[path.suffix](path.read_bytes())
    return tuple(" ".join(block.split()) for block in found if block.strip())


def text(name: str) -> str:
    """A whole document on one line."""
    return " ".join(blocks(name))


@cache
def names() -> tuple[str, ...]:
    """Every document, listed or not."""
    files = (path for path in DOCUMENTS.rglob("*") if path.is_file() and path.name != ".access.yaml")
    return tuple(sorted(path.relative_to(DOCUMENTS).as_posix() for path in files))


def hospital(*, of: tuple[str, ...] | None = None) -> list[str]:
    """The listed documents that are not the bank's."""
    return [name for name in of or names() if name != UNLISTED and not name.startswith("bank/")]


def questions(*sets: str) -> list[Question]:
    """The questions of the named sets; of both if none is named."""
    files = [JOURNEYS / f"{name}.jsonl" for name in sets or ("golden", "unseen")]
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def is_banks(question: Question) -> bool:
    """Whether a question is about the bank's documents."""
    return any(name.startswith("bank/") for name in [*question["documents"], question["near"]])


@cache
def personas() -> dict[str, dict[str, Any]]:
    """The people, by id."""
    listed = yaml.safe_load((DEMO / "personas.yaml").read_text(encoding="utf-8"))
    return {persona["id"]: persona for persona in listed}


@cache
def access(name: str) -> dict[str, Any]:
    """What the access lists say about a document, folder by folder from the top."""
    merged: dict[str, Any] = {}
    folders = list(reversed((DOCUMENTS / name).relative_to(DOCUMENTS).parents))
    for folder in folders:
        path = DOCUMENTS / folder / ".access.yaml"
        if path.exists():
            listed = yaml.safe_load(path.read_text(encoding="utf-8"))
            files = listed.pop("files", {})
            merged.update(listed)
            if folder == folders[-1]:
                merged.update(files.get(Path(name).name, {}))
    return merged


def may_read(persona: dict[str, Any], name: str) -> bool:
    """Whether a person may read a document. What no list covers nobody may read."""
    rule = access(name)
    if not rule:
        return False
    return LEVELS.index(persona["clearance"]) >= LEVELS.index(rule["level"]) and bool(
        set(persona["groups"]) & set(rule["readers"])
    )


def plain(text: str) -> str:
    """One line, thousands without a mark, so that a number in a sheet equals the same number in its source."""
    return re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", " ".join(text.split()))


def stands_in(evidence: str, passage: str) -> bool:
    """Whether a sentence stands in a passage; of a row the cells, divided by ``|``, must stand there in their order."""
    passage, place = plain(passage), 0
    for cell in plain(evidence).split(" | "):
        place = passage.find(cell, place)
        if place < 0:
            return False
        place += len(cell)
    return True


def overlap(question: Question, passages: list[str]) -> float:
    """The share of a question's content words that the passages hold too."""
    asked = content_stems(question["question"], question["language"])
    return len(asked & content_stems(" ".join(passages), question["language"])) / max(1, len(asked))
