"""What has been released of one answer so far: sentences, their citations, and what the ledger is told."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from appliance.access.scope import Scope
from appliance.answering import rivals
from appliance.answering.grounding import LONGEST, judge
from appliance.answering.plain import plainly
from appliance.answering.words import keywords
from appliance.models.local import Finished
from appliance.records import (
    Access,
    Answer,
    Citation,
    Draft,
    Entry,
    Event,
    Passage,
    Question,
    Reason,
    Refusal,
    Released,
    Sentence,
    Usage,
    by,
)
from appliance.retrieval.joining import part

QUOTE_CHARACTERS = 280
INSTRUCTIONS = "instructions"
"""The label that ingest gives a document whose text gives orders to a model."""


class Release:
    """One answer in the making. Only sentences that `grounding.judge` released are ever in it.

    `policy` is the version of the rules that made `scope`; `started` the time on the monotonic clock at which the
    question came: what it costs counts from there.
    """

    def __init__(self, question: Question, scope: Scope, *, policy: str, started: float) -> None:
        self.sentences: list[Sentence] = []
        self.withheld = 0
        self.emergency = ""
        """The emergency because of which some of it was found."""
        self.scope = scope
        self.policy = policy
        self.drawn: list[Passage] = []
        """All that the model was shown so far: what any of its sentences may be drawn from."""
        self._id = str(uuid.uuid4())
        self._question = self._asked = question
        self.passages: Sequence[Passage] = ()
        self._shown: Sequence[Passage] = ()
        self._citations: dict[str, Citation] = {}
        self._started = started
        self._first = 0.0
        self._finished: Finished | None = None
        self._read = self._written = 0

    def found(self, passages: Sequence[Passage]) -> None:
        """These were found for the question, best first."""
        self.passages = self._shown = passages

    def shown(self, passages: Sequence[Passage], question: Question) -> None:
        """From now on, sentences answer `question` (or this part of it) and are weighed against these passages.

        They are in the order of their numbers in the prompt.
        """
        self._shown = passages
        self.drawn += passages
        self._asked = question
        self._finished = None

    def weigh(self, draft: Draft) -> Iterator[Sentence]:
        """`draft` as a Sentence with its citations if it checks out; nothing if it does not."""
        verdict = judge(draft, self._shown, self._asked)
        if not isinstance(verdict, Released):
            self.withheld += 1
            return
        yield self._released(verdict.text, [self._shown[number - 1] for number in verdict.cites])

    def quote(self, line: str, passage: Passage) -> Iterator[Sentence]:
        """A line of `passage`, word for word, as a Sentence.

        Nothing if it was said before, is no sentence, was not shown, or if its document speaks to the model or another
        passage contradicts it.
        """
        if (
            plainly(line) in (sentence.text for sentence in self.sentences)
            or len(line) > LONGEST
            or passage not in self._shown
            or INSTRUCTIONS in passage.access.labels
            or rivals.contradicted(line, passage, self._shown, self._asked)
        ):
            return
        yield self._released(line, [passage])

    def _released(self, text: str, carrying: Sequence[Passage]) -> Sentence:
        """The only way out of here: what leads elsewhere in `text` or in what it cites is plain text from now on."""
        sentence = Sentence(plainly(text), tuple(self._cite(part(passage, text)) for passage in carrying))
        if not self.sentences:
            self._first = self._elapsed()
        self.sentences.append(sentence)
        return sentence

    def leaving(self, sentences: Iterable[Sentence], holds: Callable[[], bool]) -> Iterator[Sentence]:
        """`sentences`, so long as it `holds`: weighing takes time, and what they are drawn from may be gone by then."""
        for sentence in sentences:
            if not holds():
                self.sentences.pop()
                return
            yield sentence

    @property
    def complete(self) -> bool:
        """Whether the model ended by itself: a sentence cut off at the token limit is not one."""
        return self._finished is not None and self._finished.reason == "stop"

    def finish(self, finished: Finished) -> None:
        """Remember how the model's answer ended and what it cost; each part of a question adds to the one before."""
        self._finished = finished
        self._read += finished.prompt_tokens
        self._written += finished.answer_tokens

    def answer(self, origin: str) -> Answer:
        """The whole answer. Only to be called with at least one released sentence."""
        return Answer(
            self._id,
            tuple(self.sentences),
            tuple(self._citations.values()),
            origin,
            self.withheld,
            self._usage(),
            policy=self.policy,
            emergency=self.emergency,
        )

    def refusal(self, reason: Reason) -> Refusal:
        """The refusal, with what was looked for in the question's own words."""
        looked_for = tuple(map(plainly, keywords(self._question.text)))
        return Refusal(self._id, reason, looked_for, self._usage(), policy=self.policy)

    def entry(self, event: Event, *, reason: str = "") -> Entry:
        """What the ledger is told: ids and counts, with the question and what was found for it as digests."""
        entry = replace(
            by(self.scope.principal, event, self._id),
            policy=self.policy,
            scope=self.scope.digest,
            passages=len(self.passages),
            released=len(self.sentences),
            withheld=self.withheld,
            reason=reason,
            question=self._question.text if event is Event.ASKED else "",
        )
        return holding(entry, self.passages) if event is Event.RETRIEVED else entry

    def _cite(self, passage: Passage) -> Citation:
        """The citation of `passage`; numbers count up in the order in which passages are first cited."""
        if passage.id not in self._citations:
            self._citations[passage.id] = Citation(
                number=len(self._citations) + 1,
                passage=passage.id,
                document=passage.document,
                title=plainly(passage.title),
                uri=passage.uri,
                heading=plainly(passage.heading),
                page=passage.page,
                quote=plainly(_quote(passage.text)),
                valid_from=passage.valid_from,
                version=passage.version,
            )
        return self._citations[passage.id]

    def _usage(self) -> Usage:
        return Usage(
            prompt_tokens=self._read,
            answer_tokens=self._written,
            first_sentence_s=round(self._first, 3),
            total_s=round(self._elapsed(), 3),
        )

    def _elapsed(self) -> float:
        return time.monotonic() - self._started


def holding(entry: Entry, passages: Sequence[Passage]) -> Entry:
    """`entry` with the passages that somebody got: how many, the ids of their documents, and their own."""
    parts = [one for passage in passages for one in (passage.parts or (passage,))]
    return replace(
        entry,
        passages=len(passages),
        documents=tuple(dict.fromkeys(passage.document for passage in passages)),
        shown=tuple(dict.fromkeys(part.id for part in parts)),
    )


def accesses(passages: Sequence[Passage]) -> dict[str, Access]:
    """The documents of `passages` by id, as the index knows them, each once."""
    return {passage.document: passage.access for passage in passages}


def _quote(text: str) -> str:
    """The passage on one line, cut at a word if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= QUOTE_CHARACTERS else line[:QUOTE_CHARACTERS].rsplit(" ", 1)[0] + " …"
