"""The gate: what may be asked outside, and by whom. Fail closed at every step.

::

    propose   a redact, b look again, c decide          PROPOSED, or DENIED
    send      c decide: the asker has seen the bytes    APPROVED, AWAITING or DENIED
    approve   d another person, bound to the digest     APPROVED                        (`approvals.py`)
    carry     e decide again, f record and send, g keep SENT, then ANSWERED or FAILED   (`courier.py`)

Each step is an entry in the ledger first, then one conditional update of the row: whoever is second, or comes back
after a crash, finds the row where it is and goes on from there, or nowhere. Nothing here knows a way past a step.
"""

import secrets
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from appliance.access.rules import Rules
from appliance.errors import (
    Conflict,
    LedgerUnavailable,
    MunimentError,
    NotAllowed,
    NotFound,
    QueueFull,
    WaitedTooLong,
)
from appliance.escalation.deciding import Facts, Ruling, Verdict
from appliance.escalation.matter import Matter
from appliance.escalation.preparing import Prepared, Preparing
from appliance.escalation.sealed import MATTER, Held, Leaving
from appliance.escalation.steps import Preview, Steps, entry
from appliance.records import Event, Principal
from appliance.records.escalations import OVER, Destination, Escalation, State
from appliance.store.escalations import Kept

WITHDRAWN: Final = "withdrawn"
AT_ONCE: Final = 2
"""Proposals that one process prepares at a time: looking for personal data costs seconds of the processor."""
DRY_RUN: Final = "dry-run"
NOT_PREPARED: Final = "not-prepared"
_NEXT: Final = {
    Verdict.PERMITTED: State.APPROVED,
    Verdict.NEEDS_APPROVAL: State.AWAITING,
    Verdict.DENIED: State.DENIED,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """The longest answer that is asked for (tokens), how long a proposal waits at most, how many of one person may be
    open."""

    tokens: int
    lasts: timedelta
    open: int = 20


class Gate:
    """What its asker does with an escalation. Every method raises RegistryUnavailable and PolicyUnavailable; those that
    change something LedgerUnavailable: then nothing has changed. `wake` is told of what may leave."""

    def __init__(
        self, *, steps: Steps, preparing: Preparing, rules: Rules, bounds: Bounds, wake: Callable[[], object]
    ) -> None:
        self._steps = steps
        self._preparing = preparing
        self._rules = rules
        self._bounds = bounds
        self._wake = wake
        self._alone = threading.Lock()
        self._preparing_now: set[tuple[str, str]] = set()

    @contextmanager
    def room(self, principal: Principal, destination: str) -> Iterator[None]:
        """Room to prepare something for `destination`, for who may propose at all.

        Raises NotAllowed for a program and for a destination that is none; Conflict if he has as many open as one may;
        QueueFull if he prepares one already, WaitedTooLong if others fill the room: nobody waits here.
        """
        self._admitted(principal, destination)
        mine = self._steps.kept.of(principal.tenant, principal.id)
        if sum(one.state not in OVER for one in mine) >= self._bounds.open:
            raise Conflict(f"You have {self._bounds.open} questions for outside open.", advice="Withdraw one first.")
        who = (principal.tenant, principal.id)
        with self._alone:
            if who in self._preparing_now:
                raise QueueFull("Another question of yours is being prepared for outside.")
            if len(self._preparing_now) >= AT_ONCE:
                raise WaitedTooLong("Too many prepare questions for outside just now.")
            self._preparing_now.add(who)
        try:
            yield
        finally:
            with self._alone:
                self._preparing_now.discard(who)

    def propose(self, principal: Principal, matter: Matter, destination: str, *, dry_run: bool = False) -> Preview:
        """Prepare `matter` for `destination` and say what may become of it: nothing leaves by this. A dry run is over
        once it is shown.

        Raises NotAllowed as `room` does; NotScannable, DetectorUnavailable, DirectoryUnavailable.
        """
        there = self._admitted(principal, destination)
        return self._proposed(principal, matter, there, dry_run=dry_run)

    def _admitted(self, principal: Principal, destination: str) -> Destination:
        """The destination, for a person who may be shown what is his."""
        self._rules.demand_own(principal)
        there = self._steps.deciding.destination(destination)
        if principal.kind != "person" or there is None:
            raise NotAllowed("Nothing is asked there for you.", advice="Ask the security officers where you may ask.")
        return there

    def _proposed(self, principal: Principal, matter: Matter, there: Destination, *, dry_run: bool) -> Preview:
        rules = self._rules.now()
        one = self._begun(principal, matter, there, rules)
        try:
            vault = self._steps.vaults.begin(one.id)
            versions = self._steps.deciding.versions(matter.documents)  # first: what changes meanwhile is another one
            prepared = self._preparing.prepare(matter, there, rules=rules.ruleset().redactions, vault=vault)
            facts = Facts(
                matter.documents, versions, prepared.entities, prepared.replaced, prepared.residual, matter.local
            )
            held = _held(principal, matter, prepared, there, facts)
            price = max(1, there.price(len(prepared.body), self._bounds.tokens))  # no text has more tokens than bytes
            ready = replace(one, price=price, expires=min(one.expires, vault.ends))
            ready = replace(ready, digest=held.envelope(ready).digest)
            ruling = self._steps.deciding.ruling(principal, ready, held.facts, approved=False)
        except MunimentError as error:
            self._steps.taken(one, State.FAILED, NOT_PREPARED if isinstance(error, LedgerUnavailable) else error.code)
            raise
        sealed = vault.sealed(held.packed(), MATTER)
        filled = {"digest": ready.digest, "price": ready.price, "expires": ready.expires, "sealed": sealed}
        if dry_run or ruling.verdict is Verdict.DENIED:
            to, reason = (State.EXPIRED, DRY_RUN) if dry_run else (State.DENIED, _code(ruling))
            self._steps.moved(one, to, reason, filled)
            return Preview(replace(ready, state=to, reason=reason), held, ruling)
        if not self._steps.kept.move(one, State.PROPOSED, self._steps.now(), **filled):
            raise Conflict("It is over.")
        return Preview(ready, held, ruling)

    def send(self, principal: Principal, escalation_id: str, digest: str) -> Preview:
        """The asker has seen what would leave, `digest`, and wants it sent. Decided anew.

        Raises NotFound for another's as for none; Conflict if it is not what he has seen, or not to be sent any more.
        """
        kept = self._own(principal, escalation_id)
        one = self._steps.still(kept.escalation, State.PROPOSED, digest)
        held = self._steps.opened(kept)[1]
        ruling = self._steps.deciding.ruling(principal, one, held.facts, approved=False)
        reason = "policy" if ruling.verdict is Verdict.PERMITTED else _code(ruling)
        moved = self._steps.moved(one, _NEXT[ruling.verdict], reason)
        if moved.state is State.APPROVED:
            self._wake()
        return Preview(moved, held, ruling)

    def withdraw(self, principal: Principal, escalation_id: str) -> Preview:
        """The asker does not want it any more. Raises NotFound, Conflict once it was handed to the door."""
        one = self._own(principal, escalation_id).escalation
        if one.state in OVER or one.state is State.SENT:
            raise Conflict("This is over, or on its way.")
        return Preview(self._steps.moved(one, State.EXPIRED, WITHDRAWN))

    def mine(self, principal: Principal) -> list[Escalation]:
        """His own, the newest first."""
        self._rules.demand_own(principal)
        return self._steps.kept.of(principal.tenant, principal.id)

    def show(self, principal: Principal, escalation_id: str) -> Preview:
        """One of his own as it is now. Raises NotFound."""
        return self._steps.preview(self._own(principal, escalation_id), principal)

    def _own(self, principal: Principal, escalation_id: str) -> Kept:
        """One of his. Another's is as none."""
        self._rules.demand_own(principal)
        kept = self._steps.kept.find(principal.tenant, escalation_id)
        if kept is None or kept.escalation.asker != principal.id:
            raise NotFound
        return kept

    def _begun(self, principal: Principal, matter: Matter, there: Destination, rules: Rules) -> Escalation:
        """A row without anything in it yet, then its entry: a crash leaves what runs out, and an entry with it."""
        now = self._steps.now()
        one = Escalation(
            id=str(uuid.uuid4()),
            tenant=principal.tenant,
            asker=principal.id,
            name=principal.name,
            client=principal.client,
            department=rules.known(principal).department,  # whose budget pays
            destination=there.name,
            state=State.PROPOSED,
            digest="",
            policy=rules.version,
            price=0,
            created=now,
            expires=now + self._bounds.lasts,
            changed=now,
            local=matter.local,
        )
        self._steps.kept.add(one, b"")
        documents, shown = tuple(sorted(matter.documents)), matter.passages
        told = replace(entry(one, Event.ESCALATION_PROPOSED), reason=matter.local, question=matter.question)
        self._steps.journal.append(replace(told, documents=documents, shown=shown, passages=len(shown)))
        return one


def _held(principal: Principal, matter: Matter, prepared: Prepared, there: Destination, facts: Facts) -> Held:
    return Held(
        asker=replace(principal, session=""),  # whoever signs out has asked all the same; his rights are read anew
        matter=matter,
        leaving=tuple(Leaving(one.text, one.replacements) for one in prepared.parts),
        facts=facts,
        url=there.url,
        model=there.model,
        nonce=secrets.token_hex(16),
        body=prepared.body,
    )


def _code(ruling: Ruling) -> str:
    """The first rule that stood in the way; what no rule permits has none."""
    return ruling.reasons[0][0] if ruling.reasons else "not-permitted"
