"""The notary: signs how far the ledger has come, every so many entries or seconds, and takes it to the second place."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from appliance.audit.checkpoints import Signer
from appliance.audit.ledger import now
from appliance.audit.reserve import Reserve
from appliance.audit.witness import Witness
from appliance.errors import LedgerUnavailable
from appliance.store.database import CHAINING, WITNESSING, alone, writing
from appliance.store.tables import CheckpointRow, LedgerRow

_AT_ONCE: Final = 1_000
log = logging.getLogger(__name__)


class Notary:
    """Makes checkpoints while it runs (`start`); in another process each `round` makes one if there is need.

    A checkpoint is kept in the database first and taken to `witness` then, in order; what could not be taken is tried
    again in each round. `alarm`: bytes free on the reserve's disk below which each round warns.
    """

    def __init__(  # noqa: PLR0913  # each part of the house by its own name
        self,
        engine: Engine,
        signer: Signer,
        witness: Witness,
        *,
        every: int,
        seconds: float,
        reserve: Reserve | None = None,
        alarm: int = 0,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._engine = engine
        self._signer = signer
        self._witness = witness
        self._every = every
        self._seconds = seconds
        self._reserve = reserve
        self._alarm = alarm
        self._clock = clock
        self._covered = 0
        self._due = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def reached(self, number: int) -> None:
        """The ledger's last entry is now `number`: a round comes at once if so many are not covered yet."""
        if number - self._covered >= self._every:
            self._due.set()

    def round(self) -> None:
        """Hold the reserve, cover what is new, take to the second place what is not there. Raises LedgerUnavailable."""
        if self._reserve is not None and not self._reserve.hold():
            log.error("ledger: the disk is too full to hold the reserve; nothing new begins")
        if self.short_of_room():
            log.warning("ledger: the disk is nearly full")
        try:
            self._covered = self._cover()
            self._take()
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"Checkpoints cannot be kept ({type(error).__name__}).") from error

    def start(self) -> None:
        """Make rounds until `stop`, in a thread of their own."""
        self._thread = threading.Thread(target=self._rounds, name="notary", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End with one last round, which covers the last entries."""
        self._over.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def short_of_room(self) -> bool:
        """Whether fewer bytes are free than the alarm asks for."""
        return self._reserve is not None and self._reserve.free < self._alarm

    def check(self) -> None:
        """Raise LedgerUnavailable if a checkpoint waits for its second place longer than two rounds take."""
        waiting = select(CheckpointRow.body).where(~CheckpointRow.witnessed).order_by(CheckpointRow.number).limit(1)
        try:
            with self._engine.connect() as connection:
                oldest = connection.scalar(waiting)
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"Checkpoints cannot be read ({type(error).__name__}).") from error
        if oldest is not None:
            made = datetime.fromisoformat(json.loads(oldest)["at"])
            if self._clock() - made > timedelta(seconds=2 * self._seconds):
                raise LedgerUnavailable(
                    f"The ledger's checkpoints have not reached their second place since {made:%Y-%m-%d %H:%M} UTC.",
                    advice="Nothing was lost: they are tried again. See `ledger_witness` in deploy/README.md.",
                )

    def _rounds(self) -> None:
        while not self._over.is_set():
            self._due.wait(self._seconds)
            self._due.clear()
            try:
                self.round()
            except LedgerUnavailable as error:
                log.error("ledger: %s", error)  # noqa: TRY400  # the message says it; a trace would quote statements

    def _cover(self) -> int:
        """Sign the last entry if no checkpoint covers it yet, and return its number."""
        with writing(self._engine) as connection:
            alone(connection, CHAINING)
            newest = select(LedgerRow.number, LedgerRow.hash).order_by(LedgerRow.number.desc()).limit(1)
            last = connection.execute(newest).first()
            before = connection.execute(
                select(CheckpointRow.number, CheckpointRow.entry).order_by(CheckpointRow.number.desc()).limit(1)
            ).first()
            if last is None or (before is not None and last[0] <= before[1]):
                return 0 if last is None else int(last[0])
            made = self._signer.checkpoint(
                number=before[0] + 1 if before is not None else 1,
                entry=last[0],
                digest=last[1],
                at=self._clock().isoformat(timespec="milliseconds"),
            )
            connection.execute(
                insert(CheckpointRow).values(
                    number=made.number, entry=made.entry, body=made.body, signature=made.signature, witnessed=False
                )
            )
        return made.entry

    def _take(self) -> None:
        """Take what waits to the second place, in order; nobody else does so meanwhile.

        A process that dies in between writes a line twice: verification knows that.
        """
        columns = select(CheckpointRow.number, CheckpointRow.body, CheckpointRow.signature)
        waiting = columns.where(~CheckpointRow.witnessed).order_by(CheckpointRow.number).limit(_AT_ONCE)
        fault: LedgerUnavailable | None = None
        with writing(self._engine) as connection:
            alone(connection, WITNESSING)
            for number, body, signature in connection.execute(waiting).all():
                try:
                    self._witness.write(f"{body} {signature}")
                except LedgerUnavailable as error:
                    fault = error  # those before it are there, which is kept
                    break
                taken = update(CheckpointRow).where(CheckpointRow.number == number)
                connection.execute(taken.values(witnessed=True))
        if fault is not None:
            raise fault
