"""The playground: a text goes in, and what would leave of it for each kind of destination is shown.

It is prepared by the very steps of the way outside. What its tokens stand for lies in memory for one request and
nowhere else; the text is in no file, no log and no entry of the ledger. That somebody tried one is recorded first, and
which finder of the house found something is not told: else names could be tried against the list of known persons.
"""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from appliance.access.rules import Rules
from appliance.access.ruleset import Ruleset
from appliance.errors import Conflict
from appliance.escalation.matter import Matter, Part
from appliance.escalation.preparing import Preparing
from appliance.privacy.redacting.vault import Vault
from appliance.privacy.redaction import QUESTION, Replacement
from appliance.records import Action, Event, Journal, Principal, by
from appliance.records.escalations import Destination
from appliance.store.vaults import KeptEntry, KeptKey

HOUSE: Final = "house"
"""The source of all that the house finds by itself. A site's own recognisers, named `site/…`, are told apart."""
_KEY_BYTES: Final = 32
_LASTS: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What would leave for destinations of one kind (a section of `redaction.toml`), and the names of those there are.

    `residual` counts what the second look still finds: with any, nothing would leave.
    """

    ways: str
    destinations: tuple[str, ...]
    text: str = field(repr=False)
    replacements: tuple[Replacement, ...] = field(repr=False)
    residual: int


class Playground:
    """`preparing` gives what prepares a text; making it may take a while, the first time. Many threads at once."""

    def __init__(self, *, rules: Rules, journal: Journal, preparing: Callable[[], Preparing]) -> None:
        self._rules = rules
        self._journal = journal
        self._preparing = preparing
        self._busy = threading.Lock()

    def leaving(self, officer: Principal, text: str, language: str) -> list[Leaving]:
        """What would leave of `text`, for each kind of destination.

        Raises NotAllowed for anyone but an officer, NotScannable for a text that cannot be looked through,
        DetectorUnavailable, PolicyUnavailable, RegistryUnavailable, LedgerUnavailable; Conflict while another text is
        looked through.
        """
        self._rules.demand(officer, Action.MANAGE_POLICIES)
        ruleset = self._rules.ruleset()
        if not self._busy.acquire(blocking=False):
            raise Conflict("Another text is being looked through.", advice="Wait a moment, and send it again.")
        try:
            self._journal.append(replace(by(officer, Event.REDACTION_TRIED), policy=ruleset.version))
            preparing = self._preparing()
            return [_leaving(preparing, ruleset, ways, (text, language)) for ways in sorted(ruleset.redactions.ways)]
        finally:
            self._busy.release()


def _leaving(preparing: Preparing, ruleset: Ruleset, ways: str, said: tuple[str, str]) -> Leaving:
    text, language = said
    matter = Matter("", language, (Part(text, QUESTION, language),), frozenset(), "unasked")
    prepared = preparing.prepare(matter, _nowhere(ways), rules=ruleset.redactions, vault=_vault())
    (redacted,) = prepared.parts
    named = tuple(sorted(one.name for one in ruleset.destinations.named.values() if one.ways == ways))
    told = tuple(replace(one, source=_source(one.source)) for one in redacted.replacements)
    return Leaving(ways, named, redacted.text, told, prepared.residual)


def _source(name: str) -> str:
    return name if name.startswith("site/") else HOUSE


def _nowhere(ways: str) -> Destination:
    """A destination that has its ways, and no address."""
    free = Decimal(0)
    return Destination(
        name="nowhere",
        url="",
        model="",
        region="",
        contract="",
        ways=ways,
        classes=frozenset(),
        retention_days=0,
        price_in=free,
        price_out=free,
    )


def _vault() -> Vault:
    key, ends = secrets.token_bytes(_KEY_BYTES), _now() + _LASTS
    return Vault("playground", key, ends, rows=_InMemory(KeptKey(b"", ends)), clock=_now)


def _now() -> datetime:
    return datetime.now(UTC)


class _InMemory:
    """The rows of one vault, gone with it. It keeps what a table would (`appliance.store.vaults.VaultTable`)."""

    def __init__(self, key: KeptKey) -> None:
        self._keys: dict[str, KeptKey] = {"playground": key}
        self._entries: Mapping[int, KeptEntry] = {}

    def begin(self, thread: str, key: KeptKey, /) -> bool:
        return self._keys.setdefault(thread, key) is key

    def key(self, thread: str, /) -> KeptKey | None:
        return self._keys.get(thread)

    def entries(self, _thread: str, /) -> list[KeptEntry]:
        return [self._entries[number] for number in sorted(self._entries)]

    def add(self, thread: str, entries: Sequence[KeptEntry], /) -> bool:
        fresh = {one.number: one for one in entries}
        if thread not in self._keys or fresh.keys() & self._entries.keys():
            return False
        self._entries = {**self._entries, **fresh}
        return True

    def end(self, thread: str, /) -> bool:
        self._entries = {}
        return self._keys.pop(thread, None) is not None

    def sweep(self, _now: datetime, /) -> int:
        return 0
