"""The route of what one could ask about."""

from typing import Annotated, Protocol, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from appliance.answering.suggesting import Suggested, Topic
from appliance.api.routes import PROBLEMS, Caller
from appliance.records import Principal

_Turn = Annotated[int, Query(ge=0, le=9_999, description="Another number gives other topics, the same the same ones.")]


class Suggesting(Protocol):
    """Topics of what somebody may read (`appliance.answering.suggesting.Suggestions`)."""

    def of(self, principal: Principal, /, *, turn: int) -> Suggested: ...  # noqa: D102


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class TopicView(_View):
    """Something to ask about: what stands under a heading of a document that you may read."""

    document: str = Field(examples=["b3a1c2"])
    title: str = Field(examples=["Giving blood"])
    heading: str = Field(examples=["Time limits"])
    question: str = Field(examples=["What does “Giving blood” say about “Time limits”?"])

    @classmethod
    def of(cls, topic: Topic) -> Self:
        """The view of a topic."""
        return cls(document=topic.document, title=topic.title, heading=topic.heading, question=topic.question)


class SuggestionsView(_View):
    """A few topics, and departments to filter by. Empty where you may read nothing."""

    topics: list[TopicView]
    departments: list[str] = Field(
        description="Some of those among whose documents you may read something.", examples=[["nursing", "pharmacy"]]
    )


def suggestions(suggesting: Suggesting) -> APIRouter:
    """What one could ask about."""
    router = APIRouter(prefix="/v1", tags=["questions"], responses=PROBLEMS)

    @router.get("/suggestions")
    def some(caller: Caller, turn: _Turn = 0) -> SuggestionsView:
        """What you could ask about, from nothing but documents that you may read. Decided anew each time."""
        found = suggesting.of(caller, turn=turn)
        topics = [TopicView.of(topic) for topic in found.topics]
        return SuggestionsView(topics=topics, departments=list(found.departments))

    return router
