"""What must hold before a run changes anything: it is the only one, and its source is still there."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import ModelMissing, OperatorError
from appliance.models import manifest
from appliance.settings import Settings
from appliance.store.registry import STORED, FileRecord
from ingest.records import SourceFile
from ingest.worker import Limits, Parsers


def vanished(files: Sequence[SourceFile], known: dict[str, FileRecord]) -> list[FileRecord]:
    """The known files that are no longer there. Raises OperatorError if all of them are gone: so is the source."""
    there = {file.uri for file in files}
    if any(record.outcome == STORED for record in known.values()) and not there & known.keys():
        raise OperatorError(
            "None of the registered documents is in this folder. It is empty, not mounted, or not the folder that was "
            "ingested before.",
            advice="Nothing was removed. Mount the folder, or ingest the one that holds the documents.",
        )
    return [record for uri, record in sorted(known.items()) if uri not in there]


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


@contextmanager
def alone(data: Path, *, wait: bool = False) -> Iterator[None]:
    """One ingest at a time. While another one runs: waits for its end, or raises OperatorError."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "ingest.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError("Another ingest is running.", advice="Wait until it has ended.") from None
        yield
