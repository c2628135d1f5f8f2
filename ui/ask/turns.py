"""What was asked in this visit, and what is left of it: the house decides again each time it is drawn.

The visit's memory is no permission. A sentence that may not be read any more is dropped from it and does not come back.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import streamlit as st

from ui.ask import client
from ui.ask.client import EVERYTHING, Answer, Filters, KeptTurn, Refusal, Sentence, Usage
from ui.house.problem import Problem
from ui.shell import signin


@dataclass
class Turn:
    """One question of this visit and what has come of it so far. `within` is the conversation it was asked in.

    `gone` tells that something of it is not shown any more; `looks` that one wants to see who keeps such documents.
    """

    question: str
    within: str = ""
    released: list[Sentence] = field(default_factory=list)
    outcome: Answer | Refusal | Problem | None = None
    rated: bool = False
    gone: bool = False
    filters: Filters = EVERYTHING
    looks: bool = False

    @property
    def conversation(self) -> str:
        """Where a follow-up is asked, "" if nowhere."""
        return (self.outcome.conversation or "") if isinstance(self.outcome, Answer | Refusal) else ""

    def forget(self) -> bool:
        """Keep nothing of an answer that was withdrawn while it was shown. Whether it was."""
        withdrawn = isinstance(self.outcome, Refusal) and self.outcome.code == "WITHDRAWN"
        if withdrawn:
            self.released.clear()
        return withdrawn

    def leave(self, allowed: Callable[[Sentence], bool], *, understood: bool) -> None:
        """Keep the sentences that are `allowed`, and how the question was understood only if that is too."""
        left = [one for one in self.released if allowed(one)]
        self.gone = self.gone or len(left) < len(self.released)
        self.released = left
        if isinstance(self.outcome, Answer):
            cited = list({one.number: one for sentence in left for one in sentence.citations}.values())
            self.outcome = self.outcome.model_copy(update={"sentences": left, "citations": cited})
        if isinstance(self.outcome, Answer | Refusal) and not understood:
            self.outcome = self.outcome.model_copy(update={"understood": None})


def of(who: str) -> list[Turn]:
    """What `who` has asked in this visit; each person only sees his own."""
    turns: list[Turn] = st.session_state.setdefault("turns", {}).setdefault(who, [])
    return turns


def reopen(who: str, conversation: str) -> None:
    """Go on with a kept conversation of `who`, as far as it may be shown now. Raises Problem."""
    opened = signin.signed_in(who, lambda one: client.opened(signin.api(), one, conversation))
    of(who)[:] = [_kept(turn, conversation) for turn in opened.questions]


def _kept(kept: KeptTurn, conversation: str) -> Turn:
    outcome: Answer | Refusal
    if kept.refusal is not None:
        outcome = Refusal(
            kind="refusal", id=kept.id, reason=kept.refusal.reason, code=kept.refusal.code, looked_for=[],
            conversation=conversation, understood=kept.understood,
        )  # fmt: skip
    else:
        cited = list({one.number: one for sentence in kept.sentences for one in sentence.citations}.values())
        outcome = Answer(
            kind="answer", id=kept.id, sentences=kept.sentences, citations=cited, origin="local", withheld=0,
            usage=Usage(), conversation=conversation, understood=kept.understood,
        )  # fmt: skip
    rated, gone = kept.feedback is not None, kept.withdrawn > 0
    return Turn(kept.question, conversation, list(kept.sentences), outcome, rated=rated, gone=gone)


def decide_again(who: str, turns: Iterable[Turn]) -> None:
    """Leave of `turns` what the person `who` may read now. What the house cannot tell of is not left either."""
    kept: dict[str, dict[str, KeptTurn]] = {}
    readable: dict[str, bool] = {}
    for turn in turns:
        if turn.conversation and isinstance(turn.outcome, Answer | Refusal):
            if turn.conversation not in kept:
                kept[turn.conversation] = _opened(who, turn.conversation)
            found = kept[turn.conversation].get(turn.outcome.id)
            texts = {one.text for one in found.sentences} if found is not None else set()
            understood = found is not None and found.understood is not None
            turn.leave(lambda one, texts=texts: one.text in texts, understood=understood)  # type: ignore[misc]
        elif turn.within:  # a follow-up that did not end: whose words may be in it, nobody has kept
            turn.leave(lambda _one: False, understood=False)
        else:
            turn.leave(lambda one: _all_readable(who, one, readable), understood=False)


def _opened(who: str, conversation: str) -> dict[str, KeptTurn]:
    """The turns of a conversation as they may be shown now, by their answers' ids; none if it cannot be opened."""
    try:
        opened = signin.signed_in(who, lambda credential: client.opened(signin.api(), credential, conversation))
    except Problem:
        return {}
    return {turn.id: turn for turn in opened.questions}


def _all_readable(who: str, sentence: Sentence, known: dict[str, bool]) -> bool:
    for cited in sentence.citations:
        if cited.document not in known:
            known[cited.document] = _readable(who, cited.document)
    return bool(sentence.citations) and all(known[cited.document] for cited in sentence.citations)


def _readable(who: str, document: str) -> bool:
    try:
        return signin.signed_in(who, lambda credential: client.readable(signin.api(), credential, document))
    except Problem:
        return False
