"""Why somebody sees a document, and who else does: decided by the shipped rules, with people who are made up."""

from dataclasses import replace

import pytest

from appliance.access.insight import Need, why
from appliance.records import Access, Level, Principal
from tests.rules import rules

MARA = Principal("mara", "", "aldermoor", frozenset({"staff", "icu"}), Level.INTERNAL, "test", "nursing")
CARLA = replace(MARA, id="carla", groups=frozenset({"staff"}), roles=frozenset({"curator"}))
INES = replace(MARA, id="ines", groups=frozenset({"staff"}), roles=frozenset({"security-officer"}))
PAPER = Access("aldermoor", Level.INTERNAL, frozenset({"staff", "icu"}), "nursing", frozenset(), ("nursing",))


def test_a_plain_reader_learns_why_he_reads_and_nothing_of_others() -> None:
    """Guards `if whole` in `why`."""
    found = why(rules(), MARA, PAPER, document="d", owns=False)
    assert [name for name, _ in found.rules] == ["read-as-reader"]
    assert found.rules[0][1].startswith("He belongs to one")
    assert found.groups is None


@pytest.mark.parametrize("who", [CARLA, INES], ids=lambda who: str(who.id))
def test_curators_and_officers_learn_which_groups_read_it(who: Principal) -> None:
    groups = why(rules(), who, PAPER, document="d", owns=False).groups
    assert groups is not None
    assert [(one.group, one.allowed) for one in groups] == [("icu", True), ("staff", True)]


@pytest.mark.parametrize("who", [CARLA, INES], ids=lambda who: str(who.id))
def test_not_through_a_program_that_nobody_registered(who: Principal) -> None:
    assert why(rules(), replace(who, client="a-script"), PAPER, document="d", owns=False).groups is None


def test_who_answers_for_it_learns_what_a_member_needs() -> None:
    access = replace(PAPER, readers=frozenset({"icu"}), wall="deal-north", patient="p-7", purpose="audit")
    groups = why(rules(), MARA, access, document="d", owns=True).groups
    assert groups is not None
    (icu,) = groups
    assert (icu.group, icu.allowed) == ("icu", True)
    needs = {need.kind: (need.value, [name for name, _ in need.rules]) for need in icu.needs}
    assert needs == {
        "clearance": ("internal", []),
        "wall": ("deal-north", ["behind-a-wall"]),
        "patient": ("p-7", ["no-treatment"]),
        "purpose": ("audit", ["other-purpose"]),
        "program": ("", ["model-outside-reads-public", "unknown-client-reads-public"]),
    }


def test_what_anybody_in_the_group_reads_needs_nothing() -> None:
    public = replace(PAPER, level=Level.PUBLIC, readers=frozenset({"staff"}))
    groups = why(rules(), MARA, public, document="d", owns=True).groups
    assert groups is not None
    assert groups[0].needs == ()


def test_an_owner_who_reads_it_no_more_has_no_rule() -> None:
    raised = replace(PAPER, level=Level.RESTRICTED)
    found = why(rules(), MARA, raised, document="d", owns=True)
    assert found.rules == ()
    assert found.groups is not None
    assert Need("clearance", "restricted", ()) in found.groups[0].needs
