"""The story of a question, from a person to a cited answer or an honest refusal."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.access.rules import Rules
from appliance.access.scope import Scope
from appliance.answering import admitting, evidence, excerpts, pointwise, prompts, quoting
from appliance.answering.parts import parts
from appliance.answering.question import clean
from appliance.answering.release import Release, accesses, holding
from appliance.answering.salting import salt
from appliance.answering.sentences import Sentences
from appliance.answering.vigil import Change, Vigil
from appliance.errors import DependencyError, NotAllowed, NotAuthenticated
from appliance.models.local import ChatModel, Finished, Waiting
from appliance.records import (
    UNFILTERED,
    Action,
    Answer,
    Draft,
    Event,
    Filters,
    Journal,
    Passage,
    Principal,
    Question,
    Reason,
    Refusal,
    Sentence,
    by,
)
from appliance.settings import Settings

Outcome = Sentence | Waiting | Answer | Refusal
"""Waiting is no part of the answer: it is neither recorded nor counted, and tells that the model is at work."""


class Search(Protocol):
    """What the desk needs of retrieval: passages inside a Scope, best first, each decided again."""

    def find(self, question: str, scope: Scope, *, limit: int, filters: Filters) -> list[Passage]:
        """At most `limit` inside `filters`. Raises StoreUnavailable or EmbedderUnavailable, never [] for a failure."""
        ...

    def standing(self, passages: Sequence[Passage], scope: Scope) -> Sequence[Passage]:
        """Those of `passages` that may still be read. Raises RegistryUnavailable, PolicyUnavailable."""
        ...

    def nearness(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """The cosine of each of `texts` to `question`, in their order. Raises EmbedderUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """One question (or one part of it), the passages that were found for it, best first, and their lines.

    `near` is how near each line is to the question (`excerpts.nearness`).
    """

    question: Question
    passages: Sequence[Passage]
    lines: Sequence[excerpts.Line]
    near: Sequence[float]


def always() -> bool:
    """Nothing more is asked."""
    return True


