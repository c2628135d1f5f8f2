"""What the door knows of its own: what it took, what became of that, and what this month has cost.

One SQLite file in a folder of its own, kept by one process. A digest is written here, durably, before a connection is
even opened, and it is written once: so nothing is sent twice, whatever crashes and whatever is said to the door.
People and departments stand here under a keyed digest only.
"""

import fcntl
import hashlib
import hmac
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final

from appliance.audit.keys import SECRET_BYTES, write_new
from appliance.errors import AlreadyRunning, DoorUnavailable
from appliance.escalation.envelope import Envelope
from appliance.records.escalations import Became, Budgets, Outcome

KEPT: Final = timedelta(hours=24)
"""So long a text waits for the gate to fetch it; after that no vault could restore it either."""
_VERSION: Final = 1
_TABLES: Final = f"""
    BEGIN IMMEDIATE;
    CREATE TABLE sendings (
        digest TEXT PRIMARY KEY, at REAL NOT NULL, month TEXT NOT NULL, person TEXT NOT NULL, department TEXT NOT NULL,
        became TEXT NOT NULL, delivered INTEGER NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL,
        tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, spent INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX spending ON sendings (month, person, department, spent);
    PRAGMA user_version = {_VERSION};
    COMMIT;
"""
_TAKEN: Final = Outcome(Became.FAILED, delivered=True, reason="uncertain")
"""What a row says from the moment it is taken until it is finished, and for ever if the door dies in between."""


