"""Documents, their pages, and the passages that are found in them."""

from dataclasses import dataclass
from datetime import date

from appliance.records.people import Access


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in fractions of the page's width and height, origin at the top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page (or slide, sheet, message) of a document: its text, and the digest of its picture if it has one.

    `number` counts from 1. `picture` is a SHA-256 in the archive, "" where the format has no pages to draw.
    """

    number: int
    text: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A registered document. `id` is stable over versions; `version` is the SHA-256 of the file's bytes."""

    id: str
    uri: str
    version: str
    title: str
    media_type: str
    language: str
    pages: int
    access: Access
    valid_from: date | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, small enough to be read by the model and to be marked on its page.

    `start` and `end` are character offsets in the text of page `page`. `score` is the fused rank score of a search
    (higher is better; comparable only within one search); `similarity` is the cosine to the question, in [-1, 1].
    Where a search joined neighbours, `text` is theirs together and `parts` are they, in order, each with its own place;
    everything else is that of the best hit among them, which is what opens by `id`. Otherwise `parts` is empty.
    """

    id: str
    document: str
    version: str
    position: int
    title: str
    uri: str
    heading: str
    text: str
    page: int
    start: int
    end: int
    boxes: tuple[Box, ...]
    language: str
    access: Access
    valid_from: date | None = None
    superseded: bool = False
    score: float = 0.0
    similarity: float = 0.0
    parts: tuple["Passage", ...] = ()
