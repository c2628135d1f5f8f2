"""One writer of documents at a time on one data folder: an ingest, a worker's job, or new labels."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import OperatorError


@contextmanager
def alone(data: Path, *, wait: bool = False) -> Iterator[None]:
    """Nobody else writes documents meanwhile. While another does: waits for its end, or raises OperatorError."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "ingest.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError("Another ingest is running.", advice="Wait until it has ended.") from None
        yield
