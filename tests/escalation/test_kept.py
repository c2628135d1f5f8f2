"""What is kept of an escalation, read again: whole, or not at all."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import (
    BadRequest,
    Conflict,
    MunimentError,
    NotAuthenticated,
    RegistryUnavailable,
    VaultClosed,
)
from appliance.escalation import envelope
from appliance.escalation.deciding import Verdict
from appliance.escalation.preparing import Prepared
from appliance.escalation.sealed import unpacked
from appliance.records import Principal
from tests.escalation.house import ADA, MARA, WHY, House, matter

PLAIN = matter("Red cells hang for four hours for Tobias Renner.")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_what_was_packed_is_the_same_when_it_is_unpacked(house: House) -> None:
    held = house.gate.propose(MARA, PLAIN, "large").held
    assert held is not None
    assert unpacked(held.packed()) == held
    for damaged in (b"{}", b"nothing", held.packed().replace(b"PERSON", b"PERSON\\"), b"[1]"):
        with pytest.raises(RegistryUnavailable):
            unpacked(damaged)


def test_an_envelope_says_all_that_it_is_bound_to(house: House) -> None:
    seen = house.gate.propose(MARA, PLAIN, "large")
    assert seen.held is not None
    one = seen.held.envelope(seen.escalation)
    assert envelope.parsed(one.told()) == one
    assert envelope.parsed(one.told()).digest == one.digest
    changed = ("id", "tenant", "asker", "department", "destination", "method", "url", "model", "policy", "nonce")
    others = [replace(one, **{name: "x"}) for name in changed]
    others += [
        replace(one, price=one.price + 1),
        replace(one, body=b"x"),
        replace(one, expires=one.expires.replace(year=2027)),
    ]
    assert len({other.digest for other in (one, *others)}) == len(others) + 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("body", "***"), ("body", "A" * 400_000), ("expires", "soon"), ("expires", "2026-03-02T12:00:00"), ("price", -1),
     ("price", True), ("asker", 7), ("more", "x")],
)  # fmt: skip
def test_what_is_no_envelope_is_refused(house: House, name: str, value: object) -> None:
    seen = house.gate.propose(MARA, PLAIN, "large")
    assert seen.held is not None
    with pytest.raises(BadRequest):
        envelope.parsed(seen.held.envelope(seen.escalation).told() | {name: value})


def test_once_its_thread_is_over_only_its_row_is_shown(house: House) -> None:
    seen = house.gate.propose(MARA, PLAIN, "large")
    house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    house.vaults.end(seen.escalation.id)
    assert house.gate.show(MARA, seen.escalation.id).held is None
    assert house.approvals.waiting(ADA) == []


def test_who_is_gone_sends_nothing(house: House) -> None:
    """Guards `except NotAuthenticated` in `Deciding`: the courier ends it, and the officers' list does not break."""

    class Gone:
        def effective(self, principal: Principal, /) -> Principal:
            if principal.id == MARA.id:
                raise NotAuthenticated("gone")
            return principal

    seen = house.gate.propose(MARA, PLAIN, "large")
    deciding = house.steps.deciding
    deciding._rules._presence = Gone()
    ruling = deciding.ruling(MARA, seen.escalation, seen.held.facts, approved=True)
    assert (ruling.verdict, ruling.reasons[0][0]) == (Verdict.DENIED, "asker-gone")


def test_two_steps_at_once_end_in_one_and_a_void(house: House) -> None:
    """Guards the condition on the state in `EscalationTable._moved`."""
    seen = house.gate.propose(MARA, PLAIN, "large")
    steps = house.steps
    first = steps.kept.find("aldermoor", seen.escalation.id)
    assert first is not None
    house.gate.send(MARA, seen.escalation.id, seen.escalation.digest)
    with pytest.raises(Conflict):
        steps.moved(first.escalation, first.escalation.state.EXPIRED, "withdrawn")
    assert house.events(seen.escalation.id)[-1] == "escalation-expired void"


def test_what_its_asker_asked_before_is_told_to_who_approves(house: House) -> None:
    first = house.gate.propose(MARA, PLAIN, "large")
    second = house.gate.propose(MARA, PLAIN, "large")
    house.gate.send(MARA, second.escalation.id, second.escalation.digest)
    assert [one.id for one in house.approvals.earlier(ADA, second.escalation.id)] == [first.escalation.id]
    house.approvals.reject(ADA, second.escalation.id, second.escalation.digest, WHY)


@pytest.mark.parametrize(("first", "error"), [(True, VaultClosed), (False, Conflict)])
def test_a_proposal_that_was_withdrawn_while_it_was_prepared_is_over(
    house: House, first: bool, error: type[MunimentError]
) -> None:
    gate = house.gate
    preparing = gate._preparing

    class Withdrawing:
        def prepare(self, *arguments: Any, **named: Any) -> Prepared:
            (mine,) = house.gate.mine(MARA)
            if first:
                house.gate.withdraw(MARA, mine.id)
            prepared = preparing.prepare(*arguments, **named)
            house.gate.withdraw(MARA, mine.id)
            return prepared

    gate._preparing = Withdrawing()
    with pytest.raises(error):
        gate.propose(MARA, PLAIN, "large")
    (mine,) = house.gate.mine(MARA)
    assert mine.reason == "withdrawn"


def test_what_is_being_prepared_is_shown_as_its_row(house: House) -> None:
    """Guards `if not kept.sealed` in `Steps.preview`, and the empty digest in `Steps.still`."""
    begun = house.gate._begun(MARA, PLAIN, house.ruleset.destinations.named["large"], house.rules)
    assert house.gate.show(MARA, begun.id).held is None
    with pytest.raises(Conflict):
        house.gate.send(MARA, begun.id, "")
