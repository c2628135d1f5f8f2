"""How questions are asked and cited pages fetched, as the person who is signed in."""

from collections.abc import Iterator

from ui.ask import client
from ui.ask.client import EVERYTHING, Answer, CitedPage, Filters, Queued, Refusal, Sentence
from ui.shell import signin


def asked(
    who: str, question: str, conversation: str = "", filters: Filters = EVERYTHING
) -> Iterator[Sentence | Answer | Refusal | Queued]:
    """The story of a question; leaving it closes the connection, and that stops the engine."""
    yield from signin.followed(who, lambda one: client.ask(signin.api(), one, question, conversation, filters))


def cited(who: str, passage: str, number: int = 0) -> tuple[CitedPage, bytes | None]:
    """A cited page, or another one of its document, and its picture, if it has one."""
    page = signin.signed_in(who, lambda one: client.page(signin.api(), one, passage, number))
    if page.picture is None:
        return page, None
    path = page.picture
    return page, signin.signed_in(who, lambda one: client.picture(signin.api(), one, path))
