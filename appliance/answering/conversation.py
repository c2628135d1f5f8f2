"""Conversations around the desk: a follow-up is made whole before it is asked, and what came of it is kept.

What was shown once is decided again each time it is shown or used: a sentence counts only for who may read, now, every
document whose text may be in it. The desk itself knows nothing of all this; it is asked whole questions.
"""

import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from appliance.access.rules import Rules
from appliance.answering import admitting, followup
from appliance.answering.ask import Outcome
from appliance.answering.followup import History, Said
from appliance.answering.plain import plainly
from appliance.answering.question import clean
from appliance.answering.salting import salt
from appliance.answering.showing import Documents, Opened, Showing, Shown
from appliance.answering.vigil import Change
from appliance.errors import BadRequest
from appliance.models.local import ChatModel, Text, Waiting
from appliance.records import UNFILTERED, Action, Answer, Event, Filters, Journal, Principal, Reason, Refusal, by
from appliance.retrieval.sparse import question_stems
from appliance.settings import Settings
from appliance.store.conversations import TURNS, Conversations, too_long
from appliance.store.conversations_told import ANSWERED, Feedback, Heading, Owner, Source, Spoken, Turn

TITLE_CHARACTERS = 80
NOTE_CHARACTERS = 500


class Verdict(StrEnum):
    """Thumbs."""

    UP = "up"
    DOWN = "down"


class Because(StrEnum):
    """Why: RIGHT goes with up, OTHER with both, the rest with down."""

    RIGHT = "right"
    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    OUTDATED = "outdated"
    WRONG_SOURCE = "wrong-source"
    MISUNDERSTOOD = "misunderstood"
    REFUSED = "should-have-answered"
    OTHER = "other"


class Asked(Protocol):
    """Who answers whole questions (`appliance.answering.ask.Desk`)."""

    def answer(
        self, principal: Principal, text: str, /, *, so_long_as: Callable[[], bool], filters: Filters
    ) -> Iterator[Outcome]:
        """Sentences, then exactly one Answer or Refusal; cut when `so_long_as` does not hold any more."""


@dataclass(frozen=True, slots=True)
class _Whole:
    """A follow-up made whole; "" where the question already was."""

    text: str = ""
    sources: frozenset[Source] = frozenset()


