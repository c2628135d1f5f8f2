"""Scoring answers against golden questions. Pure, but for reading the set."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from appliance.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Golden:
    """A question with what a right answer holds. `points` are groups of alternatives: one of each must be there.

    `documents` are the uris that may be cited; `near` is the near miss or the forbidden document of a refusal.
    """

    id: str
    persona: str
    language: str
    kind: str
    question: str
    expect: str
    documents: tuple[str, ...]
    points: tuple[tuple[str, ...], ...]
    near: str


@dataclass(frozen=True, slots=True)
class Case:
    """One question asked: what came, and how good it was. Shares are in [0, 1]; times in seconds."""

    id: str
    kind: str
    language: str
    expect: str
    answered: bool
    text: str
    cited: tuple[str, ...]
    points: float
    citations: float
    violation: bool
    prompt_tokens: int
    answer_tokens: int
    first_sentence_s: float
    total_s: float

    @property
    def right(self) -> bool:
        """An answer with every point and only good citations, or a refusal where one was due."""
        if self.expect == "refuse":
            return not self.answered
        return self.answered and self.points == 1 and self.citations == 1


def read(path: Path) -> list[Golden]:
    """The golden questions in a file of JSON lines. Raises BadRequest naming the line that does not fit."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            raw: dict[str, Any] = json.loads(line)
            fields = {name: raw[name] for name in ("id", "persona", "language", "kind", "question", "expect")}
            points = tuple(tuple(group) for group in raw["points"])
            found.append(Golden(**fields, documents=tuple(raw["documents"]), points=points, near=raw["near"]))
        except (ValueError, LookupError, TypeError) as error:
            raise BadRequest(f"Line {number} of {path.name} is not a golden question.") from error
    return found


def score(golden: Golden, outcome: dict[str, Any], *, readable: Collection[str]) -> Case:
    """Weigh what the API gave (`answer` or `refusal`). A citation outside `readable` is an access violation."""
    answered = outcome["kind"] == "answer"
    text = str(outcome.get("text", "")) if answered else ""
    cited = tuple(dict.fromkeys(str(citation["uri"]) for citation in outcome.get("citations", ())))
    held = sum(any(_in(point, text) for point in group) for group in golden.points)
    good = sum(uri in golden.documents for uri in cited)
    usage = outcome["usage"]
    return Case(
        id=golden.id,
        kind=golden.kind,
        language=golden.language,
        expect=golden.expect,
        answered=answered,
        text=text,
        cited=cited,
        points=held / len(golden.points) if golden.points else 0.0,
        citations=good / len(cited) if cited else 0.0,
        violation=any(uri not in readable for uri in cited),
        prompt_tokens=usage["prompt_tokens"],
        answer_tokens=usage["answer_tokens"],
        first_sentence_s=usage["first_sentence_s"],
        total_s=usage["total_s"],
    )


def _in(point: str, text: str) -> bool:
    plain = " ".join(text.replace("\u00a0", " ").split()).casefold()
    return point.casefold() in plain


def summary(cases: Sequence[Case]) -> dict[str, float]:
    """The figures that are compared between runs. Shares in [0, 1]; a share of nothing is 0."""
    due = [case for case in cases if case.expect == "answer"]
    refusals = [case for case in cases if case.expect == "refuse"]
    given = [case for case in due if case.answered]
    asked = [case for case in cases if case.prompt_tokens]
    return {
        "questions": len(cases),
        "access violations": sum(case.violation for case in cases),
        "answered of answerable": _mean(case.answered for case in due),
        "refused of unanswerable": _mean(not case.answered for case in refusals),
        "answer points": _mean(case.points for case in due),
        "citation precision": _mean(case.citations for case in given),
        "wholly right": _mean(case.right for case in cases),
        "prompt tokens, mean": _mean(case.prompt_tokens for case in asked),
        "prompt tokens, most": max((case.prompt_tokens for case in cases), default=0),
        "answer tokens, mean": _mean(case.answer_tokens for case in asked),
        "first sentence, mean s": _mean(case.first_sentence_s for case in given),
        "whole answer, mean s": _mean(case.total_s for case in asked),
    }


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def to_line(case: Case) -> str:
    """`case` as a line of JSON."""
    return json.dumps(asdict(case), ensure_ascii=False)


def from_line(line: str) -> Case:
    """The case in a line that `to_line` wrote."""
    raw = json.loads(line)
    return Case(**(raw | {"cited": tuple(raw["cited"])}))
