"""Cedar's `is_authorized` alone says who may read; the index under the policies' filter must say no more.

Both filters are under it: the one by every attribute, and the one by audiences in both its forms. Nothing of ours takes
part on the oracle's side: entities are written here a second time, from the fields of the records.
`python -m tests.access.oracle CASES SEED` runs more cases than the test does.
"""

import json
import sys
import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path
from time import perf_counter
from typing import Final

import cedarpy

from appliance.access import scope
from appliance.access.cedar import Circumstances, Engine
from appliance.errors import NotAllowed
from appliance.records import Access, Action, Principal
from appliance.retrieval.audiences import Admitted, Audiences, addressed, gate
from appliance.retrieval.rendering import render
from tests.access.grammar import Grammar
from tests.access.people import SCHEMA
from tests.retrieval.points import Points

DOCUMENTS: Final = 40
PEOPLE: Final = 2
SETS_PER_INDEX: Final = 25
_SCHEMA: Final = cedarpy.Schema.from_str(SCHEMA)


@dataclass(slots=True)
class Tally:
    """What came of the cases: a case is one policy set, one person, one document."""

    cases: int = 0
    allowed: int = 0
    sets: int = 0
    wider: int = 0
    narrower: int = 0
    abroad: int = 0
    """Narrower on purpose: a permit that was left without a condition stops at the person's own tenant."""


def run(points: Points, *, cases: int, seed: int) -> Tally:
    """At least `cases` of them, drawn from `seed`. Raises AssertionError at the first filter that is too wide."""
    grammar, tally = Grammar(seed), Tally()
    audiences = Audiences(points.present, points.specimen)
    held: list[Access] = []
    while tally.cases < cases:
        if tally.sets % SETS_PER_INDEX == 0:
            held = [grammar.document() for _ in range(DOCUMENTS)]
            points.store([addressed(one, superseded=False) for one in held])
        policies = grammar.policies()
        engine = Engine(policies, SCHEMA)
        for person in [grammar.person() for _ in range(PEOPLE)]:
            asking = (person, grammar.circumstances(person))
            _case(engine, policies, (points, audiences), held=held, asking=asking, tally=tally)
        tally.sets += 1
    return tally


def _case(
    engine: Engine,
    policies: str,
    index: tuple[Points, Audiences],
    *,
    held: list[Access],
    asking: tuple[Principal, Circumstances],
    tally: Tally,
) -> None:
    (points, audiences), (person, circumstances) = index, asking
    truth = allowed(policies, person, held, circumstances)
    try:
        drawn = scope.within(person, engine.residuals(person, Action.READ, circumstances=circumstances))
    except NotAllowed:
        found: set[int] = set()
    else:
        found = points.admitted(render(drawn.clause))
        assert found == {number for number, one in enumerate(held) if drawn.admits(one)}, policies
        for share in (0.0, 1.0):  # both forms of the gate
            assert points.admitted(gate(_admitted(audiences, drawn, share))) == found, policies
    documents = {str(number): one for number, one in enumerate(held)}
    decided = engine.decide_many(person, Action.READ, documents, circumstances=circumstances)
    assert {int(name) for name, one in decided.items() if one.allowed} == truth, policies
    tally.wider += len(found - truth)
    assert found <= truth, f"the index shows what is forbidden:\n{policies}\n{person}"
    missed = truth - found
    abroad = {number for number in missed if held[number].tenant != person.tenant}
    tally.abroad += len(abroad)
    tally.narrower += len(missed - abroad)
    tally.cases += len(held)
    tally.allowed += len(truth)


def _admitted(audiences: Audiences, drawn: scope.Scope, share: float) -> Admitted:
    """The audiences inside, as if they were this share of the points."""
    admitted = audiences.admitted(drawn, superseded=False)
    assert admitted is not None
    return replace(admitted, share=share)


def allowed(policies: str, person: Principal, held: list[Access], circumstances: Circumstances) -> set[int]:
    """The oracle: the numbers of the documents that Cedar itself lets `person` read."""
    client = circumstances.client
    context = {
        "client": {"id": client.id, "known": client.known, "location": client.location},
        "purpose": circumstances.purpose,
    }
    who = {"type": "Person", "id": person.id}
    attrs = {
        field.name: _plain(getattr(person, field.name))
        for field in fields(person)
        if field.name not in {"name", "client", "language", "purpose", "session", "narrowed"}
    }
    entities: list[dict[str, object]] = [{"uid": who, "attrs": attrs, "parents": []}]
    for number, access in enumerate(held):
        attrs = {f.name: _plain(getattr(access, f.name)) for f in fields(access) if f.name != "ancestors"}
        parents = [{"type": "Folder", "id": folder} for folder in access.ancestors]
        entities.append({"uid": {"type": "Document", "id": str(number)}, "attrs": attrs, "parents": parents})
    requests = [
        {
            "principal": who,
            "action": 'Action::"read"',
            "resource": {"type": "Document", "id": str(number)},
            "context": context,
        }
        for number in range(len(held))
    ]
    told = cedarpy.is_authorized_batch(requests, policies, json.dumps(entities), _SCHEMA)
    assert not any(one.diagnostics.errors for one in told), policies
    return {number for number, one in enumerate(told) if one.allowed}


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def main() -> None:
    """Print what came of as many cases as are asked for."""
    cases, seed = (int(number) for number in (*sys.argv[1:], "20000", "1")[:2])
    with tempfile.TemporaryDirectory() as folder:
        started = perf_counter()
        tally = run(Points(Path(folder) / "shard"), cases=cases, seed=seed)
        sys.stdout.write(f"seed {seed}: {tally} in {perf_counter() - started:.0f} s\n")


if __name__ == "__main__":
    main()
