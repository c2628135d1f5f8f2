"""What the door's book remembers: each thing once, what it cost, and whatever happened in between."""

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
from appliance.records import Event
from appliance.records.escalations import Became, Outcome
from tests.escalation.door_house import ANSWERED, Counting, House, refused
from tests.escalation.parcels import NOW, POLICY, PRICE, TENANT, Ledger, destinations, envelope


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.book.close()


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
