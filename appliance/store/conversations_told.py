"""What a conversation is made of, as frozen values."""

from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.records import Citation

ANSWERED = "ANSWERED"
"""The outcome of a turn with an answer; any other is the name of a `records.Reason`."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose conversations: a person of a tenant."""

    tenant: str
    person: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document whose text may be in a sentence, and its version then."""

    document: str
    version: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence that was shown. It may be shown again to who may read every one of `sources`; none: to its owner."""

    text: str
    citations: tuple[Citation, ...]
    sources: frozenset[Source]

    def __repr__(self) -> str:
        return f"Spoken({len(self.text)} characters, {len(self.sources)} sources)"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person thinks of an answer. The words that are allowed stand in `appliance.answering.conversation`."""

    verdict: str
    reason: str
    note: str = ""

    def __repr__(self) -> str:
        return f"Feedback({self.verdict!r}, {self.reason!r}, {len(self.note)} characters)"


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and how it ended. `id` is the answer's.

    `understood` is the question that was looked for if that was not the one asked. `sentences` are those released that
    are left, in order; `released` counts what there was.
    """

    id: str
    question: str
    understood: Spoken | None
    outcome: str
    sentences: tuple[Spoken, ...]
    released: int
    at: datetime
    feedback: Feedback | None = None

    def __repr__(self) -> str:
        return f"Turn({self.id!r}, {self.outcome!r}, {len(self.sentences)} of {self.released} sentences)"


@dataclass(frozen=True, slots=True)
class Heading:
    """A conversation in a list. `title` is its first question, shortened; `updated` the time of its last turn.

    `until` is when it is deleted unless another turn is added.
    """

    id: str
    title: str
    created: datetime
    updated: datetime
    turns: int
    until: datetime | None = None

    def __repr__(self) -> str:
        return f"Heading({self.id!r}, {self.turns} turns)"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, opened."""

    heading: Heading
    turns: tuple[Turn, ...]


def aware(moment: datetime) -> datetime:
    """`moment` with its zone, which SQLite does not give back."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
