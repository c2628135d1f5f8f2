"""The gate, step by step: real rules, a real ledger, a real vault, and a door in memory."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.access.policy_set import read
from appliance.errors import (
    BadRequest,
    Conflict,
    DetectorUnavailable,
    NotAllowed,
    NotFound,
    PolicyRefused,
    QueueFull,
    VaultClosed,
    WaitedTooLong,
)
from appliance.escalation.deciding import Facts, Verdict
from appliance.escalation.steps import Preview
from appliance.operations import policies
from appliance.records import Entity, Level
from appliance.records.escalations import Became, Outcome, State
from appliance.records.privacy import Finding
from appliance.settings import load
from tests.escalation.house import ADA, DESTINATIONS, MARA, WHY, House, access, matter, set_with
from tests.rules import ruleset

PLAIN = matter("Red cells hang for four hours.")
NAMED = matter("Red cells hang for four hours.", question="How long may red cells for Tobias Renner hang?")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def carried(house: House, preview: Preview) -> State:
    kept = house.kept.find("aldermoor", preview.escalation.id)
    assert kept is not None
    return house.courier.carry(kept)


def state(house: House, preview: Preview) -> tuple[State, str]:
    kept = house.kept.find("aldermoor", preview.escalation.id)
    assert kept is not None
    return kept.escalation.state, kept.escalation.reason


def reasons(preview: Preview) -> list[str]:
    assert preview.ruling is not None
    return [name for name, _ in preview.ruling.reasons]


def test_what_is_plain_and_was_refused_is_sent_at_once(house: House) -> None:
    seen = house.gate.propose(MARA, PLAIN, "large")
    assert seen.ruling
    assert seen.ruling.verdict is Verdict.PERMITTED
    assert not house.door.arrived
    sent = house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    assert sent.escalation.state is State.APPROVED
    assert carried(house, sent) is State.ANSWERED
    ((envelope, told),) = house.door.arrived
    assert envelope.digest == seen.escalation.digest
    assert [one.event for one in told] == ["escalation-sent"]
    assert house.events(seen.escalation.id) == [
        "escalation-proposed refused", "escalation-approved policy", "escalation-sent", "escalation-answered",
    ]  # fmt: skip
    body = json.loads(envelope.body)
    assert body["messages"][1]["content"].endswith("Question: How long may red cells hang?")
    assert body["model"] == "large-1"


def test_a_name_is_replaced_and_somebody_else_has_to_approve(house: House) -> None:
    seen = house.gate.propose(MARA, NAMED, "large")
    assert seen.held
    assert seen.ruling
    assert seen.ruling.verdict is Verdict.NEEDS_APPROVAL
    assert b"Renner" not in seen.held.body
    waiting = house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    assert waiting.escalation.state is State.AWAITING
    assert [one.escalation.id for one in house.approvals.waiting(ADA)] == [seen.escalation.id]
    house.approvals.approve(ADA, seen.escalation.id, seen.escalation.digest, WHY)
    assert carried(house, seen) is State.ANSWERED
    ((envelope, told),) = house.door.arrived
    assert {one.event: one.subject for one in told} == {"escalation-sent": "mara", "approval": "ada"}
    assert b"Renner" not in envelope.body
    assert house.events(seen.escalation.id) == [
        "escalation-proposed refused", "escalation-awaiting send-once-approved", "approval",
        "escalation-approved person", "escalation-sent", "escalation-answered",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"labels": frozenset({"patient"})}, "no-private-text-leaves"),
        ({"labels": frozenset({"customer"})}, "no-private-text-leaves"),
        ({"labels": frozenset({"deal"})}, "no-private-text-leaves"),
        ({"labels": frozenset({"unscanned"})}, "no-private-text-leaves"),
        ({"level": Level.CONFIDENTIAL}, "each-passage-by-its-own-rules"),
        ({"readers": frozenset({"others"})}, "each-passage-by-its-own-rules"),
    ],
)
def test_the_label_is_the_first_lock(house: House, changed: dict[str, object], rule: str) -> None:
    """Whatever is found in it, and with anybody's approval. Fails without `no-private-text-leaves` in limits.cedar."""
    house.documents.accesses["standard"] = access(**changed)
    seen = house.gate.propose(MARA, PLAIN, "large")
    assert seen.escalation.state is State.DENIED
    assert rule in reasons(seen)
    with pytest.raises(Conflict):
        house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    assert house.events(seen.escalation.id)[-1].startswith("escalation-denied")


OPENED = b"""
@id("send-anything")
@reason("A rule of a test: each document may be sent by its own rules.")
permit (principal, action == Action::"escalate", resource)
when { principal.tenant == resource.tenant };
"""


