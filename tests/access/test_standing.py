"""What people may do in the house, as the shipped rules say it of the demonstration's people."""

from dataclasses import replace

import pytest

from appliance.access.identity import DemoIdentity
from appliance.access.rules import Rules
from appliance.access.standing import Standing
from appliance.records import Principal
from tests.api.serving import PERSONAS
from tests.rules import ruleset

OFFICER = {"ask", "search", "approve-escalation", "view-ledger", "erase", "manage-policies"}
STANDING = Standing(Rules(ruleset))


def person(name: str) -> Principal:
    identity = DemoIdentity(PERSONAS, "aldermoor")
    return replace(identity.principal(f"Bearer {identity.token(name)}"), client="muniment-portal")


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("mara", {"ask", "search"}),
        ("dana", {"ask", "search"}),
        ("ines", OFFICER),
        ("priya", OFFICER),
        ("carla", {"ask", "search", "curate"}),
        ("otto", {"view-operations"}),
    ],
)
def test_each_persona_is_told_what_he_may_do(name: str, may: set[str]) -> None:
    assert set(STANDING(person(name))) == may


def test_roles_do_not_add_up_to_what_each_forbids() -> None:
    everything = frozenset({"operator", "security-officer", "curator"})
    assert set(STANDING(replace(person("carla"), roles=everything))) == {"view-operations"}
    officer = frozenset({"security-officer", "curator"})
    assert set(STANDING(replace(person("carla"), roles=officer))) == OFFICER


def test_without_a_group_no_content_is_anybody_s() -> None:
    assert set(STANDING(replace(person("ines"), groups=frozenset()))) == OFFICER - {"ask", "search"}
    assert not STANDING(replace(person("carla"), groups=frozenset()))


def test_through_a_program_that_nobody_registered_only_questions_are_left() -> None:
    assert set(STANDING(replace(person("ines"), client="a-script"))) == {"ask", "search"}
    assert not STANDING(replace(person("otto"), client="a-script"))
