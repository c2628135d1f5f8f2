"""Questions, sentences on their way to a person, and how a question ends."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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
    WITHDRAWN = (
        "What this answer was drawn from has just changed, or is no longer yours to read. It ends here, and what was "
        "shown of it is withdrawn."
    )


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

    `understood` is the question that was answered, if a follow-up was rewritten; `conversation` where it is kept;
    `policy` the version of the rules under which it was found; `emergency` the id of the emergency because of which it
    was given, "" for an answer from what the person may read anyhow.
    """

    id: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    origin: str
    withheld: int
    usage: Usage
    understood: str = ""
    conversation: str = ""
    policy: str = ""
    emergency: str = ""

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

    `understood`, `conversation` and `policy` are as in an Answer.
    """

    id: str
    reason: Reason
    looked_for: tuple[str, ...]
    usage: Usage
    understood: str = ""
    conversation: str = ""
    policy: str = ""
