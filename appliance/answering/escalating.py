"""A question that goes outside: what goes with it, and how what comes back is read. The gate between decides the rest.

The passages are those that the desk would answer from, as the asker may read them now, without emergencies. What comes
back is restored and verified against the same passages like an answer of the house, each time that it is shown: once
one of them is no longer his to read, nothing of it is.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from appliance.access.rules import Rules
from appliance.access.scope import Scope
from appliance.answering import admitting, prompts
from appliance.answering.excerpts import Excerpt
from appliance.answering.question import clean
from appliance.answering.release import Release
from appliance.answering.sentences import Sentences
from appliance.answering.showing import Documents, Showing
from appliance.errors import Conflict, NotAllowed, NotFound
from appliance.escalation.approvals import Approvals
from appliance.escalation.gate import Gate
from appliance.escalation.matter import Matter, Part
from appliance.escalation.sealed import Leaving
from appliance.escalation.steps import Preview, entry
from appliance.models.local import Finished
from appliance.privacy.redacting.restoring import restore
from appliance.privacy.redacting.vault import Vaults
from appliance.privacy.redaction import QUESTION
from appliance.records import Action, Answer, Event, Journal, Level, Passage, Principal, Question, Reason, Refusal
from appliance.records.escalations import Destination, Escalation
from appliance.settings import Settings
from appliance.store.conversations import Conversations
from appliance.store.conversations_told import ANSWERED, Owner, Source, Turn

PASSAGES: Final = 6
"""That go with a question at most; as many of them as fit into `TOKENS`."""
TOKENS: Final = 1_200
_NOT_KNOWN: Final = frozenset({Reason.NO_EVIDENCE.name, Reason.NOT_ANSWERED.name, Reason.NOT_VERIFIED.name})
_FRESH: Final = timedelta(days=1)
"""How long a refusal of the house counts: documents come in every day."""
_REMEMBERED: Final = 10_000
REFUSED, ANSWERED_HERE, UNASKED = "refused", "answered", "unasked"


class Search(Protocol):
    """What is needed of retrieval (`appliance.retrieval.search.Search`)."""

    def find(self, question: str, scope: Scope, /, *, limit: int) -> list[Passage]: ...  # noqa: D102  # said where it is
    def standing(self, passages: Sequence[Passage], scope: Scope, /) -> Sequence[Passage]: ...  # noqa: D102


class Passages(Protocol):
    """Passages by id, inside a Scope (`appliance.retrieval.index.Index`)."""

    def passage(self, passage_id: str, scope: Scope, /) -> Passage:
        """The passage. Raises NotFound if there is none inside `scope`, or StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants asked outside: a turn of a conversation of his, or else `text`. `leave_out`: without the
    passages that may not leave, where there are some."""

    text: str = ""
    conversation: str = ""
    turn: str = ""
    leave_out: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An escalation for one who looks at it now. `originals` and `leaving` stand beside `preview.held.matter.parts`,
    None where they are not for him; so does `body`. `labels` and `level` are of all that stands behind it, as it is
    now; None where not all of that is for him. `answer` is what came back, restored and verified."""

    preview: Preview
    originals: tuple[str | None, ...] = ()
    leaving: tuple[Leaving | None, ...] = ()
    body: bytes | None = field(default=None, repr=False)
    labels: frozenset[str] | None = None
    level: Level | None = None
    answer: Answer | Refusal | None = None


