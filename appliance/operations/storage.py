"""How much each part of the house keeps on the disk. Sizes and counts; no file's name is told."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from appliance.audit.parts import witness_file
from appliance.records.operating import Storage, Stored
from appliance.settings import Settings

AGAIN_S: Final = 60.0
"""For so long what was counted is told again: a house may have a million files."""


def places(settings: Settings) -> dict[str, Path]:
    """Where each part keeps what is its own. A database of several machines keeps its own elsewhere, and so does a
    system log that is the ledger's second place: neither is counted.
    """
    data = settings.data
    database = {} if settings.database_url else {"database": data / "registry.sqlite"}
    witness = witness_file(settings)
    return {
        "documents": data / "archive",
        "index": data / "vectors",
        **database,
        "models": settings.models_folder,
        **({} if witness is None else {"ledger's second place": witness}),
        "ledger's reserve": data / "ledger-reserve",
        "policies": data / "policies",
        "logs and sockets": settings.run_folder,
    }


class StorageCount:
    """Counts files below `places`, and remembers that for a while. Many threads at once."""

    def __init__(self, places: Mapping[str, Path], disk: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = places
        self._disk = disk
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: list[Stored] = []
        self._until = 0.0

    def __call__(self) -> Storage:
        """What there is now, or was a minute ago. Raises OSError if the disk cannot be asked."""
        with self._lock:
            if not self._counted or self._clock() >= self._until:
                self._counted = [_stored(part, place) for part, place in self._places.items() if _is_there(place)]
                self._until = self._clock() + AGAIN_S
            counted = list(self._counted)
        room = shutil.disk_usage(self._disk)
        return Storage(counted, free=room.free, total=room.total)


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except PermissionError:  # the second place is another user's
        return False


def _stored(part: str, place: Path) -> Stored:
    sizes = list(_sizes(place)) if place.is_dir() else list(_beside(place))
    return Stored(part, sum(sizes), len(sizes))


def _sizes(folder: Path) -> Iterator[int]:
    """The size of each plain file below `folder`. Links are not followed; files come and go meanwhile."""
    try:
        with os.scandir(folder) as found:
            for one in found:
                if one.is_dir(follow_symlinks=False):
                    yield from _sizes(Path(one.path))
                elif one.is_file(follow_symlinks=False):
                    yield one.stat(follow_symlinks=False).st_size
    except (FileNotFoundError, PermissionError):
        return


def _beside(file: Path) -> Iterator[int]:
    """The size of `file`, and of the logs that SQLite keeps beside it."""
    for one in file.parent.glob(f"{file.name}*"):
        try:
            yield one.stat().st_size
        except FileNotFoundError:
            continue
