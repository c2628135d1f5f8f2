"""The worker: takes uploads through the steps of the pipeline, one after the other. `python -m ingest`.

What was acknowledged stands in `Uploads` and its bytes in the `Intake`; the queue only rings. So a worker may be killed
at any moment: the next one finds what it was at, and does it again with the same ids. A file under whose hands the
worker has died or failed `ATTEMPTS` times is quarantined, and the others go on.
"""

import fcntl
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance import settings as house
from appliance import wiring
from appliance.errors import (
    AlreadyRunning,
    DetectorUnavailable,
    EmbedderUnavailable,
    MunimentError,
    OperatorError,
    RegistryUnavailable,
    StoreUnavailable,
)
from appliance.operations.parts import worker_lock
from appliance.privacy.labelling.marking import Marking
from appliance.records import Access
from appliance.retrieval.index import Index
from appliance.settings import Settings
from appliance.store.archive import Archive
from appliance.store.jobs import Bell
from appliance.store.registry import WITHDRAWN, Registry
from appliance.store.uploads import State, Upload, Uploads
from ingest import safeguards
from ingest.pipeline import Pipeline
from ingest.records import Outcome, Quarantined, SourceFile
from ingest.worker import Parsers

ATTEMPTS: Final = 5
"""After so many attempts that ended in a death or a fault, the file is the cause."""
FIRST_WAIT_S: Final = 10.0
LONGEST_WAIT_S: Final = 600.0
IDLE_S: Final = 300.0
"""After so long without work the process begins anew: the models and the parsers take 1 GB and give none back."""
ORPHAN_S: Final = 3_600.0
"""Bytes that nobody was told about are kept for so long: a request may still be about to promise them."""
POISON: Final = "the worker failed at it again and again"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a job needs beside the promises: opened at the first job."""

    pipeline: Pipeline
    index: Index
    parsers: Parsers
    marking: Marking


class Jobs:
    """Does what was promised. `tools` opens what a job needs; it is asked once, at the first job."""

    def __init__(
        self, settings: Settings, *, uploads: Uploads, registry: Registry, archive: Archive, tools: Callable[[], Tools]
    ) -> None:
        self._settings = settings
        self._uploads = uploads
        self._registry = registry
        self._archive = archive
        self._intake = wiring.intake(settings)
        self._open = tools
        self._tools: Tools | None = None
        self.worked = time.monotonic()

    @property
    def loaded(self) -> bool:
        """Whether models and parsers are in memory."""
        return self._tools is not None

    def do(self, document: str, ticket: str) -> float | None:
        """One attempt at the job; the seconds after which it must be tried again, or None if it has ended."""
        try:
            # Models first: a run from the command line must not wait for them.
            self._tools = self._tools or self._open()
            with safeguards.alone(self._settings.data, wait=True):
                upload = self._uploads.claim(document, ticket)
                again = None if upload is None else self._attempt(upload, self._tools)
        except (
            OperatorError,
            RegistryUnavailable,
            EmbedderUnavailable,
            StoreUnavailable,
            DetectorUnavailable,
        ) as error:  # not begun, or nothing can be written down
            log.warning("upload document=%s waits: %s", document, error.code)
            again = FIRST_WAIT_S
        self.worked = time.monotonic()
        return again

    def _attempt(self, upload: Upload, tools: Tools) -> float | None:
        fault: str
        try:
            if upload.state == State.REMOVING:  # never given up
                self._erase(upload.document, tools)
                self._uploads.forget(upload)
            else:
                self._bring(upload, tools, refused=POISON if upload.attempts > ATTEMPTS else "")
        except (OperatorError, RegistryUnavailable, EmbedderUnavailable):
            self._uploads.give_back(upload, counted=False)  # none of the file's fault
            raise
        except (StoreUnavailable, DetectorUnavailable) as error:
            if not _answer(tools):  # an outage is counted against no file
                self._uploads.give_back(upload, counted=False)
                raise
            fault = error.code
        except MunimentError as error:
            fault = error.code
        except Exception as error:  # noqa: BLE001  # the edge: one file must not end the worker, nor be quoted in a log
            fault = type(error).__name__
        else:
            return None
        self._uploads.give_back(upload, counted=True)
        log.error("upload document=%s attempt=%d failed: %s", upload.document, upload.attempts, fault)
        return float(min(FIRST_WAIT_S * 4 ** (upload.attempts - 1), LONGEST_WAIT_S))

    def _bring(self, upload: Upload, tools: Tools, *, refused: str = "") -> None:
        record = self._registry.record(upload.document)
        if record is not None and record.outcome == WITHDRAWN:  # removed, and uploaded again before it was gone
            self._erase(upload.document, tools)
        access: Access | None = None if refused else upload.access
        path = self._intake.path(upload.ticket)
        file = SourceFile(upload.uri, path, upload.size, upload.digest, access, refused)
        outcome = tools.pipeline.take(file, tools.parsers)
        self._uploads.finish(upload, *_ended(outcome))
        if not isinstance(outcome, Quarantined):
            self._intake.remove(upload.ticket)  # the archive has them under their digest now
        log.info("upload document=%s ended: %s", upload.document, type(outcome).__name__.lower())

    def _erase(self, document: str, tools: Tools) -> None:
        """Everything of a document: each step may be done twice, and the registry keeps the list until the last."""
        tools.index.remove(document)
        digests = self._registry.digests(document)
        for digest in sorted(digests - self._registry.needed(digests, besides=document)):
            self._archive.remove(digest)
        self._registry.forget(document)

    def resume(self) -> None:
        """At the start, when no other worker lives: what one was at when it died is nobody's now, and is counted."""
        for upload in self._uploads.left():
            if upload.state == State.RUNNING:
                log.warning("upload document=%s was at work when a worker died", upload.document)
                self._uploads.give_back(upload, counted=True)

    def missing(self, rung: set[str]) -> Iterator[tuple[str, str]]:
        """The jobs that nobody is at and no bell will ring for: the message was lost, or never left.

        Asked between two jobs only, so what is called running here is at work nowhere.
        """
        for upload in self._uploads.left():
            if upload.ticket not in rung:
                yield upload.document, upload.ticket

    def interrupted(self, document: str, ticket: str) -> None:
        """The operator stops the worker in the middle of a job: that is no fault of the file."""
        upload = self._uploads.get(document)
        if upload is not None and upload.ticket == ticket and upload.state == State.RUNNING:
            self._uploads.give_back(upload, counted=False)

    def close(self) -> None:
        """End the parsers."""
        if self._tools is not None:
            self._tools.parsers.close()

    def sweep(self) -> None:
        """Remove bytes that no promise names: replaced, removed, stored, or never acknowledged."""
        tickets = {name: name.removesuffix(".part") for name in self._intake.older(time.time() - ORPHAN_S)}
        holding = self._uploads.holding(tickets.values())
        for name, ticket in tickets.items():
            if ticket not in holding or name != ticket:
                self._intake.remove(name)


