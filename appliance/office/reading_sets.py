"""Policy sets as text: their rules one by one, and how the files of two sets differ. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from typing import Final, Literal

from appliance.access.policy_set import PolicySet

LINES: Final = 2_000
"""Lines of differences that are told of one file."""
_BEGINS: Final = re.compile(r'^@id\("([a-z][a-z0-9-]{0,63})"\)', re.MULTILINE)
_FORBIDS: Final = re.compile(r"^\s*forbid\b", re.MULTILINE)
_REMARKS: Final = re.compile(r"(?:\s*^//[^\n]*$)+\s*\Z", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is written, and the file in which it stands."""

    name: str
    reason: str
    effect: Literal["permit", "forbid"]
    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is not the same in both sets; `lines` as `diff -u` writes them, the first ones of a long one."""

    file: str
    kind: Literal["added", "removed", "changed"]
    lines: tuple[str, ...]
    more: bool


def listed(found: PolicySet, reasons: Mapping[str, str]) -> Iterator[Rule]:
    """The rules, file after file. What is not written the usual way is in the files' text all the same."""
    for file in sorted(found.files):
        if not file.endswith(".cedar"):
            continue
        text = found.text(file)
        starts = [one for one in _BEGINS.finditer(text) if one[1] in reasons]
        for start, end in zip(starts, [*(one.start() for one in starts[1:]), len(text)], strict=True):
            said = _REMARKS.sub("", text[start.start() : end]).strip()
            effect: Literal["permit", "forbid"] = "forbid" if _FORBIDS.search(said) else "permit"
            yield Rule(start[1], reasons[start[1]], effect, file, said)


def changed(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[Change]:
    """Every file that one set has and the other has not, or has otherwise."""
    for file in sorted({*old, *new}):
        before, after = old.get(file), new.get(file)
        if before == after:
            continue
        kind: Literal["added", "removed", "changed"] = (
            "added" if before is None else "removed" if after is None else "changed"
        )
        lines = unified_diff(_lines(before), _lines(after), "in force", "uploaded", lineterm="", n=2)
        told = tuple(islice(lines, LINES + 1))
        yield Change(file, kind, told[:LINES], len(told) > LINES)


def _lines(content: bytes | None) -> list[str]:
    return [] if content is None else content.decode("utf-8", "replace").splitlines()
