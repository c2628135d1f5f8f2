"""Why something was decided so, and what would have to be different: found by deciding again with single changes.

Nothing here knows what a rule says. Each change is applied to the person, the document or the client, and the engine is
asked once more; so an explanation holds for rules that are written tomorrow.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import Final

from appliance.access.cedar import Circumstances, Client, Decision
from appliance.access.ruleset import Ruleset
from appliance.records import Access, Action, Level, Principal

TOGETHER: Final = 3
"""How many changes at once are tried, if fewer do not turn the decision."""
SHOWN: Final = 12
TRIED: Final = 24
"""Bounds: what is shown, and how many groups, labels and roles are tried one by one."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a decision is made of."""

    principal: Principal
    access: Access
    client: Client


@dataclass(frozen=True, slots=True)
class Change:
    """A single difference, in words ("he were cleared for confidential"), and the situation with it.

    `discreet` are other words, for those who may not know whose record or deal it is; "" where these need none.
    """

    words: str
    applied: Callable[[Situation], Situation]
    discreet: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision, its rules' reasons, and the smallest sets of changes each of which would turn it."""

    decision: Decision
    reasons: tuple[tuple[str, str], ...]
    changes: tuple[tuple[str, ...], ...]


def explained(
    ruleset: Ruleset,
    principal: Principal,
    action: Action,
    access: Access,
    *,
    destination: str = "",
    discreet: bool = False,
) -> Explanation:
    """Why `principal` may, or may not, do `action` with a document that has these attributes.

    `destination` is what rules may ask about escalating besides. `discreet` names no patient's record and no deal team.
    """
    now = Situation(principal, access, ruleset.clients.named(principal.client))

    def decide(situation: Situation) -> Decision:
        stated = Circumstances(situation.client, situation.principal.purpose, destination=destination)
        return ruleset.engine.decide(situation.principal, action, situation.access, circumstances=stated)

    decision = decide(now)
    possible = list(_taking(now) if decision.allowed else _giving(now, ruleset.roles))
    found = _turning(now, possible, lambda changed: decide(changed).allowed != decision.allowed)
    turning = tuple(tuple((discreet and one.discreet) or one.words for one in together) for together in found)
    reasons = ruleset.engine.reasons
    return Explanation(decision, tuple((name, reasons.get(name, "")) for name in decision.policies), turning)


def _turning(
    now: Situation, possible: Sequence[Change], turns: Callable[[Situation], bool]
) -> tuple[tuple[Change, ...], ...]:
    """The smallest combinations that turn the decision; none if it takes more than a few."""
    for size in range(1, TOGETHER + 1):
        found = tuple(islice(_those(now, possible, size, turns), SHOWN))
        if found:
            return found
    return ()


def _those(
    now: Situation, possible: Sequence[Change], size: int, turns: Callable[[Situation], bool]
) -> Iterator[tuple[Change, ...]]:
    for chosen in combinations(possible, size):
        changed = now
        for change in chosen:
            changed = change.applied(changed)
        if turns(changed):
            yield chosen


def _person(words: str, *, discreet: str = "", **attributes: object) -> Change:
    def applied(one: Situation) -> Situation:
        return replace(one, principal=replace(one.principal, **attributes))  # type: ignore[arg-type]  # names and values are written below

    return Change(words, applied, discreet)


def _document(words: str, **attributes: object) -> Change:
    return Change(words, lambda one: replace(one, access=replace(one.access, **attributes)))  # type: ignore[arg-type]  # likewise


def _level(level: Level) -> str:
    return level.name.lower()


# --- What would have to be given ------------------------------------------------------------------------------------


def _giving(now: Situation, roles: Sequence[str]) -> Iterator[Change]:
    yield from _person_given(now.principal, now.access)
    yield from _roles_changed(now.principal, roles)
    yield from _document_opened(now.principal, now.access)
    if not (now.client.known and now.client.location == "house"):
        known = replace(now.client, known=True, location="house")
        yield Change("he asked through a registered program whose model runs in the house", _through(known))