class Dialogue:
    """Conversations with the desk. Every method raises RegistryUnavailable if they cannot be read or kept."""

    def __init__(  # noqa: PLR0913  # each part of the house by its own name
        self,
        *,
        desk: Asked,
        model: ChatModel,
        kept: Conversations,
        documents: Documents,
        journal: Journal,
        settings: Settings,
        rules: Rules,
    ) -> None:
        self._rules = rules
        self._desk = desk
        self._model = model
        self._kept = kept
        self._showing = Showing(documents, rules)
        self._taken_away = Showing(documents, rules.plain())
        self._journal = journal
        self._settings = settings

    def ask(
        self, principal: Principal, text: str, *, conversation: str = "", filters: Filters = UNFILTERED
    ) -> Iterator[Outcome]:
        """As `Desk.answer`, within `conversation`, or in a new one if that is "". Raises NotFound besides.

        The turn is kept before its Answer or Refusal is yielded: who has seen the end finds it again.
        """
        question = self._clean(principal, text)
        earlier = self._earlier(principal, conversation) if conversation else ()
        whole = yield from self._whole(principal, question, _history(earlier))
        with closing(self._answered(principal, question, whole, filters)) as story:
            for step in story:
                if isinstance(step, Answer | Refusal):
                    turn = _turn(question, whole, step)
                    held = self._keep(principal, conversation, turn)
                    yield replace(self._given(principal, step, turn), conversation=held)
                else:
                    yield step

    def follow(self, principal: Principal, text: str, *, earlier: Sequence[str]) -> Iterator[Outcome]:
        """As `ask`, after the caller's own `earlier` questions, oldest first; nothing is kept.

        Whatever a caller says that we had answered is no history: it could feed words that no document has.
        """
        question = self._clean(principal, text)
        whole = yield from self._whole(principal, question, _caller_s(earlier, self._settings.question_characters))
        with closing(self._answered(principal, question, whole)) as story:
            for step in story:
                yield replace(step, understood=plainly(whole.text)) if isinstance(step, Answer | Refusal) else step

    @property
    def days(self) -> int:
        """For how many days after its last question a conversation is kept; 0 if nothing is."""
        return self._kept.days

    def page(
        self, principal: Principal, *, before: tuple[datetime, str] | None = None, limit: int = 50, words: str = ""
    ) -> list[Heading]:
        """At most `limit` of the person's conversations, the newest first, that come after `before` (updated, id).

        With `words` only those in which he asked with all of them.
        """
        return self._kept.page(self._owner(principal), before=before, limit=limit, words=words)

    def open(self, principal: Principal, conversation: str) -> Opened:
        """One of the person's conversations, decided again. Raises NotFound for another's as for none."""
        return self._shown(principal, conversation, Event.CONVERSATION_OPENED, self._showing)

    def export(self, principal: Principal, conversation: str) -> Opened:
        """The same, to be taken away as a file; so it is recorded as what it is."""
        return self._shown(principal, conversation, Event.CONVERSATION_EXPORTED, self._taken_away)

    def delete(self, principal: Principal, conversation: str) -> None:
        """Remove one. Raises NotFound."""
        owner = self._owner(principal)
        self._kept.open(owner, conversation, last=1)  # only what is there is recorded, and before it is gone
        self._journal.append(by(principal, Event.CONVERSATION_DELETED, conversation))
        self._kept.delete(owner, conversation)

    def delete_all(self, principal: Principal) -> None:
        """Remove all that the person has."""
        owner = self._owner(principal)
        self._journal.append(by(principal, Event.CONVERSATION_DELETED))
        self._kept.delete_all(owner)

    def rate(self, principal: Principal, answer: str, feedback: Feedback) -> None:
        """Keep what the person thinks of an answer of his own; the ledger learns verdict and reason, never the note.

        Raises NotFound for an answer that he did not get, BadRequest for a reason that does not go with the verdict.
        """
        verdict, reason = Verdict(feedback.verdict), Because(feedback.reason)
        if reason is not Because.OTHER and (reason is Because.RIGHT) != (verdict is Verdict.UP):
            raise BadRequest(
                "That reason does not go with that verdict.", advice="`right` goes with up, `other` with both."
            )
        self._kept.rate(self._owner(principal), answer, feedback)
        self._journal.append(replace(by(principal, Event.FEEDBACK, answer), reason=f"{verdict}: {reason}"))

    def _owner(self, principal: Principal) -> Owner:
        """Whose conversations, for who may be shown his own here: his questions are content like any other."""
        admitting.own(principal, rules=self._rules, journal=self._journal)
        return _owner(principal)

    # --- Making a follow-up whole -------------------------------------------------------------------------------------

    def _clean(self, principal: Principal, text: str) -> str:
        """The question, for who may ask at all: nobody else costs the model anything."""
        admitting.scope(principal, Action.ASK, rules=self._rules.now(), journal=self._journal)
        return clean(text, limit=self._settings.question_characters).text

    def _earlier(self, principal: Principal, conversation: str) -> tuple[Shown, ...]:
        found = self._kept.open(self._owner(principal), conversation, last=followup.ITEMS)
        if found.heading.turns >= TURNS:
            raise too_long()
        return self._showing.turns(principal, found.turns)

    def _whole(self, principal: Principal, question: str, history: History) -> Generator[Waiting, None, _Whole]:
        """The question made whole. Yields Waiting while the model writes, so that leaving stops it.

        Where what it was made whole with may not be read any more when that is done, the question stands alone.
        """
        if not history.questions or followup.standalone(question):
            return _Whole()
        proposal = ""
        apart = salt(self._rules.scope(principal, Action.ASK))
        asked = followup.messages(history, question, salt=apart.line)
        story = self._model.stream(asked, max_tokens=followup.WRITTEN, stop=("\n",), salt=apart.request)
        with closing(story) as pieces:
            for piece in pieces:
                yield Waiting()
                proposal += piece.text if isinstance(piece, Text) else ""
        text = followup.accepted(proposal, question, history)
        text = text or followup.joined(history, question, limit=self._settings.question_characters)
        whole = _Whole("" if text == question else text, history.sources(followup.added(text, question)))
        return whole if self._stands(principal, whole) else _Whole()

    def _answered(
        self, principal: Principal, question: str, whole: _Whole, filters: Filters = UNFILTERED
    ) -> Generator[Outcome, None, None]:
        """The desk's story, as a generator that can be closed, and the engine's work with it."""
        yield from self._desk.answer(
            principal,
            whole.text or question,
            so_long_as=lambda: self._stands(principal, whole),
            filters=filters,
        )

    def _stands(self, principal: Principal, whole: _Whole) -> bool:
        """Whether the words that made the question whole may still be read: they are in it, and in the answer."""
        return self._showing.readable(principal, whole.sources)

    def _shown(self, principal: Principal, conversation: str, event: Event, showing: Showing) -> Opened:
        """Recorded, then decided: recording may wait for the database, and what counts is what is shown after it."""
        found = self._kept.open(self._owner(principal), conversation)
        opened = Opened(found.heading, showing.turns(principal, found.turns))
        told = by(principal, event, conversation)
        self._journal.append(replace(told, documents=opened.documents(), released=opened.sentences()))
        return Opened(found.heading, showing.turns(principal, found.turns))

    # --- Keeping and deciding again -----------------------------------------------------------------------------------

    def _keep(self, principal: Principal, conversation: str, turn: Turn) -> str:
        """Keep `turn` and say in which conversation; "" if nothing is kept, or if it was deleted meanwhile."""
        owner = _owner(principal)
        if conversation:
            return conversation if self._kept.add(owner, conversation, turn) else ""
        new = str(uuid.uuid4())
        return new if self._kept.begin(owner, new, turn, title=_shortened(turn.question)) else ""

    def _given(self, principal: Principal, last: Answer | Refusal, turn: Turn) -> Answer | Refusal:
        """`last` as it may leave now that its turn is kept, which may have taken its time."""
        understood = turn.understood.text if turn.understood else ""
        (shown,) = self._showing.turns(principal, [turn])
        if not shown.withdrawn and (shown.turn.understood or not understood):
            return replace(last, understood=plainly(understood))
        self._journal.append(replace(by(principal, Event.WITHDRAWN, last.id), reason=Change.DOCUMENTS))
        return Refusal(last.id, Reason.WITHDRAWN, (), last.usage, policy=last.policy)


