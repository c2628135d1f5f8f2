"""What a file is, by its bytes, before a parser sees it: kind, size when inflated, encryption. Pure, no parser.

Names lie and parsers believe them: a file whose content is not what its name says is refused, never guessed.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

import filetype
import msoffcrypto
from msoffcrypto.exceptions import FileFormatError

from ingest.records import Fault, Refused

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
HTML, MARKDOWN, TEXT, CSV, MAIL = "text/html", "text/markdown", "text/plain", "text/csv", "message/rfc822"
PNG, JPEG, TIFF = "image/png", "image/jpeg", "image/tiff"
PICTURES = {PNG: (b"\x89PNG\r\n\x1a\n",), JPEG: (b"\xff\xd8\xff",), TIFF: (b"II*\0", b"MM\0*")}
"""Pictures of pages, and with what each begins."""

_BY_SUFFIX = {
    ".pdf": PDF, ".docx": DOCX, ".xlsx": XLSX, ".pptx": PPTX, ".html": HTML, ".htm": HTML, ".xhtml": HTML,
    ".md": MARKDOWN, ".markdown": MARKDOWN, ".txt": TEXT, ".text": TEXT, ".csv": CSV, ".tsv": CSV, ".eml": MAIL,
    ".png": PNG, ".jpg": JPEG, ".jpeg": JPEG, ".tif": TIFF, ".tiff": TIFF,
}  # fmt: skip
_OFFICE_PART = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml", PPTX: "ppt/presentation.xml"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LONGEST_LINE = 1_000_000
_MIB = 1 << 20
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([\w.:-]{2,30})""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Inflation:
    """How far a zipped office file may inflate: bytes in all and in one part, parts, and the ratio of a large part."""

    total: int = 256 * _MIB
    part: int = 96 * _MIB
    parts: int = 10_000
    ratio: int = 100
    ratio_from: int = 16 * _MIB


INFLATION = Inflation()


def named(name: str) -> str | None:
    """The media type that `name` claims; None if there is no parser for files that are named so."""
    return _BY_SUFFIX.get(PurePosixPath(name).suffix.lower())


def media_type(name: str, content: bytes) -> str | Refused:
    """The media type of `content` called `name`, or why no parser may see it."""
    expected = named(name)
    if expected is None:
        return Refused(Fault.UNSUPPORTED)
    if not content.strip():
        return Refused(Fault.EMPTY)
    if expected == PDF:
        return PDF if b"%PDF-" in content[:1024] else Refused(Fault.MISLABELLED)
    if expected in PICTURES:
        return expected if content.startswith(PICTURES[expected]) else Refused(Fault.MISLABELLED)
    fault = _office(expected, content) if expected in _OFFICE_PART else _textual(content)
    if fault is None and expected == HTML and b"<!ENTITY" in content:
        fault = Fault.ENTITIES
    return Refused(fault) if fault else expected


def _office(expected: str, content: bytes) -> Fault | None:
    if content.startswith(_OLE):
        return Fault.ENCRYPTED if _encrypted_ole(content) else Fault.MISLABELLED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _zipped(expected, archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError):
        return Fault.DAMAGED if content.startswith(b"PK") else Fault.MISLABELLED


def _encrypted_ole(content: bytes) -> bool:
    try:
        return bool(msoffcrypto.OfficeFile(io.BytesIO(content)).is_encrypted())
    except (FileFormatError, OSError, ValueError):
        return False


def _zipped(expected: str, archive: zipfile.ZipFile) -> Fault | None:
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        return Fault.ENCRYPTED
    if _bomb(members):
        return Fault.TOO_LARGE_INSIDE
    if _OFFICE_PART[expected] not in {member.filename for member in members}:
        return Fault.MISLABELLED
    for member in members:
        if member.filename.endswith((".xml", ".rels")) and _declares(archive.read(member)):
            return Fault.ENTITIES
    return None


def _bomb(members: list[zipfile.ZipInfo]) -> bool:
    return (
        len(members) > INFLATION.parts
        or sum(member.file_size for member in members) > INFLATION.total
        or any(member.file_size > INFLATION.part for member in members)
        or any(
            member.file_size > INFLATION.ratio_from
            and member.file_size > INFLATION.ratio * max(member.compress_size, 1)
            for member in members
        )
    )


def _declares(part: bytes) -> bool:
    """No office format has a document type of its own: one is there only to declare entities."""
    return b"<!DOCTYPE" in part or "<!DOCTYPE".encode("utf-16-le") in part or "<!DOCTYPE".encode("utf-16-be") in part


def _textual(content: bytes) -> Fault | None:
    if content.startswith((b"%PDF-", b"PK\x03\x04", _OLE)):
        return Fault.MISLABELLED
    encoding = _unicode(content)
    if encoding is None and (b"\0" in content or _known_binary(content)):
        return Fault.MISLABELLED
    text = content if encoding in {None, "utf-8-sig"} else content.decode(encoding or "", errors="replace").encode()
    if not text.strip(b" \t\r\n\xef\xbb\xbf\0"):
        return Fault.EMPTY
    if any(len(line) > _LONGEST_LINE for line in re.split(rb"[\r\n]", text)):
        return Fault.TOO_LONG_A_LINE
    return None


def _known_binary(content: bytes) -> bool:
    kind = filetype.guess(content[:8192])
    return kind is not None and not kind.mime.startswith("text/") and kind.mime != "application/rtf"


def _unicode(content: bytes) -> str | None:
    """UTF-8 with a mark, UTF-16 or UTF-32, by its mark, or by where the zeros of Latin text stand."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding
    sample = content[:4096]
    half = len(sample) // 2
    if half >= 8 and sample[1::2].count(0) > half * 0.7 and sample[::2].count(0) == 0:
        return "utf-16-le"
    if half >= 8 and sample[::2].count(0) > half * 0.7 and sample[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def decode(content: bytes) -> str:
    """The text of a textual file: by its mark, by what it declares of itself, as UTF-8, else as Windows-1252."""
    encoding = _unicode(content)
    if encoding:
        return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        declared = _DECLARED.search(content[:2048])
        try:
            return content.decode(declared[1].decode("ascii") if declared else "cp1252")
        except (LookupError, UnicodeDecodeError):
            return content.decode("latin-1")
