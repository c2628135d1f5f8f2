"""Is there enough evidence to ask the model at all? Pure."""

from collections.abc import Sequence

from appliance.records import Passage, Question
from appliance.retrieval.search import evidence

SIMILARITY = 0.79
"""Below this cosine to the best passage, and below COVERAGE too, nothing found is about the question.

The model's cosines are all high: to what has nothing to do with a question .7 to .8, to what answers it .82 and more.
"""

COVERAGE = 0.25
"""Share of the question's content words that the passages hold together."""


def enough(question: Question, passages: Sequence[Passage]) -> bool:
    """False if nothing was found, or if what was found is near the question in neither meaning nor words."""
    found = evidence(question.text, passages)
    return bool(passages) and (found.similarity >= SIMILARITY or found.coverage >= COVERAGE)
