"""Messages: head, body, and attachments, each parsed in a process of its own and put on pages of its own."""

from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final

from ingest import inspection
from ingest.parsing import office
from ingest.parsing.assembly import Piece, Read, clean
from ingest.records import Fault, Parsed, Refused

DEEPEST: Final = 3
"""Messages in messages in messages: deeper ones are named, not read."""
MOST: Final = 40
"""Attachments of one message that are read; the others are named."""
_ENCRYPTED: Final = {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
_TYPES: Final = {
    "application/pdf": ".pdf", inspection.DOCX: ".docx", inspection.XLSX: ".xlsx", inspection.PPTX: ".pptx",
    "text/html": ".html", "text/plain": ".txt", "text/csv": ".csv", "text/markdown": ".md", "image/png": ".png",
    "image/jpeg": ".jpg", "image/tiff": ".tif", "message/rfc822": ".eml",
}  # fmt: skip

Inside = Callable[[str, bytes], Parsed | Refused]
"""What parses an attachment: its name and bytes in."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message, and what a parser made of it."""

    name: str
    result: Parsed | Refused


@dataclass(frozen=True, slots=True)
class Message:
    """A message: what is written in it, and what came with it, in order."""

    written: Read
    attachments: tuple[Attachment, ...]


def message(content: bytes, inside: Inside) -> Message | Refused:
    """Head and body, the subject as title. An attachment that cannot be read is named in the head, with the reason."""
    # From the bytes: a body that travels in 8 bits is decoded by the charset that its own part names.
    opened = message_from_bytes(content.removeprefix(BOM_UTF8), EmailMessage, policy=policy.default)
    if opened.get_content_type() in _ENCRYPTED:
        return Refused(Fault.ENCRYPTED)
    fields = [(name, str(opened.get(name, "")).strip()) for name in ("Subject", "From", "To", "Cc", "Date")]
    if not any(value for _, value in fields):
        return Refused(Fault.MISLABELLED)
    body = _body(opened)
    if isinstance(body, Refused):
        return body
    attached = _attachments(opened, inside)
    fields.append(("Attachments", ", ".join(map(_told, attached))))
    head = Piece("text", tuple(f"{name}: {' '.join(value.split())}" for name, value in fields if value))
    remarks = tuple(
        f"attachment {one.name} was not read: {one.result.fault}" for one in attached if isinstance(one.result, Refused)
    )
    return Message(Read([head, *body], str(opened.get("Subject", "")).strip(), remarks), attached)


def _told(one: Attachment) -> str:
    return f"{one.name} (not read: {one.result.fault})" if isinstance(one.result, Refused) else one.name


def _attachments(opened: EmailMessage, inside: Inside) -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    for number, part in enumerate(_parts(opened), 1):
        name = _name(part, number)
        result = inside(name, _bytes(part)) if number <= MOST else Refused(Fault.TOO_MANY_ATTACHMENTS)
        found.append(Attachment(name, result))
    return tuple(found)


def _parts(opened: EmailMessage) -> list[EmailMessage]:
    """All that is not the body. A body of another language or form of the same text is no attachment."""
    if not opened.is_multipart():
        return [] if opened.get_content_maintype() == "text" else [opened]
    body = opened.get_body(("html", "plain"))
    return [part for part in _leaves(opened) if part is not body and not _another_form(part)]


def _leaves(part: EmailMessage) -> list[EmailMessage]:
    """The parts that hold something, in order; a message in the message is one of them."""
    found: list[EmailMessage] = []
    waiting = [part]
    while waiting:
        one = waiting.pop(0)
        if one.get_content_maintype() == "multipart":
            waiting[:0] = [inner for inner in one.iter_parts() if isinstance(inner, EmailMessage)]
        else:
            found.append(one)
    return found


def _another_form(part: EmailMessage) -> bool:
    return (
        part.get_content_type() in {"text/plain", "text/html"}
        and not part.is_attachment()
        and not (part.get_filename())
    )


def _name(part: EmailMessage, number: int) -> str:
    """A file name without folders, whose ending says what the part is."""
    given = " ".join(clean(part.get_filename() or "").replace("\\", "/").rsplit("/", 1)[-1].split())[:150]
    ending = _TYPES.get(part.get_content_type(), "")
    if not given:
        return f"part {number}{ending}"
    return given if inspection.named(given) or not ending else f"{given}{ending}"


def _bytes(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_content()
        return inner.as_bytes() if isinstance(inner, EmailMessage) else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _body(opened: EmailMessage) -> list[Piece] | Refused:
    part = opened.get_body(("html", "plain"))
    if part is None:
        return []
    try:
        content = part.get_content()
    except (LookupError, UnicodeError):
        raw = part.get_payload(decode=True)
        content = inspection.decode(raw if isinstance(raw, bytes) else b"")
    if part.get_content_type() != "text/html":
        return office.plain(str(content))
    parsed = office.page(str(content))
    return parsed if isinstance(parsed, Refused) else parsed.pieces
