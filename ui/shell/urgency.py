"""Emergencies as the house tells of them: typed, and nothing decided."""

from datetime import datetime
from typing import Final, Literal
from urllib.parse import quote

from ui.house.client import Api, Credential, Read

BARRED, OVERDUE, REVIEW, RUNS = "barred", "overdue", "to-review", "runs"
OFFICERS: Final = (OVERDUE, REVIEW, RUNS, BARRED)
"""What an officer is told of somebody else's, the most pressing first."""
MINE_RUNS, MINE_ENDED, MINE_REVIEWED = "yours-runs", "yours-ended", "yours-reviewed"


class Emergency(Read):
    """An emergency of somebody. Times with their zone."""

    id: str
    person: str
    name: str
    purpose: str
    reason: str
    opened: datetime
    until: datetime
    ended: datetime | None
    running: bool
    questions: int
    documents: int
    due: datetime
    verdict: Literal["justified", "not-justified"] | None
    note: str
    lifted: bool
    mail: str


class Notice(Read):
    """Something that one is told without asking. A `kind` that the portal does not know is not shown."""

    kind: str
    emergency: Emergency


class Told(Read):
    """What one should know, and may do: open one for `longest` minutes (0 is none) with one of `purposes`; review."""

    notices: tuple[Notice, ...] = ()
    longest: int = 0
    purposes: tuple[str, ...] = ()
    reviews: bool = False

    def of(self, *kinds: str) -> list[Emergency]:
        """The emergencies of these kinds of notices, in the order of the kinds."""
        return [one.emergency for kind in kinds for one in self.notices if one.kind == kind]


def told(api: Api, who: Credential) -> Told:
    """What one should know now, and may do, about emergencies."""
    return api.get(who, "/v1/notices", Told)


def end(api: Api, who: Credential, emergency: str) -> None:
    """End one before its time."""
    api.delete(who, f"/v1/emergencies/{quote(emergency, safe='')}")
