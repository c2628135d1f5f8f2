"""What a site says of detection, in one YAML file: thresholds per kind, and recognisers of its own.

A recogniser must bring texts that it finds and near misses that it does not; both are run when the file is read. Its
pattern is tried against texts made to make it slow, and no text ever gets more than `PATIENCE` of its time.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import regex
import yaml
from pydantic import ValidationError

from appliance.access import plain_yaml
from appliance.errors import DetectorUnavailable, PolicyRefused
from appliance.privacy.detecting.site_file import CHECKS, Written, WrittenRecogniser
from appliance.privacy.recognisers.shapes import near, words
from appliance.privacy.recognisers.sheet import Sheet, sheet_of
from appliance.records import Entity, Finding

PATIENCE: Final = 1.0
"""Seconds that one pattern of a site may take for one text."""
_TRIAL: Final = 0.5
_HOSTILE: Final = 20_000
TOGETHER_S: Final = 60.0
"""Seconds for all recognisers of a file to be proven in."""


@dataclass(frozen=True)
class Site:
    """What was read: a threshold for each entity there is, and the site's recognisers."""

    thresholds: Mapping[str, float]
    recognisers: tuple["SiteRecogniser", ...]


@dataclass(frozen=True)
class SiteRecogniser:
    """A rule that a site wrote."""

    written: WrittenRecogniser
    pattern: Any
    """A compiled pattern of the `regex` module, whose searches can be given a time."""
    labels: re.Pattern[str] | None

    @property
    def name(self) -> str:
        """What findings name as their source."""
        return f"site/{self.written.name}"

    def find(self, sheet: Sheet, /) -> Iterator[Finding]:
        """Yield what its check and its labels let count. Raises DetectorUnavailable if that takes too long."""
        rule = self.written
        for start, end in self.spans(sheet.plain, PATIENCE):
            if rule.check and not CHECKS[rule.check](sheet.plain[start:end]):
                continue
            score = rule.labelled if self.labels is not None and near(self.labels, sheet, start, end) else rule.score
            if score:
                yield Finding(start, end, rule.entity, score, self.name)

    def spans(self, text: str, seconds: float) -> list[tuple[int, int]]:
        """Where the pattern (its group `v`, if it has one) matches. Raises DetectorUnavailable after `seconds`."""
        group = "v" if "v" in self.pattern.groupindex else 0
        try:
            found = [match.span(group) for match in self.pattern.finditer(text, timeout=seconds)]
        except TimeoutError as error:
            raise DetectorUnavailable(f"The site's recogniser {self.written.name} took too long.") from error
        return [(start, end) for start, end in found if start < end]


def read(file: Path) -> Site:
    """Read and prove a site's file. Raises PolicyRefused, whose `faults` name line and field."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise PolicyRefused(f"{file.name} cannot be read: {error.strerror}.", faults=(str(error),)) from error
    return proven(content, name=file.name)


def proven(content: bytes, *, name: str, seconds: float = TOGETHER_S) -> Site:
    """What `content`, the file called `name`, says, its examples run, in `seconds` for all of its recognisers.

    Raises PolicyRefused with every fault.
    """
    written, lines = _parsed(content, name)
    rules = []
    faults = []
    ends = time.monotonic() + seconds
    for at, rule in enumerate(written.recognisers):
        place = f"{name}, line {lines.get(('recognisers', at), 1)}, {rule.name}"
        try:
            pattern = regex.compile(rule.pattern, regex.IGNORECASE if rule.ignore_case else 0)
        except regex.error as error:
            faults.append(f"{place}: pattern: {error}")
            continue
        labels = words(*map(re.escape, rule.labels)) if rule.labels else None
        compiled = SiteRecogniser(rule, pattern, labels)
        wrong = _slow(compiled, ends) or list(_astray(compiled, written.threshold(rule.entity)))
        faults.extend(f"{place}: {fault}" for fault in wrong)
        rules.append(compiled)
    known = {str(entity) for entity in Entity} | {rule.entity for rule in written.recognisers}
    for entity in sorted(set(written.thresholds) - known):
        line = lines.get(("thresholds", entity), 1)
        faults.append(f"{name}, line {line}: thresholds: {entity} is no kind of the house or of a recogniser here")
    if faults:
        raise PolicyRefused(f"{name} has {len(faults)} faults.", faults=tuple(faults))
    return Site({entity: written.threshold(entity) for entity in sorted(known)}, tuple(rules))


def _parsed(content: bytes, name: str) -> tuple[Written, dict[tuple[object, ...], int]]:
    plain_yaml.bound(content, name)
    try:
        text = content.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        lines = dict(_lines(node, ())) if node else {}
        return Written.model_validate(plain_yaml.loaded(text, name)), lines
    except UnicodeDecodeError as error:
        raise PolicyRefused(f"{name} is not UTF-8.", faults=(f"{name}: not UTF-8",)) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        fault = f"{name}{where}: {getattr(error, 'problem', None) or 'no YAML'}"
        raise PolicyRefused(f"{name} is no YAML.", faults=(fault,)) from error
    except ValidationError as error:
        faults = tuple(_told(name, lines, fault["loc"], fault["msg"]) for fault in error.errors(include_input=False))
        raise PolicyRefused(f"{name} has {len(faults)} faults.", faults=faults) from error


def _told(name: str, lines: Mapping[tuple[object, ...], int], place: Sequence[object], message: str) -> str:
    line = next((lines[tuple(place[:n])] for n in range(len(place), -1, -1) if tuple(place[:n]) in lines), 1)
    return f"{name}, line {line}: {'.'.join(map(str, place)) or 'file'}: {message}"


def _lines(node: yaml.Node, place: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], int]]:
    """The line (from 1) of each field, by its path."""
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*place, key.value))
            yield (*place, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            yield from _lines(value, (*place, at))


def _slow(rule: SiteRecogniser, ends: float) -> list[str]:
    """The fault of a pattern that takes more than linear time on what is made to slow it down.

    Raises PolicyRefused when the monotonic clock says `ends`.
    """
    found = [example.finds for example in rule.written.matches]
    seeds = dict.fromkeys(["a", "A", "0", " ", "-", "a ", "0 ", "a0", ".", "0-", *found, *"".join(found)])
    for seed in seeds:
        if time.monotonic() > ends:
            raise PolicyRefused("The recognisers took too long to be tried.")
        repeated = seed * (_HOSTILE // len(seed))
        for text in (repeated + "\x00", "\x00" + repeated, f"{repeated}\x00{found[0]}"):
            try:
                rule.spans(text, _TRIAL)
            except DetectorUnavailable:
                return [f"pattern: takes too long on {_HOSTILE} characters such as {seed!r}; bound what repeats"]
    return []


def _astray(rule: SiteRecogniser, threshold: float) -> Iterator[str]:
    """Each example that comes out otherwise than it says."""
    for at, example in enumerate(rule.written.matches):
        found = _found(rule, example.text, threshold)
        if found != [example.finds]:
            yield f"matches.{at}: {example.finds!r} is expected, found is {found}"
    for at, text in enumerate(rule.written.near_misses):
        if found := _found(rule, text, threshold):
            yield f"near_misses.{at}: nothing is expected, found is {found}"


def _found(rule: SiteRecogniser, text: str, threshold: float) -> list[str]:
    return [text[hit.start : hit.end] for hit in rule.find(sheet_of(text)) if hit.score >= threshold]
