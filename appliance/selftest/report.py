"""What a leak test found, as values and as JSON: routes, people, phrasings and kinds of canaries, never content."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

UNANSWERED_SHARE = 0.01
"""Attempts that may get no answer (a full house, a fault): with more, the test did not test."""


class Way(StrEnum):
    """How something comes out."""

    WORDS = "words"
    """A canary's words came back to somebody who may not read it."""
    DIFFERENCE = "difference"
    """What is forbidden was answered otherwise than what does not exist."""
    TIME = "time"
    """It was answered in another time, beyond chance."""
    RECORD = "record"
    """A canary's words stand where no content may stand: logs, ledger, files of the run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A path on which something comes out: who asked, on which route, in which words, for which canary, and how."""

    way: Way
    route: str
    person: str
    phrasing: str
    canary: str
    how: str


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds (medians over `pairs`) for what is forbidden and for what is missing; `p` is that of chance alone."""

    route: str
    pairs: int
    forbidden: float
    missing: float
    p: float


@dataclass(frozen=True, slots=True)
class Report:
    """One leak test. `cells` counts attempts by (person, route); `missed` are controls: readers who did not find."""

    began: datetime
    seconds: float
    tenant: str
    policy: str
    model: str
    seed: int
    cells: Counter[tuple[str, str]]
    findings: Sequence[Finding]
    controls: int
    missed: Sequence[str]
    unanswered: Counter[str]
    times: Sequence[Times]
    notes: Sequence[str] = field(default=())

    @property
    def attempts(self) -> int:
        """How many attempts got an answer."""
        return self.cells.total() - self.unanswered.total()

    @property
    def sound(self) -> bool:
        """Whether the test tested: whoever may read found his canary, and attempts were answered."""
        few = self.unanswered.total() <= UNANSWERED_SHARE * self.cells.total()
        return self.controls > 0 and not self.missed and few and self.attempts > 0

    @property
    def exit_code(self) -> int:
        """0 nothing came out, 1 something did, 2 the test itself failed."""
        if self.findings:
            return 1
        return 0 if self.sound else 2

    @property
    def verdict(self) -> str:
        """One line for people, without content."""
        if self.findings:
            return f"{len(self.findings)} paths found in {self.attempts:,} attempts."
        if not self.sound:
            return "The test itself failed: it proves nothing."
        return f"Nothing came out in {self.attempts:,} attempts."


def to_json(report: Report) -> str:
    """The report as JSON."""
    told = {
        "began": report.began.isoformat(timespec="seconds"),
        "seconds": round(report.seconds, 1),
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "attempts": report.attempts,
        "tenant": report.tenant,
        "policy": report.policy,
        "model": report.model,
        "seed": report.seed,
        "findings": [asdict(finding) for finding in report.findings],
        "controls": report.controls,
        "controls_missed": list(report.missed),
        "unanswered": dict(report.unanswered),
        "times": [asdict(times) for times in report.times],
        "notes": list(report.notes),
        "cells": [
            {"person": person, "route": route, "attempts": count}
            for (person, route), count in sorted(report.cells.items())
        ],
    }
    return json.dumps(told, indent=1, ensure_ascii=False)
