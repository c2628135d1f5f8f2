"""How an entry is written and chained. Pure."""

import hashlib
import json
from datetime import datetime
from typing import Any, Final

from appliance.audit.keys import DayKey
from appliance.records import Entry

ORIGIN: Final = "0" * 64
"""What the first entry chains to."""
Row = tuple[int, str, str]
"""An entry as it is kept: its number (from 1, without gaps), its body, its hash."""


def chained(previous: str, body: str) -> str:
    """The hash of an entry: SHA-256 over the hash before it and its own body, in hexadecimal."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def body(number: int, at: datetime, entry: Entry, key: DayKey, policy: str) -> str:
    """An entry as JSON on one line. Whatever would name a person or tell content is a digest under `key`.

    The number stands inside, so that renumbering does not mend a chain. What is empty or zero is left out.
    """
    values: dict[str, Any] = {
        "number": number,
        "at": at.isoformat(timespec="milliseconds"),
        "event": str(entry.event),
        "about": entry.about,
        "client": entry.client,
        "policy": entry.policy or policy,
        "model": entry.model,
        "passages": entry.passages,
        "released": entry.released,
        "withheld": entry.withheld,
        "reason": entry.reason,
        "key": key.id,
        "subject": key.digest("subject", f"{entry.tenant}\0{entry.subject}"),
        "scope": key.digest("scope", entry.scope),
        "question": key.digest("question", entry.question),
        "documents": [key.digest("document", one) for one in entry.documents],
        "shown": [key.digest("passage", one) for one in entry.shown],
    }
    return json.dumps({name: value for name, value in values.items() if value}, sort_keys=True, separators=(",", ":"))
