"""The door with its real book, before a model outside that only counts: what it refuses, and what it remembers."""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.access.destinations import Destinations
from appliance.audit.checkpoints import Signer
from appliance.audit.receipts import Receipt
from appliance.errors import AlreadyRunning, DoorUnavailable, LedgerUnavailable, PolicyUnavailable
from appliance.escalation.door import Believed, Door
from appliance.escalation.door_book import KEPT, Book
from appliance.escalation.door_checks import CHECKS
from appliance.escalation.envelope import Envelope
from appliance.records import Event
from appliance.records.escalations import Became, Destination, Outcome
from tests.escalation.parcels import NOW, POLICY, PRICE, TENANT, Ledger, body, destinations, envelope

ANSWERED = Outcome(Became.ANSWERED, delivered=True, text="By the weir.", tokens_in=10, tokens_out=5, spent=1_000)


class Counting:
    """A model outside that keeps what came, and says `outcome`; it waits until it may."""

    def __init__(self) -> None:
        self.came: list[bytes] = []
        self.outcome: Outcome | Exception = ANSWERED
        self.may = threading.Event()
        self.may.set()

    def send(self, _destination: Destination, question: bytes, _price: int, /) -> Outcome:
        self.came.append(question)
        self.may.wait(20)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class House:
    """A door, and everything that it believes; each of it can be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "door"
        self.ledger = Ledger()
        self.policy = POLICY
        self.destinations = destinations()
        self.now = NOW
        self.outside = Counting()
        self.open()

    def open(self) -> None:
        self.book = Book(self.folder, now=lambda: self.now)
        believed = Believed(TENANT, self.policies, self.ledger.keys, lambda: self.now)
        self.door = Door(believed, self.book, self.outside)

    def policies(self) -> tuple[str, Destinations]:
        return self.policy, self.destinations

    def send(self, one: Envelope, receipts: list[Receipt] | None = None) -> Outcome:
        return self.door.send(one, self.ledger.both(one) if receipts is None else receipts)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.book.close()


def refused(reason: str) -> Outcome:
    return Outcome(Became.FAILED, delivered=False, reason=reason)


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


# --- Once -------------------------------------------------------------------------------------------------------------


def test_an_approval_serves_once(house: House) -> None:
    """Guards `if self._row(base, envelope.digest) is not None:` in `Book.take`."""
    one = envelope()
    receipts = house.ledger.both(one)
    assert house.send(one, receipts) == ANSWERED
    house.outside.outcome = replace(ANSWERED, text="Something else.")
    assert house.send(one, receipts) == ANSWERED, "what is known of it is told again"
    assert house.send(one, []) == ANSWERED, "and nothing that is said later changes that"
    assert house.outside.came == [one.body]
    assert house.door.settle(one.digest) == ANSWERED


def test_of_two_at_once_one_is_sent(house: House) -> None:
    """Guards `BEGIN IMMEDIATE` and the primary key: looking first and writing later lets both through."""
    one = envelope()
    receipts = house.ledger.both(one)
    house.outside.may.clear()
    ready = threading.Barrier(8)
    outcomes: list[Outcome] = []

    def hand_over() -> None:
        ready.wait(20)
        outcomes.append(house.send(one, receipts))
        house.outside.may.set()  # whoever was refused lets the other one end

    threads = [threading.Thread(target=hand_over) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(house.outside.came) == 1
    assert {one.became for one in outcomes} == {Became.ANSWERED, Became.UNDER_WAY}


def test_while_it_is_under_way_it_says_so(house: House) -> None:
    house.outside.may.clear()
    one = envelope()
    sending = threading.Thread(target=house.send, args=(one,))
    sending.start()
    while not house.outside.came:
        sending.join(0.01)
    assert house.door.settle(one.digest) == Outcome(Became.UNDER_WAY, delivered=True)
    house.door.forget(one.digest)
    house.outside.may.set()
    sending.join(20)
    assert house.door.settle(one.digest) == ANSWERED


def test_what_never_arrived_never_will(house: House) -> None:
    """Guards the line of `Book.refuse` that writes down what was not there."""
    one = envelope()
    assert house.door.settle(one.digest) == refused("never-arrived")
    assert house.send(one) == refused("never-arrived")
    assert house.outside.came == []


def test_a_fault_in_the_middle_is_uncertain_and_paid(house: House) -> None:
    """Guards `finally: self._book.over(…)`, without which it would be under way for ever."""
    house.outside.outcome = LookupError("a fault of ours")
    one = envelope()
    with pytest.raises(LookupError):
        house.send(one)
    uncertain = Outcome(Became.FAILED, delivered=True, reason="uncertain", spent=PRICE)
    assert house.door.settle(one.digest) == uncertain
    house.book.close()
    house.open()
    assert house.door.settle(one.digest) == uncertain
    assert house.send(one) == uncertain
    assert len(house.outside.came) == 1


def test_a_book_that_cannot_write_one_thing_keeps_the_others(house: House) -> None:
    """Guards `self._base.execute("ROLLBACK")`: what was begun and failed would stand in the way of all that follow."""
    house.outside.outcome = replace(ANSWERED, text="\ud800")
    one = envelope()
    with pytest.raises(UnicodeEncodeError):
        house.send(one)
    assert house.door.settle(one.digest).reason == "uncertain"
    house.outside.outcome = ANSWERED
    assert house.send(envelope()) == ANSWERED


def test_an_answer_is_kept_until_it_is_forgotten_and_a_day_at_most(house: House) -> None:
    first, second = envelope(), envelope()
    house.send(first)
    house.send(second)
    house.door.forget(first.digest)
    gone = replace(ANSWERED, text="", reason="forgotten")
    assert house.door.settle(first.digest) == gone
    assert house.door.settle(second.digest) == ANSWERED
    house.now = NOW + KEPT + timedelta(seconds=1)
    house.send(envelope(expires=house.now + timedelta(minutes=1)))
    assert house.door.settle(second.digest) == gone
    house.door.forget("0" * 64)
    file = (house.folder / "book.sqlite").read_bytes()
    assert file.count(ANSWERED.text.encode()) == 1, "what was forgotten is not in the file either"


def test_the_book_names_nobody(house: House) -> None:
    """Guards `_named`: ids stand in the book under its key only."""
    house.send(envelope())
    file = (house.folder / "book.sqlite").read_bytes()
    assert not [word for word in (b"p-dana", b"surgery", b"specialist", b"PLACE", b"p-edith") if word in file]
    assert {path.stat().st_mode & 0o777 for path in house.folder.iterdir()} == {0o600}
    assert house.folder.stat().st_mode & 0o777 == 0o700


# --- Budgets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["person", "department", "house"])
def test_a_budget_of_nothing_lets_nothing_out(whose: str, house: House) -> None:
    """Guards `if spent + envelope.price > bound:`, and that all three are asked."""
    house.destinations = destinations(**{whose: "0"})
    assert house.send(envelope()) == refused(f"budget-{whose}")
    assert house.outside.came == []


def test_what_is_spent_counts_for_person_department_and_house(house: House) -> None:
    house.destinations = destinations(person="0.006", department="0.010", house="0.013")
    house.outside.outcome = replace(ANSWERED, spent=PRICE)
    assert house.send(envelope()) == house.outside.outcome  # 4000 of 6000, 10000 and 13000
    assert house.send(envelope()).reason == "budget-person"
    assert house.send(envelope(asker="p-mara")).became is Became.ANSWERED
    assert house.send(envelope(asker="p-otto")).reason == "budget-department"
    assert house.send(envelope(asker="p-otto", department="ward")).became is Became.ANSWERED
    assert house.send(envelope(asker="p-nils", department="kitchen")).reason == "budget-house"
    house.now = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    assert house.send(envelope(expires=house.now + timedelta(minutes=1))).became is Became.ANSWERED, "a new month"


def test_a_price_is_reserved_settled_and_given_back(house: House) -> None:
    """Guards `outcome.spent if outcome.delivered else 0`, and that the price is written before anything is sent."""
    house.destinations = destinations(person="0.006")
    house.outside.may.clear()
    sending = threading.Thread(target=house.send, args=(envelope(),))
    sending.start()
    while not house.outside.came:
        sending.join(0.01)
    assert house.send(envelope()).reason == "budget-person", "what is under way is reserved"
    house.outside.outcome = Outcome(Became.FAILED, delivered=False, reason="connect", spent=PRICE)
    house.outside.may.set()
    sending.join(20)
    house.outside.outcome = ANSWERED
    assert house.send(envelope()) == ANSWERED, "what was not delivered costs nothing"
    assert house.send(envelope()) == ANSWERED, "of 4000 reserved 1000 were spent"
    assert house.send(envelope()) == ANSWERED
    assert house.send(envelope()).reason == "budget-person"


# --- What it stands on ------------------------------------------------------------------------------------------------


def test_without_policies_or_keys_nothing_is_sent_or_taken(tmp_path: Path) -> None:
    def no_policies() -> tuple[str, Destinations]:
        raise PolicyUnavailable("none")

    def no_keys() -> dict[str, Any]:
        raise LedgerUnavailable("none")

    book, outside, ledger, one = Book(tmp_path / "door"), Counting(), Ledger(), envelope()
    for believed, error in (
        (Believed(TENANT, no_policies, ledger.keys), PolicyUnavailable),
        (Believed(TENANT, lambda: (POLICY, destinations()), no_keys), LedgerUnavailable),
    ):
        with pytest.raises(error):
            Door(believed, book, outside).send(one, ledger.both(one))
    assert outside.came == []
    keyless = Believed(TENANT, lambda: (POLICY, destinations()), dict, lambda: NOW)
    assert Door(keyless, book, outside).send(one, ledger.both(one)) == refused("not-recorded")
    assert believed.now() > NOW - timedelta(days=3650)
    book.close()


def test_a_book_belongs_to_one_door(house: House) -> None:
    with pytest.raises(AlreadyRunning):
        Book(house.folder)
    house.book.close()
    Book(house.folder).close()
    house.open()


def test_a_book_that_cannot_be_believed_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "door"
    Book(folder).close()
    with sqlite3.connect(folder / "book.sqlite") as base:
        base.execute("PRAGMA user_version = 2")
    base.close()
    with pytest.raises(DoorUnavailable, match="version"):
        Book(folder)
    (folder / "book.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(DoorUnavailable):
        Book(folder)
    (folder / "book.sqlite").unlink()
    (folder / "book.key").chmod(0o600)
    (folder / "book.key").write_bytes(b"short")
    with pytest.raises(DoorUnavailable, match="key"):
        Book(folder)
    folder.chmod(0o750)
    with pytest.raises(DoorUnavailable, match="open to others"):
        Book(folder)
    (tmp_path / "file").touch()
    with pytest.raises(DoorUnavailable):
        Book(tmp_path / "file" / "door")


def test_a_book_that_breaks_sends_nothing(house: House) -> None:
    house.book.close()
    with pytest.raises(DoorUnavailable):
        house.send(envelope())
    assert house.outside.came == []
    house.open()


def test_a_signature_under_the_same_key_for_anything_else_is_no_receipt() -> None:
    signer = Signer(Ed25519PrivateKey.generate())
    one = envelope()
    plain = Receipt(str(Event.ESCALATION_SENT), 1, one.id, one.digest, one.asker, signer.id)
    assert not replace(plain, signature=signer.sign(one.digest.encode())).signed_by({signer.id: signer.public})
