"""Steps e to g of an escalation: decided again, paid for, recorded, handed to the door, and what came of it kept.

One courier a process; several processes may each have one. Whatever crashes between two steps is found again by
`carry`: what was handed to the door, or may have been, is asked after there, and the door never sends a thing twice.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from appliance.access.rules import Rules
from appliance.audit import receipts
from appliance.audit.receipts import Receipt, Recorder
from appliance.errors import BadRequest, DoorUnavailable, MunimentError, VaultClosed
from appliance.escalation.deciding import Verdict
from appliance.escalation.envelope import Envelope
from appliance.escalation.sealed import ANSWER
from appliance.escalation.steps import Steps, entry
from appliance.privacy.redacting.vault import Vault
from appliance.records import Event
from appliance.records.escalations import Became, Escalation, Outcome, State
from appliance.store.escalations import Kept

log = logging.getLogger(__name__)

CROWD: Final = 4
"""Escalations that one courier has under way at once."""
SECONDS: Final = 1.0
"""Between two looks, unless it is woken."""
LATE: Final = "too-late"
CHANGED: Final = "changed"
BUDGET: Final = "within-the-budget"


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="escalation", daemon=True).start()


class Door(Protocol):
    """The one door (`appliance.escalation.door_socket.DoorClient`). Each raises DoorUnavailable."""

    def send(self, envelope: Envelope, told: Sequence[Receipt], /) -> Outcome:
        """Send it, once. `told` are the receipts of its entries in the ledger."""
        ...

    def settle(self, digest: str, /) -> Outcome:
        """What became of it; one that never arrived is struck off and never sent."""
        ...

    def forget(self, digest: str, /) -> None:
        """Its answer is kept elsewhere now."""
        ...

    def listens(self) -> bool:
        """Whether it is there at all. Raises nothing."""
        ...


class Courier:
    """Carries what is approved. `patience` is how long one may be under way before the door is asked about it; `begin`
    has work done beside this, and raises RuntimeError where the system gives no room for that."""

    def __init__(  # each part of the house by its own name
        self,
        *,
        steps: Steps,
        rules: Rules,
        recorder: Recorder,
        door: Door,
        patience: timedelta,
        begin: Callable[[Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        self._beside = begin
        self._steps = steps
        self._rules = rules
        self._recorder = recorder
        self._door = door
        self._patience = patience
        self._bell = threading.Event()
        self._over = threading.Event()
        self._places = threading.BoundedSemaphore(CROWD)
        self._under_way: set[str] = set()
        self._to_forget: set[str] = set()
        self._thread: threading.Thread | None = None

    # --- At work ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Look for what there is to carry until `stop`."""
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more."""
        self._over.set()
        self._bell.set()
        if self._thread is not None:
            self._thread.join(5)

    def wake(self) -> None:
        """Something was approved."""
        self._bell.set()

    def _work(self) -> None:
        while not self._over.is_set():
            self._bell.wait(SECONDS)
            self._bell.clear()
            try:
                self.expire()
                self._forget()
                for one in self._late():
                    self._begin(one, self._asked_after)
                for one in self._steps.kept.inside(State.APPROVED):
                    self._begin(one, self.carry)
            except Exception as error:  # noqa: BLE001  # the thread's edge: it must outlive whatever it meets
                log.warning("escalations wait: %s", _told(error))

    def _begin(self, kept: Kept, work: Callable[[Kept], object]) -> None:
        if kept.escalation.id in self._under_way or not self._places.acquire(blocking=False):
            return
        self._under_way.add(kept.escalation.id)
        try:
            self._beside(partial(self._done, kept, work))
        except RuntimeError:  # the system gives no more threads: later
            self._left(kept)
            raise

    def _done(self, kept: Kept, work: Callable[[Kept], object]) -> None:
        try:
            work(kept)
        except Exception as error:  # noqa: BLE001  # likewise; the row stands where it is, and is found again
            log.warning("an escalation waits: %s", _told(error))
        finally:
            self._left(kept)

    def _left(self, kept: Kept) -> None:
        self._under_way.discard(kept.escalation.id)
        self._places.release()

    # --- One step after the other -----------------------------------------------------------------------------------

    def carry(self, kept: Kept) -> State:
        """Take one that is approved to its end, and say which. Raises DependencyError: then it waits where it is.

        1 it is what was approved; 2 in time; 3 decided again, now; 4 paid for, which takes it: nobody else has it from
        here on; 5 recorded; 6 handed over; 7 what came of it is kept.
        """
        one = kept.escalation
        try:
            vault, held = self._steps.opened(kept)
        except VaultClosed:
            return self._ended(one, State.EXPIRED, LATE)
        envelope = held.envelope(one)
        if envelope.digest != one.digest or one.policy != self._rules.version:
            return self._ended(one, State.EXPIRED, CHANGED)
        if one.expires <= self._steps.now():
            return self._ended(one, State.EXPIRED, LATE)
        ruling = self._steps.deciding.ruling(held.asker, one, held.facts, approved=self._approved(kept))
        if ruling.verdict is not Verdict.PERMITTED:
            return self._ended(one, State.DENIED, ruling.reasons[0][0] if ruling.reasons else "not-permitted")
        if not self._door.listens():
            raise DoorUnavailable("No door listens; what was approved waits.")
        paid = self._steps.kept.pay(one, self._steps.now(), self._rules.ruleset().destinations.budgets)
        if paid is State.APPROVED:
            return self._ended(one, State.DENIED, BUDGET)
        if paid is not State.SENT:
            return paid
        return self._sent(replace(one, state=State.SENT, spent=one.price), kept, envelope, vault)

    def _approved(self, kept: Kept) -> bool:
        """Whether somebody else approved just these bytes: not that a row says so, but that the ledger's key does."""
        one = kept.escalation
        try:
            told = receipts.parsed(json.loads(kept.receipt))
        except (ValueError, AttributeError, BadRequest):  # none, or one that is damaged: nobody approved it
            return False
        said = (told.event, told.about, told.digest, told.subject)
        return (
            self._recorder.made(told)
            and said == (Event.APPROVAL, one.id, one.digest, one.approver)
            and one.approver != one.asker
        )

    def _sent(self, one: Escalation, kept: Kept, envelope: Envelope, vault: Vault) -> State:
        told = [self._recorder.append(entry(one, Event.ESCALATION_SENT), one.digest)]
        if kept.receipt:
            told.append(receipts.parsed(json.loads(kept.receipt)))
        try:
            outcome = self._door.send(envelope, told)
        except DoorUnavailable:
            return State.SENT  # nobody knows; `recover` asks when the door is back
        return self._came(one, outcome, vault)

    def _came(self, one: Escalation, outcome: Outcome, vault: Vault | None) -> State:
        """Record how it ended, then keep it. An answer whose thread is over is nobody's any more."""
        if outcome.became is Became.UNDER_WAY:
            return State.SENT
        if outcome.became is Became.ANSWERED and vault is not None:
            sealed = vault.sealed(outcome.text.encode(), ANSWER)
            state = self._ended(one, State.ANSWERED, "", spent=outcome.spent, answer=sealed)
        else:
            reason = outcome.reason if outcome.became is Became.FAILED else LATE
            state = self._ended(one, State.FAILED, reason, spent=outcome.spent)
        self._to_forget.add(one.digest)
        self._forget()
        return state

    def _forget(self) -> None:
        """The door keeps no answer that is kept here; while it is away it is told later."""
        for digest in tuple(self._to_forget):
            try:
                self._door.forget(digest)
            except DoorUnavailable:
                return
            self._to_forget.discard(digest)

    def recover(self) -> int:
        """Ask the door about all that were handed over and not heard of since; returns how many ended by that."""
        return sum(self._asked_after(kept) is not State.SENT for kept in self._late())

    def _late(self) -> list[Kept]:
        found = self._steps.kept.inside(State.SENT, before=self._steps.now() - self._patience)
        return [kept for kept in found if kept.escalation.id not in self._under_way]

    def _asked_after(self, kept: Kept) -> State:
        one = kept.escalation
        try:
            vault: Vault | None = self._steps.vaults.open(one.id)
        except VaultClosed:
            vault = None
        return self._came(one, self._door.settle(one.digest), vault)

    def expire(self) -> int:
        """End all whose time ran out before they were sent."""
        due = self._steps.kept.due(self._steps.now())
        for kept in due:
            self._ended(kept.escalation, State.EXPIRED, LATE)
        return len(due)

    def _ended(self, one: Escalation, to: State, reason: str, **more: object) -> State:
        """It is over, unless somebody else was first: then it is where he brought it."""
        if self._steps.taken(one, to, reason, more) is not None:
            return to
        kept = self._steps.kept.find(one.tenant, one.id)
        return to if kept is None else kept.escalation.state


def _told(error: Exception) -> str:
    """A code, or the kind of what nobody foresaw; never its words, which may quote."""
    return error.code if isinstance(error, MunimentError) else type(error).__name__
