"""A conversation as a Markdown file. What comes from documents and people is escaped: it is text, and nothing else.

Whatever shows such a file later would fetch a picture or follow a page that a document names, outside the house. So
each text is made plain first, as an answer is; what is left of an address stands between backquotes.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from appliance.answering.plain import plainly
from appliance.api.conversation_views import ConversationView, TurnView

_MEANS_SOMETHING: Final = re.compile(r"([\\`*_\[\]#!|~$]|(?<=:)//)")
_ADDRESS: Final = re.compile(r"(`[^`]+`)")


def markdown(view: ConversationView) -> str:
    """The conversation, turn by turn, with where each sentence stands."""
    parts = [f"# {_plain(view.title)}", f"Exported from what you may read now. Begun {view.created:%Y-%m-%d %H:%M}."]
    for turn in view.questions:
        parts += _turn(turn)
    return "\n\n".join(parts) + "\n"


def _turn(turn: TurnView) -> Iterator[str]:
    yield f"## {_plain(turn.question)}"
    if turn.understood:
        yield f"Understood as: {_plain(turn.understood)}"
    if turn.sentences:
        yield " ".join(
            _plain(one.text) + "".join(f" \\[{cited.number}\\]" for cited in one.citations) for one in turn.sentences
        )
    cited = {one.number: one for sentence in turn.sentences for one in sentence.citations}
    if cited:
        yield "\n".join(
            f"- \\[{number}\\] {_plain(one.title)}, page {one.page} ({_plain(one.uri)})"
            for number, one in sorted(cited.items())
        )
    if turn.refusal is not None:
        yield _plain(turn.refusal.reason)
    if turn.note:
        yield f"{_plain(turn.note)} ({turn.withdrawn})"


def _plain(text: str) -> str:
    """`text` on one line; every character that means something in Markdown or HTML is escaped, but in an address."""
    parts = _ADDRESS.split(plainly(text))
    return "".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    return _MEANS_SOMETHING.sub(r"\\\1", escape(text, quote=False))
