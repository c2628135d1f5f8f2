"""How documents get their labels: looked through for personal data and injection signs, then judged by the rules.

A text adds to what its list says and takes nothing away. What could not be looked through is labelled so.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final, Protocol

from appliance.access.policy_set import PolicySet
from appliance.errors import NotScannable
from appliance.privacy.labelling.injection import suspicion
from appliance.privacy.labelling.labels import UNSCANNED, LabelRules, Marks, Said
from appliance.privacy.labelling.lexicon import FILE as LEXICON
from appliance.records import Access, Document, DocumentLabels, PassageLabels
from appliance.records.privacy import Finding

Stretch = tuple[int, int, int, int, str, str]
"""Position, page, start, end, text and language of a passage."""
_SIGNS: Final = sha256(LEXICON.read_bytes()).hexdigest()[:12]


class Finder(Protocol):
    """What finds personal data (`appliance.privacy.detection.Detection`)."""

    @property
    def version(self) -> str:
        """Names what is found by which detectors."""
        ...

    def find(self, texts: Sequence[str], *, language: str) -> Sequence[Sequence[Finding]]:
        """Per text what is in it. Raises NotScannable, DetectorUnavailable."""
        ...


class Marking:
    """Labels documents by the policy set that `current` gives. Without a finder every document is `unscanned`.

    Raises PolicyRefused for a set without label rules, PolicyUnavailable where none is in force, DetectorUnavailable.
    """

    def __init__(self, current: Callable[[], PolicySet], finder: Finder | None = None) -> None:
        self._current = current
        self._finder = finder
        self._compiled: tuple[str, LabelRules] | None = None

    @property
    def version(self) -> str:
        """Names the rules, the signs and the detectors: what labels were made by."""
        told = f"{self._rules()[0]} {_SIGNS} {self._finder.version if self._finder else '-'}"
        return sha256(told.encode()).hexdigest()[:16]

    def _rules(self) -> tuple[str, LabelRules]:
        found = self._current()
        if self._compiled is None or self._compiled[0] != found.digest:
            self._compiled = found.digest, LabelRules.of(found)
        return self._compiled

    def labels(
        self, document: Document, listed: Access, pages: Sequence[str], stretches: Sequence[Stretch]
    ) -> DocumentLabels:
        """What the text of `document` says of itself, whatever `document` has for access."""
        counted, looked = self._counted(stretches)
        passages = tuple(
            PassageLabels(position, page, start, end, language, suspicion(text).score, entities)
            for (position, page, start, end, text, language), entities in zip(stretches, counted, strict=True)
        )
        found = sum((Counter(one.entities) for one in passages), Counter[str]())
        worst = max((one.suspicion for one in passages), default=0.0)
        marks = self._rules()[1].marks(Said(pages, document.uri, document.title, found, worst, document.language))
        labels = marks.labels if looked else marks.labels | {UNSCANNED}
        return DocumentLabels(document.version, self.version, listed, marks.level, labels, marks.retention, passages)

    def _counted(self, stretches: Sequence[Stretch]) -> tuple[list[Mapping[str, int]], bool]:
        """How many of each kind stand in each stretch, and whether all were looked through."""
        nothing: list[Mapping[str, int]] = [{} for _ in stretches]
        if self._finder is None:
            return nothing, False
        try:
            for language in sorted({one[5] for one in stretches}):
                own = [number for number, one in enumerate(stretches) if one[5] == language]
                found = self._finder.find([stretches[number][4] for number in own], language=language)
                for number, findings in zip(own, found, strict=True):
                    nothing[number] = dict(Counter(finding.entity for finding in findings))
        except NotScannable:
            return [{} for _ in stretches], False
        return nothing, True


def marks_of(labels: DocumentLabels) -> Marks:
    """What was said, as it is added to a list."""
    return Marks(labels.level, labels.labels, labels.retention)
