"""One attempt: asked through the API, and every byte of what came back looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.selftest import routes
from appliance.selftest.attempts import Attempt
from appliance.selftest.canaries import Canary
from appliance.selftest.door import BUSY, Door, Heard
from appliance.selftest.phrasings import TYPED, phrased
from appliance.selftest.report import Finding, Way
from appliance.selftest.routes import Victims, plain
from appliance.selftest.scanning import Scan

FAILED: Final = 400
FAULT: Final = 500
_UPLOADS_OWN: Final = frozenset({"id", "uri", "title", "received", "bytes"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. `unanswered` is the status of an answer that was none, "" for a real one."""

    attempt: Attempt
    findings: tuple[Finding, ...]
    unanswered: str = ""


class Trial:
    """Makes attempts. `readers` says who may read which canary, by the decision in full over each document."""

    def __init__(
        self, doors: Mapping[str, Door], scan: Scan, readers: Mapping[str, frozenset[str]], victims: Victims
    ) -> None:
        self._doors = doors
        self._scan = scan
        self._readers = readers
        self._victims = victims

    def attempt(self, attempt: Attempt) -> Outcome:
        """Make it. Raises ApiUnavailable."""
        door = self._doors[attempt.asker.name]
        findings: list[Finding] = []
        unanswered = ""
        for heard in self._heard(door, attempt, findings):
            findings += self._found(door, attempt, heard)
            if heard.status in BUSY or heard.status >= FAULT:
                unanswered = str(heard.status)
        return Outcome(attempt, tuple(dict.fromkeys(findings)), unanswered)

    def _heard(self, door: Door, attempt: Attempt, findings: list[Finding]) -> Iterator[Heard]:
        """Everything that comes back; differences between forbidden and missing are put down on the way."""
        canary = attempt.canary
        if attempt.route in routes.ASKING:
            if attempt.phrasing in TYPED:
                door.typed.add(getattr(canary, TYPED[attempt.phrasing]).lower())
            yield from routes.ASKING[attempt.route](door, phrased(attempt.phrasing, canary))
        elif attempt.route in routes.PLAIN:
            yield from routes.PLAIN[attempt.route](door)
        elif attempt.route in routes.BY_ID:
            there, missing = routes.BY_ID[attempt.route].both(door, canary, self._victims)
            yield from self._compared(attempt, there, missing, findings, alike=there.shape == missing.shape)
        elif attempt.route in routes.UPLOADING:
            door.typed.add(canary.name)
            there, missing = routes.UPLOADING[attempt.route](door, canary)
            yield from self._compared(attempt, there, missing, findings, alike=_told(there) == _told(missing))
        else:
            there, missing = routes.walk(door, attempt.operation, canary, self._victims)
            yield from self._compared(attempt, there, missing, findings, alike=there.status == missing.status)

    def _compared(
        self, attempt: Attempt, there: Heard, missing: Heard, findings: list[Finding], *, alike: bool
    ) -> Iterator[Heard]:
        busy = {there.status, missing.status} & BUSY
        if not alike and not busy:
            how = f"status {there.status} for what is forbidden, {missing.status} for what is not there"
            if there.status == missing.status:
                how = f"both have status {there.status}, but what they say differs"
            findings.append(_finding(Way.DIFFERENCE, attempt, attempt.canary.kind, how))
        yield there
        yield missing

    def _found(self, door: Door, attempt: Attempt, heard: Heard) -> Iterator[Finding]:
        """The words of whatever he may not read: not only of the canary that he was after."""
        for sighting in self._scan.sightings(heard.everything, besides=frozenset(door.typed)):
            if not self._may(attempt, sighting.canary):
                how = f"its {sighting.what}, {sighting.spelled}, in an answer with status {heard.status}"
                yield _finding(Way.WORDS, attempt, sighting.canary.kind, how)

    def _may(self, attempt: Attempt, canary: Canary) -> bool:
        return attempt.asker.name in self._readers[canary.kind]


def _finding(way: Way, attempt: Attempt, canary: str, how: str) -> Finding:
    return Finding(way, attempt.route, attempt.asker.name, attempt.phrasing, canary, how)


def _told(heard: Heard) -> tuple[int, object]:
    """What an upload's answer says beside the names, ids and times of what was just uploaded."""
    view = plain(heard)
    if heard.status >= FAILED or not view:
        return heard.status, heard.shape[2]
    return heard.status, {key: value for key, value in view.items() if key not in _UPLOADS_OWN}
