"""The figures of an evaluation: what each means, what it must reach, and how it is counted. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from statistics import fmean, median
from typing import Final

from appliance.workshop.evaluation import Case
from appliance.workshop.ranking import Hit, document_ndcg, document_recall, evidence_ndcg, evidence_recall

DEPTHS: Final = (3, 6, 10)
"""Passages counted: of the model's first look, of its second, and as many as a person scrolls through."""
DEEPEST: Final = max(DEPTHS)
FROZEN: Final = "unseen"
"""The set that nothing is ever changed for: its questions and answers are counted, not shown."""


class Unit(StrEnum):
    """How a figure is written."""

    SHARE = "share"
    COUNT = "count"
    TOKENS = "tokens"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: `each` tells its value for a case, or None for a case that it does not speak about.

    `told` folds those values into one. `target` is the least (or, for a count, the most) that counts as reached;
    `frozen_target` takes its place for the frozen set. `compared`: a worsening beyond noise fails the evaluation.
    """

    name: str
    meaning: str
    each: Callable[[Case], float | None]
    unit: Unit = Unit.SHARE
    told: Callable[[Sequence[float]], float] = fmean
    target: float | None = None
    frozen_target: float | None = None
    compared: bool = False

    @property
    def lower_is_better(self) -> bool:
        """For everything but shares."""
        return self.unit is not Unit.SHARE

    def of(self, cases: Iterable[Case]) -> float | None:
        """The figure of `cases`, or None if it speaks about none of them."""
        values = [value for case in cases if (value := self.each(case)) is not None]
        return self.told(values) if values else None

    def wanted(self, golden_set: str) -> float | None:
        """What it must reach for this set."""
        return self.frozen_target if golden_set == FROZEN and self.frozen_target is not None else self.target

    def reached(self, value: float, golden_set: str) -> bool | None:
        """Whether `value` is good enough; None where no target is set."""
        wanted = self.wanted(golden_set)
        if wanted is None:
            return None
        return value <= wanted if self.lower_is_better else value >= wanted


def _due(case: Case) -> bool:
    return case.expect == "answer"


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


HEADLINES: Final = (
    Figure(
        "Access violations",
        "Citations or found passages of a document that the person who asked may not read. One is too many.",
        lambda case: float(case.violation),
        unit=Unit.COUNT,
        told=sum,
        target=0,
    ),
    Figure(
        "Answered of answerable",
        "Of the questions that the documents answer, how many got an answer at all, right or wrong.",
        lambda case: float(case.answered) if _due(case) else None,
        target=0.9,
        compared=True,
    ),
    Figure(
        "Refused of unanswerable",
        "Of the questions that nothing readable answers, how many were honestly refused.",
        lambda case: None if _due(case) else float(not case.answered),
        target=0.9,
        compared=True,
    ),
    Figure(
        "Answer points",
        "The share of the facts due that the answer states; a refused question states none.",
        lambda case: case.points if _due(case) else None,
        target=0.8,
        frozen_target=0.75,
        compared=True,
    ),
    Figure(
        "Citation precision",
        "Of the documents that an answer cites, the share that really holds what was asked.",
        lambda case: case.citations if _due(case) and case.answered else None,
        target=0.95,
        compared=True,
    ),
    Figure(
        "Wholly right",
        "Questions with every point and only good citations, or refused where that was due.",
        lambda case: float(case.right),
        compared=True,
    ),
)

COSTS: Final = (
    Figure(
        "First sentence, median",
        "Seconds from the question to the first verified sentence, of the questions that were answered.",
        lambda case: case.first_sentence_s if case.answered else None,
        unit=Unit.SECONDS,
        told=median,
    ),
    Figure(
        "Whole answer, median",
        "Seconds from the question to the end of the answer or the refusal.",
        lambda case: case.total_s,
        unit=Unit.SECONDS,
        told=median,
    ),
    Figure(
        "Whole answer, slowest twentieth",
        "Nineteen of twenty questions were done within so many seconds.",
        lambda case: case.total_s,
        unit=Unit.SECONDS,
        told=_p95,
    ),
    Figure(
        "Prompt tokens, mean",
        "Tokens that the model read for a question that it was asked, both looks together.",
        lambda case: case.prompt_tokens or None,
        unit=Unit.TOKENS,
    ),
    Figure(
        "Answer tokens, mean",
        "Tokens that the model wrote for a question that it was asked, withheld ones included.",
        lambda case: case.answer_tokens if case.prompt_tokens else None,
        unit=Unit.TOKENS,
    ),
    Figure(
        "Sentences withheld, mean",
        "Sentences of a shown answer that the verification held back.",
        lambda case: float(case.withheld) if case.answered else None,
        unit=Unit.COUNT,
    ),
)


def _documents(measure: Callable[[Sequence[Hit], Sequence[str], int], float], k: int, case: Case) -> float | None:
    return measure(case.found, case.gold, k) if _due(case) and case.gold else None


def _evidence(measure: Callable[[Sequence[Hit], int, int], float], k: int, case: Case) -> float | None:
    return measure(case.found, case.evidence, k) if _due(case) and case.evidence else None


def _retrieval() -> Iterator[Figure]:
    yield Figure(
        "Gold documents cited",
        "The share of the documents that answer the question which the answer cites; a refusal cites none.",
        lambda case: case.cited_gold if _due(case) else None,
    )
    for k in DEPTHS:
        yield Figure(
            f"Document recall@{k}",
            f"The share of the documents that answer which have a passage among the first {k} found.",
            partial(_documents, document_recall, k),
            compared=k == DEPTHS[1],
        )
        yield Figure(
            f"Document nDCG@{k}",
            f"As recall@{k}, but a document that stands lower counts less; 1 is the best order possible.",
            partial(_documents, document_ndcg, k),
        )
        yield Figure(
            f"Evidence recall@{k}",
            f"The share of the sentences that answer which stand, nearly word for word, in the first {k} passages.",
            partial(_evidence, evidence_recall, k),
            compared=k == DEPTHS[1],
        )
        yield Figure(
            f"Evidence nDCG@{k}",
            f"As recall@{k} of the sentences, but one that stands lower counts less.",
            partial(_evidence, evidence_ndcg, k),
        )


RETRIEVAL: Final = tuple(_retrieval())
FIGURES: Final = (*HEADLINES, *RETRIEVAL, *COSTS)


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the cases, and their figures by name; a figure that speaks about none of them is left out."""

    name: str
    questions: int
    values: Mapping[str, float] = field(repr=False)


