"""Effective rights: what the token and the directory both say, wherever something is decided."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import pytest

from appliance.access.identity import DemoIdentity
from appliance.access.presence import Known, Presence, TokenAlone, met, narrowed
from appliance.access.rules import Rules
from appliance.errors import NotAllowed, NotAuthenticated
from appliance.records import Access, Action, Level, Principal
from tests.rules import rules, ruleset

MARA: Final = Principal(
    "mara",
    "Mara",
    "aldermoor",
    frozenset({"staff", "icu"}),
    Level.CONFIDENTIAL,
    "test",
    "nursing",
    roles=frozenset({"trainer", "emergency"}),
    walls=frozenset({"harbour"}),
    treats=frozenset({"p-17"}),
    purposes=frozenset({"care", "emergency"}),
    purpose="care",
)
KNOWN: Final = Known(
    True, MARA.groups, MARA.clearance, MARA.department, MARA.roles, MARA.walls, MARA.treats, MARA.purposes
)
NOTE: Final = Access("aldermoor", Level.INTERNAL, frozenset({"icu"}), "nursing", frozenset(), ("nursing",))
LEAFLET: Final = replace(NOTE, level=Level.PUBLIC)


class Told:
    """A directory that says of everybody what the test says."""

    def __init__(self, known: Known | None) -> None:
        self.known = known

    def effective(self, principal: Principal, /) -> Principal:
        return met(principal, self.known)


class Silent:
    """A directory of which nothing has been heard for too long."""

    def effective(self, principal: Principal, /) -> Principal:
        return narrowed(principal)


LOST: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "a group": ({"groups": {"staff"}}, {"groups": frozenset({"staff"})}),
    "the last group": ({"groups": set()}, {"groups": frozenset()}),
    "clearance": ({"clearance": Level.PUBLIC}, {"clearance": Level.PUBLIC}),
    "the department": ({"department": "it"}, {"department": ""}),
    "a role": ({"roles": {"trainer"}}, {"roles": frozenset({"trainer"})}),
    "a wall": ({"walls": set()}, {"walls": frozenset()}),
    "a patient": ({"treats": {"p-18"}}, {"treats": frozenset()}),
    "the stated purpose": ({"purposes": {"emergency"}}, {"purposes": frozenset({"emergency"}), "purpose": ""}),
}


@pytest.mark.parametrize(("said", "left"), LOST.values(), ids=LOST)
def test_what_the_directory_does_not_say_is_lost(said: dict[str, Any], left: dict[str, Any]) -> None:
    """Guards every line of `presence.met`, one by one."""
    assert met(MARA, replace(KNOWN, **said)) == replace(MARA, **left)


def test_nobody_gains_anything_by_the_directory() -> None:
    """Guards the `&` and the `min` of `presence.met`."""
    small = replace(MARA, groups=frozenset({"icu"}), clearance=Level.INTERNAL, roles=frozenset(), walls=frozenset())
    assert met(small, replace(KNOWN, clearance=Level.RESTRICTED)) == small


@pytest.mark.parametrize("known", [None, replace(KNOWN, enabled=False)], ids=["gone", "disabled"])
def test_who_is_gone_or_disabled_is_not_signed_in(known: Known | None) -> None:
    """Guards the refusal at the beginning of `presence.met`."""
    with pytest.raises(NotAuthenticated):
        met(MARA, known)


DECISIONS: Final[dict[str, Callable[[Rules], object]]] = {
    "scope": lambda told: told.scope(MARA).admits(NOTE),
    "may": lambda told: told.may(MARA, Action.READ, NOTE),
    "decided": lambda told: told.decided(MARA, Action.READ, NOTE).allowed,
    "readable": lambda told: told.readable(MARA, {"a": NOTE}),
    "own": lambda told: told.own(MARA),
    "permitted": lambda told: told.permitted(MARA, Action.USE_SPECIALIST, specialist="icu").allowed,
}
"""Every way to ask the rules about a person, each with something that Mara may by her token."""


@pytest.mark.parametrize("asked", DECISIONS.values(), ids=DECISIONS)
def test_every_decision_is_about_effective_rights(asked: Callable[[Rules], object]) -> None:
    """Guards `_effective` in each method of `Rules`: with one deleted, its row here fails."""
    assert asked(Rules(ruleset, Told(KNOWN)))
    assert asked(Rules(ruleset))  # without a directory the token counts
    for none in (Told(replace(KNOWN, groups=frozenset())), Silent()):
        assert not _allowed(asked, none)
    for gone in (Told(None), Told(replace(KNOWN, enabled=False))):
        with pytest.raises(NotAuthenticated):
            asked(Rules(ruleset, gone))
        with pytest.raises(NotAuthenticated):
            asked(Rules(ruleset, gone).now())


def _allowed(asked: Callable[[Rules], object], presence: Presence) -> bool:
    try:
        return bool(asked(Rules(ruleset, presence)))
    except NotAllowed:
        return False


def test_a_change_while_one_question_is_answered_counts() -> None:
    """Guards `self._presence` in `Rules.now`: the rules of one question are frozen, people are not."""
    told = Told(KNOWN)
    one_question = Rules(ruleset, told).now()
    assert one_question.readable(MARA, {"a": NOTE}) == {"a"}
    told.known = replace(KNOWN, groups={"staff"})
    assert one_question.readable(MARA, {"a": NOTE}) == frozenset()


def test_a_silent_directory_leaves_what_is_public_and_nothing_that_is_ones_own() -> None:
    """Guards `registered.unknown` in `rules.circumstances`."""
    silent = Rules(ruleset, Silent())
    assert silent.readable(MARA, {"note": NOTE, "leaflet": LEAFLET}) == {"leaflet"}
    scope = silent.scope(MARA)
    assert scope.admits(LEAFLET)
    assert not scope.admits(NOTE)
    silent.demand(MARA, Action.ASK)
    for refused in Action:
        if refused not in {Action.READ, Action.SEARCH, Action.ASK}:
            assert not silent.decided(replace(MARA, roles=frozenset({"trainer"})), refused, NOTE).allowed
    assert not silent.own(MARA)
    officer = replace(MARA, roles=frozenset({"security-officer"}))
    rules().demand(officer, Action.VIEW_LEDGER)
    with pytest.raises(NotAllowed):
        silent.demand(officer, Action.VIEW_LEDGER)


def test_who_is_narrowed_stays_so() -> None:
    assert met(narrowed(MARA), KNOWN).narrowed
    assert TokenAlone().effective(narrowed(MARA)).narrowed


def test_everything_that_is_said_of_a_person_is_met_or_is_no_right() -> None:
    """A new attribute of people must be decided upon in `presence.met`, or named here."""
    said = {field.name for field in fields(Known)} - {"enabled"}
    assert {field.name for field in fields(Principal)} - said == {
        "id", "name", "tenant", "client", "language", "kind", "purpose", "session", "narrowed"
    }  # fmt: skip


# --- The demonstration: the personas file is the directory ------------------------------------------------------------


def test_a_changed_personas_file_counts_at_the_next_decision(tmp_path: Path) -> None:
    file = tmp_path / "personas.yaml"
    person = "- {id: mara, department: nursing, groups: [%s], clearance: internal}\n- {id: other}\n"
    file.write_text(person % "staff, icu", "utf-8")
    identity = DemoIdentity(file, "aldermoor")
    mara = replace(identity.principal(f"Bearer {identity.token('mara')}"), client="test")
    told = Rules(ruleset, identity)
    assert told.may(mara, Action.READ, NOTE)
    file.write_text(person % "staff", "utf-8")
    assert not told.may(mara, Action.READ, NOTE)
    file.write_text("- {id: other}\n", "utf-8")
    with pytest.raises(NotAuthenticated):
        told.may(mara, Action.READ, NOTE)
    with pytest.raises(NotAuthenticated):
        identity.effective(replace(mara, id="other", tenant="elsewhere"))
