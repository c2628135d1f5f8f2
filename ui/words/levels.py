"""The levels of documents and of clearances, in the language of the visit."""

from typing import Final

from ui.words.said import said
from ui.words.speech import later, say

LEVELS: Final = {
    "public": later("public"),
    "internal": later("internal"),
    "confidential": later("confidential"),
    "restricted": later("restricted"),
}
"""Each by the house's name for it, the lowest first."""


def named(name: str) -> str:
    """A level as text that may come from outside: what the portal does not know stays as it came."""
    return say(LEVELS[name]) if name in LEVELS else name


def level(name: str) -> str:
    """The same as HTML."""
    return say(LEVELS[name]) if name in LEVELS else said(name)
