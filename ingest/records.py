"""The words of ingest as frozen values: what is found, what a parser makes of it, and how each file ends."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal

from appliance.records import Access, Box

Kind = Literal["heading", "text", "list", "table", "margin"]


class Fault(StrEnum):
    """Why a file is quarantined. The words are shown to the operator and kept in the registry."""

    NO_ACCESS = "no access list"
    NAME = "its name holds control characters or is not Unicode"
    LINK = "it is a link, and links are not followed"
    NOT_A_FILE = "it is not an ordinary file"
    UNREADABLE = "it cannot be read"
    CHANGED = "it changes while it is read"
    EMPTY = "it is empty"
    TOO_LARGE = "it is larger than file_mib allows"
    TOO_LARGE_INSIDE = "it inflates beyond what its size explains"
    TOO_LONG_A_LINE = "it holds a line longer than 1,000,000 bytes"
    TOO_MANY_ATTACHMENTS = "it is one of too many attachments"
    TOO_DEEP = "it is nested too deeply"
    TOO_MANY_PAGES = "it has more pages than the setting pages allows"
    UNSUPPORTED = "its format is not supported"
    MISLABELLED = "its content is not what its name says"
    ENCRYPTED = "it is encrypted"
    DAMAGED = "it is damaged or not well formed"
    ENTITIES = "it declares entities of its own"
    NO_TEXT = "no text found"
    NO_OCR = "it is scanned, and the model that reads pictures is missing: run `muniment models fetch`"
    NOT_READ_YET = "it is scanned, and waits for the reader of pictures"
    NOT_LEGIBLE = "its pictures hold no text that can be read"
    TOO_MANY_PIXELS = "it holds a picture of too many pixels"
    MEMORY = "its parser needed more memory than worker_memory_mib"
    CLOCK = "its parser needed more time than worker_seconds, or ocr_seconds if it is scanned"
    CRASHED = "its parser crashed"
    TOO_MUCH_TEXT = "its parser returned more than the limit"
    INTERRUPTED = "it was being stored when a run was interrupted"


OF_THE_BYTES = frozenset(
    {
        Fault.EMPTY,
        Fault.TOO_LARGE_INSIDE,
        Fault.TOO_LONG_A_LINE,
        Fault.TOO_DEEP,
        Fault.MISLABELLED,
        Fault.ENCRYPTED,
        Fault.DAMAGED,
        Fault.ENTITIES,
        Fault.NO_TEXT,
        Fault.NOT_LEGIBLE,
        Fault.TOO_MANY_PIXELS,
    }
)
"""Faults that the same bytes will always have: such a file is not parsed again. Any other is tried anew."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source. `access` is None exactly where `reason` says why nobody may read it.

    `uri` is the path below the source's root, with slashes; `digest` the SHA-256 of the bytes, "" if they were not
    read; `superseded_by` the uri of the newer document that replaces this one.
    """

    uri: str
    path: Path
    size: int
    digest: str
    access: Access | None
    reason: str = ""
    valid_from: date | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of a page's text, characters `start` to `end`, and where it stands on the page."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or table: characters `start` to `end` of the text of page `page`.

    `level` is the depth of a heading from 1, else 0. A table's rows are the lines of its text, each readable alone.
    A `margin` is a header or footer that comes again on other pages. `lines` are empty where no page can be drawn.
    """

    kind: Kind
    text: str
    page: int
    start: int
    end: int
    level: int = 0
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class PageText:
    """One page: its number from 1, its text, and its picture as PNG (b"" where the format has none)."""

    number: int
    text: str
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser made of a file. For each block: pages[block.page - 1].text[block.start:block.end] == block.text.

    `remarks` tell the operator what in the file was not read: a hidden sheet, an attachment.
    """

    title: str
    media_type: str
    blocks: tuple[Block, ...]
    pages: tuple[PageText, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The file was not parsed, and why."""

    fault: Fault


# --- How a file ends: exactly one of these ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """Parsed, embedded and stored as the current version; `remarks` say what in the file was not read."""

    uri: str
    passages: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The same bytes and the same access as at the last run: nothing was done."""

    uri: str


@dataclass(frozen=True, slots=True)
class AccessChanged:
    """The same bytes, other readers, level, labels or dates: changed without parsing or embedding anything."""

    uri: str


@dataclass(frozen=True, slots=True)
class Removed:
    """No longer in the source: gone from index and registry."""

    uri: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Not readable by anybody, and why."""

    uri: str
    reason: str


Outcome = Stored | Unchanged | AccessChanged | Removed | Quarantined


@dataclass(frozen=True, slots=True)
class Discovered:
    """The run knows what it has to do: `files` found, `vanished` since the last run, and notices for the operator."""

    files: int
    vanished: int
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """One file has ended: its outcome, and how many of how many files have ended."""

    outcome: Outcome
    done: int
    of: int


Event = Discovered | Finished


@dataclass(frozen=True, slots=True)
class Run:
    """What became of every file of a run, in the order in which they ended."""

    outcomes: tuple[Outcome, ...]
    notices: tuple[str, ...] = ()

    def count(self, kind: type[Outcome]) -> int:
        """How many files ended as `kind`."""
        return sum(isinstance(outcome, kind) for outcome in self.outcomes)

    @property
    def quarantined(self) -> tuple[Quarantined, ...]:
        """The files that nobody may read, with their reasons."""
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Quarantined))
