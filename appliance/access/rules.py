"""The rules in force: what the policy set that officers signed says of one person, now.

Everything that decides is handed one `Rules`. A set that comes into force is noticed with the next question; where none
can be believed every question raises PolicyUnavailable, and nothing is ever answered with "allowed".

Every decision is made about a person with the rights that he has now: `_effective` is the one place that asks the
directory, and nothing here reads a principal that has not passed it.

Where an emergency runs, and only in rules that were made with `urgency`, reading is what a person may read, or what he
may break glass for: `scope`, `decided` and `readable`, and no other action.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from appliance.access import purposes, scope
from appliance.access.cedar import Circumstances, Decision, House
from appliance.access.presence import Presence, TokenAlone
from appliance.access.ruleset import Ruleset
from appliance.access.scope import Scope
from appliance.access.urgency import Box, Calm, Urgency
from appliance.errors import NotAllowed
from appliance.records import Access, Action, Level, Principal
from appliance.records.escalations import Sending

NOBODY: Final = "You belong to no group that may read documents."
_WITHOUT_GROUP: Final = frozenset(
    {
        *(Action.APPROVE_ESCALATION, Action.VIEW_LEDGER, Action.ERASE),
        *(Action.VIEW_OPERATIONS, Action.MANAGE_POLICIES),
    }
)
"""What needs no group: it shows no document."""


class Rules:
    """What the policy set in force says of people as `presence` knows them now.

    `current` gives that set, or raises PolicyUnavailable. Every method that is handed a principal raises
    NotAuthenticated too, if he is in the house no more.
    """

    def __init__(
        self,
        current: Callable[[], Ruleset],
        presence: Presence | None = None,
        *,
        urgency: Urgency | None = None,
        clock: Callable[[], datetime] = purposes.now,
    ) -> None:
        self._current = current
        self._presence = presence or TokenAlone()
        self._urgency = urgency or Calm()
        self._clock = clock

    def now(self) -> "Rules":
        """These rules as they are now, for all of one question: one set is never mixed with the next.

        People are not frozen: who loses a group while he is answered has lost it.
        """
        ruleset = self._current()
        return Rules(lambda: ruleset, self._presence, urgency=self._urgency, clock=self._clock)

    def plain(self) -> "Rules":
        """These rules without emergencies: for what is taken away as a file, not read."""
        return Rules(self._current, self._presence, clock=self._clock)

    @property
    def version(self) -> str:
        """The beginning of the digest of the set in force: what answers and ledger entries carry."""
        return self._current().version

    def scope(self, principal: Principal, action: Action = Action.READ) -> Scope:
        """What `principal` may read (or do `action` with), as a condition that the index enforces.

        Raises NotAllowed where that is nothing at all, PolicyUnavailable.
        """
        ruleset, known = self._current(), self._presence.effective(principal)
        now = purposes.lasting(known, self._clock())
        if _is_nobody(now):
            raise NotAllowed(NOBODY)
        residuals = [ruleset.engine.residuals(now, action, circumstances=circumstances(ruleset, now))]
        if action is Action.READ and (broken := self._in_emergency(known)):
            urgent = circumstances(ruleset, broken)
            residuals.append(ruleset.engine.residuals(broken, Action.BREAK_GLASS, circumstances=urgent))
        return scope.within(known, *residuals)  # his purposes are read again, with their ends, at each later decision

    def may(self, principal: Principal, action: Action, access: Access, *, document: str = "") -> bool:
        """Whether `principal` may do `action` with a document that has these attributes. Raises PolicyUnavailable."""
        return self.decided(principal, action, access, document=document).allowed

    def decided(self, principal: Principal, action: Action, access: Access, *, document: str = "") -> Decision:
        """The same, with the rules that decided. Raises PolicyUnavailable."""
        ruleset, known = self._current(), self._presence.effective(principal)
        now = purposes.lasting(known, self._clock())
        if _is_nobody(now):
            return Decision(allowed=False)
        stated = circumstances(ruleset, now)
        decision = ruleset.engine.decide(now, action, access, circumstances=stated, document=document)
        broken = self._in_emergency(known) if action is Action.READ and not decision.allowed else None
        if broken is None:
            return decision
        stated = circumstances(ruleset, broken)
        return ruleset.engine.decide(broken, Action.BREAK_GLASS, access, circumstances=stated, document=document)

    def readable(
        self, principal: Principal, documents: Mapping[str, Access], action: Action = Action.READ
    ) -> frozenset[str]:
        """Those of `documents`, by id, with which `principal` may do `action`: each decided once, in full.

        Raises PolicyUnavailable.
        """
        plainly, urgently, _ = self._parted(principal, documents, action)
        return plainly | urgently

    def sendable(self, principal: Principal, documents: Mapping[str, Access], destination: str) -> frozenset[str]:
        """Those of `documents`, by id, that he may send to `destination`: each decided once.

        Raises PolicyUnavailable.
        """
        ruleset, now = self._current(), self._effective(principal)
        if _is_nobody(now) or not documents:
            return frozenset()
        stated = replace(circumstances(ruleset, now), destination=destination)
        decided = ruleset.engine.decide_many(now, Action.ESCALATE, documents, circumstances=stated)
        return frozenset(name for name, decision in decided.items() if decision.allowed)

    def opened(self, principal: Principal, documents: Mapping[str, Access], question: str = "") -> str:
        """Record that `documents` are about to be shown to him, if any of them only because of an emergency of his.

        Returns the id of that emergency, "" if none was needed. Raises LedgerUnavailable, RegistryUnavailable: what
        cannot be recorded is not shown. Who is about to show must decide once more afterwards.
        """
        _, urgently, box = self._parted(principal, documents, Action.READ)
        if box is None or not urgently:
            return ""
        self._urgency.used(principal, box, urgently, question)
        return box.id

    def _parted(
        self, principal: Principal, documents: Mapping[str, Access], action: Action
    ) -> tuple[frozenset[str], frozenset[str], Box | None]:
        """Which of `documents` he may read, which only in his emergency, and that emergency if one runs."""
        ruleset, known = self._current(), self._presence.effective(principal)
        now = purposes.lasting(known, self._clock())
        if _is_nobody(now) or not documents:
            return frozenset(), frozenset(), None
        plainly = _allowed(ruleset, now, documents, action)
        rest = {name: access for name, access in documents.items() if name not in plainly}
        box = self._urgency.running(known) if action is Action.READ and rest else None
        if box is None:
            return plainly, frozenset(), None
        return plainly, _allowed(ruleset, self._stating(known, box), rest, Action.BREAK_GLASS), box

    def own(self, principal: Principal) -> bool:
        """Whether `principal` may be shown here what is his own: what he asked, what his uploads are called.

        That is decided like reading a document of his which is never public. So a program that is shown public
        documents only is not shown it, nor is a person whom the rules show no content. Raises PolicyUnavailable.
        """
        ruleset, principal = self._current(), self._effective(principal)
        if _is_nobody(principal):
            return False
        level = max(principal.clearance, Level.INTERNAL)
        owner = replace(principal, clearance=level)
        matter = Access(
            principal.tenant, level, principal.groups, principal.department, frozenset(), (), owner=principal.id
        )
        return ruleset.engine.decide(owner, Action.READ, matter, circumstances=circumstances(ruleset, owner)).allowed

    def permitted(
        self,
        principal: Principal,
        action: Action,
        *,
        sending: Sending | None = None,
        asker: str = "",
        specialist: str = "",
    ) -> Decision:
        """What the rules say of an action on the whole house of the person's tenant. Raises PolicyUnavailable.

        `sending`, `asker` and `specialist` are what rules may ask about this action besides.
        """
        ruleset, principal = self._current(), self._effective(principal)
        stated = replace(circumstances(ruleset, principal, asker=asker, specialist=specialist), sending=sending)
        return ruleset.engine.decide(principal, action, House(principal.tenant), circumstances=stated)

    def demand(self, principal: Principal, action: Action, *, asker: str = "", specialist: str = "") -> None:
        """Return only if `action` on the house is permitted. Raises NotAllowed, PolicyUnavailable."""
        now = self._effective(principal)
        if _is_nobody(now) and action not in _WITHOUT_GROUP:
            raise NotAllowed(NOBODY)
        if (
            not now.id
            or not now.tenant
            or not self.permitted(principal, action, asker=asker, specialist=specialist).allowed
        ):
            raise NotAllowed("The rules of this house do not let you do that.")

    def keeps(self, principal: Principal) -> bool:
        """Whether the program through which he asks keeps in the house what it is shown. Raises PolicyUnavailable."""
        client = self._current().clients.named(principal.client)
        return client.known and client.location == "house"

    def demand_own(self, principal: Principal) -> None:
        """Return only if he may be shown here what is his own. Raises NotAllowed, PolicyUnavailable."""
        if not self.own(principal):
            raise NotAllowed("What you asked and put in is not shown here.", advice="Use the portal.")

    def known(self, principal: Principal) -> Principal:
        """The person with the rights that he has now. Raises NotAuthenticated if he is in the house no more."""
        return self._effective(principal)

    def purpose(self, principal: Principal) -> str:
        """What he states now: "" where it is nothing, not his any more, or over."""
        return self._effective(principal).purpose

    def breaks_glass(self, principal: Principal) -> bool:
        """Whether the policies let him open anything in an emergency, as he states his purpose.

        Raises PolicyUnavailable.
        """
        try:
            self.scope(principal, Action.BREAK_GLASS)
        except NotAllowed:
            return False
        return True

    def ruleset(self) -> Ruleset:
        """The set in force itself, for those who explain it. Raises PolicyUnavailable."""
        return self._current()

    def _in_emergency(self, known: Principal) -> Principal | None:
        """`known` as he may break glass now; None if no emergency of his runs."""
        box = self._urgency.running(known)
        return None if box is None else self._stating(known, box)

    def _stating(self, known: Principal, box: Box) -> Principal:
        """`known` stating what the emergency is for, and no other purpose, if he may state that still."""
        return purposes.lasting(replace(known, purpose=box.purpose), self._clock())

    def _effective(self, principal: Principal) -> Principal:
        """The person with the rights that he has now. Raises NotAuthenticated if he is in the house no more."""
        return purposes.lasting(self._presence.effective(principal), self._clock())


def circumstances(ruleset: Ruleset, principal: Principal, *, asker: str = "", specialist: str = "") -> Circumstances:
    """Through which program the person asks, as it is registered, and what for.

    Where the directory has been silent for too long, any program is taken to be unknown: one rule says what is public.
    """
    registered = ruleset.clients
    client = registered.unknown(principal.client) if principal.narrowed else registered.named(principal.client)
    return Circumstances(client, principal.purpose, specialist=specialist, asker=asker)


def _allowed(ruleset: Ruleset, principal: Principal, documents: Mapping[str, Access], action: Action) -> frozenset[str]:
    """Those of `documents` with which the policies let `principal` do `action`: each decided in full."""
    if not documents:
        return frozenset()
    stated = circumstances(ruleset, principal)
    decided = ruleset.engine.decide_many(principal, action, documents, circumstances=stated)
    return frozenset(name for name, decision in decided.items() if decision.allowed)


def _is_nobody(principal: Principal) -> bool:
    """Empty means no, whatever a policy says: without an id, a tenant or a group a person is nobody.

    A security property: `tests/access/test_rules.py` fails without it.
    """
    return not (principal.id and principal.tenant and principal.groups) or "" in principal.groups
