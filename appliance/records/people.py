"""People and what is said of documents about who may read them."""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How sensitive a document is, and up to where a person is cleared. Ordered: a person reads at most his level."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    RESTRICTED = 3

    @classmethod
    def named(cls, name: str) -> "Level":
        """The level called `name` (lower case). Raises KeyError for any other word."""
        return {level.name.lower(): level for level in cls}[name]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. Built only by `appliance.access.identity` from verified credentials.

    A missing claim is an empty set or the lowest level, never a default that grants anything.
    """

    id: str
    name: str
    tenant: str
    groups: frozenset[str]
    clearance: Level
    client: str
    department: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a document: the attributes that every rule speaks about, complete or not at all.

    `readers` are group names and never empty; `ancestors` are the folders above the document, outermost first,
    without a trailing slash ("nursing", "nursing/icu").
    """

    tenant: str
    level: Level
    readers: frozenset[str]
    department: str
    labels: frozenset[str]
    ancestors: tuple[str, ...]
