"""Whether a text can be looked through at all. What cannot is refused: it is never passed as clean."""

import re
from dataclasses import dataclass
from typing import Final

from appliance.errors import NotScannable

_NO_TEXT: Final = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]")
_NEVER: Final = re.compile("[\x00\ud800-\udfff]")
_STRAY: Final = 3
_SHARE: Final = 0.05
_ADVICE: Final = "Nothing of it was passed on. It must be looked at by a person, or be brought as real text."


@dataclass(frozen=True, slots=True)
class Limits:
    """What a text (a passage, a page, a message) may be: characters of one line, findings, characters in all."""

    line: int = 200_000
    findings: int = 2_000
    length: int = 2_000_000


def check(text: str, limits: Limits) -> None:
    """Raise NotScannable for what is no text, or whose lines no detector reads as a person would.

    Each line of it has a case in `tests/privacy/test_refusals.py`.
    """
    if len(text) > limits.length:
        raise NotScannable(f"A text has more than {limits.length} characters.", advice=_ADVICE)
    if _NEVER.search(text):
        raise NotScannable("A text holds characters that no text has.", advice=_ADVICE)
    strange = sum(1 for _ in _NO_TEXT.finditer(text))
    if strange > _STRAY and strange > _SHARE * len(text):
        raise NotScannable("A text is no text but bytes of something else.", advice=_ADVICE)
    if len(text) > limits.line and max(map(len, text.splitlines()), default=0) > limits.line:
        raise NotScannable(f"A text has a line of more than {limits.line} characters.", advice=_ADVICE)


def too_many(limits: Limits) -> NotScannable:
    """What is raised where more is found than a passage of text holds."""
    return NotScannable(f"More than {limits.findings} findings in one text.", advice=_ADVICE)
