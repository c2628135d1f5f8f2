"""Whether a ledger is whole: every entry in its place, and as far as checkpoints say, the right one. Pure, streaming.

It needs no secret: the entries, checkpoints from the second place, and public keys. What it holds in memory does not
grow with the ledger.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.audit.chain import ORIGIN, Row, chained
from appliance.audit.checkpoints import Checkpoint

SHOWN: Final = 20
"""Faults that are told in words; the others are counted."""
Line = Row | Checkpoint | str
"""What an export holds: entries, checkpoints between them, and lines that are neither, as they stand."""


@dataclass(slots=True)
class Verification:
    """What was found. `faults` is empty if every entry is in its place and every checkpoint agrees.

    `vouched` is the last entry up to which checkpoints agree and nothing is at fault; what comes after it stands on
    the chain alone. `given` is the same for checkpoints from the second place only. `backwards` counts entries whose
    time lies before that of the one before: a clock that was set, which is told but is no fault.
    """

    entries: int = 0
    last: int = 0
    faults: list[str] = field(default_factory=list)
    untold: int = 0
    vouched: Checkpoint | None = None
    given: Checkpoint | None = None
    backwards: int = 0
    first_backwards: int = 0
    remarks: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is at fault."""
        return not self.faults


def verify(
    lines: Iterable[Line], *, keys: Mapping[str, Ed25519PublicKey], checkpoints: Iterable[Checkpoint] = ()
) -> Verification:
    """Go through a ledger once. `checkpoints` are those of the second place, in the order in which they came there."""
    walk = _Walk(keys, checkpoints)
    for line in lines:
        if isinstance(line, tuple):
            walk.entry(*line)
        elif isinstance(line, Checkpoint):
            walk.inner(line)
        else:
            walk.fault(f"after entry {walk.found.last}: a line that is neither an entry nor a checkpoint")
    return walk.end()


class _Walk:
    """One passage through a ledger."""

    def __init__(self, keys: Mapping[str, Ed25519PublicKey], checkpoints: Iterable[Checkpoint]) -> None:
        self.found = Verification()
        self._keys = keys
        self._given = _in_order(checkpoints, self.found)
        self._next = next(self._given, None)
        self._hash = ORIGIN
        self._at = ""

    def fault(self, words: str) -> None:
        """Note what is wrong."""
        if len(self.found.faults) < SHOWN:
            self.found.faults.append(words)
        else:
            self.found.untold += 1

    def entry(self, number: int, body: str, digest: str) -> None:
        """The next entry. After a fault the walk goes on from the hash that the entry itself claims."""
        expected = self.found.last + 1
        self.found.entries += 1
        if number < expected:
            self.fault(f"entry {number} stands after entry {self.found.last}: reordered or doubled")
            return
        if number > expected:
            self.fault(
                f"entry {expected} is missing"
                if number == expected + 1
                else f"entries {expected} to {number - 1} are missing"
            )
        elif digest != chained(self._hash, body):
            self.fault(f"entry {number} does not fit: its body, its hash or the entry before was changed")
        self._inside(number, body)
        self.found.last, self._hash = number, digest
        self._agree(number)

    def inner(self, checkpoint: Checkpoint) -> None:
        """A checkpoint that the ledger itself holds, right after the entry it speaks of."""
        if checkpoint.entry != self.found.last:
            self.fault(
                f"checkpoint {checkpoint.number} vouches for entry {checkpoint.entry}, "
                f"but the ledger stands at {self.found.last}: entries were cut off or moved"
            )
        elif self._holds(checkpoint):
            self.found.vouched = checkpoint

    def end(self) -> Verification:
        """Nothing follows: whatever a checkpoint still vouches for was cut off."""
        if self._next is not None:
            cut = self._next
            for later in self._given:
                cut = later
            self.fault(
                f"the ledger ends at entry {self.found.last}, but checkpoint {cut.number} of {cut.at} "
                f"vouches for entry {cut.entry}: its end was cut off"
            )
        return self.found

    def _inside(self, number: int, body: str) -> None:
        try:
            plain = json.loads(body)
            inside, at = plain["number"], plain["at"]
        except (ValueError, KeyError, TypeError, RecursionError):
            self.fault(f"entry {number} cannot be read")
            return
        if inside != number:
            self.fault(f"entry {number} says inside that it is {inside}: renumbered")
        if str(at) < self._at:
            self.found.backwards += 1
            self.found.first_backwards = self.found.first_backwards or number
        self._at = str(at)

    def _agree(self, number: int) -> None:
        """Compare with what the second place says of this entry, and of entries that never came."""
        while self._next is not None and self._next.entry <= number:
            if self._next.entry < number:
                self.fault(f"entry {self._next.entry}, for which checkpoint {self._next.number} vouches, is not there")
            elif self._holds(self._next):
                self.found.vouched = self.found.given = self._next
            self._next = next(self._given, None)

    def _holds(self, checkpoint: Checkpoint) -> bool:
        """Whether the checkpoint is signed and agrees, and nothing before it is at fault."""
        if not checkpoint.signed_by(self._keys):
            self.fault(f"checkpoint {checkpoint.number} is not signed by a key that was given")
        elif checkpoint.hash != self._hash:
            self.fault(
                f"checkpoint {checkpoint.number} of {checkpoint.at} saw another entry {checkpoint.entry}: "
                "what stands before it was written anew"
            )
        return self.found.whole


def _in_order(checkpoints: Iterable[Checkpoint], found: Verification) -> Iterator[Checkpoint]:
    """Each once. A gap in their numbers, or one that is out of order, is remarked."""
    last: Checkpoint | None = None
    for one in checkpoints:
        if last is not None and one.line == last.line:
            continue  # written twice: the appliance died before it could note that it was written
        if (
            last is not None
            and (one.number != last.number + 1 or one.entry <= last.entry)
            and len(found.remarks) < SHOWN
        ):
            found.remarks.append(f"checkpoint {one.number} follows checkpoint {last.number} in the second place")
        last = one
        yield one
