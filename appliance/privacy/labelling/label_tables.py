"""The decision table of the labels: texts and what must be said of them, as data that officers sign with the rules."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from appliance.access import plain_yaml
from appliance.access.policy_set import PolicySet
from appliance.errors import PolicyRefused
from appliance.privacy.labelling.injection import suspicion
from appliance.privacy.labelling.labels import LabelRules, Said
from appliance.records import Level

TABLE: Final = "tables/labels.yaml"
_Level = Annotated[Level, BeforeValidator({level.name.lower(): level for level in Level}.get)]


class Row(BaseModel):
    """One text, and the level, labels and retention that it must get. Every rule of `by` must have decided."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    case: Annotated[str, Field(min_length=3, max_length=120)]
    text: Annotated[str, Field(max_length=20_000)] = ""
    uri: str = ""
    title: str = ""
    language: str = ""
    entities: dict[str, int] = {}
    level: _Level = Level.PUBLIC
    labels: frozenset[str] = frozenset()
    retention: str = ""
    by: frozenset[str] = frozenset()

    def fault(self, rules: LabelRules) -> str:
        """What came out otherwise, in words; "" if nothing did."""
        said = Said([self.text], self.uri, self.title, self.entities, suspicion(self.text).score, self.language)
        marks = rules.marks(said)
        came = (marks.level, marks.labels, marks.retention)
        if came != (self.level, self.labels, self.retention):
            labels = ", ".join(sorted(marks.labels)) or "no label"
            return f"labels, {self.case}: {marks.level.name.lower()}, {labels}, {marks.retention or 'no retention'}"
        missing = self.by - set(marks.rules)
        return f"labels, {self.case}: not by {', '.join(sorted(missing))}" if missing else ""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    rows: Annotated[list[Row], Field(min_length=1)]


def rows(text: str) -> Sequence[Row]:
    """The rows of `labels.yaml`. Raises PolicyRefused if it is not understood."""
    try:
        return _Table.model_validate(plain_yaml.loaded(text, TABLE)).rows
    except ValidationError as error:
        where = "; ".join(".".join(map(str, fault["loc"])) for fault in error.errors()[:5])
        raise PolicyRefused(f"{TABLE} is not understood at: {where}.") from error


def faults(found: PolicySet) -> list[str]:
    """Every row of a set's table that comes out otherwise. Raises PolicyRefused if the set has no rules or no table."""
    rules = LabelRules.of(found)
    return [words for row in rows(found.text(TABLE)) if (words := row.fault(rules))]


def examine(found: PolicySet) -> None:
    """Raise PolicyRefused unless a set has label rules that say what its table says: else it must not be activated."""
    if wrong := faults(found):
        raise PolicyRefused(f"{len(wrong)} rows of the labels' table come out otherwise.", faults=tuple(wrong))
