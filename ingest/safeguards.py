"""What must hold before a run changes anything: it is the only one, and its source is still there."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import DependencyError, ModelMissing, OperatorError
from appliance.models import manifest
from appliance.operations.alone import alone
from appliance.settings import Settings
from appliance.store.registry import STORED, FileRecord
from ingest.records import SourceFile
from ingest.worker import Limits, Parsers

__all__ = ["alone", "parsers", "room", "vanished", "withheld"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ROOM = 1 << 20


class DiskFull(OperatorError):
    """The disk took no more while documents were being stored."""

    code = "disk-full"
    advice = (
        "Every document that was stored stays stored and readable; the others are not registered and wait in their "
        "folder. Make room, then run the same command again: it goes on where it stopped."
    )


@contextmanager
def room(data: Path) -> Iterator[None]:
    """Turn the failure of a part into DiskFull where it has no more room; any other failure stays what it is."""
    try:
        yield
    except DependencyError as error:
        if _full(error) or shutil.disk_usage(data).free < _ROOM:
            raise DiskFull("The disk is full: the ingest has stopped.") from error
        raise


def _full(error: BaseException | None) -> bool:
    """Whether a full disk is among the causes of an error."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if isinstance(error, sqlite3.Error) and error.sqlite_errorcode in {
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_IOERR_WRITE,
        }:
            return True
        error = error.__cause__ or getattr(error, "orig", None)
    return False


def vanished(files: Sequence[SourceFile], known: dict[str, FileRecord]) -> list[FileRecord]:
    """The known files that are no longer there and may go. Raises OperatorError if all are gone: so is the source."""
    there = {file.uri for file in files}
    if any(record.outcome == STORED for record in known.values()) and not there & known.keys():
        raise OperatorError(
            "None of the registered documents is in this folder. It is empty, not mounted, or not the folder that was "
            "ingested before.",
            advice="Nothing was removed. Mount the folder, or ingest the one that holds the documents.",
        )
    return [record for uri, record in sorted(known.items()) if uri not in there and not _held(record)]


def withheld(files: Sequence[SourceFile], known: dict[str, FileRecord]) -> tuple[str, ...]:
    """What the operator is told of files that are no longer there but whose documents are under legal hold."""
    there = {file.uri for file in files}
    count = sum(uri not in there and _held(record) for uri, record in known.items())
    return (f"under legal hold and no longer in the folder: {count}. They stay as they are.",) if count else ()


def _held(record: FileRecord) -> bool:
    return record.access is not None and record.access.hold


def parsers(settings: Settings, *hidden: Path) -> Parsers:
    """Parsers within the limits of `settings`, which see neither its data nor what is `hidden`.

    Without the model that reads pictures they refuse scanned pages. Raises ModelDamaged if it is not the pinned one.
    """
    limits = Limits(settings.worker_memory_mib, settings.worker_seconds, settings.pages, settings.ocr_seconds)
    return Parsers(limits, hidden=(settings.data, *hidden), models=_reader(settings))


def _reader(settings: Settings) -> tuple[Path, ...]:
    try:
        entry = manifest.entry("ocr")
        home = manifest.verified(entry, settings.models_folder)
    except ModelMissing:
        return ()
    return tuple(home / file.path for file in entry.files)
