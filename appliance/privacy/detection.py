"""What is private in texts: the union of what several detectors find. Nothing half looked through counts as clean.

Every detector is shown every text; what one of them finds above its kind's threshold is found. A detector that fails,
or answers what cannot be true, ends the whole search: the rest would look like a clean text.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Protocol

from appliance.errors import DetectorUnavailable, NotScannable
from appliance.privacy.detecting.believing import believer
from appliance.privacy.detecting.cutting import Cut, pieces
from appliance.privacy.detecting.merging import Trusted, joined, united
from appliance.privacy.detecting.plain import View, folded, unveiled
from appliance.privacy.detecting.remembering import Remembered
from appliance.privacy.detecting.scannable import Limits, check, too_many
from appliance.records.privacy import Finding

_REMEMBERED: Final = 20_000
_BATCH: Final = 200_000
"""Characters that a detector is shown at once, at most one text more."""
_ANY_SCORE: Final = 0.0


class Detector(Protocol):
    """The port to what finds personal data. Its findings may overlap.

    One whose findings change while it lives (lists that are loaded anew) also has a `version: str`, another one then.
    """

    @property
    def name(self) -> str:
        """Short, of this kind of detector."""
        ...

    def detect(self, texts: Sequence[str], language: str, /) -> Sequence[Sequence[Finding]]:
        """For each text, in order, what is in it; offsets in its characters. Raises DetectorUnavailable.

        `language` is a code of two letters; one that the detector does not know is looked through all the same.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a view of the text numbered `of`; its first character is the view's `start`."""

    of: int
    view: View
    start: int
    text: str


class Detection:
    """Unites detectors, the most trusted first. For several threads if its detectors are.

    `thresholds`: the least score per kind; a kind that is not named counts at any score. `whole`: names of detectors
    that are shown a long text whole. `configuration`: what else decides what is found (digests of models and of rules).
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        *,
        thresholds: Mapping[str, float],
        whole: Collection[str] = (),
        configuration: Sequence[str] = (),
        limits: Limits = Limits(),  # noqa: B008 - a value
        cut: Cut = Cut(),  # noqa: B008 - a value
    ) -> None:
        if not detectors:
            raise DetectorUnavailable("There is no detector.")
        self._detectors = tuple(detectors)
        self._thresholds = dict(thresholds)
        self._whole = frozenset(whole)
        self._limits = limits
        self._cut = cut
        self._configuration = repr((sorted(self._thresholds.items()), sorted(self._whole), limits, cut, configuration))
        self._remembered = Remembered(_REMEMBERED)

    @property
    def version(self) -> str:
        """Another one whenever other findings can come out: what labels and reports name."""
        names = [(one.name, getattr(one, "version", "")) for one in self._detectors]
        return sha256(repr((names, self._configuration)).encode("utf-8")).hexdigest()[:16]

    def find(self, texts: Sequence[str], *, language: str) -> list[list[Finding]]:
        """For each text, in order: sorted findings, none overlapping. Raises NotScannable, DetectorUnavailable."""
        for text in texts:
            check(text, self._limits)
        version = self.version
        keys = [Remembered.key(text, language, version) for text in texts]
        known = {key: self._remembered.get(key) for key in dict.fromkeys(keys)}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if known[key] is None}
        for batch in _batches(missing):
            for key, found in zip(batch, self._look([missing[key] for key in batch], language), strict=True):
                self._remembered.put(key, found)
                known[key] = found
        return [list(known[key] or ()) for key in keys]

    def _look(self, texts: Sequence[str], language: str) -> list[list[Finding]]:
        found: list[list[Trusted]] = [[] for _ in texts]
        views = [(of, view) for of, text in enumerate(texts) for view in _views(text)]
        parts = [_Piece(of, view, start, part) for of, view in views for start, part in pieces(view.text, self._cut)]
        wholes = [_Piece(of, view, 0, view.text) for of, view in views]
        for trust, detector in enumerate(self._detectors):
            shown = wholes if detector.name in self._whole else parts
            counts = [0] * len(texts)
            for piece, findings in zip(shown, _asked(detector, shown, language), strict=True):
                believed = believer(piece.text, language)
                kept = [self._placed(piece, one) for one in findings if self._counts(one) and believed(one)]
                counts[piece.of] += len(kept)
                found[piece.of] += [(trust, one) for one in kept]
            if max(counts, default=0) > self._limits.findings:
                raise too_many(self._limits)
        return [joined(text, united(all_of_it)) for text, all_of_it in zip(texts, found, strict=True)]

    def _counts(self, finding: Finding) -> bool:
        return finding.score >= self._thresholds.get(finding.entity, _ANY_SCORE)

    @staticmethod
    def _placed(piece: _Piece, finding: Finding) -> Finding:
        start, end = piece.view.span(piece.start + finding.start, piece.start + finding.end)
        return replace(finding, start=start, end=end)


def _views(text: str) -> Iterator[View]:
    yield folded(text)
    other = unveiled(text)
    if other is not None:
        yield other


def _batches(texts: Mapping[bytes, str]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for key, text in texts.items():
        batch.append(key)
        size += len(text)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _asked(detector: Detector, shown: Sequence[_Piece], language: str) -> list[Sequence[Finding]]:
    """What a detector says of each piece, believed only if it can be true. Raises DetectorUnavailable."""
    try:
        answer = list(detector.detect([piece.text for piece in shown], language))
        _check(detector.name, answer, shown)
    except (DetectorUnavailable, NotScannable):
        raise
    except Exception as error:
        raise DetectorUnavailable(f"The detector {detector.name} failed ({type(error).__name__}).") from error
    return answer


def _check(name: str, answer: Sequence[Sequence[Finding]], shown: Sequence[_Piece]) -> None:
    """Raise DetectorUnavailable for an answer that cannot be true. `tests/privacy/test_refusals.py` has each case."""
    if len(answer) != len(shown):
        raise DetectorUnavailable(f"The detector {name} did not answer for every text.")
    for piece, findings in zip(shown, answer, strict=True):
        if not all(_can_be(finding, len(piece.text)) for finding in findings):
            raise DetectorUnavailable(f"The detector {name} found what cannot be there.")


def _can_be(finding: Finding, length: int) -> bool:
    """Whether a finding lies in a text of `length` characters and scores in [0, 1]; nan is no score."""
    return 0 <= finding.start < finding.end <= length and 0 <= finding.score <= 1 and bool(finding.entity)