class Outside:
    """What people do about questions that go outside. Raises as the gate does, and as retrieval does."""

    def __init__(  # noqa: PLR0913  # each part of the house by its own name
        self,
        *,
        gate: Gate,
        approvals: Approvals,
        search: Search,
        passages: Passages,
        documents: Documents,
        conversations: Conversations,
        vaults: Vaults,
        journal: Journal,
        rules: Rules,
        settings: Settings,
    ) -> None:
        self._gate = gate
        self._approvals = approvals
        self._search = search
        self._passages = passages
        self._documents = documents
        self._conversations = conversations
        self._showing = Showing(documents, rules.plain())
        self._vaults = vaults
        self._journal = journal
        self._rules = rules.plain()  # an emergency opens a record to be read, never to be sent
        self._settings = settings
        self._seen: set[tuple[str, str]] = set()

    def destinations(self, principal: Principal) -> tuple[str, list[Destination]]:
        """The currency of all prices, and the destinations of the rules in force, by name."""
        admitting.own(principal, rules=self._rules, journal=self._journal)
        told = self._rules.ruleset().destinations
        return told.currency, [told.named[name] for name in sorted(told.named)]

    def propose(self, principal: Principal, wish: Wish, destination: str, *, dry_run: bool = False) -> Shown:
        """Prepare what is wished; a dry run can never be sent. Raises BadRequest, NotFound; Conflict where no passage
        goes with it: nothing that came back could be verified then."""
        with self._gate.room(principal, destination):
            return self._proposed(principal, wish, destination, dry_run=dry_run)

    def _proposed(self, principal: Principal, wish: Wish, destination: str, *, dry_run: bool) -> Shown:
        question, behind, local = self._asked(principal, wish)
        scope = admitting.scope(principal, Action.ASK, rules=self._rules, journal=self._journal)
        found = self._search.find(question.text, scope, limit=PASSAGES)
        if wish.leave_out:
            current = self._documents.current({one.document for one in found})
            sendable = self._rules.sendable(principal, {name: one.access for name, one in current.items()}, destination)
            found = [one for one in found if one.document in sendable]
        apart = {part.id: part for one in found for part in (one.parts or (one,))}  # as they can be opened again
        excerpts = prompts.fitting([Excerpt(one, one.text) for one in apart.values()], TOKENS)
        if not excerpts:
            raise Conflict("No passage could go with this question, so no answer to it could be verified.")
        parts = [
            Part(prompts.fenced(number, one), one.passage.id, one.passage.language)
            for number, one in enumerate(excerpts, start=1)
        ]
        documents = frozenset(one.passage.document for one in excerpts) | {source.document for source in behind}
        matter = Matter(
            question.text,
            question.language,
            (*parts, Part(prompts.posed(question), QUESTION)),
            frozenset(documents),
            local,
        )
        return self._shown(principal, self._gate.propose(principal, matter, destination, dry_run=dry_run))

    def show(self, principal: Principal, escalation_id: str) -> Shown:
        """One of his own. Raises NotFound."""
        preview = self._gate.show(principal, escalation_id)
        shown = self._shown(principal, preview)
        return replace(shown, answer=self._answer(principal, preview)) if preview.answer else shown

    def send(self, principal: Principal, escalation_id: str, digest: str) -> Shown:
        """He has seen what would leave, and wants it sent."""
        return self._shown(principal, self._gate.send(principal, escalation_id, digest))

    def waiting(self, principal: Principal) -> list[Shown]:
        """What waits for his approval: what would leave, and of what was asked only passages that he may read. That he
        looked is recorded, once for each."""
        shown = [self._shown(principal, one) for one in self._approvals.waiting(principal)]
        for one in shown:
            self._looked(principal, one.preview)
        return shown

    def pending(self, principal: Principal) -> int:
        """How many wait for his approval."""
        return self._approvals.count(principal)

    def _looked(self, principal: Principal, preview: Preview) -> None:
        escalation = preview.escalation
        if preview.held is None or (principal.id, escalation.id) in self._seen:
            return
        told = entry(escalation, Event.ESCALATION_SHOWN, principal)
        self._journal.append(replace(told, documents=tuple(sorted(preview.held.facts.documents))))
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen.add((principal.id, escalation.id))

    def withdraw(self, principal: Principal, escalation_id: str) -> Escalation:
        """He does not want it any more."""
        return self._gate.withdraw(principal, escalation_id).escalation

    def mine(self, principal: Principal) -> list[Escalation]:
        """His own, the newest first."""
        return self._gate.mine(principal)

    def earlier(self, principal: Principal, escalation_id: str) -> list[Escalation]:
        """What the asker of one that waits asked before."""
        return self._approvals.earlier(principal, escalation_id)

    def judge(self, principal: Principal, escalation_id: str, digest: str, *, approved: bool, why: str) -> Escalation:
        """Approve or reject."""
        word = self._approvals.approve if approved else self._approvals.reject
        return word(principal, escalation_id, digest, why)

    # --- What is asked ----------------------------------------------------------------------------------------------

    def _asked(self, principal: Principal, wish: Wish) -> tuple[Question, frozenset[Source], str]:
        """The question, what stands behind its words, and what became of it in the house."""
        limit = self._settings.question_characters
        if not wish.conversation:
            return clean(wish.text, limit=limit), frozenset(), UNASKED
        self._rules.demand_own(principal)
        opened = self._conversations.open(Owner(principal.tenant, principal.id), wish.conversation)
        turn = next((one for one in opened.turns if one.id == wish.turn), None)
        if turn is None:
            raise NotFound
        behind = turn.understood.sources if turn.understood else frozenset()
        if turn.understood and not self._showing.readable(principal, behind):
            raise NotFound
        text = turn.understood.text if turn.understood else turn.question
        return clean(text, limit=limit), behind, _became(turn)

    # --- What is shown ----------------------------------------------------------------------------------------------

    def _shown(self, principal: Principal, preview: Preview) -> Shown:
        """With what `principal` may see now: his own question, and passages that he may read."""
        held = preview.held
        if held is None:
            return Shown(preview)
        readable = {one.id for one in self._standing(principal, held.matter.passages)}
        mine = preview.escalation.asker == principal.id
        if mine:
            readable.add(QUESTION)
        parts = held.matter.parts
        originals = tuple(one.text if one.source in readable else None for one in parts)
        leaving = tuple(
            told if one.source in readable or not mine else None  # who approves sees what would leave, whole
            for one, told in zip(parts, held.leaving, strict=True)
        )
        if None in leaving:
            return Shown(preview, originals, leaving)
        behind = [one.access for one in self._documents.current(held.matter.documents).values()]
        labels = frozenset(label for one in behind for label in one.labels)
        level = max([Level.INTERNAL, *(one.level for one in behind)])  # what staff ask is never public
        return Shown(preview, originals, leaving, held.body, labels, level)

    def _standing(self, principal: Principal, passages: Sequence[str]) -> list[Passage]:
        """Those of `passages` that he may read now, in their order; none for who may read nothing at all."""
        try:
            scope = self._rules.scope(principal)
        except NotAllowed:
            return []
        found: list[Passage] = []
        for identifier in passages:
            try:
                found.append(self._passages.passage(identifier, scope))
            except NotFound:
                continue
        return list(self._search.standing(found, scope))

    def _answer(self, principal: Principal, preview: Preview) -> Answer | Refusal:
        """What came back, restored, and verified against the passages that went out. Recorded before it is shown.

        If one of them may not be read any more, nothing of it is shown: any sentence may hold its words.
        """
        held, one = preview.held, preview.escalation
        assert held is not None  # noqa: S101  # whatever has an answer is open
        scope = self._rules.scope(principal)
        question = Question(held.matter.question, held.matter.language)
        release = Release(question, scope, policy=self._rules.version, started=time.monotonic())
        self._journal.append(
            replace(entry(one, Event.ESCALATION_SHOWN), documents=tuple(sorted(held.matter.documents)))
        )
        standing = self._standing(principal, held.matter.passages)
        current = self._documents.current(held.matter.documents)
        readable = self._rules.readable(principal, {name: found.access for name, found in current.items()})
        if [found.id for found in standing] != list(held.matter.passages) or readable != held.matter.documents:
            return replace(release.refusal(Reason.WITHDRAWN), id=one.id)
        told = restore(preview.answer, self._vaults.open(one.id), may_show=lambda _source: True).text
        release.found(standing)
        release.shown(standing, question)
        cutter = Sentences()
        for draft in (*cutter.feed(told), *cutter.close()):
            if prompts.NOT_STATED in draft.text.upper():
                break
            for _ in release.weigh(draft):
                pass
        release.finish(Finished("stop", 0, 0, 0))
        if not release.sentences:
            reason = Reason.NOT_VERIFIED if release.withheld else Reason.NOT_ANSWERED
            return replace(release.refusal(reason), id=one.id)
        return replace(release.answer(f"outside: {one.destination}"), id=one.id)


def _became(turn: Turn) -> str:
    """What became of a question in the house, as the rules ask for it. What was withdrawn was not refused."""
    if turn.outcome == ANSWERED:
        return ANSWERED_HERE
    return REFUSED if turn.outcome in _NOT_KNOWN and datetime.now(UTC) - turn.at < _FRESH else UNASKED
