"""Bad input and bad detectors: refused, never passed as clean."""

import math
import os
from collections.abc import Callable, Sequence

import pytest

from appliance.errors import DetectorUnavailable, NotScannable
from appliance.privacy.detecting.scannable import Limits
from appliance.privacy.detection import Detection
from appliance.records.privacy import Finding
from tests.contracts.word_list import WordList

ADA = WordList({"Ada": "PERSON"})


class Odd:
    """A detector that answers whatever it is told to."""

    name = "odd"

    def __init__(self, answer: Callable[[Sequence[str]], Sequence[Sequence[Finding]]]) -> None:
        self._answer = answer

    def detect(self, texts: Sequence[str], _: str, /) -> Sequence[Sequence[Finding]]:
        return self._answer(texts)


def found(start: int, end: int, score: float = 0.9, entity: str = "PERSON") -> Odd:
    return Odd(lambda texts: [[Finding(start, end, entity, score, "odd")] for _ in texts])


def fails(_: Sequence[str]) -> Sequence[Sequence[Finding]]:
    raise ValueError("Ada Novak")


def nothing(_: Sequence[str]) -> Sequence[Sequence[Finding]]:
    answer: list[Sequence[Finding]] = []
    return answer


def none(_: Sequence[str]) -> Sequence[Sequence[Finding]]:
    return None  # type: ignore[return-value]  # what a broken detector does


def nones(texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
    return [None for _ in texts]  # type: ignore[misc]


def one_short(texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
    return [[] for _ in texts[1:]]


def one_over(texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
    return [[] for _ in (*texts, "")]


BAD_TEXTS = {
    "nul": "Ada\x00Novak",
    "half a character": "Ada \ud83d Novak",
    "binary as latin-1": bytes(range(256)).replace(b"\x00", b"").decode("latin-1") * 4,
    "binary as utf-8": bytes(range(128, 256)).decode("utf-8", errors="replace") * 10,
    "utf-16 as latin-1": "Ada Novak".encode("utf-16-le").decode("latin-1"),
    "control characters": "A\x01d\x02a\x03 \x04N\x05o\x06v\x07ak",
    "a megabyte on one line": "Ada Novak " * 105_000,
    "a megabyte on one line among others": "Ada\n" + "x" * 1_000_000 + "\nNovak",
}


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS.keys())
def test_what_is_no_text_is_refused(text: str) -> None:
    """Guards each `raise` of `privacy/detecting/scannable.py`, and the loop over `check` in `Detection.find`."""
    with pytest.raises(NotScannable) as refused:
        Detection([ADA], thresholds={}).find(["fine", text], language="en")
    assert "Ada" not in str(refused.value)


@pytest.mark.parametrize("identifiers", [2_001, 10_000])
def test_more_findings_than_a_passage_holds_are_refused(identifiers: int) -> None:
    """Guards the `raise too_many` of `Detection._look`."""
    text = "\n".join(f"Ada {number}" for number in range(identifiers))
    with pytest.raises(NotScannable):
        Detection([ADA], thresholds={}).find([text], language="en")


def test_what_is_below_the_threshold_does_not_count() -> None:
    text = "\n".join(f"Ada {number}" for number in range(5_000))
    assert Detection([ADA], thresholds={"PERSON": 0.95}).find([text], language="en") == [[]]


BAD_DETECTORS = {
    "raises": Odd(fails),
    "answers with nothing": Odd(nothing),
    "answers with None": Odd(none),
    "answers with None for a text": Odd(nones),
    "answers for one text too few": Odd(one_short),
    "answers for one text too many": Odd(one_over),
    "begins before the text": found(-1, 2),
    "ends behind the text": found(0, 10),
    "lies behind the text": found(10, 12),
    "is empty": found(2, 2),
    "is turned round": found(3, 1),
    "scores above one": found(0, 3, 1.5),
    "scores below nothing": found(0, 3, -0.1),
    "scores nan": found(0, 3, math.nan),
    "is of no kind": found(0, 3, entity=""),
}


@pytest.mark.parametrize("detector", BAD_DETECTORS.values(), ids=BAD_DETECTORS.keys())
def test_a_detector_that_fails_or_answers_nonsense_ends_the_search(detector: Odd) -> None:
    """Guards the `raise`s of `_asked` and `_check` and each condition of `_can_be`; the texts are nine characters long.

    That the lengths are compared is held twice: delete the comparison and the `strict` of the `zip` behind it.
    """
    with pytest.raises(DetectorUnavailable) as raised:
        Detection([ADA, detector], thresholds={}).find(["Ada Novak", "Bob Novak"], language="en")
    assert "Ada" not in str(raised.value)


def test_what_failed_is_not_remembered_as_clean() -> None:
    """Guards the order of `find`: only what was looked through whole is remembered."""

    def in_turn(texts: Sequence[str]) -> Sequence[Sequence[Finding]]:
        return next(answers)(texts)

    answers = iter([fails, lambda texts: [[Finding(0, 3, "PERSON", 1.0, "odd")] for _ in texts]])
    detection = Detection([Odd(in_turn)], thresholds={})
    with pytest.raises(DetectorUnavailable):
        detection.find(["Ada Novak"], language="en")
    assert detection.find(["Ada Novak"], language="en") == [[Finding(0, 3, "PERSON", 1.0, "odd")]]


def test_no_detector_is_no_detection() -> None:
    """Guards the check in `Detection.__init__`: nobody looking finds nothing."""
    with pytest.raises(DetectorUnavailable):
        Detection([], thresholds={})


@pytest.mark.parametrize(
    "text", ["Ada \u202eNovak\u202c", "Ада Ada Ἀda", "عدا Ada \u200fעדה", "Ada \x01 note", "a\u0301 Ada"]
)
def test_mixed_scripts_and_marks_are_looked_through(text: str) -> None:
    (findings,) = Detection([ADA], thresholds={}).find([text], language="en")
    assert "Ada" in {text[one.start : one.end] for one in findings}


def test_random_bytes_read_as_latin_1_are_refused() -> None:
    with pytest.raises(NotScannable):
        Detection([ADA], thresholds={}).find([os.urandom(4_096).decode("latin-1")], language="en")


def test_the_limits_are_those_that_are_given() -> None:
    detection = Detection([ADA], thresholds={}, limits=Limits(line=10, findings=1))
    assert len(detection.find(["Ada\nNovak and"[:9]], language="en")[0]) == 1
    with pytest.raises(NotScannable):
        detection.find(["Ada Novak and"], language="en")
    with pytest.raises(NotScannable):
        detection.find(["Ada\nAda"], language="en")
    with pytest.raises(NotScannable, match="2000000"):
        Detection([ADA], thresholds={}).find(["and so\n" * 300_000], language="en")