def test_the_lock_of_labels_alone_holds(house: House) -> None:
    """Even where each document may be sent by its own rules: `no-private-text-leaves` decides over all of them."""
    lock = 'forbid (principal, action in [Action::"escalate", Action::"use-for-training"], resource)'
    files = dict(ruleset().source.files)
    opened = files["limits.cedar"].decode().replace(lock, lock.replace('Action::"escalate", ', ""))
    house.ruleset = set_with(**{"limits.cedar": opened.encode(), "opened.cedar": OPENED})
    house.documents.accesses["standard"] = access(labels=frozenset({"patient"}))
    seen = house.gate.propose(MARA, PLAIN, "large")
    assert reasons(seen) == ["no-private-text-leaves"]


def test_widening_needs_a_set_that_two_officers_signed(house: House, tmp_path: Path) -> None:
    """Editing a folder changes nothing: what decides is the set in force, and nobody alone brings another there."""
    folder = tmp_path / "wider"
    for path, content in house.ruleset.source.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    wider = folder / "limits.cedar"
    wider.write_text(wider.read_text().replace('"patient", "customer", "deal", "personnel", "unscanned"', '"nothing"'))
    settings = load(data=tmp_path / "site")
    before = policies.in_force(settings).current().version
    with pytest.raises(PolicyRefused, match="officers"):
        policies.activate(settings, read(folder), {})
    assert policies.policies(settings).current().version == before


def test_a_label_that_comes_later_stops_what_was_approved(house: House) -> None:
    """Guards step 3 of `Courier.carry`: `ruling.verdict is not Verdict.PERMITTED`."""
    seen = house.gate.propose(MARA, NAMED, "large")
    house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    house.approvals.approve(ADA, seen.escalation.id, seen.escalation.digest, WHY)
    house.documents.accesses["standard"] = access(labels=frozenset({"patient"}))
    assert carried(house, seen) is State.DENIED
    assert state(house, seen) == (State.DENIED, "each-passage-by-its-own-rules")
    assert not house.door.arrived


def test_a_document_that_is_gone_stops_it(house: House) -> None:
    """Guards `len(facts.documents - sendable)`: what is not registered is not sendable."""
    del house.documents.accesses["standard"]
    assert "each-passage-by-its-own-rules" in reasons(house.gate.propose(MARA, PLAIN, "large"))


def test_a_secret_is_never_sent_and_neither_is_what_the_second_look_finds(house: House) -> None:
    """Guards that `Preparing` tells kinds and residual, and the two rules. A name beside the secret changes nothing."""
    seen = house.gate.propose(MARA, matter("The door opens with hunter2!x."), "large")
    assert reasons(seen)[0] == "no-secret-leaves"
    every = range(10, 300, 31)  # whatever stands there by then
    house.residual = [Finding(at, at + 3, "PERSON", 1.0, "known") for at in every]
    words = " ".join(f"{first}{second}r" for first in "bcdfgklmnpqstvwxz" for second in "aeiou")
    seen = house.gate.propose(MARA, matter(words), "large")
    assert seen.held
    assert seen.held.facts.residual > 0
    assert reasons(seen) == ["nothing-found-in-what-leaves"]


def test_a_destination_that_asks_for_it_gets_nothing_without_a_second_person(house: House) -> None:
    """Guards `approved or not destination.always_approved`."""
    seen = house.gate.propose(MARA, PLAIN, "careful")
    assert seen.ruling
    assert seen.ruling.verdict is Verdict.NEEDS_APPROVAL


def test_what_the_house_answered_needs_approval(house: House) -> None:
    seen = house.gate.propose(MARA, matter("Red cells hang for four hours.", local="answered"), "large")
    assert seen.ruling
    assert seen.ruling.verdict is Verdict.NEEDS_APPROVAL


def test_a_closed_house_sends_nothing(tmp_path: Path) -> None:
    """Guards `if not self._open` in `Deciding`."""
    house = House(tmp_path, open_=False)
    assert reasons(house.gate.propose(MARA, PLAIN, "large")) == ["egress-closed"]


