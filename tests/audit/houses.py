"""A ledger with everything that belongs to it, small and quick, for the tests of this room."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from appliance.audit import checkpoints
from appliance.audit.checkpoints import Checkpoint
from appliance.audit.keys import SubjectKeys
from appliance.audit.ledger import Ledger, now
from appliance.audit.notary import Notary
from appliance.audit.reserve import Reserve
from appliance.audit.witness import FileWitness, Witness
from appliance.errors import LedgerUnavailable
from appliance.records import Entry, Event
from appliance.store.database import open_database

ENTRY = Entry(Event.OPENED, "mara", "a1", tenant="aldermoor", client="portal")
ENDING = Entry(Event.CLOSED, "mara", "a1", tenant="aldermoor", client="portal")


class ListWitness:
    """A second place in memory that can be broken and mended."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.broken = False

    def write(self, line: str) -> None:
        """Take it, or not."""
        if self.broken:
            raise LedgerUnavailable("The second place cannot be written.")
        self.lines.append(line)


class House:
    """A ledger, its notary and where its checkpoints go."""

    def __init__(
        self, url: str, folder: Path, *, every: int = 10, bound: int | None = None, witness: Witness | None = None,
        reserve: Reserve | None = None, alarm: int = 0, seconds: float = 60.0, clock: Callable[[], datetime] = now,
    ) -> None:  # fmt: skip
        self.engine: Engine = open_database(url)
        self.place = folder / "second" / "checkpoints"
        self.keys = SubjectKeys(folder / "keys")
        self.signer = checkpoints.signer(folder / "keys" / "checkpoint.key")
        self.public = {self.signer.id: self.signer.public}
        self.notary = Notary(
            self.engine, self.signer, witness or FileWitness(self.place, make=True),
            every=every, seconds=seconds, reserve=reserve, alarm=alarm, clock=clock,
        )  # fmt: skip
        self.ledger = Ledger(
            self.engine, self.keys, reserve=reserve, bound=bound, watch=self.notary, clock=clock
        )  # fmt: skip

    def fill(self, count: int, **named: Any) -> None:
        """Append `count` entries."""
        for _ in range(count):
            self.ledger.append(Entry(Event.CLOSED, "mara", tenant="aldermoor", **named))

    def given(self) -> list[Checkpoint]:
        """What the second place holds."""
        return list(checkpoints.read(self.place))