def _history(earlier: Sequence[Shown]) -> History:
    """What may feed a rewriting: questions as they were understood, and the sentences of the last answer."""
    if not earlier:
        return History()
    turns = [shown.turn for shown in earlier]
    questions = tuple(
        Said(turn.understood.text, turn.understood.sources) if turn.understood else Said(turn.question)
        for turn in turns
    )  # fmt: skip
    sentences = tuple(Said(one.text, one.sources) for one in turns[-1].sentences)
    own = frozenset(stem for turn in turns for stem in question_stems(turn.question))
    return History(questions, sentences, own)


def _caller_s(earlier: Sequence[str], limit: int) -> History:
    """The caller's own last questions that are fit to be asked."""
    fit = []
    for text in earlier[-followup.ITEMS :]:
        try:
            fit.append(clean(text, limit=limit).text)
        except BadRequest:
            continue
    return History(tuple(map(Said, fit)), (), frozenset(stem for text in fit for stem in question_stems(text)))


def _turn(question: str, whole: _Whole, last: Answer | Refusal) -> Turn:
    """What is kept. A sentence may hold words of the question, so it has the sources of those too."""
    understood = Spoken(whole.text, (), whole.sources) if whole.text else None
    inherited = {source.document: source for source in whole.sources}
    sentences = []
    for sentence in last.sentences if isinstance(last, Answer) else ():
        cited = {one.document: Source(one.document, one.version) for one in sentence.citations}
        sentences.append(Spoken(sentence.text, sentence.citations, frozenset((inherited | cited).values())))
    outcome = ANSWERED if isinstance(last, Answer) else last.reason.name
    return Turn(last.id, question, understood, outcome, tuple(sentences), len(sentences), datetime.now(UTC))


def _owner(principal: Principal) -> Owner:
    return Owner(principal.tenant, principal.id)


def _shortened(question: str) -> str:
    if len(question) <= TITLE_CHARACTERS:
        return question
    return question[:TITLE_CHARACTERS].rsplit(" ", 1)[0] + " …"
