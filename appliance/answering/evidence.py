"""Is there enough evidence to ask the model at all? Pure."""

from collections.abc import Sequence

from appliance.answering.words import content_stems
from appliance.records import Passage, Question

SIMILARITY = 0.30
"""Below this cosine to the best passage, and below COVERAGE too, nothing found is about the question."""

COVERAGE = 0.34
"""Share of the question's content stems that the passages hold together."""


def enough(question: Question, passages: Sequence[Passage]) -> bool:
    """False if nothing was found, or if what was found is near the question in neither meaning nor words."""
    if not passages:
        return False
    if max(passage.similarity for passage in passages) >= SIMILARITY:
        return True
    wanted = content_stems(question.text, question.language)
    held: set[str] = set().union(
        *(content_stems(f"{p.title} {p.heading} {p.text}", question.language) for p in passages)
    )
    return bool(wanted) and len(wanted & held) / len(wanted) >= COVERAGE
