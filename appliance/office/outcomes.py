"""The tables of a policy set run: every row decided by the engine that decides."""

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.access.policy_set import PolicySet
from appliance.access.ruleset import cases, compiled
from appliance.privacy.labelling import label_tables
from appliance.privacy.labelling.labels import LabelRules


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row of a table: what must come out, what came out, and by which rules. `fault` is "" if it is as it must be."""

    table: str
    row: str
    expected: str
    came: str
    rules: tuple[str, ...]
    fault: str


def decided(found: PolicySet) -> Iterator[Outcome]:
    """Every row of a set's tables, decided now. Raises PolicyRefused for a set whose tables are not understood."""
    engine = compiled(found).engine
    for case in cases(found):
        came = engine.decide(case.principal, case.action, case.resource, circumstances=case.circumstances)
        expected = _said(allowed=case.allowed) + (f" by {case.by}" if case.by else "")
        told = "it cannot be decided" if came.errors else _said(allowed=came.allowed)
        yield Outcome("decisions", case.name, expected, told, came.policies, case.fault(engine))
    rules = LabelRules.of(found)
    for row in label_tables.rows(found.text(label_tables.TABLE)):
        fault = row.fault(rules)
        wanted = ", ".join([row.level.name.lower(), *sorted(row.labels), row.retention]).strip(", ")
        yield Outcome("labels", row.case, wanted, fault or wanted, tuple(sorted(row.by)), fault)


def _said(*, allowed: bool) -> str:
    return "allow" if allowed else "deny"