def test_an_approval_is_for_these_bytes_by_somebody_else_once_and_in_time(house: House) -> None:
    """Guards in `Approvals`: `self._steps.still`, the two `_demand`; and `conditional` in `EscalationTable.move`."""
    seen = house.gate.propose(MARA, NAMED, "large")
    identifier, digest = seen.escalation.id, seen.escalation.digest
    with pytest.raises(Conflict):
        house.approvals.approve(ADA, identifier, digest, WHY)  # not sent yet
    house.gate.send(MARA, identifier, digest)
    officer = replace(MARA, roles=ADA.roles)
    with pytest.raises(NotAllowed):
        house.approvals.approve(officer, identifier, digest, WHY)
    with pytest.raises(NotAllowed):
        house.approvals.approve(replace(MARA, id="nora"), identifier, digest, WHY)
    with pytest.raises(NotAllowed):
        house.approvals.approve(replace(ADA, client="elsewhere"), identifier, digest, WHY)
    with pytest.raises(Conflict, match="not the bytes"):
        house.approvals.approve(ADA, identifier, "0" * 64, WHY)
    with pytest.raises(BadRequest):
        house.approvals.approve(ADA, identifier, digest, "ok")
    with pytest.raises(NotFound):
        house.approvals.approve(ADA, "0" * 36, digest, WHY)
    house.approvals.approve(ADA, identifier, digest, WHY)
    with pytest.raises(Conflict):
        house.approvals.approve(replace(ADA, id="bruno"), identifier, digest, WHY)
    with pytest.raises(Conflict):
        house.approvals.reject(replace(ADA, id="bruno"), identifier, digest, WHY)


def test_nobody_approves_his_own_even_where_the_rules_forgot_to_say_so(house: House) -> None:
    """Guards `if asker == principal.id` in `Approvals._demand`."""
    rule = "when {\n  context.asker == principal.id\n};"
    text = ruleset().source.files["house.cedar"].decode()
    assert rule in text
    house.ruleset = set_with(**{"house.cedar": text.replace(rule, 'when {\n  context.asker == "nobody"\n};').encode()})
    officer = replace(MARA, roles=ADA.roles)
    seen = house.gate.propose(officer, NAMED, "large")
    house.gate.send(officer, seen.escalation.id, seen.escalation.digest)
    with pytest.raises(NotAllowed, match="Nobody approves"):
        house.approvals.approve(officer, seen.escalation.id, seen.escalation.digest, WHY)


def test_an_approval_that_comes_too_late_is_none(house: House) -> None:
    """Guards `one.expires <= self.now()` in `Steps.still`, and `expire` in the courier."""
    seen = house.gate.propose(MARA, NAMED, "large")
    house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    house.clock.pass_by(hours=8)
    with pytest.raises(Conflict):
        house.approvals.approve(ADA, seen.escalation.id, seen.escalation.digest, WHY)
    assert house.courier.expire() == 1
    assert state(house, seen) == (State.EXPIRED, "too-late")
    assert house.events(seen.escalation.id)[-1] == "escalation-expired too-late"


def test_an_approval_does_not_outlive_the_policies(house: House) -> None:
    """Guards `one.policy != self._rules.version` in `Approvals.approve` and in `Courier.carry`."""
    seen = house.gate.propose(MARA, NAMED, "large")
    house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    house.ruleset = set_with(DESTINATIONS.replace("DPA-1", "DPA-3"))
    with pytest.raises(Conflict, match="rules changed"):
        house.approvals.approve(ADA, seen.escalation.id, seen.escalation.digest, WHY)
    house.ruleset = set_with()
    again = house.gate.propose(MARA, PLAIN, "large")
    house.gate.send(MARA, again.escalation.id, again.escalation.digest)
    house.ruleset = set_with(DESTINATIONS.replace("DPA-1", "DPA-3"))
    assert carried(house, again) is State.EXPIRED


def test_a_rejected_one_is_over_and_its_asker_is_told_why(house: House) -> None:
    seen = house.gate.propose(MARA, NAMED, "large")
    house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    house.approvals.reject(ADA, seen.escalation.id, seen.escalation.digest, WHY)
    (mine,) = house.gate.mine(MARA)
    assert (mine.state, mine.reason, mine.approver, mine.why) == (State.DENIED, "rejected", "ada", WHY)


def test_nobody_sees_or_moves_anothers(house: House) -> None:
    """Guards `kept.escalation.asker != principal.id` in `Gate._own`, and the one in `Approvals.waiting`."""
    seen = house.gate.propose(MARA, NAMED, "large")
    other = replace(MARA, id="nora")
    for step in (
        house.gate.show,
        house.gate.withdraw,
        lambda who, one: house.gate.send(who, one, seen.escalation.digest),
    ):
        with pytest.raises(NotFound):
            step(other, seen.escalation.id)
    with pytest.raises(NotFound):
        house.gate.show(replace(MARA, tenant="elsewhere"), seen.escalation.id)
    assert house.gate.mine(other) == []
    house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    assert house.approvals.waiting(replace(ADA, id="mara")) == []


def test_what_was_withdrawn_is_destroyed_and_never_sent(house: House) -> None:
    seen = house.gate.propose(MARA, PLAIN, "large")
    house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    house.gate.withdraw(MARA, seen.escalation.id)
    with pytest.raises(VaultClosed):
        house.vaults.open(seen.escalation.id)
    assert carried(house, seen) is State.EXPIRED
    assert not house.door.arrived
    with pytest.raises(Conflict):
        house.gate.withdraw(MARA, seen.escalation.id)


