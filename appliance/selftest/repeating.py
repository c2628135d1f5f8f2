"""The chat model that says its whole prompt again: the harshest witness of what must not have gone in."""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.models.local import Finished, Message, Piece, Text, Waiting

UNSURE: Final = 0.2
"""What a small model says of one beginning among all: neither yes nor no."""


@dataclass(frozen=True)
class RepeatingModel:
    """Says its whole prompt again, the last message first, so that a short answer holds what is peculiar to it.

    Whatever must not come out must not have gone in.
    """

    name: str = "repeating"

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
        salt: str = "",  # noqa: ARG002  it keeps nothing of a prompt
    ) -> Generator[Piece, None, None]:
        """See `ChatModel.stream`."""
        return spoken("\n".join(message.text for message in reversed(messages)), messages, max_tokens, stop)

    def choose(
        self,
        messages: Sequence[Message],
        options: Sequence[str],
        *,
        salt: str = "",  # noqa: ARG002  it keeps nothing of a prompt
    ) -> Generator[Waiting, None, dict[str, float]]:
        """The first option of several, always; of a single one it is not sure: it would rather repeat."""
        yield from ()
        if len(options) == 1:
            return {options[0]: UNSURE}
        return {option: float(bool(messages) and option == options[0]) for option in options}


def spoken(
    text: str, messages: Sequence[Message], max_tokens: int, stop: Sequence[str]
) -> Generator[Piece, None, None]:
    """`text` as a model would give it: in pieces of a word with the space before it, cut at `stop` and `max_tokens`."""
    ends = [text.index(word) for word in stop if word in text]
    tokens = tokenised(text[: min(ends)] if ends else text)
    for token in tokens[:max_tokens]:
        yield Text(token)
    read = sum(len(tokenised(message.text)) for message in messages)
    written = min(len(tokens), max_tokens)
    yield Finished("length" if len(tokens) > max_tokens else "stop", read, 0, written)


def tokenised(text: str) -> list[str]:
    """Words with the white space before them; nothing is lost: joined they are `text`."""
    return re.findall(r"\s*\S+|\s+$", text)
