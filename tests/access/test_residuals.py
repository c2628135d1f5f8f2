"""The translator refuses what it does not know: a part that is not understood is never left out."""

from typing import Any

import pytest

from appliance.access import scope
from appliance.access.cedar import Residual
from appliance.access.residuals import clause
from appliance.errors import NotAllowed, PolicyUnavailable
from appliance.records import All, AnyOf, Equals, Not
from tests.access.people import NURSE, nurse

IT = {"unknown": [{"Value": "resource"}]}
ANY = {"op": "All"}


def of(name: str) -> dict[str, Any]:
    return {".": {"left": IT, "attr": name}}


def both(operator: str, left: Any, right: Any) -> dict[str, Any]:
    return {operator: {"left": left, "right": right}}


def left_of(body: Any, effect: Any = "permit", **other: Any) -> Residual:
    said = {"principal": ANY, "action": ANY, "resource": ANY, "conditions": [{"kind": "when", "body": body}]}
    return Residual("p", effect, said | other)


ONE = both("==", of("owner"), {"Value": "nora"})
STRANGE: list[Any] = [
    {"if-then-else": {"if": of("hold"), "then": {"Value": True}, "else": {"Value": False}}},
    {"like": {"left": of("owner"), "pattern": ["Wildcard"]}},
    {"&&": {"left": {"Value": True}}},
    {"&&": {"left": {"Value": True}, "right": {"Value": True}, "third": {"Value": False}}},
    {"Value": True, "too": 1},
    {},
    {"Value": 1},
    {"Value": "true"},
    of("owner"),
    of("shelf"),
    {".": {"left": {"unknown": [{"Value": "principal"}]}, "attr": "hold"}},
    {"has": {"left": IT, "attr": "shelf"}},
    {"is": {"left": {"unknown": [{"Value": "principal"}]}, "entity_type": "Person"}},
    both("in", IT, {"Value": {"__entity": {"type": "Document", "id": "x"}}}),
    both("in", IT, {"Value": "nursing"}),
    both("==", of("shelf"), {"Value": "x"}),
    both("==", {"Value": "x"}, {"Value": "x"}),
    both("==", of("readers"), {"Set": []}),
    both("==", of("owner"), of("patient")),
    both("==", of("owner"), {"Value": 1}),
    both("==", of("level"), {"Value": "1"}),
    both("==", of("level"), {"Value": True}),
    both("==", of("hold"), {"Value": "yes"}),
    both("<", of("owner"), {"Value": 1}),
    both("<", of("level"), of("level")),
    both("<=", of("level"), {"Value": False}),
    both("contains", of("owner"), {"Value": "x"}),
    both("contains", {"Set": [{"Value": 1}]}, of("owner")),
    both("contains", {"Value": ["x"]}, of("owner")),
    both("contains", {"Set": [of("wall")]}, of("owner")),
    both("containsAny", of("owner"), {"Set": []}),
    both("containsAll", of("readers"), {"Set": [{"Value": "x"}]}),
]


@pytest.mark.parametrize("body", STRANGE, ids=repr)
@pytest.mark.parametrize("effect", ["permit", "forbid"])
def test_what_is_not_understood_lets_nobody_read_anything(body: Any, effect: str) -> None:
    """Guards every `raise _NotUnderstood`, and `_SHAPES`: beside a permit that is understood, and below a negation."""
    for strange in (body, {"!": {"arg": body}}, both("||", ONE, body)):
        with pytest.raises(PolicyUnavailable, match="policy p"):
            clause([left_of(ONE), left_of(strange, effect)], tenant="house")


@pytest.mark.parametrize(
    "other",
    [
        {"principal": {"op": "=="}},
        {"action": {"op": "in"}},
        {"resource": {"op": "is", "entity_type": "Document"}},
        {"conditions": [{"kind": "unless", "body": ONE}]},
        {"conditions": [{"kind": "when"}]},
        {"conditions": None},
    ],
)
def test_a_residual_of_another_shape_is_not_read(other: dict[str, Any]) -> None:
    """Guards the two checks of `_whole`."""
    with pytest.raises(PolicyUnavailable):
        clause([left_of(ONE, **other)], tenant="house")


def test_nothing_left_is_not_everything() -> None:
    """Guards the `raise NotAllowed` of `clause`."""
    everything, nothing = left_of({"Value": True}, "forbid"), left_of({"Value": False})
    for residuals in ([], [nothing], [left_of(ONE, "forbid")], [left_of(ONE), everything]):
        with pytest.raises(NotAllowed):
            clause(residuals, tenant="house")


def test_a_permit_without_a_condition_stops_at_the_tenant() -> None:
    """Guards `Equals("tenant", tenant) if said is True`."""
    held = left_of(of("hold"), "forbid")
    assert clause([left_of({"Value": True})], tenant="house") == Equals("tenant", "house")
    assert clause([left_of({"Value": True}), held], tenant="house") == All(
        (Equals("tenant", "house"), Not(Equals("hold", value=True)))
    )


def test_many_permits_for_groups_are_one_condition() -> None:
    groups = [both("contains", of("readers"), {"Value": f"g{number}"}) for number in range(500)]
    drawn = clause([left_of(both("&&", ONE, one)) for one in groups], tenant="house")
    assert drawn == All((Equals("owner", "nora"), AnyOf("readers", frozenset(f"g{n}" for n in range(500)))))


@pytest.mark.parametrize("nobody", [nurse(id=""), nurse(tenant="")])
def test_nobody_has_no_scope(nobody: Any) -> None:
    """Guards the first `raise NotAllowed` of `scope.within`."""
    assert scope.within(NURSE, [left_of(ONE)]).clause == Equals("owner", "nora")
    with pytest.raises(NotAllowed):
        scope.within(nobody, [left_of(ONE)])
