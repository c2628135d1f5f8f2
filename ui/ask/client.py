"""What the Ask pages ask of the house: answers, cited pages, kept conversations."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple
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


class Queued(NamedTuple):
    """One waits for one's turn at this place (1 is next); 0 is one's turn: the house is at work."""

    place: int


@dataclass(frozen=True)
class Filters:
    """What is looked at only. Empty is everything that one may read."""

    departments: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return self != Filters()

    def asked(self) -> dict[str, object]:
        """As the house takes them."""
        days = {"since": self.since, "until": self.until}
        told: dict[str, object] = {name: one.isoformat() for name, one in days.items() if one is not None}
        return told | {"departments": list(self.departments), "kinds": list(self.kinds)}


EVERYTHING = Filters()


class Kept(Read):
    """Why a question of a kept conversation was refused."""

    code: str
    reason: str


class KeptTurn(Read):
    """A question of a kept conversation, with what may be shown of its answer now."""

    id: str
    question: str = ""
    understood: str | None
    sentences: list[Sentence]
    withdrawn: int = 0
    refusal: Kept | None = None
    feedback: dict[str, str] | None = None


class Conversation(Read):
    """A kept conversation as it may be shown now."""

    questions: list[KeptTurn]


class Heading(Read):
    """A kept conversation in the list: its first question, when it was last asked in, and until when it is kept."""

    id: str
    title: str
    updated: datetime
    turns: int
    until: datetime | None = None


class Headings(Read):
    """A page of them, the newest first; `next` is where the following page begins. A house of no `days` keeps none."""

    conversations: list[Heading]
    next: str | None
    days: int = 0


class Topic(Read):
    """Something to ask about, from a document that one may read."""

    title: str
    heading: str
    question: str


class Suggestions(Read):
    """A few of them, and departments to filter by."""

    topics: tuple[Topic, ...] = ()
    departments: tuple[str, ...] = ()


class Near(Read):
    """A passage that is near a question, with the department that keeps its document."""

    passage: str
    document: str
    title: str
    heading: str
    page: int
    department: str


class _Found(Read):
    passages: list[Near]


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
    """A passage on its page, or another page of its document (then without a mark). `takeable`: its file may be had."""

    document: str = ""
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
    takeable: bool = False


def ask(
    api: Api, who: Credential, question: str, conversation: str = "", filters: Filters = EVERYTHING
) -> Iterator[Sentence | Answer | Refusal | Queued]:
    """Sentences as they are released, then the answer or the refusal. Closing the iterator stops the work."""
    asked: dict[str, object] = {"question": question}
    asked |= {"conversation": conversation} if conversation else {}
    asked |= {"filters": filters.asked()} if filters else {}
    with closing(api.stream(who, "/v1/ask", asked)) as story:  # type: ignore[type-var]
        for event, data in story:
            with problems():
                step = Queued(int(data)) if event == "queued" else KINDS[event].model_validate_json(data)
            yield step
            if isinstance(step, Answer | Refusal):
                return


def suggestions(api: Api, who: Credential, turn: int) -> Suggestions:
    """What one could ask about; something else with another `turn`."""
    return api.get(who, "/v1/suggestions", Suggestions, turn=turn)


def near(api: Api, who: Credential, question: str) -> list[Near]:
    """The passages that one may read and that are nearest to a question; no model is asked."""
    return api.post(who, "/v1/search", {"question": question, "limit": 5}, _Found).passages


def headings(api: Api, who: Credential, *, search: str = "", before: str = "") -> Headings:
    """One's kept conversations, the newest first; with `search` those where one asked with its words."""
    return api.get(who, "/v1/conversations", Headings, search=search or None, before=before or None, limit=20)


def delete(api: Api, who: Credential, conversation: str) -> None:
    """Delete a kept conversation, or all of them ("")."""
    api.delete(who, _conversation(conversation) if conversation else "/v1/conversations")


def export(conversation: str) -> str:
    """Where a kept conversation can be had as a file."""
    return f"{_conversation(conversation)}/export"


def original(document: str) -> str:
    """Where the file behind a document can be had."""
    return f"/v1/documents/{quote(document, safe='')}/original"


def _conversation(conversation: str) -> str:
    return f"/v1/conversations/{quote(conversation, safe='')}"


def opened(api: Api, who: Credential, conversation: str) -> Conversation:
    """A kept conversation, decided again."""
    return api.get(who, _conversation(conversation), Conversation)


def readable(api: Api, who: Credential, document: str) -> bool:
    """Whether a document that was cited may be read now."""
    return api.get(who, f"/v1/documents/{quote(document, safe='')}", _Document).readable


def rate(api: Api, who: Credential, answer: str, **feedback: str) -> None:
    """Say what one thinks of an answer: `verdict`, `reason`, `note`."""
    api.post(who, f"/v1/answers/{quote(answer, safe='')}/feedback", feedback)


def page(api: Api, who: Credential, passage: str, number: int = 0) -> CitedPage:
    """The cited page of a passage, or page `number` of its document."""
    turned = f"/pages/{number}" if number else ""
    return api.get(who, f"/v1/passages/{quote(passage, safe='')}{turned}", CitedPage)


def picture(api: Api, who: Credential, path: str) -> bytes:
    """The PNG at `path`, as a CitedPage names it."""
    return api.raw(who, path)
