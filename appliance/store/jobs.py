"""The queue of uploads: huey, on the database of the registry. It rings; what was promised stands in `uploads`.

huey takes a message off its table before it is worked on, so a worker that dies loses the message. Hence a message
carries a document's id and a ticket and nothing else, losing one only means waiting for the next round, and answering
one twice changes nothing (decision 0006).
"""

import json
import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from huey import Huey, crontab
from huey.exceptions import HueyException, RetryTask
from huey.registry import Message
from huey.serializer import Serializer
from huey.signals import SIGNAL_INTERRUPTED
from huey.storage import PostgresStorage, SqliteStorage, psycopg
from sqlalchemy import make_url

from appliance.errors import RegistryUnavailable
from appliance.store.database import BUSY_SECONDS

Work = Callable[[str, str], float | None]
"""Does the job of a document's id and a ticket; returns the seconds after which it must be tried again, or None."""

POLL_SECONDS: Final = 1.0
FAULTS: Final = (sqlite3.Error, HueyException, OSError, ValueError, *((psycopg.Error,) if psycopg else ()))
"""What huey and the drivers below it raise; psycopg is there only where PostgreSQL is."""


class Bell:
    """Rings for a worker. With `work` (and `round_`, once a minute) this process can answer; see `answer`."""

    def __init__(self, url: str, *, work: Work | None = None, round_: Callable[[], None] | None = None) -> None:
        self._work = work
        self._consumer: Any = None
        for name in ("huey", "huey.consumer"):
            # A stack of huey's would quote messages of exceptions; ours are logged where they end.
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            self._huey = Huey("uploads", results=False, serializer=_Plain(), **_storage(url))
        except FAULTS as error:
            raise RegistryUnavailable(f"The queue does not answer ({type(error).__name__}).") from error
        self._task = self._huey.task(name="upload")(self._do)
        if round_ is not None:
            self._huey.periodic_task(crontab(minute="*"), name="round")(round_)

    def ring(self, document: str, ticket: str) -> None:
        """Ask a worker to look at `document`. Raises RegistryUnavailable; then the next round finds it."""
        try:
            self._task(document, ticket)
        except FAULTS as error:
            raise RegistryUnavailable(f"The queue does not answer ({type(error).__name__}).") from error

    def rung(self) -> set[str]:
        """The tickets for which a message waits, now or later."""
        try:
            waiting = [*self._huey.pending(), *self._huey.scheduled()]
        except FAULTS as error:
            raise RegistryUnavailable(f"The queue does not answer ({type(error).__name__}).") from error
        return {str(task.args[1]) for task in waiting if len(task.args) == 2}

    def answer(self, interrupted: Callable[[str, str], None]) -> None:
        """Work until `stop`, or a signal: INT lets the job under way end, TERM gives it to `interrupted`."""

        def on_interrupted(_signal: str, task: Any) -> None:
            if len(task.args) == 2:
                interrupted(*task.args)

        self._huey.signal(SIGNAL_INTERRUPTED)(on_interrupted)
        self._consumer = self._huey.create_consumer(workers=1, worker_type="thread", max_delay=POLL_SECONDS)
        self._consumer.run()

    def stop(self) -> None:
        """Let `answer` return, once the job under way has ended."""
        self._consumer.stop()

    def close(self) -> None:
        """Close the connection."""
        self._huey.storage.close()

    def _do(self, document: str, ticket: str) -> None:
        if self._work is None:
            raise HueyException("this process only rings")
        again = self._work(document, ticket)
        if again is not None:
            raise RetryTask(delay=again)


class _Plain(Serializer):  # type: ignore[misc]  # huey has no types
    """Messages as JSON. huey's own are pickles: whoever could write the database would run code in the worker."""

    def _serialize(self, data: Message) -> bytes:
        eta = data.eta.isoformat() if data.eta is not None else None
        plain = [data.id, data.name, eta, data.retries, data.retry_delay, data.priority, data.args]
        return json.dumps(plain).encode()

    def _deserialize(self, data: bytes) -> Message:
        identifier, name, eta, retries, delay, priority, args = json.loads(bytes(data))
        moment = datetime.fromisoformat(eta) if eta is not None else None
        return Message(identifier, name, moment, retries, delay, priority, tuple(args), {})


def _storage(url: str) -> dict[str, Any]:
    """huey's storage on the database at `url`, its tables made if they are missing."""
    there = make_url(url)
    if there.get_backend_name() == "sqlite":
        options = {"filename": there.database, "fsync": True, "timeout": BUSY_SECONDS}
        return {"storage_class": SqliteStorage, **options}
    plain = there.set(drivername="postgresql").render_as_string(hide_password=False)
    return {"storage_class": PostgresStorage, "dsn": plain}
