"""A privacy bench: how well the detectors of this house find what people marked in a sample of their own.

Texts stay in memory and on the page for those who run it; the report in JSON holds counts unless texts are asked for.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from time import perf_counter
from typing import Any, Final, Protocol

from appliance.privacy.judging.sample import Sample
from appliance.privacy.judging.scoring import Figures, Judged, figures, judge, safe
from appliance.records.privacy import Finding

FORMAT: Final = 1
WORST: Final = 10
AROUND: Final = 48
"""Characters shown on either side of what is told apart on the page."""


class Finder(Protocol):
    """What finds private things in texts: `appliance.privacy.detection.Detection`."""

    @property
    def version(self) -> str:
        """Of its configuration."""
        ...

    def find(self, texts: Sequence[str], *, language: str) -> list[list[Finding]]:
        """For each text, in order, what is in it."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """One miss or false alarm with its surroundings: for a page on this machine, never for a log."""

    document: str
    kind: str
    before: str
    text: str
    after: str
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a bench came to. `direct`: the kinds by which somebody is known at once."""

    name: str
    digest: str
    """Of the sample: two reports can be compared only if it is the same."""
    detection: str
    direct: frozenset[str]
    seconds: float
    judged: tuple[Judged, ...]

    @property
    def overall(self) -> Figures:
        """Of all documents."""
        return figures(self.judged)

    @property
    def kinds(self) -> dict[str, Figures]:
        """Of each kind, the most frequent first; then kinds that were found but never marked."""
        held = {kind: figures(self.judged, kind=kind) for kind in self._kinds()}
        return dict(sorted(held.items(), key=lambda item: (-item[1].spans, -item[1].findings, item[0])))

    @property
    def languages(self) -> dict[str, Figures]:
        """Of each language."""
        names = sorted({one.sample.language for one in self.judged})
        return {name: figures([one for one in self.judged if one.sample.language == name]) for name in names}

    @property
    def safe(self) -> int:
        """How many documents have no uncovered direct identifier."""
        return sum(safe(one, self.direct) for one in self.judged)

    @property
    def characters(self) -> int:
        """Of all texts."""
        return sum(len(one.sample.text) for one in self.judged)

    def misses(self, most: int = WORST) -> list[Told]:
        """The worst first: those of direct identifiers, then the least covered, then the longest."""
        held = [(one, span) for one in self.judged for span in one.spans if not span.covered]
        held.sort(key=lambda it: (it[1].span.kind not in self.direct, it[1].share, it[1].span.start - it[1].span.end))
        return [
            _told(one, span.span.kind, span.span.start, span.span.end, f"{span.share:.0%} covered")
            for one, span in held[:most]
        ]

    def false_alarms(self, most: int = WORST) -> list[Told]:
        """The worst first: the most characters that nobody marked, then the surest."""
        held = [(one, found) for one in self.judged for found in one.findings if not found.right]
        held.sort(key=lambda it: (it[1].marked - it[1].length, -it[1].finding.score))
        return [
            _told(
                one, it.finding.entity, it.finding.start, it.finding.end, f"{it.finding.source} {it.finding.score:.2f}"
            )
            for one, it in held[:most]
        ]

    def _kinds(self) -> set[str]:
        marked = {span.span.kind for one in self.judged for span in one.spans}
        return marked | {found.finding.entity for one in self.judged for found in one.findings}


def run(samples: Sequence[Sample], finder: Finder, *, name: str, direct: Iterable[str]) -> Report:
    """Look through `samples`, language by language. Raises NotScannable, DetectorUnavailable: half a bench is none."""
    began = perf_counter()
    judged: dict[str, Judged] = {}
    for language in sorted({one.language for one in samples}):
        held = [one for one in samples if one.language == language]
        for one, found in zip(held, finder.find([one.text for one in held], language=language), strict=True):
            judged[one.id] = judge(one, found)
    seconds = perf_counter() - began
    digest = sha256(repr(samples).encode("utf-8")).hexdigest()[:16]
    in_order = tuple(judged[one.id] for one in samples)
    return Report(name, digest, finder.version, frozenset(direct), seconds, in_order)


def to_json(report: Report, *, with_texts: bool = False) -> str:
    """`report` as JSON: counts and shares. With texts only for who asks for them: they are what the house protects."""
    plain: dict[str, Any] = {
        "format": FORMAT,
        "set": report.name,
        "set_digest": report.digest,
        "detection": report.detection,
        "documents": len(report.judged),
        "documents_safe": report.safe,
        "characters": report.characters,
        "seconds": round(report.seconds, 3),
        "direct": sorted(report.direct),
        "all": as_plain(report.overall),
        "kinds": {kind: as_plain(held) for kind, held in report.kinds.items()},
        "languages": {language: as_plain(held) for language, held in report.languages.items()},
    }
    if with_texts:
        plain["misses"] = [_plainly(one) for one in report.misses()]
        plain["false_alarms"] = [_plainly(one) for one in report.false_alarms()]
    return json.dumps(plain, indent=1, ensure_ascii=False)


def as_plain(held: Figures) -> dict[str, float | None]:
    """Counts and shares by name; a share of nothing is None."""
    return {
        "spans": held.spans,
        "covered": held.covered,
        "findings": held.findings,
        "right": held.right,
        "recall": held.recall,
        "precision": held.precision,
        "f2": held.f2,
        "characters": held.characters,
        "f2_characters": held.f2_characters,
    }


def _told(one: Judged, kind: str, start: int, end: int, detail: str) -> Told:
    text = one.sample.text
    return Told(
        one.sample.id, kind, text[max(0, start - AROUND) : start], text[start:end], text[end : end + AROUND], detail
    )


def _plainly(told: Told) -> dict[str, str]:
    return {
        "id": told.document,
        "kind": told.kind,
        "before": told.before,
        "text": told.text,
        "after": told.after,
        "detail": told.detail,
    }
