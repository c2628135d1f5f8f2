"""How what was found in a labelled text is judged. Pure; `deploy/decisions/0032-judging-detection.md` argues for it.

- A marked span is *covered* if at least 90 % of its characters lie in findings, of whatever kind: a name that is taken
  for a place is not seen by anybody all the same.
- A finding is *right* if at least half of its characters are marked. Findings that overlap count as one.
- Recall is the share of spans covered, precision the share of findings that are right, and F2 joins them with recall
  counting twice as much. Beside it the share of found characters that are marked, which padding cannot deceive.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.privacy.judging.sample import Sample, Span
from appliance.records.privacy import Finding

COVERED: Final = 0.9
RIGHT: Final = 0.5
_RECALL_COUNTS: Final = 2
_EPSILON: Final = 1e-9


@dataclass(frozen=True, slots=True)
class JudgedSpan:
    """What people marked, and the share of its characters that was found."""

    span: Span
    share: float

    @property
    def covered(self) -> bool:
        """Whether it counts as found."""
        return self.share >= COVERED - _EPSILON


@dataclass(frozen=True, slots=True)
class JudgedFinding:
    """What was found, and how many of its characters are marked."""

    finding: Finding
    marked: int

    @property
    def length(self) -> int:
        """In characters."""
        return self.finding.end - self.finding.start

    @property
    def right(self) -> bool:
        """Whether it counts as no false alarm."""
        return self.marked >= RIGHT * self.length - _EPSILON


@dataclass(frozen=True, slots=True)
class Judged:
    """One document with everything that was found in it."""

    sample: Sample
    spans: tuple[JudgedSpan, ...]
    findings: tuple[JudgedFinding, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts, and the shares that follow from them; a share of nothing is None."""

    spans: int
    covered: int
    findings: int
    right: int
    found_characters: int
    right_characters: int

    @property
    def recall(self) -> float | None:
        """Of the spans, the share that is covered."""
        return _share(self.covered, self.spans)

    @property
    def precision(self) -> float | None:
        """Of the findings, the share that is right."""
        return _share(self.right, self.findings)

    @property
    def characters(self) -> float | None:
        """Of the characters found, the share that is marked."""
        return _share(self.right_characters, self.found_characters)

    @property
    def f2(self) -> float | None:
        """Of recall and precision; where nothing at all was found, 0 if something should have been."""
        return f_score(self.precision, self.recall)

    @property
    def f2_characters(self) -> float | None:
        """The same with the share of characters in the place of precision."""
        return f_score(self.characters, self.recall)


def judge(sample: Sample, findings: Iterable[Finding]) -> Judged:
    """`sample` beside what was found in it."""
    held = apart(findings)
    marked, found = bytearray(len(sample.text)), bytearray(len(sample.text))
    for span in sample.spans:
        marked[span.start : span.end] = b"\1" * (span.end - span.start)
    for finding in held:
        found[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
    return Judged(
        sample,
        tuple(JudgedSpan(one, sum(found[one.start : one.end]) / (one.end - one.start)) for one in sample.spans),
        tuple(JudgedFinding(one, sum(marked[one.start : one.end])) for one in held),
    )


def apart(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted, and no two overlapping: of those that do one remains, as long as all, of the highest score's kind."""
    held: list[Finding] = []
    for finding in sorted(findings):
        if held and finding.start < held[-1].end:
            last = held[-1]
            best = max(last, finding, key=lambda one: one.score)
            held[-1] = Finding(last.start, max(last.end, finding.end), best.entity, best.score, best.source)
        else:
            held.append(finding)
    return held


def figures(judged: Sequence[Judged], *, kind: str | None = None, label: str | None = None) -> Figures:
    """Of all; of one kind (its spans, and the findings that say so); or of one label (its spans, no findings)."""
    spans = [
        one
        for held in judged
        for one in held.spans
        if (kind is None or one.span.kind == kind) and (label is None or one.span.label == label)
    ]
    findings = [
        one
        for held in judged
        for one in held.findings
        if label is None and (kind is None or one.finding.entity == kind)
    ]
    return Figures(
        spans=len(spans),
        covered=sum(one.covered for one in spans),
        findings=len(findings),
        right=sum(one.right for one in findings),
        found_characters=sum(one.length for one in findings),
        right_characters=sum(one.marked for one in findings),
    )


def safe(judged: Judged, direct: Iterable[str]) -> bool:
    """Whether no span of the kinds `direct` is left uncovered in this document."""
    kinds = frozenset(direct)
    return all(one.covered for one in judged.spans if one.span.kind in kinds)


def f_score(precision: float | None, recall: float | None) -> float | None:
    """F2. Nothing to find and nothing found has none; nothing found though something was there has 0."""
    if recall is None:
        return None
    precision = 0.0 if precision is None else precision
    weight = _RECALL_COUNTS**2
    below = weight * precision + recall
    return (1 + weight) * precision * recall / below if below else 0.0


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
