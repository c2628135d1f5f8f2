"""Audiences: one number for all that decides who sees a point, never wider than the attributes it was made of."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.access.attributes import FLAG, SETS, TEXTS
from appliance.access.scope import Scope
from appliance.records import Access, Level
from appliance.retrieval.audiences import (
    AT_ONCE,
    AUDIENCE,
    MANY,
    STANDING,
    Admitted,
    Audiences,
    addressed,
    audience,
    gate,
    read_addressed,
)
from tests.retrieval.conftest import access, reader
from tests.retrieval.points import Points

FORMS = (0.0, 1.0)
"""Shares of the visible for which the gate takes either form."""


@pytest.fixture(scope="module")
def points() -> Iterator[Points]:
    with tempfile.TemporaryDirectory() as folder:
        yield Points(Path(folder) / "shard")


def visible(points: Points, audiences: Audiences, scope: Scope, *, share: float, superseded: bool = False) -> set[int]:
    admitted = audiences.admitted(scope, superseded=superseded)
    assert admitted is not None
    return points.admitted(gate(replace(admitted, share=share)))


def over(points: Points) -> Audiences:
    return Audiences(points.present, points.specimen)


numbers = st.frozensets(st.integers(0, 40), max_size=20)


@given(admitted=numbers, held=st.lists(st.integers(0, 40), min_size=1, max_size=20), share=st.sampled_from(FORMS))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_gate_passes_exactly_the_points_of_the_audiences(
    points: Points, admitted: frozenset[int], held: list[int], share: float
) -> None:
    """Guards both forms in `gate`, and NOTHING for none: take one `must_not` away, and what is hidden is shown."""
    points.store([{AUDIENCE: number} for number in held])
    expected = {place for place, number in enumerate(held) if number in admitted}
    assert points.admitted(gate(Admitted(tuple(admitted), share))) == expected


@pytest.mark.parametrize("share", FORMS)
def test_a_number_that_is_missing_or_of_another_type_passes_no_gate(points: Points, share: float) -> None:
    whole = addressed(access(), superseded=False)
    number = whole[AUDIENCE]
    wrong = [None, [], "", str(number), 1.5, True, False, {}, [None], {"a": number}, -1, 2**63 - 1, -(2**63)]
    without = {key: value for key, value in whole.items() if key != AUDIENCE}
    points.store([whole, without, *(whole | {AUDIENCE: value} for value in wrong)])
    assert visible(points, over(points), reader(), share=share) == {0}
    everybody = Admitted((audience(access(), superseded=False), 0, 1), share)
    assert points.admitted(gate(everybody)) == {0}


CHANGES: dict[str, object] = {
    "tenant": "other", "level": Level.PUBLIC, "readers": frozenset({"hr"}), "department": "hr",
    "labels": frozenset({"x"}), "ancestors": (), "owner": "o", "wall": "w", "patient": "p", "purpose": "q",
    "hold": True,
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_every_attribute_is_in_the_number(name: str) -> None:
    """Guards `**attributes(access)` in `audience`: whatever is left out there would be decided for another document."""
    other = replace(access(), **{name: CHANGES[name]})  # type: ignore[arg-type]  # any field
    assert audience(other, superseded=False) != audience(access(), superseded=False)
    assert set(CHANGES) == set(Access.__dataclass_fields__)


def test_the_standing_is_in_the_number() -> None:
    """Guards `STANDING` in `audience`."""
    assert audience(access(), superseded=True) != audience(access(), superseded=False)


def test_numbers_fit_the_engine_and_are_the_same_in_every_process() -> None:
    """Another number means that every stored point is unreadable: then the field needs another name, too."""
    assert audience(access(), superseded=False) == 6788795131081416297
    assert all(0 <= number < 2**63 for number in Numbers(200).payloads)


@pytest.mark.parametrize("name", ["acl", "level", "ancestors", FLAG, STANDING, AUDIENCE, *sorted(TEXTS | SETS)])
def test_a_point_that_contradicts_its_number_is_not_read(name: str) -> None:
    """Guards the comparison in `read_addressed`: an attribute that was changed without the number, or lost."""
    whole = addressed(access(), superseded=False)
    other = addressed(replace(access(level=Level.PUBLIC, readers=("hr",), tenant="other"), **OTHER), superseded=True)
    for torn in ({key: value for key, value in whole.items() if key != name}, whole | {name: other[name]}):
        if torn != whole:
            with pytest.raises((KeyError, TypeError, ValueError)):
                read_addressed(torn)
    assert read_addressed(whole) == (access(), False)


OTHER = {name: CHANGES[name] for name in ("department", "labels", "ancestors", "owner", "wall", "patient", "purpose")}


@pytest.mark.parametrize("share", FORMS)
def test_a_torn_point_teaches_nothing_and_hides_its_audience(points: Points, share: float) -> None:
    """Guards `read_addressed` in `_meet`: a secret point that bears a strange number is visible to nobody by it."""
    secret = addressed(access(readers=("hr",)), superseded=False)
    points.store(
        [addressed(access(), superseded=False), secret | {AUDIENCE: 5}, secret | {"readers": ["\x1f", "nursing"]}]
    )
    assert visible(points, over(points), reader(), share=share) == {0}


@pytest.mark.parametrize("share", FORMS)
def test_a_number_that_comes_after_the_admitted_were_told_is_not_admitted(points: Points, share: float) -> None:
    """An access change between the two calls: what is new is hidden until the next search, whichever form."""
    mine, hidden = addressed(access(), superseded=False), addressed(access(readers=("hr",)), superseded=False)
    points.store([mine, mine])
    admitted = over(points).admitted(reader(), superseded=False)
    assert admitted is not None
    points.store([mine, hidden, addressed(access(labels=("new",)), superseded=False)])
    assert points.admitted(gate(replace(admitted, share=share))) == {0}


def test_what_is_superseded_is_admitted_only_if_asked_for(points: Points) -> None:
    """Guards `known[1] and not superseded` in `_admits`."""
    points.store([addressed(access(), superseded=True), addressed(access(), superseded=False)])
    audiences = over(points)
    assert visible(points, audiences, reader(), share=1.0) == {1}
    assert visible(points, audiences, reader(), share=1.0, superseded=True) == {0, 1}


def test_a_verdict_belongs_to_one_scope(points: Points) -> None:
    """Guards `scope.digest` as the key of the verdicts."""
    points.store([addressed(access(), superseded=False), addressed(access(readers=("hr",)), superseded=False)])
    audiences = over(points)
    for _ in range(2):
        assert visible(points, audiences, reader(), share=0.0) == {0}
        assert visible(points, audiences, reader("hr"), share=0.0) == {1}
        assert visible(points, audiences, reader("nursing", "hr"), share=0.0) == {0, 1}


def _number(payload: Mapping[str, object]) -> int:
    number = payload[AUDIENCE]
    assert isinstance(number, int)
    return number


class Numbers:
    """A store of so many audiences, one point each."""

    def __init__(self, many: int) -> None:
        told = [addressed(access(department=f"d{one}"), superseded=False) for one in range(many)]
        self.payloads = {_number(one): one for one in told}
        self.read = 0

    def present(self, limit: int) -> Mapping[int, int]:
        return dict.fromkeys(list(self.payloads)[:limit], 1)

    def specimen(self, number: int) -> dict[str, object] | None:
        self.read += 1
        return self.payloads.get(number)


def test_a_specimen_of_another_audience_teaches_nothing() -> None:
    """Guards the last condition of `_meet`: a store that answers with a stranger's point names nobody's number."""
    held = Numbers(1)
    (mine,) = held.payloads.values()
    audiences = Audiences(lambda _: {5: 1}, lambda _: mine)
    assert audiences.admitted(reader(), superseded=False) == Admitted((), 0.0)


def test_new_audiences_are_learned_a_few_at_a_time_and_each_once() -> None:
    held = Numbers(2 * AT_ONCE + 1)
    audiences = Audiences(held.present, held.specimen)
    assert audiences.admitted(reader(), superseded=False) is None
    assert audiences.admitted(reader(), superseded=False) is None
    for _ in range(2):
        admitted = audiences.admitted(reader(), superseded=False)
        assert admitted is not None
        assert len(admitted.numbers) == 2 * AT_ONCE + 1
        assert admitted.share == 1.0
    assert held.read == 2 * AT_ONCE + 1


def test_too_many_audiences_are_not_told_apart() -> None:
    """Guards `len(present) > MANY`: a list that was cut short would hide what is visible."""
    held = Numbers(MANY + 1)
    audiences = Audiences(held.present, held.specimen)
    assert audiences.admitted(reader(), superseded=False) is None
    assert held.read == 0


def test_audiences_of_the_past_are_forgotten() -> None:
    held = Numbers(0)
    audiences = Audiences(held.present, held.specimen)
    for round_ in range(2 * MANY // AT_ONCE + 2):
        told = [addressed(access(department=f"{round_}-{one}"), superseded=False) for one in range(AT_ONCE)]
        held.payloads = {_number(one): one for one in told}
        audiences.admitted(reader(), superseded=False)
    assert len(audiences._known) <= 2 * MANY + AT_ONCE
    held.payloads = Numbers(1).payloads
    admitted = audiences.admitted(reader(), superseded=False)
    assert admitted is not None
    assert len(admitted.numbers) == 1


def test_without_points_nothing_is_admitted() -> None:
    empty = Audiences(Numbers(0).present, Numbers(0).specimen)
    assert empty.admitted(reader(), superseded=False) == Admitted((), 0.0)
