"""A house with emergencies for tests: a real database and the shipped rules; only clock and mail are the test's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from appliance.access.emergencies import Bounds, Emergencies
from appliance.access.presence import Presence
from appliance.access.rules import Rules
from appliance.access.urgency import Running
from appliance.records import Access, Action, Emergency, Event, Level, Principal
from appliance.store.database import open_database
from appliance.store.emergencies import EmergencyTable
from tests.contracts.journals import ListJournal
from tests.rules import ruleset

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
REASON: Final = "Unconscious patient in bay two, allergies unknown."
FOUND: Final = "The duty log confirms the admission of that night."
DOCTOR: Final = Principal(
    "tobias", "Tobias", "aldermoor", frozenset({"staff"}), Level.CONFIDENTIAL, "portal", "pharmacy",
    roles=frozenset({"emergency"}), purposes=frozenset({"emergency"}),
)  # fmt: skip
OFFICER: Final = Principal(
    "priya", "Priya", "aldermoor", frozenset({"staff"}), Level.RESTRICTED, "portal", "compliance",
    roles=frozenset({"security-officer"}),
)  # fmt: skip
SECOND: Final = replace(OFFICER, id="petra", name="Petra")
RECORD: Final = Access(
    "aldermoor", Level.CONFIDENTIAL, frozenset({"icu"}), "nursing", frozenset({"patient"}), (), patient="bed-4"
)
LEAFLET: Final = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ())
"""What the doctor reads anyhow."""
MINUTE: Final = timedelta(minutes=1)


class Clock:
    """A clock that is set, and a counter that is not."""

    def __init__(self) -> None:
        self.now, self.seconds = NOON, 1_000.0

    def __call__(self) -> datetime:
        return self.now

    def counter(self) -> float:
        return self.seconds

    def go(self, on: timedelta) -> None:
        """Time passes, for both."""
        self.now += on
        self.seconds += on.total_seconds()


class House:
    """One process on the database at `url`; a second one on the same is another worker, or the next start."""

    def __init__(
        self, url: str, clock: Clock | None = None, *, presence: Presence | None = None, **bounds: Any
    ) -> None:
        self.clock, self.journal = clock or Clock(), ListJournal()
        self.engine = open_database(url)
        self.kept = EmergencyTable(self.engine)
        self.told: list[Emergency] = []
        self.plain = Rules(ruleset, presence)
        running = Running(self.kept, self.journal, clock=self.clock, counter=self.clock.counter)
        self.reading = Rules(ruleset, presence, urgency=running)
        limits = {"minutes": 30, "review": timedelta(hours=72), "bar": True} | bounds
        self.urgent = Emergencies(
            kept=self.kept, journal=self.journal, rules=self.plain, bounds=Bounds(**limits), tell=self.told.append,
            clock=self.clock,
        )  # fmt: skip

    def open(self, who: Principal = DOCTOR, *, minutes: int = 30, reason: str = REASON) -> Emergency:
        return self.urgent.open(who, reason, minutes, purpose="emergency")

    def reads(self, access: Access = RECORD, who: Principal = DOCTOR) -> bool:
        """By every way of deciding, which must agree."""
        one = self.reading.decided(who, Action.READ, access).allowed
        assert self.reading.readable(who, {"d": access}) == (frozenset({"d"}) if one else frozenset())
        assert self.reading.scope(who).admits(access) == one
        return one

    def events(self) -> list[Event]:
        return [entry.event for entry in self.journal.entries]
