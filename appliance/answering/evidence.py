"""Is there enough evidence to ask the model at all? Pure."""

from collections.abc import Sequence

from appliance.records import Passage, Question
from appliance.retrieval.search import evidence

SIMILARITY = 0.82
"""From this cosine to the best passage on, something found is about the question, in whatever words.

The model's cosines are all high: of 42 golden questions that have an answer the lowest is .804, of 20 about things that
no house has papers on the highest is .839.
"""

COVERAGE = 0.4
"""Below SIMILARITY: the share of the question's content words that the passages must hold together."""

UNRELATED = 0.78
"""Below this cosine nothing found is about the question, whatever words they share: "the fall of the Berlin Wall"."""


def enough(question: Question, passages: Sequence[Passage]) -> bool:
    """False if nothing was found, if what was found is far from the question, or not near and in other words."""
    found = evidence(question.text, passages)
    if not passages or found.similarity < UNRELATED:
        return False
    return found.similarity >= SIMILARITY or found.coverage >= COVERAGE