class Book:
    """The book in `folder`, which is made with mode 0700. Many threads, one process.

    Raises AlreadyRunning if another process keeps it; DoorUnavailable, as all methods do, if it cannot be used.
    """

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._alone = threading.Lock()
        self._going: set[str] = set()
        with _told():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_mode & 0o077:
                raise DoorUnavailable("The folder of the door's book is open to others.", advice="Give it mode 0700.")
            with ExitStack() as undone:
                self._held = undone.enter_context(_hold(folder / "lock"))
                self._key = _key(folder / "book.key")
                self._base = _opened(folder / "book.sqlite")
                undone.pop_all()

    def close(self) -> None:
        """Let another process keep it."""
        self._base.close()
        self._held.close()

    def take(self, envelope: Envelope, budgets: Budgets) -> str:
        """Write down, for ever, that `envelope` is being sent, and reserve its price in this month. "" if that is so.

        Else why not: "sent-before", or the budget that it is over ("budget-person", "budget-department",
        "budget-house"); then nothing was written.
        """
        at = self._now().astimezone(UTC)
        month = f"{at:%Y-%m}"
        person = self._named("person", envelope.tenant, envelope.asker)
        department = self._named("department", envelope.tenant, envelope.department)
        with self._writing() as base:
            if self._row(base, envelope.digest) is not None:
                return "sent-before"
            for name, where, bound in (
                ("person", " AND person = :person", budgets.person),
                ("department", " AND department = :department", budgets.department),
                ("house", "", budgets.house),
            ):
                asked = f"SELECT coalesce(sum(spent), 0) FROM sendings WHERE month = :month{where}"  # noqa: S608  # ours
                told = {"month": month, "person": person, "department": department}
                (spent,) = base.execute(asked, told).fetchone()
                if spent + envelope.price > bound:
                    return f"budget-{name}"
            self._insert(base, envelope.digest, at, (month, person, department, envelope.price), _TAKEN)
            self._going.add(envelope.digest)
        return ""

    def finish(self, digest: str, outcome: Outcome) -> None:
        """Write down what became of what was taken; what was not delivered has cost nothing."""
        with self._writing() as base:
            base.execute(
                "UPDATE sendings SET became = ?, delivered = ?, reason = ?, text = ?, tokens_in = ?, tokens_out = ?, "
                "spent = ? WHERE digest = ?",
                (
                    *(str(outcome.became), outcome.delivered, outcome.reason, outcome.text),
                    *(outcome.tokens_in, outcome.tokens_out, outcome.spent if outcome.delivered else 0, digest),
                ),
            )

    def over(self, digest: str) -> None:
        """Nobody here works on it any more: if it is not finished, what became of it is uncertain, and stays so."""
        self._going.discard(digest)

    def refuse(self, digest: str, reason: str) -> Outcome:
        """What became of it; if it never came, it never may from now on, for `reason`."""
        with self._writing() as base:
            found = self._row(base, digest)
            if found is None:
                found = Outcome(Became.FAILED, delivered=False, reason=reason)
                self._insert(base, digest, self._now(), ("", "", "", 0), found)
            elif digest in self._going:
                found = Outcome(Became.UNDER_WAY, delivered=True)
        return found

    def forget(self, digest: str) -> None:
        """Drop the text of an answer; what it cost, and that it was, stays."""
        with self._writing() as base:
            base.execute("UPDATE sendings SET text = '' WHERE digest = ?", (digest,))

    # --- The file -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable at its end. Answers that nobody fetched in time lose their text in it."""
        with self._alone, _told():
            self._base.execute("BEGIN IMMEDIATE")
            try:
                old = ((self._now().astimezone(UTC) - KEPT).timestamp(),)
                self._base.execute("UPDATE sendings SET text = '' WHERE text <> '' AND at < ?", old)
                yield self._base
                self._base.execute("COMMIT")
            except BaseException:
                self._base.execute("ROLLBACK")
                raise

    def _named(self, kind: str, tenant: str, name: str) -> str:
        return hmac.new(self._key, f"{kind}\0{tenant}\0{name}".encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _row(base: sqlite3.Connection, digest: str) -> Outcome | None:
        asked = "SELECT became, delivered, reason, text, tokens_in, tokens_out, spent FROM sendings WHERE digest = ?"
        row = base.execute(asked, (digest,)).fetchone()
        if row is None:
            return None
        became, delivered, reason, text, tokens_in, tokens_out, spent = row
        if became == Became.ANSWERED and not text:
            reason = "forgotten"
        return Outcome(Became(became), bool(delivered), reason, text, tokens_in, tokens_out, spent)

    @staticmethod
    def _insert(
        base: sqlite3.Connection, digest: str, at: datetime, cost: tuple[str, str, str, int], outcome: Outcome
    ) -> None:
        month, person, department, price = cost
        told = (str(outcome.became), outcome.delivered, outcome.reason, outcome.text, 0, 0, price)
        base.execute(
            "INSERT INTO sendings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (digest, at.timestamp(), month, person, department, *told),
        )


@contextmanager
def _told() -> Iterator[None]:
    """What the disk or the database says becomes an error of ours."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise DoorUnavailable(f"The door's book cannot be used ({type(error).__name__}).") from error


def _hold(path: Path) -> IO[str]:
    """The file that says who keeps the book; held until it is closed."""
    held = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600), "w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise AlreadyRunning("Another door keeps this book.", advice="One folder belongs to one door.") from error
    return held


def _key(path: Path) -> bytes:
    """The key of the digests of people; made once. Raises DoorUnavailable if what lies there is none."""
    if not path.exists():
        write_new(path, os.urandom(SECRET_BYTES))
    key = path.read_bytes()
    if len(key) != SECRET_BYTES:
        raise DoorUnavailable("The key of the door's book is damaged.", advice="Bring it back from its copy.")
    return key


def _opened(path: Path) -> sqlite3.Connection:
    """The database, made if there is none. Raises DoorUnavailable for one that another version wrote."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    base = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10.0)
    base.execute("PRAGMA journal_mode = DELETE")
    base.execute("PRAGMA synchronous = EXTRA")  # durable when COMMIT returns, the journal's end in its folder too
    base.execute("PRAGMA secure_delete = ON")  # a text that was forgotten does not stay in the file
    (version,) = base.execute("PRAGMA user_version").fetchone()
    (tables,) = base.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version == 0 and tables == 0:
        base.executescript(_TABLES)
    elif version != _VERSION:
        base.close()
        raise DoorUnavailable("The door's book is of another version.", advice="Start the version that wrote it.")
    return base
