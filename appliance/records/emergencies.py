"""An emergency that a person opened for himself: what it is called from its first minute to its review."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Judgement(StrEnum):
    """What the reviewer says of an emergency."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"


class Mailed(StrEnum):
    """What became of the mail to the duty officers; the notice in the house does not depend on it."""

    NONE = "none"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Emergency:
    """One time box. Times in UTC; it runs from `opened` until `until`, or until it is `ended` before.

    `client` is the program through which it was opened, the only one through which it works; `purpose` what is stated
    in it. `questions` and `documents` count what was opened because of it, each document once. `verdict` is "" until
    somebody else has reviewed it; `lifted_by` is who let the person do it again after it was not justified.
    """

    id: str
    tenant: str
    person: str
    name: str
    client: str
    purpose: str
    reason: str
    opened: datetime
    until: datetime
    ended: datetime | None = None
    questions: int = 0
    documents: int = 0
    verdict: Judgement | None = None
    note: str = ""
    reviewer: str = ""
    reviewed: datetime | None = None
    lifted_by: str = ""
    mailed: Mailed = Mailed.NONE

    def running(self, at: datetime) -> bool:
        """Whether it is open at that moment. A clock that was set back to before it began closes it."""
        return self.ended is None and self.opened <= at < self.until

    def over(self) -> datetime:
        """When it ended, or will."""
        return self.until if self.ended is None else min(self.ended, self.until)

    def due(self, within: timedelta) -> datetime:
        """Until when somebody else must have reviewed it."""
        return self.over() + within
