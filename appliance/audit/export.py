"""A ledger as a file that can be verified anywhere: one line an entry, checkpoints between them."""

from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path
from typing import Final, TextIO

from appliance.audit import checkpoints
from appliance.audit.chain import Row
from appliance.audit.checkpoints import Checkpoint
from appliance.audit.verification import Line
from appliance.errors import OperatorError

HEADER: Final = "muniment-ledger 1\n"
"""The first line; the number counts changes of this form."""
DIGITS: Final = 18
"""Of an entry's number; a longer one is none, and Python would refuse to read one of thousands."""


def joined(rows: Iterable[Row], kept: Iterable[Checkpoint]) -> Iterator[Row | Checkpoint]:
    """Entries with each checkpoint right after the entry that it speaks of."""
    return merge(rows, kept, key=_place)


def _place(line: Row | Checkpoint) -> tuple[int, int]:
    return (line.entry, line.number) if isinstance(line, Checkpoint) else (line[0], 0)


def write(lines: Iterable[Row | Checkpoint], file: TextIO) -> int:
    """Write them and say how many entries there were."""
    file.write(HEADER)
    entries = 0
    for line in lines:
        if isinstance(line, Checkpoint):
            file.write(f"checkpoint {line.line}\n")
        else:
            number, body, digest = line
            file.write(f"{number} {digest} {body}\n")
            entries += 1
    return entries


def read(path: Path) -> Iterator[Line]:
    """What an export holds, line by line. Raises OperatorError if it cannot be read or is no export."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            if file.readline() != HEADER:
                raise OperatorError(f"{path} is no export of a ledger.", advice="`muniment ledger export` writes one.")
            for line in file:
                yield _line(line.removesuffix("\n"))
    except OSError as error:
        raise OperatorError(f"{path} cannot be read ({error.strerror}).", advice="Name an export.") from error


def _line(text: str) -> Line:
    first, _, rest = text.partition(" ")
    if first == "checkpoint":
        return checkpoints.parsed(rest) or text
    digest, _, body = rest.partition(" ")
    is_number = first.isascii() and first.isdecimal() and len(first) <= DIGITS
    return (int(first), body, digest) if is_number else text
