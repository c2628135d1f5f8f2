"""What every step of an escalation does alike: it is recorded, then taken once, by whoever is first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from appliance.errors import Conflict, VaultClosed
from appliance.escalation.deciding import Deciding, Ruling
from appliance.escalation.sealed import ANSWER, MATTER, Held, unpacked
from appliance.privacy.redacting.vault import Vault, Vaults
from appliance.records import Entry, Event, Journal, Principal
from appliance.records.escalations import OVER, Escalation, State
from appliance.store.escalations import EscalationTable, Kept

_EVENT: Final = {
    State.AWAITING: Event.ESCALATION_AWAITING,
    State.APPROVED: Event.ESCALATION_APPROVED,
    State.DENIED: Event.ESCALATION_DENIED,
    State.EXPIRED: Event.ESCALATION_EXPIRED,
    State.SENT: Event.ESCALATION_SENT,
    State.ANSWERED: Event.ESCALATION_ANSWERED,
    State.FAILED: Event.ESCALATION_FAILED,
}
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
VOID: Final = "void"
"""The reason of a step that was recorded and not taken: somebody else was first."""


@dataclass(frozen=True, slots=True)
class Preview:
    """An escalation as it is shown: what it rests on, what would leave, and what may become of it now.

    `held` is None once its thread is over: what was asked is destroyed then. `answer` is what came back, tokens and
    all. `ruling` is None where nothing is left to be decided.
    """

    escalation: Escalation
    held: Held | None = None
    ruling: Ruling | None = None
    answer: str = ""


class Steps:
    """The rows, the ledger and the vaults together. Raises RegistryUnavailable, LedgerUnavailable."""

    def __init__(
        self,
        *,
        kept: EscalationTable,
        vaults: Vaults,
        deciding: Deciding,
        journal: Journal,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.kept = kept
        self.vaults = vaults
        self.deciding = deciding
        self.journal = journal
        self.now = clock

    def taken(
        self,
        one: Escalation,
        to: State,
        reason: str,
        more: Mapping[str, object] = _NOTHING,
        *,
        by: Principal | None = None,
    ) -> Escalation | None:
        """Record that `by` (its asker if None) takes it to the state `to`, then take it there. Where nothing can come
        of it any more, what was asked is destroyed.

        None if somebody else was first: the ledger is told that too. `more` is what else the row says from then on.
        """
        told = replace(entry(one, _EVENT[to], by), reason=reason)
        self.journal.append(told)
        at = self.now()
        if not self.kept.move(one, to, at, reason=reason, **more):
            self.journal.append(replace(told, reason=VOID))
            return None
        if to in OVER and to is not State.ANSWERED:
            self.vaults.end(one.id)  # only by who was first: the other may be on its way
        shown = {name: value for name, value in more.items() if name in Escalation.__slots__}
        return replace(one, state=to, reason=reason, changed=at, **shown)  # type: ignore[arg-type]  # the row's own

    def moved(
        self,
        one: Escalation,
        to: State,
        reason: str,
        more: Mapping[str, object] = _NOTHING,
        *,
        by: Principal | None = None,
    ) -> Escalation:
        """The same. Raises Conflict if somebody else was first."""
        moved = self.taken(one, to, reason, more, by=by)
        if moved is None:
            raise Conflict("Somebody else was first, or it is over.")
        return moved

    def still(self, one: Escalation, state: State, digest: str) -> Escalation:
        """`one` if it is in `state`, of these bytes, and in time. Raises Conflict."""
        if one.state is not state or one.expires <= self.now() or not one.digest:
            raise Conflict("This is not to be decided any more.")
        if one.digest != digest:
            raise Conflict("These are not the bytes that would leave.", advice="Look at them again.")
        return one

    def opened(self, kept: Kept) -> tuple[Vault, Held]:
        """What is sealed of it. Raises VaultClosed."""
        vault = self.vaults.open(kept.escalation.id)
        return vault, unpacked(vault.unsealed(kept.sealed, MATTER))

    def preview(self, kept: Kept, asker: Principal | None = None) -> Preview:
        """As it is now, by the rights of its asker: `asker` if it is he who looks, else as he was when he asked."""
        one = kept.escalation
        if not kept.sealed:
            return Preview(one)  # it is being prepared
        try:
            vault, held = self.opened(kept)
            answer = vault.unsealed(kept.answer, ANSWER).decode() if kept.answer else ""
        except VaultClosed:
            return Preview(one)
        if one.state in OVER or one.state is State.SENT:
            return Preview(one, held, None, answer)
        ruling = self.deciding.ruling(asker or held.asker, one, held.facts, approved=bool(one.approver))
        return Preview(one, held, ruling)


def entry(one: Escalation, event: Event, by: Principal | None = None) -> Entry:
    """What the ledger is told of `one`: by whom (its asker if None), through what, where to."""
    subject, client = (one.asker, one.client) if by is None else (by.id, by.client)
    return Entry(event, subject, one.id, tenant=one.tenant, client=client, model=one.destination)