class Desk:
    """Answers questions. One desk serves many people at once; it keeps nothing between two questions.

    `revoked` is told of each answer that was cut: what changed, and for how many seconds at most it went on after that.
    `clock` gives seconds that only grow.
    """

    def __init__(  # noqa: PLR0913  # each part of the house by its own name
        self,
        *,
        search: Search,
        model: ChatModel,
        journal: Journal,
        settings: Settings,
        rules: Rules,
        revoked: Callable[[str, float], object] = lambda _kind, _seconds: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules
        self._search = search
        self._model = model
        self._journal = journal
        self._settings = settings
        self._revoked = revoked
        self._clock = clock

    def answer(
        self,
        principal: Principal,
        text: str,
        *,
        so_long_as: Callable[[], bool] = always,
        filters: Filters = UNFILTERED,
    ) -> Iterator[Outcome]:
        """Yield each Sentence as soon as it is verified, Waiting meanwhile, and last exactly one Answer or Refusal.

        Begun by the rules in force at that moment, and given only as far as those of each later moment let it: what
        the model was shown, and whatever else `so_long_as` asks for, is decided again before each step. `filters` take
        away from what is looked at.
        Raises BadRequest, NotAllowed, or a DependencyError, also in the middle; closing the iterator stops the model.
        Each step is one line of the story told in `appliance/answering/README.md`.
        """
        started = time.monotonic()
        question = clean(text, limit=self._settings.question_characters)
        rules = self._rules.now()
        scope = admitting.scope(principal, Action.ASK, rules=rules, journal=self._journal)
        release = Release(question, scope, policy=rules.version, started=started)
        self._journal.append(release.entry(Event.ASKED))
        hopeful = self._hopeful(question, scope, release, filters)
        if not hopeful:
            yield self._refuse(release, Reason.NO_EVIDENCE)
            return
        self._journal.append(release.entry(Event.OPENED))
        vigil = Vigil(lambda: self._change(release, so_long_as), clock=self._clock)
        for look in hopeful:
            yield from self._recorded(self._part(look, release, vigil), release)
        if release.sentences and not vigil.broken_by:
            self._journal.append(release.entry(Event.CLOSED))
        yield self._last(release, vigil)

    def search(self, principal: Principal, text: str, *, limit: int, filters: Filters = UNFILTERED) -> list[Passage]:
        """The passages that `principal` may read and that are nearest to `text`, best first; no model is asked."""
        question = clean(text, limit=self._settings.question_characters)
        rules = self._rules.now()
        scope = admitting.scope(principal, Action.SEARCH, rules=rules, journal=self._journal)
        found = self._search.find(question.text, scope, limit=limit, filters=filters)
        told = replace(by(principal, Event.SEARCHED), question=question.text, scope=scope.digest, policy=rules.version)
        self._journal.append(holding(told, found))
        self._rules.opened(principal, accesses(found), question.text)
        return list(self._search.standing(found, scope))  # recording may have taken its time

    def _hopeful(self, question: Question, scope: Scope, release: Release, filters: Filters) -> list[Look]:
        """The parts of the question for which there is evidence. What was found is recorded before it is used."""
        most = self._settings.passages
        with self._broken(release):
            found = [
                (part, self._search.find(part.text, scope, limit=most, filters=filters)) for part in parts(question)
            ]
            release.found(_each_once(found))
            self._journal.append(release.entry(Event.RETRIEVED))
            release.emergency = self._rules.opened(scope.principal, accesses(release.passages), question.text)
            return [self._look(part, passages) for part, passages in found if evidence.enough(part, passages)]

    def _look(self, question: Question, passages: Sequence[Passage]) -> Look:
        lines = excerpts.lines(passages)
        cosines = self._search.nearness(question.text, [line.text for line in lines])
        return Look(question, passages, lines, excerpts.nearness(lines, passages, cosines))

    def _part(self, look: Look, release: Release, vigil: Vigil) -> Iterator[Sentence | Waiting]:
        """The sentences that answer one part: from the first line of which the model has something to say that holds.

        What it reads is decided before it reads it, and again with every line.
        """
        near = excerpts.nearest(look.passages, look.lines, look.near, look.question, most=pointwise.READ)
        read = [one.passage for one in excerpts.excerpts(look.passages, look.lines, near)]
        release.shown(read, look.question)
        if not vigil.holds():
            return
        reading = pointwise.read(self._model, near, lambda line: self._prompt([line], look, release), look.near)
        best = yield from vigil.over(reading)
        for line in best or ():
            prompt = self._prompt([line], look, release)
            release.shown(list(dict.fromkeys([*prompt.passages, *read])), look.question)
            before = len(release.sentences)
            yield from self._sentences(prompt, look, release, vigil)
            if vigil.broken_by:
                return
            if said := [sentence.text for sentence in release.sentences[before:]]:
                yield from self._in_full(look, line, said, release, vigil)
                return

    def _prompt(self, lines: Sequence[int], look: Look, release: Release) -> prompts.Prompt:
        """What the model is asked: the question, with `lines` of what was found, best first."""
        shown = excerpts.excerpts(look.passages, look.lines, lines)
        return prompts.build(look.question, shown, budget=self._settings.prompt_budget, salt=salt(release.scope))

    def _sentences(
        self, prompt: prompts.Prompt, look: Look, release: Release, vigil: Vigil
    ) -> Iterator[Sentence | Waiting]:
        """The model's sentences, each released only if it checks out; none after it says that nothing is stated.

        They end at once, and the engine's work with them, when what the model was shown may not be read any more.
        """
        if not vigil.holds():
            return
        cutter = Sentences()
        most = self._settings.answer_tokens
        with closing(self._model.stream(prompt.messages, max_tokens=most, salt=prompt.salt)) as pieces:
            for piece in pieces:
                if not vigil.held():
                    return
                if isinstance(piece, Waiting):
                    yield piece
                    continue
                if isinstance(piece, Finished):
                    release.finish(piece)
                    break
                for draft in cutter.feed(piece.text):
                    if _says_nothing(draft):
                        return
                    yield from self._weighed(draft, look, release, vigil)
        rest = list(cutter.close())
        if release.complete and rest and not _says_nothing(rest[0]):
            yield from self._weighed(rest[0], look, release, vigil)

    def _weighed(self, draft: Draft, look: Look, release: Release, vigil: Vigil) -> Iterator[Sentence]:
        """`draft` if it checks out; else the line that it points at, if that is near the question."""
        weighed = list(release.weigh(draft))
        line = None if weighed else quoting.pointed_at(draft, look.lines, look.near, look.question)
        if line is not None:
            weighed = list(release.quote(line.text, look.passages[line.passage]))
            release.withheld -= len(weighed)
        yield from release.leaving(weighed, vigil.holds)

    def _in_full(
        self, look: Look, number: int, said: Sequence[str], release: Release, vigil: Vigil
    ) -> Iterator[Sentence]:
        """The line from which the model told `said`, if it tells more than that."""
        line = look.lines[number]
        if quoting.shortly(" ".join(said), line.text, look.question):
            yield from release.leaving(release.quote(line.text, look.passages[line.passage]), vigil.holds)

    def _change(self, release: Release, so_long_as: Callable[[], bool]) -> Change:
        """What forbids to go on with an answer, by the rules and the registry of this moment."""
        person = release.scope.principal
        try:
            self._rules.demand(person, Action.ASK)
            standing = self._search.standing(release.drawn, release.scope)
            if len(standing) == len(release.drawn) and so_long_as():
                return Change.NOTHING
            if person.purpose and not self._rules.purpose(person):
                return Change.PURPOSE
        except (NotAllowed, NotAuthenticated):
            return Change.PEOPLE
        return Change.POLICIES if self._rules.version != release.policy else Change.DOCUMENTS

    def _last(self, release: Release, vigil: Vigil) -> Answer | Refusal:
        """How it ends. Decided after the ledger has closed it, since the whole answer leaves once more after that."""
        with self._broken(release):
            stands = vigil.holds()
        if not stands:
            self._revoked(vigil.broken_by, vigil.open_s)
            self._journal.append(release.entry(Event.WITHDRAWN, reason=vigil.broken_by))
            return release.refusal(Reason.WITHDRAWN)
        if not release.sentences:
            return self._refuse(release, Reason.NOT_VERIFIED if release.withheld else Reason.NOT_ANSWERED)
        return release.answer(self._model.name)

    @contextmanager
    def _broken(self, release: Release) -> Iterator[None]:
        """Record it if a dependency fails."""
        try:
            yield
        except DependencyError as error:
            self._journal.append(release.entry(Event.BROKEN, reason=error.code))
            raise

    def _recorded(self, sentences: Iterator[Sentence | Waiting], release: Release) -> Iterator[Sentence | Waiting]:
        """Pass `sentences` on, and record it if they end before the answer does."""
        try:
            with self._broken(release):
                yield from sentences
        except DependencyError:
            raise
        except GeneratorExit:  # the person went away
            self._journal.append(release.entry(Event.LEFT))
            raise
        except Exception:  # a fault of ours: raised again, but not without a trace
            self._journal.append(release.entry(Event.BROKEN, reason="internal"))
            raise

    def _refuse(self, release: Release, reason: Reason) -> Refusal:
        self._journal.append(release.entry(Event.REFUSED, reason=reason.name))
        return release.refusal(reason)


def _says_nothing(draft: Draft) -> bool:
    return prompts.NOT_STATED in draft.text.upper()


def _each_once(found: Sequence[tuple[Question, Sequence[Passage]]]) -> list[Passage]:
    """The passages that were found for any part, each once."""
    return list({passage.id: passage for _, passages in found for passage in passages}.values())
