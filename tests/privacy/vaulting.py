"""A house with vaults in memory, a real file of keys, and a clock that stands until it is moved."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.access.redactions import Redactions, Way
from appliance.privacy.redacting.vault import Vaults
from appliance.records.privacy import Entity, Finding
from appliance.store.vault_keys import VaultKeys
from tests.contracts.vault_rows import VaultsInMemory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOKENS = Redactions({"external": dict.fromkeys(set(Entity) - {Entity.SECRET}, Way.TOKEN)})


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class House:
    folder: Path
    rows: VaultsInMemory = field(default_factory=VaultsInMemory)
    clock: Clock = field(default_factory=Clock)

    @property
    def keys(self) -> VaultKeys:
        return VaultKeys(self.folder / "keys" / "vaults.json")

    @property
    def vaults(self) -> Vaults:
        return Vaults(self.rows, self.keys, clock=self.clock)


def everywhere(text: str, words: dict[str, str]) -> list[Finding]:
    """A finding for each place where one of `words` stands, longest first, none inside another."""
    found: list[Finding] = []
    for word, entity in sorted(words.items(), key=lambda one: -len(one[0])):
        at = text.find(word)
        while at >= 0:
            if all(at >= one.end or at + len(word) <= one.start for one in found):
                found.append(Finding(at, at + len(word), entity, 1.0, "words"))
            at = text.find(word, at + 1)
    return sorted(found)
