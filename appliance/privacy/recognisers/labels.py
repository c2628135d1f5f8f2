"""Values that only their label names: "MRN 0045-781", "Kontonummer: 532 013 000", "4711-08 (patient id)".

All labels of a book are one alternation, so that a text is read once, however many kinds there are.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.privacy.recognisers.shapes import always
from appliance.privacy.recognisers.sheet import Sheet
from appliance.records import Finding

_WORDS: Final = 4
"""So many words may stand between a label and its value."""
_BACK: Final = 40
_GAP: Final = re.compile(r"[\s:=#|.,()\[\]*\"'/_-]{0,12}")
_WORD: Final = re.compile(r"[^\W\d_]{1,16}(?![\w@])")
_BETWEEN: Final = re.compile(r"[\s:=#|,()\[\]*\"'-]{0,6}(?:[^\W\d_]{1,12}[\s:=#|,()\[\]*\"'-]{1,6}){0,3}")
_NO_CODE: Final = re.compile(
    r"(?:19|20)\d\d(?:[/-](?:19|20)?\d\d)?|.{1,40}\.[a-z]{2,4}|\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}([./-])\d\d\2\d\d"
)

NUMBERED: Final = r"(?:\s?(?:numbers?|num|no|nr|nummern?|code|id|ids|#))?"
"""What may follow a label's noun: "claim", "claim no", "claim number"."""
NUMBER_OF: Final = r"(?:[ -]{0,2}(?:numbers?|num|no|nr|nummern?|ids?|identifier|#)\.?|(?=\s{0,2}[:#]))"
"""What must follow a noun that says little by itself: "case number", "case:"."""


def code(digits: int, most: int = 24) -> re.Pattern[str]:
    """A pattern for letters and digits in one piece, with at least so many digits; groups of digits may be spaced."""
    spaced = rf"(?=(?:[A-Za-z ./_-]{{0,6}}\d){{{digits}}})[A-Za-z]{{0,5}} ?\d{{2,8}}(?:[ -]\d{{2,8}}|-\d){{1,5}}"
    part = r"(?:[A-Za-z0-9]|[./_-](?=[A-Za-z0-9]))"
    whole = rf"(?=(?:[A-Za-z./_-]{{0,7}}\d){{{digits}}})[A-Za-z0-9]{part}{{{digits - 1},{most}}}"
    return re.compile(rf"(?<!\w)(?:{spaced}(?!\w)|{whole}(?!\w))")


def no_date(value: str) -> bool:
    """Say that `value` is not simply a date, a year or a file's name."""
    return not _NO_CODE.fullmatch(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A kind that its label names. `words` are alternatives over small letters, `value` what stands behind them.

    A value that is none by `check` is passed over; one that fails `proof` scores `unproven`. `reach` is how many words
    may stand between; `back` allows the value before its label.
    """

    name: str
    entity: str
    words: str
    value: re.Pattern[str]
    score: float
    check: Callable[[str], bool] = no_date
    proof: Callable[[str], bool] | None = None
    unproven: float = 0.0
    reach: int = _WORDS
    back: bool = True


class Book:
    """Many labels, found in one reading."""

    name = "labels"

    def __init__(self, labels: Sequence[Label], *, gate: Callable[[Sheet], bool] = always) -> None:
        self.labels = tuple(labels)
        self._gate = gate
        alternatives = "|".join(f"(?P<l{number}>{label.words})" for number, label in enumerate(labels))
        self._pattern = re.compile(rf"(?<![a-z0-9äöüß@])(?:{alternatives})(?![a-zäöüß0-9])")

    def find(self, sheet: Sheet, /) -> Iterator[Finding]:
        """Yield what stands behind each label, or else before it, where it looks as the label says."""
        if not self._gate(sheet):
            return
        taken = 0
        for named in self._pattern.finditer(sheet.low):
            label = self.labels[int((named.lastgroup or "l0")[1:])]
            if named.start() < taken:  # SN-2047719 is a value, not the label SN
                continue
            found = _behind(label, sheet, named.end())
            if found is None and label.back:
                found = _before(label, sheet, max(taken, named.start() - _BACK), named.start())
            if found is not None:
                start, end = found
                taken = max(taken, end)
                proven = label.proof is None or label.proof(sheet.plain[start:end])
                if score := label.score if proven else label.unproven:
                    yield Finding(start, end, label.entity, score, label.name)


def _behind(label: Label, sheet: Sheet, at: int) -> tuple[int, int] | None:
    for _ in range(label.reach + 1):
        gap = _GAP.match(sheet.plain, at)
        at = gap.end() if gap else at
        if (found := label.value.match(sheet.plain, at)) and label.check(found[0]):
            return found.span("v") if "v" in label.value.groupindex else found.span()
        word = _WORD.match(sheet.plain, at)
        if word is None:
            return None
        at = word.end()
    return None


def _before(label: Label, sheet: Sheet, start: int, end: int) -> tuple[int, int] | None:
    last = None
    for found in label.value.finditer(sheet.plain, start, end):
        whole = found.start() == 0 or not sheet.plain[found.start() - 1].isalnum()
        if whole and label.check(found[0]) and _BETWEEN.fullmatch(sheet.plain, found.end(), end):
            last = found.span("v") if "v" in label.value.groupindex else found.span()
    return last
