"""A labelled sample: texts in which people have marked what is private. JSON, a line each; every fault by its line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from appliance.errors import BadRequest
from appliance.privacy.judging.label_map import LabelMap

ADVICE: Final = (
    'A line is {"id": "1", "text": "…", "spans": [{"start": 0, "end": 4, "label": "PERSON"}], "language": "en"}.'
)
_LANGUAGE: Final = "en"
_SHOWN_FAULTS: Final = 10


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` (from 0) to `end` (exclusive) that people marked as `label`, which means `kind` here."""

    start: int
    end: int
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One document of a sample. `language` is a code of two letters."""

    id: str
    text: str
    spans: tuple[Span, ...]
    language: str


def read(path: Path, labels: LabelMap, *, language: str = _LANGUAGE) -> list[Sample]:
    """The documents of the sample in `path`, in order; `language` is that of those which do not tell.

    Raises BadRequest that names the faulty lines by number and never by content.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except FileNotFoundError:
        raise BadRequest("There is no such file.", advice="--set names a labelled sample. " + ADVICE) from None
    except UnicodeDecodeError as error:
        raise BadRequest(f"{path.name} is not written in UTF-8.", advice=ADVICE) from error
    found: list[Sample] = []
    faults: list[str] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_document(line, labels, language, seen))
        except _FaultError as fault:
            faults.append(f"line {number}: {fault}")
    if faults:
        more = f"; and {len(faults) - _SHOWN_FAULTS} more lines" if len(faults) > _SHOWN_FAULTS else ""
        raise BadRequest(f"{path.name}, {'; '.join(faults[:_SHOWN_FAULTS])}{more}.", advice=ADVICE)
    if not found:
        raise BadRequest(f"{path.name} holds no documents.", advice=ADVICE)
    return found


class _FaultError(Exception):
    """What is wrong with one line."""


def _document(line: str, labels: LabelMap, language: str, seen: set[str]) -> Sample:
    try:
        raw = json.loads(line)
    except ValueError:
        raise _FaultError("no JSON") from None
    if not isinstance(raw, dict):
        raise _FaultError("no JSON object")
    name, text, spans = raw.get("id"), raw.get("text"), raw.get("spans")
    if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
        raise _FaultError("`id` is missing")
    if str(name) in seen:
        raise _FaultError("`id` was used before")
    seen.add(str(name))
    if not isinstance(text, str) or not text:
        raise _FaultError("`text` is missing or empty")
    if not isinstance(spans, list):
        raise _FaultError("`spans` must be a list, empty if nothing is private")
    told = raw.get("language", language)
    if not isinstance(told, str) or len(told) != 2 or not told.isalpha():
        raise _FaultError("`language` is a code of two letters")
    return Sample(str(name), text, tuple(sorted(_spans(spans, text, labels), key=_place)), told.lower())


def _place(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _spans(spans: list[Any], text: str, labels: LabelMap) -> Iterator[Span]:
    for number, raw in enumerate(spans, start=1):
        if not isinstance(raw, dict):
            raise _FaultError(f"span {number} is no JSON object")
        start, end, label = raw.get("start"), raw.get("end"), raw.get("label")
        if type(start) is not int or type(end) is not int:
            raise _FaultError(f"span {number} needs whole numbers as `start` and `end`")
        if not 0 <= start < end <= len(text):
            raise _FaultError(f"span {number} is empty or lies outside the text of {len(text)} characters")
        if not isinstance(label, str) or not label:
            raise _FaultError(f"span {number} needs a `label`")
        kind = labels.kind(label)
        if kind is None:
            raise _FaultError(f"span {number} has a label that no map knows; give --map")
        yield Span(start, end, label, kind)