def _answer(tools: Tools) -> bool:
    """Whether the store and the detectors answer anything at all."""
    try:
        tools.index.count()
        tools.marking.check()
    except (StoreUnavailable, DetectorUnavailable):
        return False
    return True


def _ended(outcome: Outcome) -> tuple[State, str]:
    return (State.QUARANTINED, outcome.reason) if isinstance(outcome, Quarantined) else (State.STORED, "")


def tools(settings: Settings) -> Tools:
    """What a job needs in production. Raises NotRunning while the store is down."""
    parts = wiring.ingest_parts(settings)
    marking = wiring.marking(settings)
    pipeline = Pipeline(parts.registry, parts.archive, parts.index, parts.embedder, settings, marking=marking)
    return Tools(pipeline, parts.index, safeguards.parsers(settings), marking)


@contextmanager
def only(lock: Path) -> Iterator[None]:
    """The only worker of this data folder; while it is held, `muniment status` sees a worker. Raises AlreadyRunning."""
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning("Another worker is at work on this data folder.") from error
        yield


def each(*steps: Callable[[], object]) -> None:
    """Take every step of a round, in order, whatever becomes of the others."""
    for step in steps:
        try:
            step()
        except (MunimentError, OSError) as error:
            log.warning("a step of the worker's round failed: %s", type(error).__name__)


def serve(settings: Settings, jobs: Jobs) -> bool:
    """Work until told to stop; True if the process should begin anew, since it has been idle with all in memory."""
    anew = False

    def ring_missing() -> None:
        for document, ticket in jobs.missing(bell.rung()):
            bell.ring(document, ticket)

    def round_() -> None:
        nonlocal anew
        each(ring_missing, jobs.sweep, vaults.sweep)
        if jobs.loaded and time.monotonic() - jobs.worked > IDLE_S:
            anew = True
            bell.stop()

    vaults = wiring.vaults(settings)
    bell = Bell(settings.database, work=jobs.do, round_=round_)
    with only(worker_lock(settings)):
        jobs.resume()
        ring_missing()
        bell.answer(jobs.interrupted)
    jobs.close()
    bell.close()
    return anew


def main() -> None:
    """The worker's whole life, and the next one in the same process after it has been idle."""
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        settings = house.load()
        uploads, registry, archive = wiring.promises(settings)
        jobs = Jobs(settings, uploads=uploads, registry=registry, archive=archive, tools=lambda: tools(settings))
        anew = serve(settings, jobs)
    except MunimentError as error:
        log.error("%s %s", error, error.advice)  # noqa: TRY400  # told as the command line tells it
        sys.exit(2)
    if anew:
        os.execv(sys.executable, [sys.executable, "-m", "ingest"])  # noqa: S606  # no shell is meant
    logging.shutdown()
    os._exit(0)  # a job that was interrupted is still on its thread, and torch aborts when it is torn down under it
