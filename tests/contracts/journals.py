"""A journal in memory, for tests that must not need a database. It passes `test_journal.py`, as the ledger does."""

from dataclasses import dataclass, field

from appliance.errors import LedgerUnavailable
from appliance.records import Entry


@dataclass
class ListJournal:
    """Entries in a list. From the `fails_at`-th append on (counted from 1; 0: never) it cannot be written."""

    fails_at: int = 0
    entries: list[Entry] = field(default_factory=list)

    def append(self, entry: Entry) -> int:
        if self.fails_at and len(self.entries) + 1 >= self.fails_at:
            raise LedgerUnavailable("The ledger cannot be written.")
        self.entries.append(entry)
        return len(self.entries)
