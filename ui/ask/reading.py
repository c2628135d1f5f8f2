"""How a person's questions and cited pages are fetched in a visit, whichever way he signed in."""

from collections.abc import Iterator

from ui.ask import client
from ui.ask.client import Answer, CitedPage, Refusal, Sentence
from ui.shell import signin


def asked(who: str, question: str, conversation: str = "") -> Iterator[Sentence | Answer | Refusal]:
    """The story of a question; leaving it closes the connection, and that stops the engine."""
    yield from signin.followed(who, lambda one: client.ask(signin.api(), one, question, conversation))


def cited(who: str, passage: str) -> tuple[CitedPage, bytes | None]:
    """A cited page and its picture, if it has one."""
    page = signin.signed_in(who, lambda one: client.page(signin.api(), one, passage))
    if page.picture is None:
        return page, None
    path = page.picture
    return page, signin.signed_in(who, lambda one: client.picture(signin.api(), one, path))
