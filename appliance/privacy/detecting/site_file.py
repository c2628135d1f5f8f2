"""The form of a site's detection file, field by field."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from appliance.privacy.recognisers import checks

CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "luhn": checks.luhn,
    "mod97": checks.mod97,
    "nhs": checks.nhs,
    "npi": checks.npi,
    "gtin": checks.gtin,
}
"""The arithmetic that a site's pattern may ask for."""

_Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Kind = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Example(_Strict):
    """A text and what must be found in it, word for word."""

    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    finds: Annotated[str, Field(min_length=1, max_length=500)]


class WrittenRecogniser(_Strict):
    """A recogniser as a site writes it. `labels` are words near by that raise `score` to `labelled`."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    entity: _Kind
    pattern: Annotated[str, Field(min_length=2, max_length=500)]
    ignore_case: bool = False
    score: _Score
    labelled: _Score = 0.0
    labels: tuple[Annotated[str, Field(min_length=2, max_length=60)], ...] = ()
    check: str | None = None
    matches: Annotated[tuple[Example, ...], Field(min_length=1, max_length=100)]
    near_misses: Annotated[tuple[Annotated[str, Field(max_length=2_000)], ...], Field(min_length=1, max_length=100)]

    @field_validator("labels")
    @classmethod
    def _small(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(label.lower() for label in labels)

    @field_validator("check")
    @classmethod
    def _known(cls, check: str | None) -> str | None:
        if check is not None and check not in CHECKS:
            raise ValueError(f"is none of {', '.join(CHECKS)}")
        return check

    @model_validator(mode="after")
    def _found_at_all(self) -> "WrittenRecogniser":
        if max(self.score, self.labelled) <= 0 or bool(self.labels) != (self.labelled > 0):
            raise ValueError("score or labelled must be above 0, and labelled belongs to labels")
        return self


class Written(_Strict):
    """The file. What has no threshold of its own has that of `other`."""

    other: _Score
    thresholds: dict[_Kind, _Score]
    recognisers: Annotated[tuple[WrittenRecogniser, ...], Field(max_length=500)] = ()

    def threshold(self, entity: str) -> float:
        """The score from which a finding of `entity` counts."""
        return self.thresholds.get(entity, self.other)

    @model_validator(mode="after")
    def _once(self) -> "Written":
        names = [rule.name for rule in self.recognisers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"recognisers named twice: {', '.join(twice)}")
        return self
