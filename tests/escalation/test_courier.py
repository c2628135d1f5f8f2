"""What happens to an escalation when something breaks between two steps: nothing is sent twice, nothing hangs."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from appliance.access.rules import Rules
from appliance.errors import LedgerUnavailable
from appliance.escalation.courier import CROWD, Courier
from appliance.escalation.sealed import ANSWER
from appliance.escalation.steps import Steps
from appliance.records import Entry, Event
from appliance.records.escalations import Became, Outcome, State
from appliance.store.escalations import EscalationTable
from tests.escalation.house import DESTINATIONS, MARA, House, matter, set_with

PLAIN = matter("Red cells hang for four hours.")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def approved(house: House) -> str:
    seen = house.gate.propose(MARA, PLAIN, "large")
    house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    return seen.escalation.id


def carry(house: House, identifier: str) -> State:
    kept = house.kept.find("aldermoor", identifier)
    assert kept is not None
    return house.courier.carry(kept)


def now(house: House, identifier: str) -> tuple[State, str, int]:
    kept = house.kept.find("aldermoor", identifier)
    assert kept is not None
    return kept.escalation.state, kept.escalation.reason, kept.escalation.spent


def test_two_couriers_send_it_once(house: House) -> None:
    """Guards the conditional update in `EscalationTable.pay`."""
    kept = house.kept.find("aldermoor", approved(house))
    assert kept is not None
    first, second = house.courier.carry(kept), house.courier.carry(kept)
    assert (first, second) == (State.ANSWERED, State.EXPIRED)
    assert len(house.door.arrived) == 1


def test_a_door_that_is_away_is_asked_when_it_is_back_and_nothing_had_arrived(house: House) -> None:
    identifier = approved(house)
    house.door.listens = lambda: True  # it goes away right after that
    house.door.shut = True
    assert carry(house, identifier) is State.SENT
    assert now(house, identifier)[2] > 0
    house.door.shut = False
    assert house.courier.recover() == 0  # it may be under way still
    house.clock.pass_by(minutes=3)
    assert house.courier.recover() == 1
    assert now(house, identifier) == (State.FAILED, "never-arrived", 0)
    assert house.events(identifier)[-1] == "escalation-failed never-arrived"
    assert not house.door.arrived


def test_an_answer_that_was_not_heard_is_fetched(house: House) -> None:
    identifier = approved(house)
    house.door.breaks = True
    house.door.other = lambda _: Outcome(Became.ANSWERED, delivered=True, text="Four hours. [1]", spent=7)
    assert carry(house, identifier) is State.SENT
    house.clock.pass_by(minutes=3)
    assert house.courier.recover() == 1
    assert now(house, identifier) == (State.ANSWERED, "", 7)
    kept = house.kept.find("aldermoor", identifier)
    assert kept is not None
    assert house.vaults.open(identifier).unsealed(kept.answer, ANSWER) == b"Four hours. [1]"
    assert b"hours" not in kept.answer
    assert len(house.door.arrived) == 1


def test_an_answer_whose_thread_is_over_is_nobodys(house: House) -> None:
    identifier = approved(house)
    house.door.breaks = True
    carry(house, identifier)
    house.clock.pass_by(hours=25)
    house.courier.recover()
    assert now(house, identifier)[:2] == (State.FAILED, "too-late")


class Stopping:
    """A ledger that cannot be written from a kind of entry on."""

    def __init__(self, house: House, event: Event) -> None:
        self._ledger = house.ledger.ledger
        self._event = event

    def append(self, entry: Entry, /) -> int:
        if entry.event is self._event:
            raise LedgerUnavailable("The ledger cannot be written.")
        return self._ledger.append(entry)


def test_nothing_leaves_without_its_entry(house: House) -> None:
    """Guards that `_recorder.append` stands before `_door.send`."""
    from appliance.audit.receipts import Recorder

    identifier = approved(house)
    kept = house.kept.find("aldermoor", identifier)
    assert kept is not None
    stopping = Recorder(Stopping(house, Event.ESCALATION_SENT), house.ledger.signer)
    courier = Courier(
        steps=house.steps, rules=house.rules, recorder=stopping, door=house.door, patience=timedelta(minutes=2)
    )
    with pytest.raises(LedgerUnavailable):
        courier.carry(kept)
    assert not house.door.arrived
    house.clock.pass_by(minutes=3)
    house.courier.recover()
    assert now(house, identifier) == (State.FAILED, "never-arrived", 0)


def test_a_row_that_somebody_changed_is_not_sent(house: House) -> None:
    """Guards `envelope.digest != one.digest` in `Courier.carry`."""
    kept = house.kept.find("aldermoor", approved(house))
    assert kept is not None
    other = replace(kept, escalation=replace(kept.escalation, price=1))
    assert house.courier.carry(other) is State.EXPIRED
    assert not house.door.arrived


def test_a_destination_that_was_removed_while_it_waited_gets_nothing(house: House) -> None:
    identifier = approved(house)
    house.ruleset = replace(
        house.ruleset, destinations=set_with("[budget]\ncurrency='EUR'\nperson=1\ndepartment=1\nhouse=1").destinations
    )
    assert carry(house, identifier) is State.DENIED
    assert now(house, identifier)[1] == "no-such-destination"


def test_a_crash_before_anything_was_prepared_runs_out(house: House) -> None:
    begun = house.gate._begun(MARA, PLAIN, house.ruleset.destinations.named["large"], house.rules)
    house.clock.pass_by(hours=9)
    assert house.courier.expire() == 1
    assert house.events(begun.id) == ["escalation-proposed refused", "escalation-expired too-late"]


def test_at_work_it_carries_what_is_approved(house: House) -> None:
    courier = house.courier
    courier.start()
    identifier = approved(house)
    courier.wake()
    for _ in range(200):
        if now(house, identifier)[0] is State.ANSWERED:
            break
        courier._over.wait(0.05)
    courier.stop()
    assert now(house, identifier)[0] is State.ANSWERED


def test_what_was_withdrawn_or_ran_out_before_it_was_carried_is_over(house: House) -> None:
    identifier = approved(house)
    house.clock.pass_by(hours=8, minutes=1)
    assert carry(house, identifier) is State.EXPIRED
    assert now(house, identifier)[:2] == (State.EXPIRED, "too-late")


def test_a_budget_that_others_spent_meanwhile(house: House) -> None:
    """Guards the step in which it is paid: decided before, and no money left by then."""
    identifier = approved(house)
    kept = house.kept.find("aldermoor", identifier)
    assert kept is not None
    courier = house.courier
    rich = courier._rules
    poor = Rules(lambda: set_with(DESTINATIONS.replace("house = 10.00", "house = 0.000001")))
    courier._rules = Poor(rich, poor)
    assert courier.carry(kept) is State.DENIED
    assert now(house, identifier)[1] == "within-the-budget"


class Poor:
    """Rules of the same version with another budget."""

    def __init__(self, rich: Rules, poor: Rules) -> None:
        self.version = rich.version
        self.ruleset = poor.ruleset


def test_one_that_is_still_under_way_stays_there(house: House) -> None:
    identifier = approved(house)
    kept = house.kept.find("aldermoor", identifier)
    assert kept is not None
    house.door.outcomes[kept.escalation.digest] = Outcome(Became.UNDER_WAY, delivered=True)
    house.door.other = lambda _: Outcome(Became.UNDER_WAY, delivered=True)
    house.door.outcomes.clear()
    assert carry(house, identifier) is State.SENT
    house.clock.pass_by(minutes=3)
    courier = house.courier
    courier._under_way.add(identifier)
    assert courier.recover() == 0
    courier._under_way.clear()
    assert courier.recover() == 0
    assert now(house, identifier)[0] is State.SENT


def test_a_courier_whose_database_is_away_waits(house: House, caplog: pytest.LogCaptureFixture) -> None:
    courier = house.courier
    kept = house.kept.find("aldermoor", approved(house))
    assert kept is not None
    house.steps.vaults.end(kept.escalation.id)
    courier._places.acquire()
    courier._done(kept, courier.carry)  # its thread is over: it ends, and nothing is raised into a thread
    gone = Steps(
        kept=EscalationTable(create_engine("sqlite:////nowhere/at/all")), vaults=house.vaults,
        deciding=house.steps.deciding, journal=house.ledger.ledger, clock=house.clock,
    )  # fmt: skip
    courier._steps = gone
    courier._places.acquire()
    courier._done(kept, courier.carry)
    assert "an escalation waits" in caplog.text
    courier.start()
    for _ in range(100):
        if "escalations wait" in caplog.text:
            break
        courier._over.wait(0.05)
    courier.stop()
    assert "escalations wait: registry-unavailable" in caplog.text


def test_no_more_than_a_few_at_once(house: House) -> None:
    courier = house.courier
    kept = house.kept.find("aldermoor", approved(house))
    assert kept is not None
    courier._under_way.add(kept.escalation.id)
    courier._begin(kept, courier.carry)
    courier._under_way.clear()
    for _ in range(CROWD):
        courier._places.acquire()
    courier._begin(kept, courier.carry)
    assert not house.door.arrived
    Courier(
        steps=house.steps, rules=house.rules, recorder=house.recorder, door=house.door, patience=timedelta(1)
    ).stop()


def test_at_work_it_asks_after_what_was_not_heard_of(house: House) -> None:
    """Guards `self._late()` in `Courier._work`."""
    identifier = approved(house)
    house.door.breaks = True
    assert carry(house, identifier) is State.SENT
    house.clock.pass_by(minutes=3)
    courier = house.courier
    courier.start()
    for _ in range(200):
        if now(house, identifier)[0] is State.ANSWERED:
            break
        courier._over.wait(0.05)
    courier.stop()
    assert now(house, identifier)[0] is State.ANSWERED
