"""How documents get their labels: looked through for personal data and injection signs, then judged by the rules.

A text adds to what its list says and takes nothing away. What could not be looked through is labelled so.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final, Protocol
from uuid import uuid4

from appliance.access.policy_set import PolicySet
from appliance.errors import NotScannable
from appliance.privacy.labelling.injection import suspicion
from appliance.privacy.labelling.labels import UNSCANNED, LabelRules, Marks, Said
from appliance.privacy.labelling.lexicon import FILE as LEXICON
from appliance.records import Access, Document, DocumentLabels, PassageLabels
from appliance.records.privacy import Finding

Stretch = tuple[int, int, int, int, str, str]
"""Position, page, start, end, text and language of a passage."""
_Text = tuple[str, str]
"""What is looked through, and its language."""
_SIGNS: Final = sha256(LEXICON.read_bytes()).hexdigest()[:12]
_WAY: Final = 2
"""Which way of looking through made the labels: 1 left headings, margins and titles out. A new way makes them old."""


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
        """Names the rules, the way, the signs and the detectors: what labels were made by."""
        told = f"{self._rules()[0]} {_WAY} {_SIGNS} {self._finder.version if self._finder else '-'}"
        return sha256(told.encode()).hexdigest()[:16]

    def check(self) -> None:
        """Raise DetectorUnavailable unless the detectors, if there are any, answer at this moment."""
        if self._finder is not None:
            self._finder.find([f"Is anybody there? {uuid4()}"], language="en")  # never asked before: none is remembered

    def _rules(self) -> tuple[str, LabelRules]:
        found = self._current()
        if self._compiled is None or self._compiled[0] != found.digest:
            self._compiled = found.digest, LabelRules.of(found)
        return self._compiled

    def labels(
        self, document: Document, listed: Access, pages: Sequence[str], stretches: Sequence[Stretch]
    ) -> DocumentLabels:
        """What the text of `document` says of itself, whatever `document` has for access.

        All of it is looked through: what no stretch covers (headings, margins) with the stretch that it stands before,
        and the title. The offsets that are kept stay those of the stretches.
        """
        version = self.version  # before anything is looked for: what changes meanwhile makes these labels old
        texts = _looked_through(document, pages, stretches)
        counted, looked = self._counted(texts)
        scores = [suspicion(text).score for text, _ in texts]
        passages = tuple(
            PassageLabels(position, page, start, end, language, score, entities)
            for (position, page, start, end, _, language), score, entities in zip(stretches, scores, counted)  # noqa: B905  # what is beyond the passages has no offsets to keep
        )
        found = sum((Counter(one) for one in counted[:-1]), Counter[str]()) | Counter(counted[-1])
        marks = self._rules()[1].marks(Said(pages, document.uri, document.title, found, max(scores), document.language))
        labels = marks.labels if looked else marks.labels | {UNSCANNED}
        return DocumentLabels(document.version, version, listed, marks.level, labels, marks.retention, passages)

    def _counted(self, texts: Sequence[_Text]) -> tuple[list[Mapping[str, int]], bool]:
        """How many of each kind stand in each text, and whether all were looked through."""
        counted: list[Mapping[str, int]] = [{} for _ in texts]
        if self._finder is None:
            return counted, False
        looked = True
        for language in sorted({language for _, language in texts}):
            own = [number for number, one in enumerate(texts) if one[1] == language]
            found = _found(self._finder, [texts[number][0] for number in own], language)
            for number, findings in zip(own, found, strict=True):
                counted[number] = dict(Counter(finding.entity for finding in findings or ()))
                looked = looked and findings is not None
        return counted, looked


def _found(finder: Finder, texts: Sequence[str], language: str) -> Sequence[Sequence[Finding] | None]:
    """What is in each text; None for one that cannot be looked through, which takes nothing from the others.

    Let `len(texts) == 1` be True and `test_marking.py::test_a_stretch_that_is_refused_hides_no_other` fails.
    """
    try:
        return finder.find(texts, language=language)
    except NotScannable:
        if len(texts) == 1:
            return [None]
        return [_found(finder, [text], language)[0] for text in texts]


def _looked_through(document: Document, pages: Sequence[str], stretches: Sequence[Stretch]) -> list[_Text]:
    """The text of each stretch with what stands uncovered beside it, pages without a stretch, and last the title."""
    texts = [(text, language) for *_, text, language in stretches]
    covered = [0] * len(pages)
    last: dict[int, int] = {}
    for number in sorted(range(len(stretches)), key=lambda number: stretches[number][1:3]):
        _, page, start, end, _, language = stretches[number]
        if page <= len(pages):
            begin = min(start, covered[page - 1])
            texts[number] = pages[page - 1][begin:end], language
            covered[page - 1], last[page] = max(end, covered[page - 1]), number
    for page, text in enumerate(pages, start=1):
        if (rest := text[covered[page - 1] :]).strip():
            if page in last:
                number = last[page]
                texts[number] = texts[number][0] + rest, texts[number][1]
            else:
                texts.append((rest, document.language))
    return [*texts, (document.title, document.language)]


def marks_of(labels: DocumentLabels) -> Marks:
    """What was said, as it is added to a list."""
    return Marks(labels.level, labels.labels, labels.retention)
