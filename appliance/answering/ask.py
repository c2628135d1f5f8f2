"""The story of a question, from a person to a cited answer or an honest refusal."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Protocol

from appliance.access import scope as access
from appliance.access.scope import Scope
from appliance.answering import evidence, prompts
from appliance.answering.question import clean
from appliance.answering.release import Release
from appliance.answering.sentences import Sentences
from appliance.audit.ledger import Event, Journal
from appliance.errors import DependencyError
from appliance.models.local import ChatModel, Finished, Waiting
from appliance.records import Answer, Passage, Principal, Question, Reason, Refusal, Sentence
from appliance.settings import Settings

FIRST_LOOK = 3
"""Passages of the first look: on processors a person waits for every token that is read, and the answer is nearly
always among the first three."""

Outcome = Sentence | Waiting | Answer | Refusal
"""Waiting is no part of the answer: it is neither recorded nor counted, and tells that the model is at work."""


class Search(Protocol):
    """What the desk needs of retrieval: passages inside a Scope, best first, each decided again."""

    def find(self, question: str, scope: Scope, *, limit: int) -> list[Passage]:
        """At most `limit` passages. Raises StoreUnavailable or EmbedderUnavailable, never returns [] for a failure."""
        ...


class Desk:
    """Answers questions. One desk serves many people at once; it keeps nothing between two questions."""

    def __init__(self, *, search: Search, model: ChatModel, journal: Journal, settings: Settings) -> None:
        self._search = search
        self._model = model
        self._journal = journal
        self._settings = settings

    def answer(self, principal: Principal, text: str) -> Iterator[Outcome]:
        """Yield each Sentence as soon as it is verified, Waiting meanwhile, and last exactly one Answer or Refusal.

        Raises BadRequest, NotAllowed, or a DependencyError, also in the middle; closing the iterator stops the model.
        Each step is one line of the story told in `appliance/answering/README.md`.
        """
        started = time.monotonic()
        question = clean(text, limit=self._settings.question_characters)
        scope = access.read(principal)
        passages = self._search.find(question.text, scope, limit=self._settings.passages)
        if not evidence.enough(question, passages):
            release = Release(question, scope, passages, started=started)
            yield self._refuse(release, Reason.NO_EVIDENCE)
            return
        release = Release(question, scope, passages, started=started)
        self._journal.append(release.entry(Event.OPENED))
        yield from self._recorded(self._looks(question, scope, release), release)
        if not release.sentences:
            yield self._refuse(release, Reason.NOT_VERIFIED if release.withheld else Reason.NOT_ANSWERED)
            return
        self._journal.append(release.entry(Event.CLOSED))
        yield release.answer(self._model.name)

    def search(self, principal: Principal, text: str, *, limit: int) -> list[Passage]:
        """The passages that `principal` may read and that are nearest to `text`, best first; no model is asked."""
        question = clean(text, limit=self._settings.question_characters)
        return self._search.find(question.text, access.read(principal), limit=limit)

    def _looks(self, question: Question, scope: Scope, release: Release) -> Iterator[Sentence | Waiting]:
        """The model's sentences over the best few passages, and if none checks out, over all of them."""
        passages, salt, budget = release.passages, scope.digest[:8], self._settings.prompt_budget
        few = prompts.build(question, passages[:FIRST_LOOK], budget=budget, salt=salt)
        yield from self._sentences(few, release)
        if not release.sentences:
            yield from self._sentences(prompts.again(question, passages, budget=budget, salt=salt), release)

    def _sentences(self, prompt: prompts.Prompt, release: Release) -> Iterator[Sentence | Waiting]:
        """The model's sentences, each released only if it checks out; none after it says that nothing is stated."""
        release.shown(prompt.passages)
        cutter = Sentences()
        with closing(self._model.stream(prompt.messages, max_tokens=self._settings.answer_tokens)) as pieces:
            for piece in pieces:
                if isinstance(piece, Waiting):
                    yield piece
                    continue
                if isinstance(piece, Finished):
                    release.finish(piece)
                    break
                for draft in cutter.feed(piece.text):
                    if prompts.NOT_STATED in draft.text.upper():
                        return
                    yield from release.weigh(draft)
        rest = list(cutter.close())
        if release.complete and rest and prompts.NOT_STATED not in rest[0].text.upper():
            yield from release.weigh(rest[0])

    def _recorded(self, sentences: Iterator[Sentence | Waiting], release: Release) -> Iterator[Sentence | Waiting]:
        """Pass `sentences` on, and record it if they end before the answer does."""
        try:
            yield from sentences
        except DependencyError as error:
            self._journal.append(release.entry(Event.BROKEN, reason=error.code))
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
