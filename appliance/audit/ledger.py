"""The ledger: what happened, in an order that nobody can change unnoticed.

Entries hold ids and counts only, never a question, an answer or a document's name. Each entry's hash covers its body
and the hash before it, so a changed, removed or reordered entry breaks the chain from there on.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import SQLAlchemyError

from appliance.errors import LedgerUnavailable
from appliance.store.database import writing
from appliance.store.tables import LedgerRow

ORIGIN = "0" * 64
"""What the first entry chains to."""


class Event(StrEnum):
    """Everything that is recorded about a question and its answer."""

    OPENED = "opened"
    """Evidence was found and the model is about to be asked; durable before the first sentence leaves."""
    CLOSED = "closed"
    """The answer is complete."""
    REFUSED = "refused"
    """The question was refused."""
    BROKEN = "broken"
    """A dependency failed after OPENED; what was released until then had been verified."""
    LEFT = "left"
    """The person went away before the answer was complete."""
    FEEDBACK = "feedback"
    """The person judged the answer; the reason is the verdict and its reason."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is recorded: who (an id), about which answer (an id), how much, and under which Scope (a digest)."""

    event: Event
    subject: str
    answer: str
    scope: str = ""
    passages: int = 0
    released: int = 0
    withheld: int = 0
    reason: str = ""


class Journal(Protocol):
    """Where entries go. `append` returns only when the entry is durable, with its number (from 1)."""

    def append(self, entry: Entry) -> int:
        """Record `entry`. Raises LedgerUnavailable if that is not certain."""
        ...


class Ledger:
    """The journal on the database: one chain, however many processes write it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, entry: Entry) -> int:
        """Record `entry` durably and return its number."""
        try:
            with writing(self._engine) as connection:
                last = connection.execute(
                    select(LedgerRow.number, LedgerRow.hash).order_by(LedgerRow.number.desc()).limit(1)
                ).first()
                number, previous = (last[0] + 1, last[1]) if last else (1, ORIGIN)
                body = _body(number, entry)
                connection.execute(insert(LedgerRow).values(number=number, body=body, hash=chained(previous, body)))
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"The ledger cannot be written ({type(error).__name__}).") from error
        return int(number)

    def rows(self) -> list[tuple[int, str, str]]:
        """Every entry as (number, body, hash), in order."""
        try:
            with self._engine.connect() as connection:
                columns = select(LedgerRow.number, LedgerRow.body, LedgerRow.hash).order_by(LedgerRow.number)
                return [(number, body, digest) for number, body, digest in connection.execute(columns)]
        except SQLAlchemyError as error:
            raise LedgerUnavailable(f"The ledger cannot be read ({type(error).__name__}).") from error


def chained(previous: str, body: str) -> str:
    """The hash of an entry: SHA-256 over the hash before it and its own body, in hexadecimal."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def first_broken(rows: Iterable[tuple[int, str, str]]) -> int | None:
    """The number of the first entry that does not fit the chain, or None if all do.

    Entries cut off at the end leave a shorter but unbroken chain: only a checkpoint kept elsewhere shows that.
    """
    previous = ORIGIN
    for expected, (number, body, digest) in enumerate(rows, start=1):
        # The number stands inside the body too, so renumbering after a removal does not mend the chain.
        if number != expected or digest != chained(previous, body) or json.loads(body)["number"] != number:
            return expected
        previous = digest
    return None


def _body(number: int, entry: Entry) -> str:
    values = {"number": number, "at": datetime.now(UTC).isoformat(timespec="milliseconds"), **asdict(entry)}
    return json.dumps(values, sort_keys=True, separators=(",", ":"))
