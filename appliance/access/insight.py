"""Who can see a document and why: for whoever may see it himself, and no wider than he does.

A plain reader learns which rules let him read. Who answers for it, curators and officers learn which groups read it
and what a member of each must be besides. Nothing here knows what a rule says: a member is made up who has all that the
document asks for, one thing after the other is taken from him, and the engine is asked each time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from appliance.access.cedar import Decision
from appliance.access.rules import Rules, circumstances
from appliance.access.ruleset import Ruleset
from appliance.records import Access, Action, Level, Principal

GROUPS: Final = 50
"""Groups that are told of one document."""

Kind = Literal["clearance", "wall", "patient", "purpose", "program"]
Reasons = tuple[tuple[str, str], ...]
"""Rules by name, each with its officer's reason."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a member must be besides, `value` in the site's own words, and the rules that refuse him otherwise.

    No rules: without it nothing permits.
    """

    kind: Kind
    value: str
    rules: Reasons


@dataclass(frozen=True, slots=True)
class ByGroup:
    """Whether a member of `group` who has all that is needed reads it, by which rules, and what is needed."""

    group: str
    allowed: bool
    rules: Reasons
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """Why one person sees a document: the rules by which he reads it, none if he does not.

    `groups` is None for whom it is not to know who else reads it.
    """

    rules: Reasons
    owns: bool
    access: Access
    groups: tuple[ByGroup, ...] | None


ENTITLED: Final = (Action.CURATE, Action.VIEW_LEDGER)
"""Who may do one of these in the house learns who else reads a document that he sees."""


def why(rules: Rules, asker: Principal, access: Access, *, document: str, owns: bool) -> Why:
    """Why `asker`, who may see it, sees a document with these attributes; for whom it is his to know, who else does."""
    ruleset = rules.ruleset()
    decision = rules.decided(asker, Action.READ, access, document=document)
    whole = owns or any(rules.permitted(asker, action).allowed for action in ENTITLED)
    groups = seen_by_groups(ruleset, asker, access) if whole else None
    return Why(reasons(ruleset, decision) if decision.allowed else (), owns, access, groups)


def reasons(ruleset: Ruleset, decision: Decision) -> Reasons:
    """The rules that decided, each with its reason."""
    return tuple((name, ruleset.engine.reasons.get(name, "")) for name in decision.policies)


def seen_by_groups(ruleset: Ruleset, asker: Principal, access: Access) -> tuple[ByGroup, ...]:
    """For each group among the readers, what a member of it may do who asks through the program of `asker`."""
    return tuple(_seen(ruleset, group, asker.client, access) for group in sorted(access.readers)[:GROUPS])


def _seen(ruleset: Ruleset, group: str, client: str, access: Access) -> ByGroup:
    member = _member(group, client, access)
    decision = _decided(ruleset, member, access)
    needs = tuple(_needs(ruleset, member, access)) if decision.allowed else ()
    return ByGroup(group, decision.allowed, reasons(ruleset, decision), needs)


def _member(group: str, client: str, access: Access) -> Principal:
    """Somebody of `group` who has whatever the document asks for."""
    return Principal(
        "a member", "", access.tenant, frozenset({group}), access.level, client=client,
        walls=frozenset({access.wall} - {""}), treats=frozenset({access.patient} - {""}),
        purposes=frozenset({access.purpose} - {""}), purpose=access.purpose,
    )  # fmt: skip


def _needs(ruleset: Ruleset, member: Principal, access: Access) -> Iterator[Need]:
    for kind, value, without in _without(member, access):
        decision = _decided(ruleset, without, access)
        if not decision.allowed:
            yield Need(kind, value, reasons(ruleset, decision))


def _without(member: Principal, access: Access) -> Iterator[tuple[Kind, str, Principal]]:
    if access.level > Level.PUBLIC:
        yield "clearance", access.level.name.lower(), replace(member, clearance=Level(access.level - 1))
    if access.wall:
        yield "wall", access.wall, replace(member, walls=frozenset())
    if access.patient:
        yield "patient", access.patient, replace(member, treats=frozenset())
    if access.purpose:
        yield "purpose", access.purpose, replace(member, purpose="")
    yield "program", "", replace(member, client="unregistered")


def _decided(ruleset: Ruleset, who: Principal, access: Access) -> Decision:
    return ruleset.engine.decide(who, Action.READ, access, circumstances=circumstances(ruleset, who))
