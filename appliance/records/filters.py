"""What a person narrows a search to: departments, kinds of file, dates. Filters take away; they never open anything."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from appliance.records.documents import Document


class Kind(StrEnum):
    """What a document is to who looks for it. The registry takes a file only if its bytes are what its ending says."""

    PDF = "pdf"
    WORD = "word"
    SLIDES = "slides"
    SHEET = "sheet"
    PAGE = "page"
    TEXT = "text"
    MAIL = "mail"
    PICTURE = "picture"

    @classmethod
    def of(cls, uri: str) -> "Kind":
        """The kind of the file at `uri`, by its ending."""
        return _BY_SUFFIX.get(PurePosixPath(uri).suffix.lower(), cls.TEXT)


_BY_SUFFIX: Final = {
    ".pdf": Kind.PDF, ".docx": Kind.WORD, ".pptx": Kind.SLIDES, ".xlsx": Kind.SHEET, ".csv": Kind.SHEET,
    ".tsv": Kind.SHEET, ".html": Kind.PAGE, ".htm": Kind.PAGE, ".xhtml": Kind.PAGE, ".eml": Kind.MAIL,
    ".png": Kind.PICTURE, ".jpg": Kind.PICTURE, ".jpeg": Kind.PICTURE, ".tif": Kind.PICTURE, ".tiff": Kind.PICTURE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty is no filter. `since` and `until` are days, both included; a document without a date is on no day."""

    departments: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return bool(self.departments or self.kinds or self.since or self.until)

    def admits(self, document: Document) -> bool:
        """Whether `document` is among what was asked for."""
        return (
            _among(document.access.department, self.departments)
            and _among(Kind.of(document.uri), self.kinds)
            and self._dated(document.valid_from)
        )

    def _dated(self, day: date | None) -> bool:
        if self.since is None and self.until is None:
            return True
        return day is not None and (self.since or date.min) <= day <= (self.until or date.max)


UNFILTERED: Final = Filters()


def _among(one: str, wanted: Collection[str]) -> bool:
    return not wanted or one in wanted
