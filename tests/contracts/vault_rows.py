"""Vaults in memory, for tests that must not need a database. They pass `test_vault_rows.py`, as the table does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from appliance.store.vaults import KeptEntry, KeptKey


@dataclass
class VaultsInMemory:
    """Keys and entries by thread. The first `races` additions find that somebody else was first."""

    keys: dict[str, KeptKey] = field(default_factory=dict)
    kept: dict[str, dict[int, KeptEntry]] = field(default_factory=dict)
    races: int = 0

    def begin(self, thread: str, key: KeptKey) -> bool:
        if thread in self.keys:
            return False
        self.keys[thread], self.kept[thread] = key, {}
        return True

    def key(self, thread: str) -> KeptKey | None:
        return self.keys.get(thread)

    def entries(self, thread: str) -> list[KeptEntry]:
        return [entry for _, entry in sorted(self.kept.get(thread, {}).items())]

    def add(self, thread: str, entries: Sequence[KeptEntry]) -> bool:
        numbers = [entry.number for entry in entries]
        held = self.kept.get(thread)
        if self.races or held is None or set(numbers) & set(held) or len(set(numbers)) < len(numbers):
            self.races = max(0, self.races - 1)
            return False
        held.update({entry.number: entry for entry in entries})
        return True

    def end(self, thread: str) -> bool:
        self.kept.pop(thread, None)
        return self.keys.pop(thread, None) is not None

    def sweep(self, now: datetime) -> int:
        return sum(self.end(thread) for thread, key in list(self.keys.items()) if key.ends <= now)