def _person_given(who: Principal, access: Access) -> Iterator[Change]:
    if who.tenant != access.tenant:
        yield _person(f"he belonged to the tenant {access.tenant}", tenant=access.tenant)
    if who.clearance < access.level:
        yield _person(f"he were cleared for {_level(access.level)}", clearance=access.level)
    for group in sorted(access.readers - who.groups)[:TRIED]:
        yield _person(f"he belonged to the group {group}", groups=who.groups | {group})
    if access.department != who.department:
        yield _person(f"he belonged to the department {access.department}", department=access.department)
    if access.wall and access.wall not in who.walls:
        words = f"he belonged to the deal team {access.wall}"
        yield _person(words, discreet="he belonged to its deal team", walls=who.walls | {access.wall})
    if access.patient and access.patient not in who.treats:
        words = f"he treated the patient of {access.patient}"
        yield _person(words, discreet="he treated its patient", treats=who.treats | {access.patient})
    if access.purpose and access.purpose != who.purpose:
        purposes = who.purposes | {access.purpose}
        yield _person(f"he stated the purpose {access.purpose}, and might", purposes=purposes, purpose=access.purpose)
    if who.kind != "person":
        yield _person("it were a person, not a program", kind="person")


def _roles_changed(who: Principal, roles: Sequence[str]) -> Iterator[Change]:
    for role in sorted(who.roles)[:TRIED]:
        yield Change(f"he did not hold the role {role}", _without_role(role))
    for role in sorted(frozenset(roles) - who.roles)[:TRIED]:
        yield Change(f"he held the role {role}", _with_role(role))


def _document_opened(who: Principal, access: Access) -> Iterator[Change]:
    if access.level > who.clearance:
        yield _document(f"the document were {_level(who.clearance)}", level=who.clearance)
    if who.groups and not who.groups & access.readers:
        yield _document("the document's readers included a group of his", readers=access.readers | who.groups)
    for label in sorted(access.labels)[:TRIED]:
        yield _document(f"the document had no label {label}", labels=access.labels - {label})
    if access.owner != who.id:
        yield _document("he were the document's owner", owner=who.id)
    if access.wall:
        yield _document("the document lay behind no wall", wall="")
    if access.patient:
        yield _document("the document belonged to no patient's record", patient="")
    if access.purpose:
        yield _document("the document were bound to no purpose", purpose="")
    if access.hold:
        yield _document("the document were not under legal hold", hold=False)


# --- What would have to be taken away -------------------------------------------------------------------------------


def _taking(now: Situation) -> Iterator[Change]:
    who, access = now.principal, now.access
    yield from _person_taken(who, access)
    higher = [level for level in Level if level > access.level]
    for level in higher[:1] + [level for level in higher[1:] if level > who.clearance][:1]:
        yield _document(f"the document were {_level(level)}", level=level)
    for reader in sorted(access.readers & who.groups)[:TRIED]:
        yield _document(f"{reader} were no reader of the document", readers=access.readers - {reader})
    if access.owner == who.id:
        yield _document("he were not the document's owner", owner="")
    if not access.hold:
        yield _document("the document were under legal hold", hold=True)
    yield Change(
        "he asked through a program that nobody registered",
        _through(Client("unregistered", known=False, location="outside")),
    )
    yield Change("the program's model ran outside", _through(replace(now.client, location="outside")))


def _person_taken(who: Principal, access: Access) -> Iterator[Change]:
    for group in sorted(who.groups & access.readers)[:TRIED]:
        yield _person(f"he did not belong to the group {group}", groups=who.groups - {group})
    if who.clearance > Level.PUBLIC:
        lower = Level(min(access.level, who.clearance) - 1) if access.level > Level.PUBLIC else Level.PUBLIC
        yield _person(f"he were cleared for no more than {_level(lower)}", clearance=lower)
    if access.wall in who.walls:
        words = f"he did not belong to the deal team {access.wall}"
        yield _person(words, discreet="he did not belong to its deal team", walls=who.walls - {access.wall})
    if access.patient in who.treats:
        words = f"he did not treat the patient of {access.patient}"
        yield _person(words, discreet="he did not treat its patient", treats=who.treats - {access.patient})
    if who.purpose:
        yield _person("he stated no purpose", purpose="")
    for role in sorted(who.roles)[:TRIED]:
        yield Change(f"he did not hold the role {role}", _without_role(role))


def _through(client: Client) -> Callable[[Situation], Situation]:
    return lambda one: replace(one, client=client)


def _with_role(role: str) -> Callable[[Situation], Situation]:
    return lambda one: replace(one, principal=replace(one.principal, roles=one.principal.roles | {role}))


def _without_role(role: str) -> Callable[[Situation], Situation]:
    return lambda one: replace(one, principal=replace(one.principal, roles=one.principal.roles - {role}))
