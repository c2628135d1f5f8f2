"""The words of the domain as frozen values. Nothing here reads, writes or decides.

`Scope` is the one word that is missing on purpose: it lives in `appliance.access.scope`, the only place that can
build one.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum


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


# --- Clauses: a condition on the attributes of `Access`, rendered for the index and evaluated in plain Python --------


@dataclass(frozen=True, slots=True)
class Equals:
    """The attribute (a string or an integer) is `value`."""

    attribute: str
    value: str | int


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The attribute (a string or a set of strings) has at least one of `values`. Empty `values` admit nothing."""

    attribute: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class AtMost:
    """The attribute (an integer) is at most `value`."""

    attribute: str
    value: int


@dataclass(frozen=True, slots=True)
class Under:
    """The document lies in `folder` or below it."""

    folder: str


@dataclass(frozen=True, slots=True)
class All:
    """Every one of `clauses` holds. Never empty: an empty conjunction would admit everything."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of `clauses` holds. Empty admits nothing."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`clause` does not hold, of a document whose attributes are all present."""

    clause: "Clause"


Clause = Equals | AnyOf | AtMost | Under | All | Any | Not


# --- Documents and passages ------------------------------------------------------------------------------------------


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


# --- Questions and answers ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, cleaned and bounded by `appliance.answering.prompts.question`."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One sentence as the model wrote it, with the passage numbers it cites (counted from 1, maybe wrong)."""

    text: str
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """A sentence that checks out, and the numbers of the passages that carry it (never empty)."""

    text: str
    cites: tuple[int, ...]


class Doubt(StrEnum):
    """Why a sentence was withheld."""

    NO_SUPPORT = "no passage carries it"
    NUMBER = "a number stands in no cited passage"
    NAME = "a name stands in no cited passage"
    NEGATION = "it says the opposite of the cited passage"
    ECHO = "it repeats the instructions or the question"
    BROKEN = "it is not a sentence"
    BESIDE = "it does not give what was asked for"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence that does not check out, and why."""

    doubt: Doubt


Verdict = Released | Withheld


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a released sentence stands. `number` is the mark in the answer's text, counted from 1."""

    number: int
    passage: str
    document: str
    title: str
    uri: str
    heading: str
    page: int
    quote: str
    valid_from: date | None = None
    version: str = ""


class Reason(StrEnum):
    """Why a question was refused. The words are shown to people."""

    NO_EVIDENCE = "Nothing that you may read speaks about this."
    NOT_ANSWERED = "The documents that you may read come near, but do not answer this."
    NOT_VERIFIED = "An answer was written, but it could not be verified against the documents, so it is not shown."


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost: tokens read and written, seconds to the first released sentence and in all."""

    prompt_tokens: int = 0
    answer_tokens: int = 0
    first_sentence_s: float = 0.0
    total_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """One released sentence on its way to the person, with the citations that carry it."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: only sentences that checked out, each with a citation. `withheld` counts those that did not.

    `understood` is the question that was answered, if a follow-up was rewritten; `conversation` where it is kept.
    """

    id: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    origin: str
    withheld: int
    usage: Usage
    understood: str = ""
    conversation: str = ""

    @property
    def text(self) -> str:
        """The sentences in order, each followed by its citation marks."""
        return " ".join(
            sentence.text + "".join(f" [{citation.number}]" for citation in sentence.citations)
            for sentence in self.sentences
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """An honest no: why, and what was looked for (the question's own content words, never a document's).

    `understood` and `conversation` are as in an Answer.
    """

    id: str
    reason: Reason
    looked_for: tuple[str, ...]
    usage: Usage
    understood: str = ""
    conversation: str = ""