def test_kinds_as_the_detectors_name_them_can_be_decided(house: House) -> None:
    """Guards `str(one.entity)` in `Preparing`: the rules take no name that is not plain text."""
    house.words = {"Tobias Renner": Entity.PERSON}
    assert reasons(house.gate.propose(MARA, NAMED, "large")) == ["send-once-approved"]


def test_what_cannot_be_decided_is_denied(house: House) -> None:
    """Guards `if as_it_is.errors` in `Deciding`: nobody is told that no rule stood in the way."""
    seen = house.gate.propose(MARA, PLAIN, "large")
    facts = Facts(frozenset({"standard"}), frozenset(), frozenset({""}), 0, 0, "refused")
    ruling = house.steps.deciding.ruling(MARA, seen.escalation, facts, approved=False)
    assert (ruling.verdict, ruling.reasons[0][0]) == (Verdict.DENIED, "not-decided")


def test_programs_and_unknown_destinations_get_nothing(house: House) -> None:
    for who, where in ((replace(MARA, kind="program"), "large"), (MARA, "nowhere")):
        with pytest.raises(NotAllowed):
            house.gate.propose(who, PLAIN, where)
    assert house.gate.mine(MARA) == []


def test_a_detector_that_fails_ends_it_on_record(house: House) -> None:
    class Broken:
        name = "broken"

        def detect(self, _: object, __: str, /) -> list[list[object]]:
            raise RuntimeError("no")

    from appliance.escalation.gate import Bounds, Gate
    from appliance.escalation.preparing import Preparing
    from appliance.privacy.detection import Detection

    preparing = Preparing(Detection([Broken()], thresholds={}), lambda _: [], tokens=10)
    plain = house.gate
    gate = Gate(
        steps=plain._steps,
        preparing=preparing,
        rules=house.rules,
        bounds=Bounds(10, plain._bounds.lasts),
        wake=lambda: None,
    )
    with pytest.raises(DetectorUnavailable):
        gate.propose(MARA, PLAIN, "large")
    (one,) = house.gate.mine(MARA)
    assert (one.state, one.reason) == (State.FAILED, "detector-unavailable")
    assert house.events(one.id)[-1] == "escalation-failed detector-unavailable"


def test_nobody_has_more_than_some_open_and_few_prepare_at_once(house: House) -> None:
    """Guards each refusal in `Gate.room`: looking through a prompt takes seconds, and nobody waits for it in a thread
    that others need."""
    gate = house.gate
    gate._bounds = replace(gate._bounds, open=2)
    with gate.room(MARA, "large"):
        with pytest.raises(QueueFull), gate.room(MARA, "large"):
            pass
        nora, otto = (gate.room(replace(MARA, id=name), "large") for name in ("nora", "otto"))
        with nora, pytest.raises(WaitedTooLong), otto:
            pass
    for _ in range(2):
        gate.propose(MARA, PLAIN, "large")
    with pytest.raises(Conflict, match="open"), gate.room(MARA, "large"):
        pass
    gate.withdraw(MARA, gate.mine(MARA)[0].id)
    with gate.room(MARA, "large"):
        pass


def test_budgets_of_a_person_a_department_and_the_house_are_kept(house: House) -> None:
    """Guards `budgets.left` in `EscalationTable.pay`, and `within-the-budget` in limits.cedar."""
    first = house.gate.propose(MARA, PLAIN, "large")
    price = first.escalation.price
    second = house.gate.propose(MARA, PLAIN, "large")
    for one in (first, second):
        house.gate.send(MARA, one.escalation.id, one.escalation.digest)
    for name in ("person", "department", "house"):
        old = {"person": "1.00", "department": "5.00", "house": "10.00"}[name]
        scarce = set_with(DESTINATIONS.replace(f"{name} = {old}", f"{name} = {price / 1_000_000:.6f}"))
        budgets = scarce.destinations.budgets
        assert house.kept.pay(second.escalation, house.clock(), replace(budgets, **{name: price - 1})) is State.APPROVED
    house.door.other = lambda _: Outcome(Became.ANSWERED, delivered=True, text="NOT STATED", spent=price)
    assert carried(house, first) is State.ANSWERED
    left = house.kept.spent(second.escalation, house.clock())
    assert (left.person, left.department, left.house) == (price, price, price)


def test_a_budget_of_nothing_lets_nothing_leave(house: House) -> None:
    house.ruleset = set_with(DESTINATIONS.replace("person = 1.00", "person = 0"))
    assert "within-the-budget" in reasons(house.gate.propose(MARA, PLAIN, "large"))
