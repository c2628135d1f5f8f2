"""Sets a letter as an e-mail with attachments, the same bytes every time.

A letter's source starts with ``key: value`` lines (target, from, to, date, subject, language; cc and attach if
wanted), then a line ``---``, then the body as it is sent. ``date`` is ISO 8601 with the offset from UTC. ``attach``
names the attachments, separated by commas; whoever calls `render_eml` brings their bytes.
"""

from __future__ import annotations

import email.policy
import email.utils
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path, PurePosixPath

from deploy.demo.generate.markup import SourceError

_KEYS = ("target", "from", "to", "date", "subject", "language")
_TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".pdf": "application/pdf",
    ".csv": "text/csv",
}


@dataclass(frozen=True)
class Letter:
    """One e-mail before it is set: who writes to whom, when, what, and the names of what hangs on it."""

    target: str
    sender: str
    to: str
    cc: str
    sent: datetime
    subject: str
    language: str
    body: str
    attached: tuple[str, ...]


def read_letter(path: Path) -> Letter:
    """Parse the source of one letter."""
    head, mark, body = path.read_text(encoding="utf-8").partition("\n---\n")
    if not mark:
        raise SourceError(f"{path.name}: no line '---' after the header")
    pairs = (line.partition(":") for line in head.splitlines())
    fields = {key.strip(): value.strip() for key, _, value in pairs}
    missing = [key for key in _KEYS if not fields.get(key)]
    if missing:
        raise SourceError(f"{path.name}: header lacks {', '.join(missing)}")
    sent = datetime.fromisoformat(fields["date"])
    if sent.tzinfo is None:
        raise SourceError(f"{path.name}: date needs its offset from UTC")
    return Letter(
        target=fields["target"],
        sender=fields["from"],
        to=fields["to"],
        cc=fields.get("cc", ""),
        sent=sent,
        subject=fields["subject"],
        language=fields["language"],
        body=body.strip() + "\n",
        attached=tuple(name.strip() for name in fields.get("attach", "").split(",") if name.strip()),
    )


def render_eml(letter: Letter, attachments: Mapping[str, bytes], *, notice: str) -> bytes:
    """Return the message of a letter: its body, `notice` as the last line of it, and its attachments in base64."""
    stem = PurePosixPath(letter.target).stem
    domain = email.utils.parseaddr(letter.sender)[1].rpartition("@")[2]
    message = EmailMessage(policy=email.policy.default.clone(max_line_length=998, cte_type="8bit"))
    message["Return-Path"] = f"<{email.utils.parseaddr(letter.sender)[1]}>"
    message["Message-ID"] = f"<{letter.sent:%Y%m%d%H%M%S}.{stem}@{domain}>"
    message["Date"] = letter.sent
    message["From"] = letter.sender
    message["To"] = letter.to
    if letter.cc:
        message["Cc"] = letter.cc
    message["Subject"] = letter.subject
    message["Content-Language"] = letter.language
    message.set_content(f"{letter.body}\n{notice}\n", cte="8bit")
    for name in letter.attached:
        if name not in attachments:
            raise SourceError(f"{letter.target}: nothing was brought for {name}")
        kind = _TYPES.get(PurePosixPath(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(attachments[name], maintype=main, subtype=sub, filename=name)
    if message.is_multipart():
        message.set_boundary("=_" + hashlib.sha256(letter.target.encode()).hexdigest()[:32])
    return message.as_bytes()
