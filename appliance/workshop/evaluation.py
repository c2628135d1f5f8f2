"""Golden questions, and what one of them gave when it was asked. Pure, but for reading the set."""

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from appliance.errors import BadRequest
from appliance.workshop import ranking
from appliance.workshop.ranking import Hit

_MARKS: Final = re.compile(r"\s*\[\d{1,2}\]")


@dataclass(frozen=True, slots=True)
class Golden:
    """A question with what a right answer holds. `points` are groups of alternatives: one of each must be there.

    `documents` are the uris that may be cited, `evidence` the sentences of theirs that answer; `near` is the near miss
    or the forbidden document of a refusal.
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
    evidence: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Changes with anything that the score depends on: cases of two digests are not compared."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Case:
    """One question asked: what came, and how good it was. Shares are in [0, 1]; times in seconds.

    `reason` is the code of a refusal, "" for an answer. `citations` is the share of cited documents that are gold,
    `cited_gold` the share of gold documents that are cited. `found` is what the search alone brings, best first.
    """

    id: str
    digest: str
    kind: str
    language: str
    expect: str
    answered: bool
    reason: str
    text: str
    withheld: int
    cited: tuple[str, ...]
    points: float
    citations: float
    cited_gold: float
    violation: bool
    prompt_tokens: int
    answer_tokens: int
    first_sentence_s: float
    total_s: float
    gold: tuple[str, ...]
    evidence: int
    found: tuple[Hit, ...]

    @property
    def right(self) -> bool:
        """An answer with every point and only good citations, or a refusal where one was due; never a violation."""
        if self.violation:
            return False
        if self.expect == "refuse":
            return not self.answered
        return self.answered and self.points == 1 and self.citations == 1


def read(path: Path) -> list[Golden]:
    """The golden questions in a file of JSON lines. Raises BadRequest naming the line that does not fit."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            raw: dict[str, Any] = json.loads(line)
            fields = {name: raw[name] for name in ("id", "persona", "language", "kind", "question", "expect", "near")}
            points = tuple(tuple(group) for group in raw["points"])
            documents, evidence = tuple(raw["documents"]), tuple(raw["evidence"])
            found.append(Golden(**fields, documents=documents, points=points, evidence=evidence))
        except (ValueError, LookupError, TypeError) as error:
            raise BadRequest(f"Line {number} of {path.name} is not a golden question.") from error
    if not found:
        raise BadRequest(f"{path.name} holds no question.")
    if len({golden.id for golden in found}) < len(found):
        raise BadRequest(f"{path.name} holds an id twice.")
    return found


def score(
    golden: Golden, outcome: dict[str, Any], passages: Sequence[dict[str, Any]], *, readable: Collection[str]
) -> Case:
    """Weigh what the API gave: an answer or a refusal, and the `passages` of a search, best first.

    A citation or a passage outside `readable` is an access violation.
    """
    answered = outcome["kind"] == "answer"
    text = str(outcome["text"]) if answered else ""
    cited = tuple(dict.fromkeys(str(citation["uri"]) for citation in outcome.get("citations", ())))
    hits = ranking.hits(passages, documents=golden.documents, evidence=golden.evidence)
    bare = _MARKS.sub("", text)
    good = set(cited) & set(golden.documents)
    usage = outcome["usage"]
    return Case(
        id=golden.id,
        digest=golden.digest,
        kind=golden.kind,
        language=golden.language,
        expect=golden.expect,
        answered=answered,
        reason="" if answered else str(outcome["code"]),
        text=text,
        withheld=int(outcome.get("withheld", 0)),
        cited=cited,
        points=_share(sum(any(holds(bare, point) for point in group) for group in golden.points), golden.points),
        citations=_share(len(good), cited),
        cited_gold=_share(len(good), golden.documents),
        violation=any(uri not in readable for uri in (*cited, *(hit.uri for hit in hits))),
        prompt_tokens=usage["prompt_tokens"],
        answer_tokens=usage["answer_tokens"],
        first_sentence_s=usage["first_sentence_s"],
        total_s=usage["total_s"],
        gold=golden.documents,
        evidence=len(golden.evidence),
        found=hits,
    )


def holds(text: str, point: str) -> bool:
    """Whether `text` says `point`, in any case and spacing. A number is not held by a longer one: 45 is not in 145."""
    plain, wanted = (" ".join(one.replace("\u00a0", " ").split()).casefold() for one in (text, point))
    before = r"(?<!\d)(?<!\d[.,:])" if wanted[:1].isdigit() else ""
    after = r"(?!\d)(?![.,:]\d)" if wanted[-1:].isdigit() else ""
    return re.search(before + re.escape(wanted) + after, plain) is not None


def _share(part: int, whole: Collection[object]) -> float:
    return part / len(whole) if whole else 0.0


def to_line(case: Case) -> str:
    """`case` as a line of JSON."""
    return json.dumps(asdict(case), ensure_ascii=False)


def from_line(line: str) -> Case:
    """The case in a line that `to_line` wrote."""
    return from_plain(json.loads(line))


def from_plain(raw: dict[str, Any]) -> Case:
    """The case in what JSON made of `asdict(case)`."""
    found = tuple(Hit(hit["uri"], tuple(hit["evidence"])) for hit in raw["found"])
    return Case(**(raw | {"cited": tuple(raw["cited"]), "gold": tuple(raw["gold"]), "found": found}))
