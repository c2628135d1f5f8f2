"""What the API is asked, as pydantic models that take nothing else and quote nothing back."""

from pydantic import BaseModel, ConfigDict, Field

QUESTION_CHARACTERS = 65_536
"""The coarse bound of a question here; the Desk cleans it and applies the operator's own, much smaller one."""


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class QuestionAsked(_Asked):
    """A question in the asker's own words."""

    question: str = Field(max_length=QUESTION_CHARACTERS, examples=["How long is a bag of red cells good for?"])
    conversation: str = Field(
        "",
        max_length=64,
        description="The `conversation` of an answer, to ask a follow-up in it; nothing begins a new one.",
        examples=[""],
    )


class SearchAsked(_Asked):
    """Words to look for, and how many passages to return at most."""

    question: str = Field(max_length=QUESTION_CHARACTERS, examples=["transfusion time limit"])
    limit: int = Field(5, ge=1, le=20)


class PersonaAsked(_Asked):
    """Which persona of the demonstration to become."""

    persona: str = Field(max_length=64, examples=["mara"])
