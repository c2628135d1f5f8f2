"""Conversations: what was asked, how it was understood, what was released. Theirs alone, and really gone when deleted.

Each sentence has a row of its own, with the documents whose text may be in it: forgetting a document deletes those rows
without reading one of them. What was said is in the columns named `sealed`, through one codec (`Codec`), and nowhere
else. Another person's conversation and a missing one are the same NotFound.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import Engine, Select, delete, exists, func, select
from sqlalchemy.orm import Session

from appliance.errors import BadRequest, NotFound
from appliance.store.conversations_sealed import Codec, Plain, citations, plain_citations
from appliance.store.conversations_told import Conversation, Feedback, Heading, Owner, Source, Spoken, Turn, aware
from appliance.store.database import Rows
from appliance.store.tables import ConversationRow, FeedbackRow, TurnRow, TurnSentenceRow, TurnSourceRow

TURNS: Final = 200
"""Turns that one conversation holds; opening it shows all of them."""
DAILY: Final = timedelta(days=1)


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Conversations:
    """Everybody's conversations. `days` after its last turn one is deleted; with 0 none is ever written.

    Every method raises RegistryUnavailable if the database fails or a row is damaged.
    """

    def __init__(
        self, engine: Engine, *, days: int, codec: Codec | None = None, clock: Callable[[], datetime] = now
    ) -> None:
        self._rows = Rows(engine, "Conversations", one="A kept conversation")
        self._days = days
        self._codec = codec or Plain()
        self._clock = clock
        self._purged = datetime.min.replace(tzinfo=UTC)

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all."""
        return self._days > 0

    @property
    def days(self) -> int:
        """For how many days after its last turn one is kept; 0 if nothing is."""
        return self._days

    def begin(self, owner: Owner, conversation: str, turn: Turn, *, title: str) -> bool:
        """Keep a new conversation with its first turn; False, and nothing written, if nothing is kept."""
        self._tidy()
        if not self.keeps:
            return False
        with self._rows.session(writes=True) as session:
            sealed = self._codec.seal(json.dumps({"title": title}), owner)
            session.add(
                ConversationRow(
                    id=conversation, tenant=owner.tenant, person=owner.person, sealed=sealed, created=turn.at,
                    updated=turn.at,
                )
            )  # fmt: skip
            session.flush()
            self._add(session, owner, conversation, turn, number=1)
        return True

    def add(self, owner: Owner, conversation: str, turn: Turn) -> bool:
        """Keep one more turn. False if the conversation was deleted meanwhile: it does not come back."""
        with self._rows.session(writes=True) as session:
            row = session.scalar(self._own(owner).where(ConversationRow.id == conversation).with_for_update())
            if row is None:
                return False
            last = session.scalar(select(func.max(TurnRow.number)).where(TurnRow.conversation == conversation)) or 0
            row.updated = turn.at
            self._add(session, owner, conversation, turn, number=last + 1)
        return True

    def page(self, owner: Owner, *, before: tuple[datetime, str] | None, limit: int, words: str = "") -> list[Heading]:
        """At most `limit` conversations, the newest first; only those that come after `before` (updated, id).

        With `words` only those in whose questions all of them stand. What the house answered is not searched: that
        would tell words of documents which their owner may not read any more.
        """
        self._tidy()
        newest = self._own(owner).order_by(ConversationRow.updated.desc(), ConversationRow.id.desc())
        if before is not None:
            at, number = before
            newest = newest.where(
                (ConversationRow.updated < at) | ((ConversationRow.updated == at) & (ConversationRow.id < number))
            )
        with self._rows.session() as session:
            rows = list(islice(self._asking(session, owner, newest, words.casefold().split()), limit))
            counted = select(TurnRow.conversation, func.count()).group_by(TurnRow.conversation)
            found = session.execute(counted.where(TurnRow.conversation.in_([row.id for row in rows])))
            counts = {conversation: count for conversation, count in found}  # noqa: C416  # rows are no plain tuples
            return [self._heading(owner, row, counts.get(row.id, 0)) for row in rows]

    def _asking(
        self, session: Session, owner: Owner, newest: Select[ConversationRow], words: list[str]
    ) -> Iterator[ConversationRow]:
        """Those of `newest` in whose questions all `words` stand. Sealed as they are, each is read to be searched."""
        for row in session.scalars(newest):
            if words:
                turns = session.scalars(select(TurnRow.sealed).where(TurnRow.conversation == row.id))
                asked = " ".join(self._codec.open(sealed, owner)["question"] for sealed in turns).casefold()
                if not all(word in asked for word in words):
                    continue
            yield row

    def open(self, owner: Owner, conversation: str, *, last: int = TURNS) -> Conversation:
        """A conversation with its `last` turns, in order. Raises NotFound."""
        self._tidy()
        with self._rows.session() as session:
            row = session.scalar(self._own(owner).where(ConversationRow.id == conversation))
            if row is None:
                raise NotFound
            count = session.scalar(select(func.count()).where(TurnRow.conversation == conversation)) or 0
            newest = select(TurnRow).where(TurnRow.conversation == conversation).order_by(TurnRow.number.desc())
            turns = tuple(self._turns(session, owner, list(session.scalars(newest.limit(last)))[::-1]))
            return Conversation(self._heading(owner, row, count), turns)

    def delete(self, owner: Owner, conversation: str) -> None:
        """Remove a conversation and all that belongs to it. Raises NotFound."""
        with self._rows.session(writes=True) as session:
            found = session.scalar(self._own(owner).where(ConversationRow.id == conversation))
            if found is None:
                raise NotFound
            session.execute(delete(ConversationRow).where(ConversationRow.id == conversation))
        self._rows.empty_log()

    def delete_all(self, owner: Owner) -> int:
        """Remove all that `owner` has, expired or not, and say how many conversations that were."""
        with self._rows.session(writes=True) as session:
            mine = (ConversationRow.tenant == owner.tenant) & (ConversationRow.person == owner.person)
            ids = list(session.scalars(select(ConversationRow.id).where(mine)))
            session.execute(delete(ConversationRow).where(mine))
        self._rows.empty_log()
        return len(ids)

    def rate(self, owner: Owner, answer: str, feedback: Feedback) -> None:
        """Keep what `owner` thinks of an answer that he got, instead of what he thought before. Raises NotFound."""
        with self._rows.session(writes=True) as session:
            mine = (
                self._own(owner).join(TurnRow, TurnRow.conversation == ConversationRow.id).where(TurnRow.id == answer)
            )
            if session.scalar(mine) is None:
                raise NotFound
            sealed = self._codec.seal(json.dumps({"note": feedback.note}), owner)
            session.merge(
                FeedbackRow(
                    answer=answer, verdict=feedback.verdict, reason=feedback.reason, sealed=sealed, at=self._clock()
                )
            )

    def purge(self) -> int:
        """Delete what is older than it may be, and say how many conversations that were."""
        self._purged = self._clock()
        with self._rows.session(writes=True) as session:
            old = list(session.scalars(select(ConversationRow.id).where(ConversationRow.updated < self._horizon())))
            session.execute(delete(ConversationRow).where(ConversationRow.updated < self._horizon()))
        if old:
            self._rows.empty_log()
        return len(old)

    def forget(self, document: str) -> None:
        """Delete every sentence and every understood question that may hold text of `document`, whosoever it is."""
        with self._rows.session(writes=True) as session:
            unquote(session, document)
        self._rows.empty_log()

    # --- Rows ---------------------------------------------------------------------------------------------------------

    def _own(self, owner: Owner) -> Select[ConversationRow]:
        """What `owner` has and may still have. The first line is the security property."""
        return select(ConversationRow).where(
            ConversationRow.tenant == owner.tenant,
            ConversationRow.person == owner.person,
            ConversationRow.updated >= self._horizon(),
        )

    def _horizon(self) -> datetime:
        """Whatever was last touched before is no longer there; with 0 days that is everything."""
        return self._clock() - timedelta(days=self._days) if self.keeps else datetime.max.replace(tzinfo=UTC)

    def _tidy(self) -> None:
        if self._clock() - self._purged >= DAILY:
            self.purge()

    def _add(self, session: Session, owner: Owner, conversation: str, turn: Turn, *, number: int) -> None:
        if number > TURNS:
            raise too_long()
        question = self._codec.seal(json.dumps({"question": turn.question}), owner)
        session.add(
            TurnRow(
                id=turn.id, conversation=conversation, number=number, outcome=turn.outcome, released=turn.released,
                sealed=question, at=turn.at,
            )
        )  # fmt: skip
        session.flush()
        understood = [turn.understood] if turn.understood else []
        numbered = list(enumerate(turn.sentences, start=1)) + [(0, spoken) for spoken in understood]
        for place, spoken in numbered:
            said = json.dumps({"text": spoken.text, "citations": plain_citations(spoken.citations)})
            session.add(TurnSentenceRow(turn=turn.id, number=place, sealed=self._codec.seal(said, owner)))
        session.flush()
        session.add_all(
            TurnSourceRow(turn=turn.id, number=place, document=source.document, version=source.version)
            for place, spoken in numbered
            for source in spoken.sources
        )

    def _turns(self, session: Session, owner: Owner, rows: list[TurnRow]) -> Iterator[Turn]:
        ids = [row.id for row in rows]
        spoken = self._spoken(session, owner, ids)
        rated = {
            row.answer: Feedback(row.verdict, row.reason, self._codec.open(row.sealed, owner)["note"])
            for row in session.scalars(select(FeedbackRow).where(FeedbackRow.answer.in_(ids)))
        }
        for row in rows:
            said = spoken.get(row.id, {})
            yield Turn(
                id=row.id,
                question=self._codec.open(row.sealed, owner)["question"],
                understood=said.pop(0, None),
                outcome=row.outcome,
                sentences=tuple(said[number] for number in sorted(said)),
                released=row.released,
                at=aware(row.at),
                feedback=rated.get(row.id),
            )

    def _spoken(self, session: Session, owner: Owner, turns: list[str]) -> dict[str, dict[int, Spoken]]:
        sources: dict[tuple[str, int], list[Source]] = {}
        for source in session.scalars(select(TurnSourceRow).where(TurnSourceRow.turn.in_(turns))):
            sources.setdefault((source.turn, source.number), []).append(Source(source.document, source.version))
        spoken: dict[str, dict[int, Spoken]] = {}
        for row in session.scalars(select(TurnSentenceRow).where(TurnSentenceRow.turn.in_(turns))):
            said = self._codec.open(row.sealed, owner)
            spoken.setdefault(row.turn, {})[row.number] = Spoken(
                said["text"], citations(said["citations"]), frozenset(sources.get((row.turn, row.number), ()))
            )
        return spoken

    def _heading(self, owner: Owner, row: ConversationRow, turns: int) -> Heading:
        title = self._codec.open(row.sealed, owner)["title"]
        updated = aware(row.updated)
        return Heading(row.id, title, aware(row.created), updated, turns, updated + timedelta(days=self._days))


def too_long() -> BadRequest:
    """What is said when a conversation holds as many turns as it may."""
    return BadRequest(f"This conversation has {TURNS} questions; it takes no more.", advice="Begin a new one.")


def unquote(session: Session, document: str) -> None:
    """As `Conversations.forget`, inside the transaction in which the document itself goes."""
    quoting = exists().where(
        TurnSourceRow.turn == TurnSentenceRow.turn,
        TurnSourceRow.number == TurnSentenceRow.number,
        TurnSourceRow.document == document,
    )
    session.execute(delete(TurnSentenceRow).where(quoting))
