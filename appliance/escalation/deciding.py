"""Step c of an escalation: ONE decision over all of it, taken when it is shown, when it is sent, and when it leaves.

What is known of documents, of people and of budgets is read anew each time; only what was prepared is not.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from appliance.access.rules import Rules
from appliance.errors import DirectoryUnavailable, NotAuthenticated
from appliance.records import Action, Document, Level, Principal
from appliance.records.escalations import Budgets, Destination, Escalation, Sending

CLOSED: Final = ("egress-closed", "The operator has closed this house to the outside.")
UNKNOWN: Final = ("no-such-destination", "The rules in force name no such destination.")
CHANGED: Final = ("policy-changed", "The rules changed since this was prepared.")
GONE: Final = ("asker-gone", "Who asked is in the house no more.")
UNDECIDED: Final = ("not-decided", "The rules could not be asked about this, so the answer is no.")
ALWAYS: Final = ("destination-asks-for-approval", "Nothing goes to this destination without a second person.")


class Documents(Protocol):
    """Registered documents (`appliance.store.registry.Registry`)."""

    def current(self, document_ids: Collection[str], /) -> Mapping[str, Document]:
        """Those that are registered, as they are registered now. Raises RegistryUnavailable."""
        ...


class Verdict(StrEnum):
    """What may become of an escalation as it stands."""

    PERMITTED = "permitted"
    NEEDS_APPROVAL = "needs-approval"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict, and the rules that it rests on with their reasons."""

    verdict: Verdict
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found when an escalation was prepared, and does not change. It is sealed with what was asked.

    `versions` names each document with the version whose text is in it; `local` is what became of the question here.
    """

    documents: frozenset[str]
    versions: frozenset[str]
    entities: frozenset[str]
    replaced: int
    residual: int
    local: str


class Deciding:
    """Decides by the rules, the registry and the budgets of this moment.

    `spent` tells what an escalation's person, department and house have spent this month. `open_` is the operator's
    own switch. Raises PolicyUnavailable, RegistryUnavailable; DirectoryUnavailable while nobody can say what the asker
    may do: that is no verdict.
    """

    def __init__(
        self, rules: Rules, documents: Documents, spent: Callable[[Escalation], Budgets], *, open_: bool
    ) -> None:
        self._rules = rules
        self._documents = documents
        self._spent = spent
        self._open = open_

    def destination(self, name: str) -> Destination | None:
        """A destination of the set in force."""
        return self._rules.ruleset().destinations.named.get(name)

    def versions(self, documents: Collection[str]) -> frozenset[str]:
        """`documents` with their versions of now; one that is not registered has none."""
        return frozenset(versioned(one) for one in self._documents.current(documents).values())

    def ruling(self, principal: Principal, one: Escalation, facts: Facts, *, approved: bool) -> Ruling:
        """What may become of `one` now; `approved`: another person has approved its bytes."""
        rules = self._rules.now()
        if one.policy != rules.version:
            return Ruling(Verdict.DENIED, (CHANGED,))
        destination = rules.ruleset().destinations.named.get(one.destination)
        if not self._open:
            return Ruling(Verdict.DENIED, (CLOSED,))
        if destination is None:
            return Ruling(Verdict.DENIED, (UNKNOWN,))
        try:
            if rules.known(principal).narrowed:
                raise DirectoryUnavailable("The directory is silent, so nobody can say what the asker may do.")
            return self._ruled(rules, principal, one, facts, destination, approved=approved)
        except NotAuthenticated:
            return Ruling(Verdict.DENIED, (GONE,))

    def _ruled(
        self,
        rules: Rules,
        principal: Principal,
        one: Escalation,
        facts: Facts,
        destination: Destination,
        *,
        approved: bool,
    ) -> Ruling:
        sending = self._sending(rules, principal, one, facts, destination)
        as_it_is = rules.permitted(principal, Action.SEND_OUTSIDE, sending=replace(sending, approved=approved))
        if as_it_is.errors:
            return Ruling(Verdict.DENIED, (UNDECIDED,))
        if as_it_is.allowed and (approved or not destination.always_approved):
            return Ruling(Verdict.PERMITTED, _reasons(rules, as_it_is.policies))
        if as_it_is.allowed:
            return Ruling(Verdict.NEEDS_APPROVAL, (ALWAYS,))
        if approved:
            return Ruling(Verdict.DENIED, _reasons(rules, as_it_is.policies))
        then = rules.permitted(principal, Action.SEND_OUTSIDE, sending=replace(sending, approved=True))
        verdict = Verdict.NEEDS_APPROVAL if then.allowed else Verdict.DENIED
        return Ruling(verdict, _reasons(rules, then.policies if then.allowed else as_it_is.policies or then.policies))

    def _sending(
        self, rules: Rules, principal: Principal, one: Escalation, facts: Facts, destination: Destination
    ) -> Sending:
        current = self._documents.current(facts.documents)
        accesses = {name: document.access for name, document in current.items()}
        sendable = rules.sendable(principal, accesses, destination.name)
        same = {name for name, document in current.items() if versioned(document) in facts.versions}
        levels = {access.level for access in accesses.values()} | {Level.INTERNAL}  # what staff ask is never public
        budgets, spent = rules.ruleset().destinations.budgets, self._spent(one)
        return Sending(
            destination=destination.name,
            labels=frozenset(label for access in accesses.values() for label in access.labels),
            classes=frozenset(level.name.lower() for level in levels),
            level=int(max(levels)),
            withheld=len(facts.documents - (sendable & same)),  # of another version the text was taken back
            accepts=destination.classes,
            entities=facts.entities,
            replaced=facts.replaced,
            residual=facts.residual,
            price=one.price,
            left=budgets.left(spent),
            local=facts.local,
            approved=False,
        )


def versioned(document: Document) -> str:
    """A document's name with its version."""
    return f"{document.id} {document.version}"


def _reasons(rules: Rules, policies: Collection[str]) -> tuple[tuple[str, str], ...]:
    told = rules.ruleset().engine.reasons
    return tuple((name, told.get(name, "")) for name in policies)
