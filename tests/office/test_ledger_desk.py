"""The ledger as officers look at it, over a real one."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.audit.checkpoints import Checkpoint
from appliance.audit.verifying import Source, Verifying
from appliance.errors import Conflict, LedgerUnavailable
from appliance.records import Event, by
from appliance.wiring.office import to_verify
from tests.office.office_house import House, house

PATHS = ("/v1/office/people/mara/seen", "/v1/office/ledger")
SECRET = "Which rule is written down at once?"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One for all who only look."""
    return lived_in(tmp_path_factory.mktemp("ledger"))


@pytest.fixture
def fresh(tmp_path: Path) -> House:
    return lived_in(tmp_path)


def lived_in(data: Path) -> House:
    made = house(data)
    mara = made.identity.principal(f"Bearer {made.identity.token('mara')}")
    asked = replace(by(mara, Event.ASKED, "answer-1"), question=SECRET)
    for entry in (
        asked,
        replace(by(mara, Event.OPENED, "answer-1"), documents=("falls", "gone"), passages=2),
        replace(by(mara, Event.CLOSED, "answer-1"), released=1),
        replace(by(mara, Event.PAGE_OPENED), documents=("loans",)),
    ):
        made.evidence.ledger.append(entry)
    return made


def test_what_a_person_saw(fresh: House) -> None:
    seen = fresh.client("priya").get("/v1/office/people/mara/seen").json()
    assert [one["event"] for one in seen["sightings"]] == ["page-opened", "closed", "opened", "asked"]
    opened = seen["sightings"][2]
    assert (opened["documents"], opened["unknown"]) == (["nursing/falls.md"], 1)
    assert seen["sightings"][0]["documents"] == []  # another tenant's is not named
    assert (seen["days"], seen["more"]) == (1, 0)
    fresh.evidence.keys.erase("aldermoor", "mara")
    assert fresh.client("priya").get("/v1/office/people/mara/seen").json()["sightings"] == []


def test_search(stage: House) -> None:
    priya = stage.client("priya")
    found = priya.get("/v1/office/ledger", params={"event": ["asked", "closed"]}).json()
    assert [one["event"] for one in found["entries"]] == ["closed", "asked"]
    assert found["onward"] == 0
    about = priya.get("/v1/office/ledger", params={"about": "answer", "upto": 4}).json()
    assert [(one["number"], one["event"]) for one in about["entries"]] == [(4, "opened"), (3, "asked")]
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert priya.get("/v1/office/ledger", params={"since": tomorrow}).json()["entries"] == []
    told = priya.get("/v1/office/ledger").text
    assert SECRET not in told
    assert "subject" not in told
    assert priya.get("/v1/office/ledger", params={"event": "nonsense"}).status_code == 422


def test_counts(fresh: House) -> None:
    assert fresh.client("mara").get("/v1/office/ledger/counts").status_code == 403
    told = fresh.client("priya").get("/v1/office/ledger/counts", params={"days": 2}).json()
    assert told["whole"]
    counted: dict[str, int] = {}
    for one in told["counts"]:
        counted[one["event"]] = counted.get(one["event"], 0) + one["count"]
    assert counted == {
        "keys-changed": 1, "policy-activated": 1, "asked": 1, "opened": 1, "closed": 1, "page-opened": 1,
    }  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_look_at_the_ledger_is_recorded_and_an_officers_alone(stage: House, path: str) -> None:
    """Guards `_demand` and `_looked` in `LedgerDesk`."""
    before = len(stage.events())
    for persona in ("mara", "otto", "carla"):
        assert stage.client(persona).get(path).status_code == 403
    assert len(stage.events()) == before
    assert stage.client("priya").get(path).status_code == 200
    (entry,) = stage.events()[before:]
    assert '"event":"ledger-viewed"' in entry
    assert "mara" not in entry


def test_verification_in_the_background(stage: House) -> None:
    """Guards `_demand` in `verify` and `verification`, and that a changed entry is a fault."""
    priya, mara = stage.client("priya"), stage.client("mara")
    path = "/v1/office/ledger/verification"
    assert (mara.get(path).status_code, mara.post(path).status_code) == (403, 403)
    assert priya.get(path).json()["state"] == "never"
    stage.evidence.notary.round()
    assert priya.post(path).status_code == 202
    done = _done(priya.get, path)
    assert (done["state"], done["faults"], done["read"], done["last"]) == ("done", [], done["of"], done["of"])
    assert done["second"]
    assert done["given"]["entry"] == done["vouched"]["entry"] > 0


def _done(get: Any, path: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while (told := get(path).json())["state"] == "running" and time.monotonic() < until:
        time.sleep(0.02)
    return dict(told)


class Gate:
    """Lines that come when they are let."""

    def __init__(self, source: Source) -> None:
        self.source, self.open = source, threading.Event()

    def __call__(self) -> Source:
        return replace(self.source, lines=self._lines(), second=None)

    def _lines(self) -> Any:
        assert self.open.wait(60)
        yield from self.source.lines


def test_one_verification_at_a_time_and_a_broken_one_is_told(stage: House, tmp_path: Path) -> None:
    """Guards the lock in `Verifying`: two workers share one folder."""
    gate = Gate(to_verify(stage.settings))
    one, other = (Verifying(tmp_path / "office", gate) for _ in range(2))
    one.begin()
    with pytest.raises(Conflict):
        other.begin()
    assert other.progress().state == "running"
    gate.open.set()
    until = time.monotonic() + 60
    while other.progress().state == "running" and time.monotonic() < until:
        time.sleep(0.02)
    assert other.progress().state == "done"
    file = tmp_path / "office" / "verification.json"
    file.write_text(file.read_text().replace('"done"', '"running"'))
    assert one.progress().state == "broken-off"
    file.write_text("{}")
    with pytest.raises(LedgerUnavailable):
        one.progress()


def test_what_breaks_a_verification_is_told(stage: House, tmp_path: Path) -> None:
    def lines() -> Any:
        raise LedgerUnavailable("gone")
        yield  # a generator

    given: list[Checkpoint] = []
    verifying = Verifying(tmp_path / "office", lambda: Source(3, lines(), {}, given))
    verifying.begin()
    until = time.monotonic() + 60
    while verifying.progress().state == "running" and time.monotonic() < until:
        time.sleep(0.02)
    assert (verifying.progress().state, verifying.progress().failed) == ("failed", "ledger-unavailable")
