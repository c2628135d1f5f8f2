"""What somebody looks for among the documents that are his to see. Pure; asked after the rules, never before them.

A word that was compared with hidden documents first would be answered sooner or later for what they are called. So
each listed document is decided, and only what came through is compared.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from appliance.records import Access, Document, Level
from appliance.store.uploads import Upload


class Seen(Protocol):
    """A document as its reader or its owner sees it (`appliance.access.shelf.Listed`)."""

    @property
    def document(self) -> Document | None: ...  # noqa: D102 - its name says it
    @property
    def upload(self) -> Upload | None: ...  # noqa: D102 - its name says it
    @property
    def uri(self) -> str: ...  # noqa: D102 - its name says it
    @property
    def access(self) -> Access: ...  # noqa: D102 - its name says it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a listed document must be; "", None and nothing at all are no condition.

    `words` stand in its title or its name, each of them, in any order and case; `endings` are of its name, without the
    dot; `states` are those of `appliance.store.uploads.State`, where what nobody uploaded is stored.
    """

    words: str = ""
    department: str = ""
    levels: frozenset[Level] = frozenset()
    labels: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    own: bool = False
    current: bool = False

    def holds(self, seen: Seen) -> bool:
        """Whether `seen` is all of that."""
        return (
            (not self.own or seen.upload is not None)
            and (not self.current or seen.document is None or seen.document.superseded_by is None)
            and (not self.endings or ending(seen.uri) in self.endings)
            and (not self.states or state(seen) in self.states)
            and self._permits(seen.access)
            and self._is_called(seen)
        )

    def _permits(self, access: Access) -> bool:
        return (
            (not self.levels or access.level in self.levels)
            and (not self.department or folded(self.department) == folded(access.department))
            and self.labels <= access.labels
        )

    def _is_called(self, seen: Seen) -> bool:
        title = seen.document.title if seen.document is not None else ""
        called = folded(f"{title} {PurePosixPath(seen.uri).name}")
        return all(word in called for word in folded(self.words).split())


EVERYTHING = Sought()


def ending(uri: str) -> str:
    """The ending of a name, in small letters and without its dot; "" if it has none."""
    return PurePosixPath(uri).suffix.lstrip(".").lower()


def state(seen: Seen) -> str:
    """How far the newest version has come."""
    return str(seen.upload.state) if seen.upload is not None else "stored"


def folded(text: str) -> str:
    """`text` as it is compared: the same for every way to write it."""
    return unicodedata.normalize("NFKC", text).casefold().strip()
