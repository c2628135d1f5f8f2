"""What the API is asked, as pydantic models that take nothing else and quote nothing back."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from appliance.records import Filters, Kind

QUESTION_CHARACTERS = 65_536
"""The coarse bound of a question here; the Desk cleans it and applies the operator's own, much smaller one."""


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


_Department = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Kind = Literal["pdf", "word", "slides", "sheet", "page", "text", "mail", "picture"]
_Day = Annotated[date | None, Field(strict=False)]  # in JSON a day is a text


class FiltersAsked(_Asked):
    """What to look at only. Empty is everything that you may read; a filter never shows more than that."""

    departments: list[_Department] = Field([], max_length=50, examples=[["nursing"]])
    kinds: list[_Kind] = Field([], max_length=8, description="Kinds of file.", examples=[["pdf", "slides"]])
    since: _Day = Field(
        None, description="Valid from this day or later; what has no date is left out.", examples=[None]
    )
    until: _Day = Field(None, description="Valid from this day or earlier; the same.", examples=["2026-12-31"])

    def named(self) -> Filters:
        """The filters as the search takes them."""
        kinds = frozenset(Kind(kind) for kind in self.kinds)
        return Filters(frozenset(self.departments), kinds, since=self.since, until=self.until)


_ALL: Final = FiltersAsked()


class QuestionAsked(_Asked):
    """A question in the asker's own words."""

    question: str = Field(max_length=QUESTION_CHARACTERS, examples=["How long is a bag of red cells good for?"])
    conversation: str = Field(
        "",
        max_length=64,
        description="The `conversation` of an answer, to ask a follow-up in it; nothing begins a new one.",
        examples=[""],
    )
    filters: FiltersAsked = _ALL


class SearchAsked(_Asked):
    """Words to look for, and how many passages to return at most."""

    question: str = Field(max_length=QUESTION_CHARACTERS, examples=["transfusion time limit"])
    limit: int = Field(5, ge=1, le=20)
    filters: FiltersAsked = _ALL


class PersonaAsked(_Asked):
    """Which persona of the demonstration to become."""

    persona: str = Field(max_length=64, examples=["mara"])