def group(name: str, cases: Sequence[Case]) -> Group:
    """The figures of `cases`."""
    told = ((figure.name, figure.of(cases)) for figure in FIGURES)
    return Group(name, len(cases), {known: value for known, value in told if value is not None})


def groups(cases: Sequence[Case], by: Callable[[Case], str]) -> list[Group]:
    """A group for each word that `by` says of a case, in the order of the alphabet."""
    held: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        held[by(case)].append(case)
    return [group(name, members) for name, members in sorted(held.items())]


class Cause(StrEnum):
    """Why a question was not wholly right: the first thing that went wrong on its way."""

    VIOLATION = "access violation"
    NOT_REFUSED = "answered what no readable document answers"
    MISSED = "retrieval missed: what answers was not among the first passages"
    REFUSED_EARLY = "refused early: found, but held too weak to ask the model"
    MODEL_SILENT = "model missed: it had what answers and said that nothing is stated"
    WITHHELD = "withheld: what the model wrote did not check out"
    PARTLY_WITHHELD = "partly withheld: a sentence did not check out, and what is left lacks a point"
    MODEL_MISSED = "model missed: it had what answers and did not say all of it"
    CITED_WRONG = "cited a document that does not answer"


def cause(case: Case, *, shown: int) -> Cause | None:
    """Why `case` is not wholly right, None if it is. `shown` is the number of passages that the model may see."""
    if case.right:
        return None
    if case.violation:
        return Cause.VIOLATION
    if not _due(case):
        return Cause.NOT_REFUSED
    if case.answered and case.points == 1:
        return Cause.CITED_WRONG
    if not _found(case, shown):
        return Cause.MISSED
    if case.answered:
        return Cause.PARTLY_WITHHELD if case.withheld else Cause.MODEL_MISSED
    return {"NO_EVIDENCE": Cause.REFUSED_EARLY, "NOT_VERIFIED": Cause.WITHHELD}.get(case.reason, Cause.MODEL_SILENT)


def _found(case: Case, shown: int) -> bool:
    """Whether all that answers is among the first passages: every sentence, or every document where none is given."""
    if case.evidence:
        return evidence_recall(case.found, case.evidence, shown) == 1
    return not case.gold or document_recall(case.found, case.gold, shown) == 1
