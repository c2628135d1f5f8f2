"""What the Ask pages ask of the house: answers, cited pages, kept conversations."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Literal
from urllib.parse import quote

from ui.house.client import Api, Credential, Read
from ui.house.problem import problems


class Citation(Read):
    """Where a sentence stands."""

    number: int
    passage: str
    document: str
    title: str
    uri: str
    heading: str
    page: int
    quote: str
    valid_from: date | None


class Sentence(Read):
    """A sentence that checked out."""

    text: str
    citations: list[Citation]


class Usage(Read):
    """What an answer cost, in seconds."""

    total_s: float = 0.0


class Answer(Read):
    """The whole answer."""

    kind: Literal["answer"]
    id: str
    sentences: list[Sentence]
    citations: list[Citation]
    origin: str
    withheld: int
    usage: Usage
    emergency: str | None = None
    conversation: str | None = None
    understood: str | None = None


class Refusal(Read):
    """An honest no."""

    kind: Literal["refusal"]
    id: str
    reason: str
    code: str
    looked_for: list[str]
    conversation: str | None = None
    understood: str | None = None


class KeptTurn(Read):
    """A question of a kept conversation, with what may be shown of its answer now."""

    id: str
    understood: str | None
    sentences: list[Sentence]


class Conversation(Read):
    """A kept conversation as it may be shown now."""

    questions: list[KeptTurn]


class _Document(Read):
    readable: bool


KINDS: dict[str, type[Sentence] | type[Answer] | type[Refusal]] = {
    "sentence": Sentence,
    "answer": Answer,
    "refusal": Refusal,
}
"""What stands in each event of a stream."""


class Box(Read):
    """A rectangle in fractions of the page."""

    left: float
    top: float
    right: float
    bottom: float


class CitedPage(Read):
    """A passage on its page."""

    title: str
    uri: str
    heading: str
    language: str
    level: str
    valid_from: date | None
    superseded: bool
    page: int
    pages: int
    text: str
    start: int
    end: int
    boxes: list[Box]
    picture: str | None


def ask(api: Api, who: Credential, question: str, conversation: str = "") -> Iterator[Sentence | Answer | Refusal]:
    """Sentences as they are released, then the answer or the refusal. Closing the iterator stops the work."""
    asked = {"question": question} | ({"conversation": conversation} if conversation else {})
    with closing(api.stream(who, "/v1/ask", asked)) as story:  # type: ignore[type-var]
        for event, data in story:
            with problems():
                step = KINDS[event].model_validate_json(data)
            yield step
            if event != "sentence":
                return


def opened(api: Api, who: Credential, conversation: str) -> Conversation:
    """A kept conversation, decided again."""
    return api.get(who, f"/v1/conversations/{quote(conversation, safe='')}", Conversation)


def readable(api: Api, who: Credential, document: str) -> bool:
    """Whether a document that was cited may be read now."""
    return api.get(who, f"/v1/documents/{quote(document, safe='')}", _Document).readable


def rate(api: Api, who: Credential, answer: str, **feedback: str) -> None:
    """Say what one thinks of an answer: `verdict`, `reason`, `note`."""
    api.post(who, f"/v1/answers/{quote(answer, safe='')}/feedback", feedback)


def page(api: Api, who: Credential, passage: str) -> CitedPage:
    """The cited page of a passage."""
    return api.get(who, f"/v1/passages/{quote(passage, safe='')}", CitedPage)


def picture(api: Api, who: Credential, path: str) -> bytes:
    """The PNG at `path`, as a CitedPage names it."""
    return api.raw(who, path)
