"""A verification of the ledger that runs in the background, and what came of the last one: told alike by every worker.

One file holds how far it is or what was found, another is locked by whoever verifies. Of a process that died in the
middle the lock is free and the file says "running": it was broken off.
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, Literal
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.audit.checkpoints import Checkpoint
from appliance.audit.verification import Line, Verification, verify
from appliance.errors import Conflict, LedgerUnavailable, MunimentError

TOLD_S: Final = 0.5
"""Seconds between two notes of how far it is."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """What is verified: `entries` lines, the public keys, and the checkpoints of the second place.

    `second` is None where this machine cannot read the second place: then nobody but the ledger itself vouches.
    """

    entries: int
    lines: Iterable[Line]
    keys: Mapping[str, Ed25519PublicKey]
    second: Iterable[Checkpoint] | None


@dataclass(frozen=True, slots=True)
class Vouched:
    """Up to which entry a checkpoint vouches."""

    checkpoint: int
    entry: int
    at: str
    key: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a verification is, or what it found. Times are ISO 8601, UTC.

    `failed` is the code of what broke it; `vouched` and `given` are as in `Verification`; `second`: whether the second
    place was read.
    """

    state: Literal["never", "running", "done", "broken-off", "failed"] = "never"
    began: str = ""
    ended: str = ""
    read: int = 0
    of: int = 0
    last: int = 0
    faults: tuple[str, ...] = ()
    untold: int = 0
    vouched: Vouched | None = None
    given: Vouched | None = None
    second: bool = False
    backwards: int = 0
    remarks: tuple[str, ...] = ()
    failed: str = ""


@dataclass(slots=True)
class _Run:
    """One verification under way."""

    began: str
    of: int
    read: int = 0
    told: float = field(default_factory=time.monotonic)


class Verifying:
    """Verifies what `source` gives, one at a time in the whole installation; `folder` is its own."""

    def __init__(self, folder: Path, source: Callable[[], Source]) -> None:
        self._folder = folder
        self._source = source
        self._file = folder / "verification.json"

    def begin(self) -> None:
        """Begin in a thread of its own and return. Raises Conflict if one runs, LedgerUnavailable."""
        held = self._lock()
        if held is None:
            raise Conflict("The ledger is being verified already.", advice="Wait for what comes of it.")
        try:
            source = self._source()
            run = _Run(_now(), source.entries)
            self._tell(Progress("running", run.began, of=run.of))
        except BaseException:
            held.close()
            raise
        threading.Thread(target=self._work, args=(held, source, run), name="verification", daemon=True).start()

    def progress(self) -> Progress:
        """How far it is, or what came of the last one. Raises LedgerUnavailable."""
        found = self._told()
        if found.state == "running" and (held := self._lock()) is not None:
            held.close()
            found = self._told()  # it may have come to its end between the two looks
            return (
                found if found.state != "running" else Progress("broken-off", found.began, read=found.read, of=found.of)
            )
        return found

    def _work(self, held: IO[bytes], source: Source, run: _Run) -> None:
        with held:
            try:
                second = source.second
                found = verify(self._counted(source.lines, run), keys=source.keys, checkpoints=second or ())
                self._tell(_done(found, run, second=second is not None))
            except MunimentError as error:
                log.error("the verification of the ledger failed: %s", error.code)  # noqa: TRY400  # its code says it
                self._failed(run, error.code)

    def _failed(self, run: _Run, code: str) -> None:
        try:
            self._tell(Progress("failed", run.began, _now(), read=run.read, of=run.of, failed=code))
        except LedgerUnavailable:
            log.error("what came of the verification cannot be kept")  # noqa: TRY400  # the lock's end tells it

    def _counted(self, lines: Iterable[Line], run: _Run) -> Iterator[Line]:
        for line in lines:
            run.read += isinstance(line, tuple)
            if time.monotonic() - run.told >= TOLD_S:
                run.told = time.monotonic()
                self._tell(Progress("running", run.began, read=run.read, of=run.of))
            yield line

    def _lock(self) -> IO[bytes] | None:
        """The lock, held until it is closed; None if another holds it."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = (self._folder / "verification.lock").open("wb")
        except OSError as error:
            raise _unusable(error) from error
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.close()
            return None
        return held

    def _tell(self, progress: Progress) -> None:
        fresh = self._folder / f".{uuid4().hex}"
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
                json.dump(asdict(progress), out)
            fresh.replace(self._file)
        except OSError as error:
            raise _unusable(error) from error

    def _told(self) -> Progress:
        try:
            plain: dict[str, Any] = json.loads(self._file.read_text("utf-8"))
            for name in ("vouched", "given"):
                plain[name] = None if plain[name] is None else Vouched(**plain[name])
            return Progress(**plain | {name: tuple(plain[name]) for name in ("faults", "remarks")})
        except FileNotFoundError:
            return Progress()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LedgerUnavailable(
                "What the last verification found cannot be read.", advice="Begin a new verification."
            ) from error


def _done(found: Verification, run: _Run, *, second: bool) -> Progress:
    return Progress(
        "done",
        run.began,
        _now(),
        read=found.entries,
        of=run.of,
        last=found.last,
        faults=tuple(found.faults),
        untold=found.untold,
        vouched=_vouched(found.vouched),
        given=_vouched(found.given),
        second=second,
        backwards=found.backwards,
        remarks=tuple(found.remarks),
    )


def _vouched(one: Checkpoint | None) -> Vouched | None:
    return None if one is None else Vouched(one.number, one.entry, one.at, one.key)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _unusable(error: OSError) -> LedgerUnavailable:
    return LedgerUnavailable(f"The folder of verifications cannot be used ({error.strerror}).")
