"""What goes wrong when two are at work at once, or when what an escalation rests on changes under it."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import update

from appliance.access.rules import Rules
from appliance.errors import DirectoryUnavailable, DoorUnavailable, NotAllowed, VaultClosed
from appliance.escalation.courier import CROWD, Courier
from appliance.escalation.deciding import Verdict
from appliance.escalation.sealed import ANSWER
from appliance.escalation.steps import Preview
from appliance.records import Document, Principal
from appliance.records.escalations import Became, Outcome, State
from appliance.store.escalations import EscalationRow, Kept
from tests.escalation.house import ADA, DESTINATIONS, MARA, WHY, House, access, matter, set_with

PLAIN = matter("Red cells hang for four hours.")
NAMED = matter("Red cells hang for four hours.", question="How long may red cells for Tobias Renner hang?")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def kept(house: House, preview: Preview) -> Kept:
    found = house.kept.find("aldermoor", preview.escalation.id)
    assert found is not None
    return found


def sent(house: House, one: Preview | None = None) -> Preview:
    one = one or house.gate.propose(MARA, PLAIN, "large")
    return house.gate.send(MARA, one.escalation.id, one.escalation.digest)


def approved(house: House) -> Preview:
    one = sent(house, house.gate.propose(MARA, NAMED, "large"))
    house.approvals.approve(ADA, one.escalation.id, one.escalation.digest, WHY)
    return one


def test_who_comes_second_destroys_nothing_of_the_first(house: House) -> None:
    """Guards that `Steps.taken` ends a vault only after the step was taken: an answer that was paid for stays whole."""
    one = sent(house)
    price = one.escalation.price
    house.ruleset = set_with(DESTINATIONS.replace("person = 1.00", f"person = {1.5 * price / 1_000_000:.6f}"))
    one = sent(house)
    there, go = threading.Event(), threading.Event()

    def other(_: object) -> Outcome:
        there.set()
        go.wait(20)
        return Outcome(Became.ANSWERED, delivered=True, text="Four hours. [1]", spent=price)

    house.door.other = other
    seen = kept(house, one)
    first = threading.Thread(target=house.courier.carry, args=(seen,))
    first.start()
    assert there.wait(20)
    assert house.courier.carry(seen) is State.SENT  # too poor by now, and too late
    house.clock.pass_by(hours=9)
    house.courier._ended(seen.escalation, State.EXPIRED, "too-late")
    go.set()
    first.join()
    assert kept(house, one).escalation.state is State.ANSWERED
    assert house.vaults.open(one.escalation.id).unsealed(kept(house, one).answer, ANSWER) == b"Four hours. [1]"


@pytest.mark.parametrize("values", [{"local": "refused"}, {"approver": "ada", "state": "approved"}])
def test_a_row_that_somebody_wrote_opens_nothing(house: House, values: dict[str, str]) -> None:
    """Guards `facts.local` in `Deciding`, and the damaged receipts of `Courier._approved`."""
    one = house.gate.propose(MARA, replace(NAMED, local="answered"), "large")
    house.gate.send(MARA, one.escalation.id, one.escalation.digest)
    with house.engine.begin() as connection:
        connection.execute(update(EscalationRow).values(**values))
    assert house.courier.carry(kept(house, one)) is not State.ANSWERED
    assert not house.door.arrived


FORGED: Final = (
    *({"subject": "bruno"}, {"digest": "0" * 64}, {"about": "x"}),
    *({"event": "escalation-sent"}, {"signature": "00"}),
)


@pytest.mark.parametrize("changed", FORGED)
def test_an_approval_is_believed_only_with_the_ledgers_own_signature(house: House, changed: dict[str, str]) -> None:
    """Guards every condition of `Courier._approved`."""
    found = kept(house, approved(house))
    assert house.courier._approved(found)
    assert not house.courier._approved(replace(found, receipt=json.dumps(json.loads(found.receipt) | changed)))
    assert not house.courier._approved(replace(found, escalation=replace(found.escalation, asker="ada")))
    assert not house.courier._approved(replace(found, escalation=replace(found.escalation, approver="bruno")))
    for damaged in ("", "{}", "[]", "null", "7", "{nonsense"):
        assert not house.courier._approved(replace(found, receipt=damaged))


def test_nothing_is_carried_that_nobody_approved(house: House) -> None:
    """Guards `approved=self._approved(kept)` in `Courier.carry`."""
    one = sent(house, house.gate.propose(MARA, NAMED, "large"))
    assert house.courier.carry(kept(house, one)) is not State.ANSWERED
    assert not house.door.arrived


def test_a_door_that_is_away_keeps_what_was_approved_waiting(house: House) -> None:
    """Guards `self._door.listens()` before it is paid for."""
    one = approved(house)
    house.door.shut = True
    with pytest.raises(DoorUnavailable):
        house.courier.carry(kept(house, one))
    assert kept(house, one).escalation.state is State.APPROVED
    house.door.shut = False
    assert house.courier.carry(kept(house, one)) is State.ANSWERED


def test_a_directory_that_is_silent_is_no_verdict(house: House) -> None:
    """Guards `narrowed` in `Deciding.ruling`: what was approved waits until somebody can say what its asker may do."""

    class Silent:
        def effective(self, principal: Principal, /) -> Principal:
            return replace(principal, narrowed=True)

    one = approved(house)
    courier = house.courier
    courier._steps.deciding._rules = Rules(lambda: house.ruleset, Silent())
    with pytest.raises(DirectoryUnavailable):
        courier.carry(kept(house, one))
    assert kept(house, one).escalation.state is State.APPROVED


def test_a_document_that_was_corrected_does_not_leave_as_it_was(house: House) -> None:
    """Guards `& same` in `Deciding._sending`: of another version the old text was taken back."""
    one = approved(house)
    courier = house.courier
    registered = house.documents

    class Corrected:
        def current(self, ids: object, /) -> dict[str, Document]:
            found = registered.current(ids)
            return {name: replace(document, version="1" * 64) for name, document in found.items()}

    courier._steps.deciding._documents = Corrected()
    assert courier.carry(kept(house, one)) is State.DENIED
    assert not house.door.arrived


def test_an_answer_that_could_not_be_forgotten_is_forgotten_later(house: House) -> None:
    """Guards `_to_forget` in the courier: the door keeps no answer that is kept here."""
    one = sent(house)
    courier = house.courier
    forget = house.door.forget

    def away(_: str) -> None:
        raise DoorUnavailable("away")

    house.door.other = lambda _: Outcome(Became.ANSWERED, delivered=True, text="Four hours. [1]", spent=1)
    house.door.forget = away
    assert courier.carry(kept(house, one)) is State.ANSWERED
    assert house.door.settle(one.escalation.digest).text
    house.door.forget = forget
    courier._forget()
    assert not house.door.settle(one.escalation.digest).text


def test_threads_that_the_system_does_not_give_cost_no_place(house: House) -> None:
    """Guards `self._left(kept)` in `Courier._begin`."""

    def refused(_: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    courier = Courier(
        steps=house.steps, rules=house.rules, recorder=house.recorder, door=house.door, patience=timedelta(minutes=2),
        begin=refused,
    )  # fmt: skip
    found = kept(house, sent(house))
    for _ in range(2 * CROWD):
        with pytest.raises(RuntimeError):
            courier._begin(found, courier.carry)
    assert not courier._under_way


@pytest.mark.parametrize("end", ["dry", "denied", "rejected", "changed"])
def test_where_nothing_can_come_of_it_what_was_asked_is_destroyed(house: House, end: str) -> None:
    """Guards `self.vaults.end` in `Steps.taken`."""
    if end == "denied":
        house.documents.accesses["standard"] = access(labels=frozenset({"patient"}))
    one = house.gate.propose(MARA, NAMED, "large", dry_run=end == "dry")
    if end in ("rejected", "changed"):
        house.gate.send(MARA, one.escalation.id, one.escalation.digest)
    if end == "rejected":
        house.approvals.reject(ADA, one.escalation.id, one.escalation.digest, WHY)
    if end == "changed":
        house.clock.pass_by(hours=8, minutes=1)
        house.courier.expire()
    with pytest.raises(VaultClosed):
        house.vaults.open(one.escalation.id)


def test_one_damaged_row_hides_no_other_from_the_officers(house: House) -> None:
    """Guards `except RegistryUnavailable` in `Approvals._shown`."""
    broken, whole = (sent(house, house.gate.propose(MARA, NAMED, "large")) for _ in range(2))
    with house.engine.begin() as connection:
        row = update(EscalationRow).where(EscalationRow.id == broken.escalation.id)
        connection.execute(row.values(sealed=b"x" * 40))
    assert [one.escalation.id for one in house.approvals.waiting(ADA)] == [whole.escalation.id]


def test_what_was_prepared_under_one_set_is_not_decided_by_another(house: House) -> None:
    """Guards `one.policy != rules.version` in `Deciding.ruling`."""
    one = house.gate.propose(MARA, PLAIN, "large")
    house.ruleset = set_with(DESTINATIONS.replace("DPA-1", "DPA-3"))
    ruling = house.steps.deciding.ruling(MARA, one.escalation, one.held.facts, approved=True)
    assert (ruling.verdict, ruling.reasons[0][0]) == (Verdict.DENIED, "policy-changed")


def test_a_budget_of_a_department_counts_in_the_decision_too(house: House) -> None:
    """Guards each of the three in `left`."""
    for name, old in (("person", "1.00"), ("department", "5.00"), ("house", "10.00")):
        house.ruleset = set_with(DESTINATIONS.replace(f"{name} = {old}", f"{name} = 0.000001"))
        one = house.gate.propose(MARA, PLAIN, "large")
        assert one.ruling is not None
        assert [rule for rule, _ in one.ruling.reasons] == ["within-the-budget"]


def test_what_the_contract_does_not_cover_does_not_leave(house: House) -> None:
    """Guards `accepts=destination.classes`."""
    house.ruleset = set_with(DESTINATIONS.replace('["public", "internal"]', '["public"]'))
    one = house.gate.propose(MARA, PLAIN, "large")
    assert one.ruling is not None
    assert [rule for rule, _ in one.ruling.reasons] == ["only-what-the-contract-covers"]


def test_it_runs_out_with_its_vault(house: House) -> None:
    """Guards `min(one.expires, vault.ends)` in the gate."""
    gate = house.gate
    gate._bounds = replace(gate._bounds, lasts=2 * gate._bounds.lasts * 2)
    one = gate.propose(MARA, PLAIN, "large")
    assert one.escalation.expires == house.vaults.open(one.escalation.id).ends


def test_through_a_program_that_is_shown_nothing_of_his_he_has_no_escalations(house: House) -> None:
    """Guards `demand_own` in `Gate._own` and `Gate._admitted`."""
    one = house.gate.propose(MARA, PLAIN, "large")
    for step in (house.gate.show, house.gate.withdraw):
        with pytest.raises(NotAllowed):
            step(replace(MARA, client="elsewhere"), one.escalation.id)
    with pytest.raises(NotAllowed):
        house.gate.propose(replace(MARA, client="elsewhere"), PLAIN, "large")
