"""The door's checks: what it refuses, each with its code, and that nothing leaves then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.access.destinations import Destinations
from appliance.audit.receipts import Receipt
from appliance.escalation.door_checks import CHECKS
from appliance.escalation.envelope import Envelope
from appliance.records import Event
from tests.escalation.door_house import ANSWERED, House, refused
from tests.escalation.parcels import NOW, Ledger, body, destinations, envelope


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.book.close()


def test_what_everything_says_may_leave_leaves_once_byte_for_byte(house: House) -> None:
    one = envelope()
    assert house.send(one) == ANSWERED
    assert house.outside.came == [one.body]
    assert house.door.settle(one.digest) == ANSWERED
    without_approval = envelope()
    assert house.send(without_approval, [house.ledger.sent(without_approval)]) == ANSWERED


# --- Receipts ---------------------------------------------------------------------------------------------------------


def case_none(_house: House, _one: Envelope) -> list[Receipt]:
    return []


def case_two(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.sent(one), house.ledger.sent(one)]


def case_two_approvals(house: House, one: Envelope) -> list[Receipt]:
    return [*house.ledger.both(one), house.ledger.approved(one, by="p-otto")]


def case_of_another_kind(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.sent(one), house.ledger.other(Event.ESCALATION_APPROVED, one)]


def case_only_approved(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.approved(one)]


def case_proposed_only(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.other(Event.ESCALATION_PROPOSED, one)]


def case_another_key(_house: House, one: Envelope) -> list[Receipt]:
    return [Ledger().sent(one)]


def case_another_key_under_its_id(house: House, one: Envelope) -> list[Receipt]:
    return [replace(Ledger().sent(one), key=house.ledger.signer.id)]


def case_no_signature(house: House, one: Envelope) -> list[Receipt]:
    return [replace(house.ledger.sent(one), signature="")]


def case_a_checkpoints_signature(house: House, one: Envelope) -> list[Receipt]:
    plain = replace(house.ledger.sent(one), signature="")
    made = house.ledger.signer.checkpoint(number=1, entry=plain.entry, digest=one.digest, at=NOW.isoformat())
    return [replace(plain, signature=made.signature)]


def case_an_event_changed_afterwards(house: House, one: Envelope) -> list[Receipt]:
    return [replace(house.ledger.other(Event.ESCALATION_DENIED, one), event=str(Event.ESCALATION_SENT))]


def case_an_approval_that_is_not_signed(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.sent(one), replace(house.ledger.approved(one), subject="p-otto")]


def case_over_other_bytes(house: House, one: Envelope) -> list[Receipt]:
    return house.ledger.both(replace(one, body=body(max_tokens=199)))


def case_an_approval_of_other_bytes(house: House, one: Envelope) -> list[Receipt]:
    other = replace(one, body=body(messages=[{"role": "user", "content": "Who lies in room 4?"}]))
    return [house.ledger.sent(one), house.ledger.approved(other)]


def case_an_approval_of_another_nonce(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.sent(one), house.ledger.approved(replace(one, nonce="00"))]


def case_about_another(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.sent(one, about="another")]


def case_recorded_of_another(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.sent(one, by="p-otto")]


def case_approved_by_the_asker(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.sent(one), house.ledger.approved(one, by=one.asker)]


def case_approved_by_nobody(house: House, one: Envelope) -> list[Receipt]:
    return [house.ledger.sent(one), house.ledger.approved(one, by="")]


RECEIPTS: dict[str, tuple[Any, str]] = {
    "none": (case_none, "receipts"),
    "two": (case_two, "receipts"),
    "two approvals": (case_two_approvals, "receipts"),
    "one of another kind": (case_of_another_kind, "receipts"),
    "approved, not sent": (case_only_approved, "receipts"),
    "proposed only": (case_proposed_only, "receipts"),
    "signed by another key": (case_another_key, "not-recorded"),
    "signed by another key under this one's name": (case_another_key_under_its_id, "not-recorded"),
    "not signed": (case_no_signature, "not-recorded"),
    "with a checkpoint's signature": (case_a_checkpoints_signature, "not-recorded"),
    "of an event that was changed": (case_an_event_changed_afterwards, "not-recorded"),
    "an approval that nobody signed": (case_an_approval_that_is_not_signed, "not-recorded"),
    "over other bytes": (case_over_other_bytes, "other-bytes"),
    "an approval of other bytes": (case_an_approval_of_other_bytes, "other-bytes"),
    "an approval of the same words, another time": (case_an_approval_of_another_nonce, "other-bytes"),
    "about another escalation": (case_about_another, "other-escalation"),
    "recorded of somebody else": (case_recorded_of_another, "other-asker"),
    "approved by the asker": (case_approved_by_the_asker, "own-approval"),
    "approved by nobody": (case_approved_by_nobody, "own-approval"),
}


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_that_is_not_exactly_this_one_s_sends_nothing(name: str, house: House) -> None:
    """Guards the lines of `CHECKS` from "receipts" to "own-approval": without its line, its cases are sent."""
    made, reason = RECEIPTS[name]
    one = envelope()
    assert house.send(one, made(house, one)) == refused(reason)
    assert house.outside.came == []


# --- The envelope -----------------------------------------------------------------------------------------------------

ENVELOPES: dict[str, tuple[dict[str, Any], str]] = {
    "of another house": ({"tenant": "elsewhere"}, "other-house"),
    "of nobody": ({"asker": ""}, "other-house"),
    "over": ({"expires": NOW}, "expired"),
    "long over": ({"expires": NOW - timedelta(days=1)}, "expired"),
    "decided by other policies": ({"policy": "ba9876543210"}, "policy-changed"),
    "decided by none": ({"policy": ""}, "policy-changed"),
    "to nowhere": ({"destination": "elsewhere"}, "no-destination"),
    "to another address": ({"url": "https://evil.example.org/v1/chat/completions"}, "destination-changed"),
    "to another path": ({"url": "https://models.example.org/v1/files"}, "destination-changed"),
    "with another method": ({"method": "PUT"}, "destination-changed"),
    "to another model": ({"model": "large-2"}, "destination-changed"),
    "for nothing": ({"price": 0}, "price"),
    "for less than the answer may cost": ({"price": 2_999}, "price"),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_envelope_that_does_not_fit_what_is_in_force_sends_nothing(name: str, house: House) -> None:
    """Guards each line of `CHECKS` that is named: without it, its cases are sent (or found by a later line)."""
    changed, reason = ENVELOPES[name]
    one = envelope(**changed)
    assert house.send(one, [*house.ledger.both(one)] if one.asker else [house.ledger.sent(one)]) == refused(reason)
    assert house.outside.came == []


def test_what_costs_just_the_longest_answer_is_priced(house: House) -> None:
    assert house.send(envelope(price=3_000)) == ANSWERED


QUESTION = {"role": "user", "content": "Where?"}
BODIES: dict[str, bytes] = {
    "no json": b"Where?",
    "not utf-8": b"\xff",
    "a list": b"[]",
    "a name twice": body().replace(b'"stream"', b'"model": "large-1", "stream"'),
    "another model": body(model="large-2"),
    "a stream": body(stream=True),
    "perhaps a stream": body(stream=None),
    "a stream of nought": body(stream=0),
    "tools": body(tools=[]),
    "more answers": body(n=2),
    "no bound": body(max_tokens=None),
    "a bound of nothing": body(max_tokens=0),
    "a bound of true": body(max_tokens=True),
    "a bound that is broken": body(max_tokens=1.5),
    "hot": body(temperature=2.5),
    "cold": body(temperature=-1),
    "true temperature": body(temperature=True),
    "no number of a temperature": body(temperature="0"),
    "endless temperature": body(temperature=float("inf")),
    "temperature that is no number": body(temperature=float("nan")),
    "no messages": body(messages=None),
    "nothing asked": body(messages=[]),
    "messages that are none": body(messages={"0": QUESTION}),
    "a message that is none": body(messages=["Where?"]),
    "a picture": body(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]),
    "a message with more": body(messages=[QUESTION | {"name": "Dana"}]),
    "a message with less": body(messages=[{"role": "user"}]),
    "a tool's message": body(messages=[{"role": "tool", "content": "x"}]),
    "a role that is none": body(messages=[{"role": ["user"], "content": "x"}]),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_plain_question_is_not_sent(name: str, house: House) -> None:
    """Guards `("body", _is_a_question)`."""
    assert house.send(envelope(body=BODIES[name])) == refused("body")
    assert house.outside.came == []


@pytest.mark.parametrize("temperature", [None, 0, 0.7, 2])
def test_a_plain_question_is(temperature: float | None, house: House) -> None:
    assert house.send(envelope(body=body(temperature=temperature))) == ANSWERED


def test_every_check_has_a_case_here() -> None:
    told = {reason for _, reason in [*RECEIPTS.values(), *ENVELOPES.values()]} | {"body", "not-approved"}
    assert told == {code for code, _ in CHECKS}


def test_where_the_officers_ask_for_a_second_person_policy_alone_does_not_do(house: House) -> None:
    """Guards `("not-approved", _is_approved_if_it_must_be)`."""
    house.destinations = destinations(approval="always")
    one = envelope()
    assert house.send(one, [house.ledger.sent(one)]) == refused("not-approved")
    assert house.send(envelope()) == ANSWERED


# --- While it waited --------------------------------------------------------------------------------------------------


def test_what_was_approved_before_the_policy_changed_is_not_sent(house: House) -> None:
    """Guards `("policy-changed", _is_under_these_policies)`."""
    one = envelope()
    receipts = house.ledger.both(one)
    house.policy = "ba9876543210"
    assert house.send(one, receipts) == refused("policy-changed")
    house.policy = ""
    assert house.send(envelope(policy="")) == refused("policy-changed")


def test_a_destination_that_was_removed_while_it_waited_gets_nothing(house: House) -> None:
    """Guards `("no-destination", _leads_somewhere)`; the version alone would have told too."""
    one = envelope()
    receipts = house.ledger.both(one)
    house.destinations = Destinations()
    assert house.send(one, receipts) == refused("no-destination")


def test_an_approval_that_comes_too_late_is_none(house: House) -> None:
    """Guards `("expired", _is_in_time)`."""
    one = envelope()
    receipts = house.ledger.both(one)
    house.now = one.expires
    assert house.send(one, receipts) == refused("expired")


def test_what_was_refused_once_is_refused_for_ever(house: House) -> None:
    """Guards `return self._book.refuse(envelope.digest, reason)`: what is not written down may come again."""
    one = envelope()
    receipts = house.ledger.both(one)
    house.now = one.expires
    assert house.send(one, receipts) == refused("expired")
    house.now = NOW
    assert house.send(one, receipts) == refused("expired")
    assert house.door.settle(one.digest) == refused("expired")
    assert house.outside.came == []
